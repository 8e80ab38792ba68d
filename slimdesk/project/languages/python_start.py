"""What starts a Python component: the command, as argv, and the fact that says it. `python` stands for its interpreter."""

from __future__ import annotations

import re
from dataclasses import replace

from slimdesk.project.container_start import ContainerStart, container_start
from slimdesk.project.languages.python_command import EVERYWHERE, WEB_PORT, Start, of_command, of_words
from slimdesk.project.languages.python_manifest import Manifest
from slimdesk.project.languages.python_source import LISTENING, Place, Source, module_name
from slimdesk.project.languages.python_workers import worker
from slimdesk.project.manifests import read_procfile
from slimdesk.project.walk import Tree, folder_of, join

STREAMLIT_PORT = 8501
DASH_PORT = 8050
_BIND = re.compile(r"""(?m)^bind\s*=\s*\[?\s*f?["'](?:0\.0\.0\.0|\[::\]|\*?):(\d{2,5})["']""")
_STREAMLIT_PORT = re.compile(r"(?m)^\s*port\s*=\s*(\d{2,5})\s*$")
ASGI_SERVERS = ("uvicorn", "hypercorn", "granian")
WSGI_SERVERS = ("gunicorn", "waitress")
_NO_SCRIPTS = frozenset(
    {"__init__.py", "setup.py", "conftest.py", "noxfile.py", "tasks.py", "manage.py", "locustfile.py"}
)
SCRIPT_NAMES = ("main.py", "app.py", "server.py", "run.py", "bot.py", "start.py", "worker.py", "cli.py")


def find_start(
    tree: Tree, manifest: Manifest | None, folder: str, source: Source, paths: list[str]
) -> Start | None:
    """Return the best of what starts it.

    Procfile, Django, application, Streamlit, Gradio or Dash, Dockerfile, worker, console script, module, script.
    """
    port = _configured_port(tree, folder) or (source.ports[0][0] if source.ports else None)
    container = container_start(tree, join(folder, "Dockerfile"))
    start = (
        _procfile(tree, folder, port)
        or _django(tree, manifest, folder, source, port)
        or _application(manifest, source, port, container)
        or _streamlit(tree, source, paths, folder)
        or _pages(source, folder)
        or _container(tree, folder, container, source, port)
        or worker(source, manifest)
        or _console_script(manifest)
        or _module(paths, folder, manifest)
        or _script(source, paths, folder, port)
    )
    return _reachable(source, _with_server(manifest, start))


def _configured_port(tree: Tree, folder: str) -> int | None:
    """The port of gunicorn.conf.py, which gunicorn reads by itself where it is started."""
    match = _BIND.search(tree.text(join(folder, "gunicorn.conf.py")) or "")
    return int(match.group(1)) if match and int(match.group(1)) < 65_536 else None


def _reachable(source: Source, start: Start | None) -> Start | None:
    """Tell where a program binds itself to the container's own address, which nobody outside of it reaches."""
    local = source.local_only
    if (
        start is None
        or local is None
        or start.key not in ("start", "module", "entrypoint")
        or start.environment
    ):
        return start
    if "streamlit" in start.argv or "celery" in start.argv:
        return start
    said = (
        f"It listens on {local.value} ({local.path}:{local.line}), which is inside the container alone: "
        "bind 0.0.0.0, or take the address from a variable"
    )
    return replace(start, problem=start.problem or said)


def _with_server(manifest: Manifest | None, start: Start | None) -> Start | None:
    """Add the server that the command names and the project's own list of packages does not."""
    if start is None or manifest is None or start.add or start.argv[1:2] != ("-m",):
        return start
    server = start.argv[2]
    if server not in (*ASGI_SERVERS, *WSGI_SERVERS, "daphne") or manifest.depends_on(server):
        return start
    said = f"{start.place.path} starts {server}, which is not among the dependencies: it is added in the image; add it to the project"
    return replace(start, add=server, problem=start.problem or said)


def _procfile(tree: Tree, folder: str, port: int | None) -> Start | None:
    path = join(folder, "Procfile")
    processes = read_procfile(tree, path)
    chosen = next((one for one in processes if one.name == "web"), processes[0] if processes else None)
    if chosen is None:
        return None
    place = Place(chosen.command, path, chosen.line)
    return of_command(chosen.command, place, port, web=chosen.name == "web")


def _container(
    tree: Tree, folder: str, container: ContainerStart | None, source: Source, port: int | None
) -> Start | None:
    """Take what the project's own Dockerfile starts, if it is Python and its file is there."""
    if container is None or any("$" in word for word in container.words):
        return None
    start = of_words(container.words, Place(container.text, container.path, container.line), port, web=False)
    if start is None or "manage.py" in start.argv:
        return None
    script = next((word for word in start.argv[1:] if word.endswith(".py")), None)
    if script is None:
        return start
    path = join(folder, script.removeprefix("./"))
    if not tree.has(path):
        return None
    used = next((number for number, place in source.ports if place.path == path), port)
    return replace(start, value=script, port=start.port or used)


def _application(
    manifest: Manifest | None, source: Source, port: int | None, container: ContainerStart | None
) -> Start | None:
    named = set(container.words) if container is not None else set()
    # Of several applications, the one that the Dockerfile serves.
    applications = sorted(
        source.applications, key=lambda one: (one[2].value not in named, _rank(one[2].path))
    )
    factory = False
    if not applications:
        applications, factory = sorted(source.factories, key=lambda one: _rank(one[2].path)), True
    if not applications:
        return None
    kind, framework, place = applications[0]
    return serve(manifest, kind, framework, place, port or WEB_PORT, factory=factory)


def serve(
    manifest: Manifest | None, kind: str, framework: str, place: Place, port: int, *, factory: bool = False
) -> Start:
    """Return the command that serves an application with the server that the project lists, else with one to add."""
    if framework == "Sanic":
        words = ("--host=0.0.0.0", f"--port={port}", "--single-process", *(("--factory",) if factory else ()))
        return Start(
            ("python", "-m", "sanic", place.value, *words), kind, place.value, place, port, framework
        )
    servers = ASGI_SERVERS if kind == "asgi" else WSGI_SERVERS
    listed = next((name for name in servers if manifest and manifest.depends_on(name)), None)
    if (
        kind == "asgi"
        and listed is None
        and manifest
        and manifest.depends_on("gunicorn")
        and manifest.depends_on("uvicorn-worker")
    ):
        listed = "gunicorn"
    server = listed or servers[0]
    name = place.value
    address = f"0.0.0.0:{port}"
    if server == "uvicorn":
        argv = ["python", "-m", "uvicorn", name, "--host", EVERYWHERE, "--port", str(port)]
        argv += ["--factory"] if factory else []
    elif server == "granian":
        argv = [
            "python",
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--host",
            EVERYWHERE,
            "--port",
            str(port),
            name,
        ]
        argv += ["--factory"] if factory else []
    elif server == "waitress":
        argv = ["python", "-m", "waitress", f"--listen={address}", *(["--call"] if factory else []), name]
    elif server == "hypercorn":
        argv = ["python", "-m", "hypercorn", "--bind", address, f"{name}()" if factory else name]
    else:
        argv = ["python", "-m", "gunicorn", "--bind", address, f"{name}()" if factory else name]
    problem = None
    if listed is None:
        problem = f"{framework} needs a server and none is among the dependencies: {server} is added in the image; add it to the project"
    return Start(tuple(argv), kind, name, place, port, framework, None if listed else server, problem)


def _django(
    tree: Tree, manifest: Manifest | None, folder: str, source: Source, port: int | None
) -> Start | None:
    if not tree.has(join(folder, "manage.py")) or not (manifest is None or manifest.depends_on("django")):
        return None
    by_kind: dict[str, Place] = {}
    for kind, framework, place in source.applications:
        if framework == "Django":
            by_kind.setdefault(kind, place)
    wants_asgi = manifest is not None and manifest.depends_on(*ASGI_SERVERS, "channels", "daphne") is not None
    kind = "asgi" if wants_asgi and "asgi" in by_kind and not manifest_has(manifest, "gunicorn") else "wsgi"
    found = by_kind.get(kind) or next(iter(by_kind.values()), None)
    if found is None:
        return None
    kind = kind if kind in by_kind else next(iter(by_kind))
    return serve(manifest, kind, "Django", found, port or WEB_PORT)


def manifest_has(manifest: Manifest | None, name: str) -> bool:
    """Whether the manifest lists the package."""
    return manifest is not None and manifest.depends_on(name) is not None


def _streamlit(tree: Tree, source: Source, paths: list[str], folder: str) -> Start | None:
    place = source.imports.get("streamlit")
    if place is None:
        return None
    stated = _STREAMLIT_PORT.search(tree.text(join(folder, ".streamlit/config.toml")) or "")
    port = int(stated.group(1)) if stated and int(stated.group(1)) < 65_536 else STREAMLIT_PORT
    script = place.path
    named = [
        path
        for path in paths
        if folder_of(path) == folder and path.rsplit("/", 1)[-1] in ("streamlit_app.py", *SCRIPT_NAMES)
    ]
    if named and script not in named:
        script = named[0]
    relative = _relative(script, folder)
    argv = (
        "python",
        "-m",
        "streamlit",
        "run",
        relative,
        "--server.address=0.0.0.0",
        f"--server.port={port}",
        "--server.headless=true",
        # In an image no file changes; watching them costs.
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
    )
    return Start(argv, "start", relative, Place(relative, script, 1), port, "Streamlit")


def _pages(source: Source, folder: str) -> Start | None:
    """Gradio and Dash bind 127.0.0.1 unless variables say otherwise (gradio.app, Environment Variables; dash, Dash.run)."""
    launched = source.listens.get("launch")
    if launched is not None and "gradio" in source.imports:
        number = next(
            (one for one, place in source.ports if place.path == launched.path), LISTENING["launch"]
        )
        variables = (
            "GRADIO_SERVER_NAME=0.0.0.0",
            f"GRADIO_SERVER_PORT={number}",
            "GRADIO_ANALYTICS_ENABLED=False",
        )
        return _of_script(launched, folder, number, "Gradio", variables)
    if source.dash and not source.applications:
        place = source.dash[0]
        number = next((one for one, where in source.ports if where.path == place.path), DASH_PORT)
        return _of_script(place, folder, number, "Dash", ("HOST=0.0.0.0", f"PORT={number}"))
    return None


def _of_script(place: Place, folder: str, port: int, framework: str, variables: tuple[str, ...]) -> Start:
    relative = _relative(place.path, folder)
    where = Place(relative, place.path, place.line)
    return Start(("python", relative), "start", relative, where, port, framework, environment=variables)


def _console_script(manifest: Manifest | None) -> Start | None:
    if manifest is None or not manifest.scripts or not manifest.installable:
        return None
    name, (target, evidence) = next(iter(manifest.scripts.items()))
    if manifest.name in manifest.scripts:
        name = manifest.name or name
        target, evidence = manifest.scripts[name]
    return Start((name,), "entrypoint", target, Place(target, evidence.path, evidence.line or 1))


def _module(paths: list[str], folder: str, manifest: Manifest | None) -> Start | None:
    mains = [path for path in paths if path.endswith("/__main__.py")]
    mains.sort(key=lambda path: (path.count("/"), path))
    for path in mains:
        root = join(folder, "src") if path.startswith(join(folder, "src") + "/") else folder
        if root != folder and not (manifest and manifest.installable):
            continue
        name = module_name(folder_of(path), root)
        if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", name):
            return Start(("python", "-m", name), "module", name, Place(name, path, 1))
    return None


def _script(source: Source, paths: list[str], folder: str, port: int | None) -> Start | None:
    here = {path.rsplit("/", 1)[-1]: path for path in paths if folder_of(path) == folder}
    named = [here[name] for name in SCRIPT_NAMES if name in here]
    guarded = [
        place
        for place in source.main_guards
        if place.path in here.values() and place.path.rsplit("/", 1)[-1] not in _NO_SCRIPTS
    ]
    chosen = next((path for path in named if any(place.path == path for place in guarded)), None)
    if chosen is None and named:
        chosen = named[0]
    if chosen is None:
        # email_server.py beside email_client.py
        serving = [
            place.path
            for place in guarded
            if place.path.endswith(("_server.py", "_service.py", "_worker.py"))
        ]
        chosen = serving[0] if len(serving) == 1 else guarded[0].path if len(guarded) == 1 else None
    if chosen is None:
        plain = [path for name, path in here.items() if name not in _NO_SCRIPTS]
        chosen = plain[0] if len(plain) == 1 else None
    if chosen is None:
        return None
    line = next((place.line for place in guarded if place.path == chosen), 1)
    relative = _relative(chosen, folder)
    used = next((number for number, place in source.ports if place.path == chosen), port)
    if used is None and "run_app" in source.listens and "aiohttp" in source.imports:
        used = LISTENING["run_app"]
    return Start(("python", relative), "start", relative, Place(relative, chosen, line), used)


def _rank(path: str) -> tuple[bool, int, int, str]:
    name = path.rsplit("/", 1)[-1]
    order = ("main.py", "app.py", "wsgi.py", "asgi.py", "server.py", "__init__.py")
    return ("test" in path, path.count("/"), order.index(name) if name in order else len(order), path)


def _relative(path: str, folder: str) -> str:
    return path if folder in (".", "") else path.removeprefix(folder.rstrip("/") + "/")
