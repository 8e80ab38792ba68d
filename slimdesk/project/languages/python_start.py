"""What starts a Python component: the command, as argv, and the fact that says it. `python` stands for its interpreter."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from slimdesk.project.languages.python_manifest import Manifest
from slimdesk.project.languages.python_source import Place, Source, module_name
from slimdesk.project.manifests import read_procfile
from slimdesk.project.walk import Tree, folder_of, join

WEB_PORT = 8000
# Inside its own container: what is not bound everywhere cannot be reached from outside it.
EVERYWHERE = "0.0.0.0"  # noqa: S104
STREAMLIT_PORT = 8501
ASGI_SERVERS = ("uvicorn", "hypercorn", "granian")
WSGI_SERVERS = ("gunicorn", "waitress")
SCRIPT_NAMES = ("main.py", "app.py", "server.py", "run.py", "bot.py", "start.py", "worker.py", "cli.py")
_VARIABLE = re.compile(r"\$\{?PORT(?::?-(\d{1,5}))?\}?")


@dataclass(frozen=True, slots=True)
class Start:
    """`key` is the fact's: asgi, wsgi, module, entrypoint or start; `add` a server that the project does not list."""

    argv: tuple[str, ...]
    key: str
    value: str
    place: Place
    port: int | None = None
    framework: str | None = None
    add: str | None = None
    problem: str | None = None


def find_start(
    tree: Tree, manifest: Manifest | None, folder: str, source: Source, paths: list[str]
) -> Start | None:
    """Return the best of what starts it: Procfile, application, Django, Streamlit, console script, module, script."""
    port = source.ports[0][0] if source.ports else None
    return (
        _procfile(tree, folder, port)
        or _django(tree, manifest, folder, source, port)
        or _application(manifest, source, port)
        or _streamlit(source, paths, folder)
        or _console_script(manifest)
        or _module(paths, folder, manifest)
        or _script(source, paths, folder, port)
    )


def _procfile(tree: Tree, folder: str, port: int | None) -> Start | None:
    path = join(folder, "Procfile")
    processes = read_procfile(tree, path)
    chosen = next((one for one in processes if one.name == "web"), processes[0] if processes else None)
    if chosen is None:
        return None
    used = port
    if (match := _VARIABLE.search(chosen.command)) is not None:
        used = int(match.group(1)) if match.group(1) else port or WEB_PORT
    try:
        words = shlex.split(_VARIABLE.sub(str(used or WEB_PORT), chosen.command))
    except ValueError:
        return None
    place = Place(chosen.command, path, chosen.line)
    if not words or any(mark in chosen.command for mark in ("&&", ";", "|", "`", "$(")):
        return None
    if words[0] == "exec":
        words = words[1:]
    if words[0] in ("gunicorn", "uvicorn", "hypercorn", "daphne", "celery", "streamlit", "flask"):
        words = ["python", "-m", *words]
    elif words[0] in ("python3", "python"):
        words[0] = "python"
    else:
        return None
    module = next(
        (word for word in words if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*(\(\))?", word)), None
    )
    key = "start"
    if module:
        key = "asgi" if {"uvicorn", "hypercorn", "daphne"} & set(words) else "wsgi"
    is_web = chosen.name == "web"
    if is_web and not any("bind" in word or "port" in word or word in ("-b", "-p") for word in words):
        if "gunicorn" in words:
            words += ["--bind", f"0.0.0.0:{used or WEB_PORT}"]
        elif "uvicorn" in words:
            words += ["--host", EVERYWHERE, "--port", str(used or WEB_PORT)]
    bound = next(
        (int(match.group(1)) for word in words if (match := re.search(r"(?::|^--port=?|^)(\d{2,5})$", word))),
        None,
    )
    return Start(
        tuple(words), key, module or chosen.command, place, (bound or used or WEB_PORT) if is_web else None
    )


def _application(manifest: Manifest | None, source: Source, port: int | None) -> Start | None:
    applications = sorted(source.applications, key=lambda one: _rank(one[2].path))
    factory = False
    if not applications:
        applications, factory = sorted(source.factories, key=lambda one: _rank(one[2].path)), True
    if not applications:
        return None
    kind, framework, place = applications[0]
    if kind == "wsgi" and framework == "Flask" and not factory:
        # A Flask application in app.py is found as app:app; nothing more is needed.
        pass
    return serve(manifest, kind, framework, place, port or WEB_PORT, factory=factory)


def serve(
    manifest: Manifest | None, kind: str, framework: str, place: Place, port: int, *, factory: bool = False
) -> Start:
    """Return the command that serves an application with the server that the project lists, else with one to add."""
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


def _streamlit(source: Source, paths: list[str], folder: str) -> Start | None:
    place = source.imports.get("streamlit")
    if place is None:
        return None
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
        f"--server.port={STREAMLIT_PORT}",
    )
    return Start(
        (*argv, "--server.headless=true"),
        "start",
        relative,
        Place(relative, script, 1),
        STREAMLIT_PORT,
        "Streamlit",
    )


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
    guarded = [place for place in source.main_guards if place.path in here.values()]
    chosen = next((path for path in named if any(place.path == path for place in guarded)), None)
    if chosen is None and named:
        chosen = named[0]
    if chosen is None and len(guarded) == 1:
        chosen = guarded[0].path
    if chosen is None:
        plain = [
            path
            for name, path in here.items()
            if name not in ("setup.py", "conftest.py", "noxfile.py", "tasks.py", "manage.py")
        ]
        chosen = plain[0] if len(plain) == 1 else None
    if chosen is None:
        return None
    line = next((place.line for place in guarded if place.path == chosen), 1)
    relative = _relative(chosen, folder)
    used = next((number for number, place in source.ports if place.path == chosen), port)
    return Start(("python", relative), "start", relative, Place(relative, chosen, line), used)


def _rank(path: str) -> tuple[bool, int, int, str]:
    name = path.rsplit("/", 1)[-1]
    order = ("main.py", "app.py", "wsgi.py", "asgi.py", "server.py", "__init__.py")
    return ("test" in path, path.count("/"), order.index(name) if name in order else len(order), path)


def _relative(path: str, folder: str) -> str:
    return path if folder in (".", "") else path.removeprefix(folder.rstrip("/") + "/")
