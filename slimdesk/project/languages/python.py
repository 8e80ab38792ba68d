"""Python: pip, uv, Poetry, PDM, Pipenv, setuptools and hatch projects, Django, and a lone script without a manifest."""

from __future__ import annotations

import fnmatch
import sys
from collections.abc import Iterator

from slimdesk.project.facts import FactList
from slimdesk.project.languages.python_command import Start
from slimdesk.project.languages.python_django import django_facts
from slimdesk.project.languages.python_manifest import REQUIREMENTS, Manifest, normal_name, read_manifest
from slimdesk.project.languages.python_packages import package_facts
from slimdesk.project.languages.python_source import Place, Source, read_source
from slimdesk.project.languages.python_start import find_start
from slimdesk.project.languages.python_wheels import too_old_for
from slimdesk.project.languages.python_workers import beside, processes
from slimdesk.project.model import Component, Evidence
from slimdesk.project.walk import Tree, folder_of, join

MANIFESTS = (
    "pyproject.toml",
    "Pipfile",
    "setup.py",
    "setup.cfg",
    "manage.py",
    "environment.yml",
    "environment.yaml",
)
SIDE_FOLDERS = frozenset(
    {
        "tests",
        "test",
        "testing",
        "docs",
        "doc",
        "examples",
        "example",
        "samples",
        "scripts",
        "tools",
        "benchmarks",
        "ci",
        "fixtures",
        "testdata",
    }
)
FRAMEWORKS = (
    "fastapi", "django", "flask", "litestar", "starlette", "quart", "sanic", "streamlit", "gradio", "dash", "bottle", "tornado", "aiohttp",
    "celery",
)  # fmt: skip
NAMES = {"fastapi": "FastAPI", "aiohttp": "aiohttp"}
HTTP_CLIENTS = (
    "requests",
    "httpx",
    "aiohttp",
    "urllib3",
    "boto3",
    "openai",
    "sentry-sdk",
    "google-cloud-storage",
    "stripe",
)
# Imports whose package has another name on the index.
PACKAGES = {
    "yaml": "pyyaml", "PIL": "pillow", "cv2": "opencv-python-headless", "bs4": "beautifulsoup4", "dotenv": "python-dotenv",
    "sklearn": "scikit-learn", "dateutil": "python-dateutil", "jwt": "pyjwt", "Crypto": "pycryptodome", "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient", "serial": "pyserial", "attr": "attrs", "telegram": "python-telegram-bot", "discord": "discord.py",
}  # fmt: skip


class Python:
    """The profile python."""

    profile = "python"

    def find(self, tree: Tree) -> Iterator[Component]:
        """Every folder with a manifest that starts something; else the root's lone script."""
        files = [path for path in tree.files if path.endswith(".py")]
        folders = _candidates(tree, files)
        found: list[tuple[Component, bool]] = []
        served: list[str] = []
        for folder in folders:
            manifest = read_manifest(tree, folder)
            if manifest is None and not tree.has(join(folder, "manage.py")):
                continue
            workspace = _workspace_root(tree, folder, folders)
            if manifest is not None and workspace is not None:
                _join_workspace(tree, manifest, workspace)
            inner = [other for other in folders if other != folder and _inside(other, folder)]
            own = _own_files(files, folder, inner)
            starts_below = tree.has(join(folder, "Procfile"))
            if not own and (manifest is None or not (manifest.scripts or starts_below)):
                continue
            if manifest is None and any(_inside(folder, outer) for outer in served):
                # manage.py in a folder below the manifest and the Procfile that say how it is started.
                continue
            component, others, starts = _component(tree, folder, manifest, own, workspace)
            found.append((component, starts))
            found += [(other, starts) for other in others]
            if starts and starts_below and manifest is not None:
                served.append(folder)
        starting = [component for component, starts in found if starts]
        if starting:
            yield from starting
        elif found:
            yield found[0][0]
        elif script := _lone_script(tree, files):
            yield script


LANGUAGE = Python()


def _candidates(tree: Tree, files: list[str]) -> list[str]:
    """Folders with a manifest, the root first; side folders such as docs and tests only if there is nothing else."""
    folders = {folder_of(path) for path in tree.named(*MANIFESTS)}
    for path in tree.named("*.txt"):
        for name in REQUIREMENTS:
            if path == name or path.endswith("/" + name):
                folders.add(path.removesuffix(name).rstrip("/") or ".")
    folders = {folder for folder in folders if folder == "." or not folder.endswith("/requirements")}
    plain = {folder for folder in folders if not SIDE_FOLDERS & set(folder.split("/"))}
    python = [folder for folder in plain or folders if _has_python(files, folder)]
    return sorted(python or plain or folders, key=lambda folder: (folder != ".", folder.count("/"), folder))


def _component(
    tree: Tree, folder: str, manifest: Manifest | None, own: list[str], workspace: str | None
) -> tuple[Component, list[Component], bool]:
    """Return the component, those of its other processes, and whether it is known what starts it."""
    facts = FactList()
    src = join(folder, "src")
    root = (
        src
        if any(path.startswith(src + "/") for path in own) and not tree.has(join(src, "__init__.py"))
        else folder
    )
    source = read_source(tree, _reading_order(own), root)
    start = find_start(tree, manifest, folder, source, own)
    framework = _framework(manifest, source, start)
    if manifest is not None:
        _manifest_facts(tree, facts, manifest)
    if start is not None:
        facts.add(start.key, start.value, start.place.path, start.place.line)
        if start.add:
            facts.add("add_dependency", start.add, start.place.path, start.place.line)
        if start.problem:
            facts.problem(start.problem, start.place.path, start.place.line)
        for variable in start.environment:
            facts.add("start_env", variable, start.place.path, start.place.line)
    else:
        facts.problem("What starts it was not found: state the entry point", None)
    if framework:
        facts.add("framework", *framework)
    if root != folder:
        facts.add("source_root", "src", next(path for path in own if path.startswith(src + "/")))
    port = _port(facts, source, start)
    _source_facts(facts, source, manifest)
    _missing_manifest(facts, manifest, source, own)
    if tree.has(join(folder, "manage.py")) and framework and framework[0] == "Django":
        django_facts(tree, folder, facts)
    name = manifest.name if manifest and manifest.name else _folder_name(tree, folder)
    component = Component(
        name=name,
        path=folder,
        profile="python",
        context=workspace or folder,
        version=(manifest.requires or manifest.pin) if manifest else None,
        package_manager=manifest.manager if manifest else None,
        framework=framework[0] if framework else None,
        entrypoint=start.argv if start else None,
        port=port,
        facts=tuple(facts.facts),
        problems=tuple(facts.problems),
    )
    starts = start is not None and (manifest is not None or tree.has(join(folder, "manage.py")))
    found = processes(tree, manifest, folder, source, start) if start is not None and starts else ()
    return component, [beside(component, one, how) for one, how in found], starts


def _manifest_facts(tree: Tree, facts: FactList, manifest: Manifest) -> None:
    def add(key: str, value: str | bool | tuple[str, ...] | None, evidence: object) -> None:
        path, line = getattr(evidence, "path", None), getattr(evidence, "line", None)
        if value:
            facts.add(key, value, path, line)

    add("version", manifest.requires or manifest.pin, manifest.requires_evidence or manifest.pin_evidence)
    add("version_pin", manifest.pin, manifest.pin_evidence)
    add("package_manager", manifest.manager, manifest.manager_evidence)
    if manifest.lock:
        facts.add("lock", manifest.lock, manifest.lock)
    for path in manifest.requirements:
        facts.add("requirements", path, path)
    if manifest.hashed:
        facts.add("hashed", True, manifest.requirements[0] if manifest.requirements else None)
    if manifest.installable:
        facts.add("installable", True, manifest.manager_evidence.path if manifest.manager_evidence else None)
    package_facts(tree, manifest, facts)
    for requirement, place in manifest.listed.items():
        facts.add("import", requirement, place.path, place.line)
    if manifest.conda is not None:
        facts.problem(
            "The packages are listed for conda; the image gets those that PyPI has under the same name, with pip, and none of "
            "conda's own libraries and compilers: verify it, or keep a requirements.txt beside",
            manifest.conda.path,
            manifest.conda.line,
        )
    _old_releases(facts, manifest)
    if evidence := manifest.depends_on(*HTTP_CLIENTS):
        facts.add("ca_certificates", True, evidence.path, evidence.line)


def _old_releases(facts: FactList, manifest: Manifest) -> None:
    """Pinned releases that are too old for the newest Pythons: a fact each, and one sentence."""
    found = [
        (limits[0], f"{name} {pinned}", manifest.dependencies[name])
        for name, pinned in manifest.pins.items()
        if (limits := too_old_for(name, pinned))
    ]
    if not found:
        return
    for python, _, place in found:
        facts.add("needs_before", python, place.path, place.line)
    oldest, _, place = min(found, key=lambda one: (int(one[0].partition(".")[2]), one[1]))
    names = [name for python, name, _ in found if python == oldest]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    facts.problem(
        f"{', '.join(names[:3])}{more}: made for Pythons before {oldest}, so an older Python is taken; newer releases lift that",
        place.path,
        place.line,
    )


def _source_facts(facts: FactList, source: Source, manifest: Manifest | None) -> None:
    for name, place in source.variables.items():
        facts.add("env", name, place.path, place.line)
    for name, place in source.required.items():
        facts.add("env_required", name, place.path, place.line)
    if source.routes:
        best = min(source.routes, key=lambda place: (len(place.value), place.value))
        facts.add("health_path", best.value, best.path, best.line)
    needs: list[tuple[str, Place | None]] = [
        ("shell", source.shell),
        ("writes_tmp", source.temporary),
        ("time_zones", source.time_zones),
    ]
    if manifest is None:
        needs.append(("ca_certificates", source.imports.get("requests") or source.imports.get("httpx")))
    for key, needed in needs:
        if needed is not None:
            facts.add(key, True, needed.path, needed.line)


def _missing_manifest(facts: FactList, manifest: Manifest | None, source: Source, own: list[str]) -> None:
    """Name what the code imports and no manifest lists, where there is no manifest at all."""
    if manifest is not None:
        return
    local = {path.split("/")[0].removesuffix(".py") for path in own} | {
        path.rsplit("/", 1)[-1].removesuffix(".py") for path in own
    }
    local |= {part for path in own for part in path.split("/")[:-1]}
    foreign = [
        place
        for name, place in source.imports.items()
        if name not in sys.stdlib_module_names and name not in local
    ]
    for place in foreign[:50]:
        top = place.value.split(".")[0]
        facts.add("import", PACKAGES.get(top) or normal_name(top) or top, place.path, place.line)
    if foreign:
        names = ", ".join(sorted({place.value.split(".")[0] for place in foreign})[:8])
        facts.problem(
            f"There is no requirements.txt or pyproject.toml, and the code imports {names}: the newest versions are installed; pin them",
            foreign[0].path,
            foreign[0].line,
        )


def _port(facts: FactList, source: Source, start: Start | None) -> int | None:
    if start is not None and start.port:
        place = next((place for number, place in source.ports if number == start.port), start.place)
        facts.add("port", start.port, place.path, place.line)
        return start.port
    if source.ports and start is not None and start.key in ("module", "entrypoint", "start"):
        number, place = source.ports[0]
        facts.add("port", number, place.path, place.line)
        return number
    return None


def _framework(
    manifest: Manifest | None, source: Source, start: Start | None
) -> tuple[str, str | None, int | None] | None:
    if start is not None and start.framework:
        evidence = manifest.depends_on(start.framework.lower()) if manifest else None
        if evidence:
            return start.framework, evidence.path, evidence.line
        return start.framework, start.place.path, start.place.line
    for name in FRAMEWORKS:
        evidence = manifest.depends_on(name) if manifest else None
        # A frozen list also names what other packages need.
        if evidence and (name in source.imports or not source.files):
            return NAMES.get(name, name.capitalize()), evidence.path, evidence.line
        place = source.imports.get(name)
        if place and manifest is None:
            return NAMES.get(name, name.capitalize()), place.path, place.line
    return None


def _lone_script(tree: Tree, files: list[str]) -> Component | None:
    """The root's only script, or its main.py; a folder of modules without a start is no component."""
    own = [path for path in files if "/" not in path] or [
        path for path in files if path.count("/") == 1 and path.endswith("/__main__.py")
    ]
    if not own:
        return None
    nearby = [path for path in files if not SIDE_FOLDERS & set(path.split("/")[:-1])]
    component, _, _ = _component(tree, ".", None, nearby, None)
    return component if component.entrypoint else None


def _workspace_root(tree: Tree, folder: str, folders: list[str]) -> str | None:
    """Return the uv workspace that the folder is a member of."""
    if folder == ".":
        return None
    for outer in folders:
        if outer == folder or not _inside(folder, outer):
            continue
        manifest = read_manifest(tree, outer)
        inner = folder if outer == "." else folder.removeprefix(outer + "/")
        if manifest and any(
            fnmatch.fnmatchcase(inner, pattern.rstrip("/")) for pattern in manifest.workspace_members
        ):
            return outer
    return None


def _join_workspace(tree: Tree, manifest: Manifest, workspace: str) -> None:
    """A member of a uv workspace has the workspace's manager and lock file."""
    lock = join(workspace, "uv.lock")
    manifest.manager = "uv"
    if tree.has(lock):
        manifest.lock = lock
        manifest.manager_evidence = Evidence(lock)


def _own_files(files: list[str], folder: str, inner: list[str]) -> list[str]:
    own = []
    names = frozenset(files)
    for path in files:
        if not _inside(path, folder) or any(_inside(path, other) for other in inner):
            continue
        relative = path if folder == "." else path.removeprefix(folder + "/")
        name = path.rsplit("/", 1)[-1]
        if (
            (SIDE_FOLDERS & set(relative.split("/")[:-1]) and not _is_django_site(names, folder_of(path)))
            or name.startswith("test_")
            or name in ("conftest.py", "setup.py")
        ):
            continue
        own.append(path)
    return own


def _is_django_site(files: frozenset[str], folder: str) -> bool:
    """Whether the folder is the one that holds a Django project's settings, whatever it is called."""
    return f"{folder}/settings.py" in files and f"{folder}/urls.py" in files


def _reading_order(paths: list[str]) -> list[str]:
    """Shallow files first: what starts a program stands near the top."""
    return sorted(paths, key=lambda path: (path.count("/"), path))


def _has_python(files: list[str], folder: str) -> bool:
    return any(_inside(path, folder) for path in files)


def _inside(path: str, folder: str) -> bool:
    return folder in (".", "") or path == folder or path.startswith(folder.rstrip("/") + "/")


def _folder_name(tree: Tree, folder: str) -> str:
    return tree.root.name if folder in (".", "") else folder.rsplit("/", 1)[-1]
