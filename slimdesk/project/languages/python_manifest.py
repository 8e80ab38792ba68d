"""What a Python project's manifests say: manager, versions, dependencies, console scripts, lock file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from slimdesk.project.languages.python_conda import conda_packages
from slimdesk.project.languages.python_wheels import KNOWN
from slimdesk.project.manifests import key_line, read_json, read_toml, read_tool_versions, words_of
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, join, normal

LOCKS = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}
# Where pip's requirements stand, best first; the development ones are never shipped.
REQUIREMENTS = (
    "requirements.txt",
    "requirements/production.txt",
    "requirements/prod.txt",
    "requirements/base.txt",
    "requirements/main.txt",
    "requirements/requirements.txt",
    "requirements-prod.txt",
    "requirements.prod.txt",
)
MAX_INCLUDES = 20

# A folder of the project instead of a name: ./lib, -e ../shared[extra].
_LOCAL = re.compile(r"(?:(?:-e|--editable)[ =]+)?(?:file:)?(\.{1,2}/[^\s;\[#]{1,200})")
_PIN = re.compile(r"^[^;@=<>~!]{1,200}===?\s*([0-9][A-Za-z0-9.+!_-]{0,50})")
_DEVELOPMENT = re.compile(r'category = "dev"|groups = \["(?:dev|test|tests|lint|docs)"\]')
_LOCKED_NAME = re.compile(r'name = "([A-Za-z0-9._-]{1,100})"')
_LOCKED_VERSION = re.compile(r'version = "([0-9][A-Za-z0-9.+!_-]{0,50})"')
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_SETUP_NAME = re.compile(
    r"""(?m)\bname\s*=\s*["']([A-Za-z0-9._-]+)["']|^name\s*=\s*([A-Za-z0-9._-]+)[ \t]*$"""
)
_CONSOLE_SCRIPTS = re.compile(r"""\bconsole_scripts["']?\s*[:=]\s*""")
_CONSOLE_SCRIPT = re.compile(
    r"""[\s"'\[(,]*([A-Za-z0-9._-]{1,100})\s*=\s*([A-Za-z_][\w.]{0,200}:[A-Za-z_]\w{0,100})[\s"',]*"""
)
_SETUP_REQUIRES = re.compile(r"""\bpython_requires\s*=\s*["']?([^"'\n]+)["']?""")


@dataclass(slots=True)
class Manifest:
    """What one folder's manifests say, before the code is looked at.

    `dependencies` are normalised names (PEP 503) with their evidence, `pins` the exact versions of some; `scripts` are console scripts and their
    module:function; `requirements` are the files that pip reads; `installable` = it can be installed as a package;
    `beside` are packages that lie in the project itself: their folders as the manifest writes them. `conda` is an
    environment.yml that is all there is, `listed` what of it pip can install.
    """

    folder: str
    manager: str | None = None
    manager_evidence: Evidence | None = None
    name: str | None = None
    requires: str | None = None
    requires_evidence: Evidence | None = None
    pin: str | None = None
    pin_evidence: Evidence | None = None
    lock: str | None = None
    requirements: tuple[str, ...] = ()
    hashed: bool = False
    installable: bool = False
    workspace_members: tuple[str, ...] = ()
    dependencies: dict[str, Evidence] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, tuple[str, Evidence]] = field(default_factory=dict)
    beside: dict[str, Evidence] = field(default_factory=dict)
    listed: dict[str, Evidence] = field(default_factory=dict)
    conda: Evidence | None = None

    def depends_on(self, *names: str) -> Evidence | None:
        """Return where the first of these packages is asked for."""
        return next((self.dependencies[name] for name in names if name in self.dependencies), None)


def read_manifest(tree: Tree, folder: str) -> Manifest | None:
    """Return what the manifests in `folder` say; None where there is none."""
    manifest = Manifest(folder)
    readers = (_read_pyproject, _read_pipfile, _read_requirements, _read_setup)
    # Every reader runs: what pyproject.toml leaves open, requirements.txt may say.
    found = [reader(tree, manifest) for reader in readers]
    if not any(found) and not read_conda(tree, manifest):
        return None
    _read_lock(tree, manifest)
    _read_pins(tree, manifest)
    return manifest


def normal_name(text: str) -> str | None:
    """Return the normalised name (PEP 503) at the start of a requirement; None if there is none."""
    match = _NAME.match(text.strip())
    return re.sub(r"[-_.]+", "-", match.group()).lower() if match else None


def _read_pyproject(tree: Tree, manifest: Manifest) -> bool:
    path = join(manifest.folder, "pyproject.toml")
    data = read_toml(tree, path)
    if data is None:
        return False
    text = tree.text(path) or ""
    project = _table(data, "project")
    tools = _table(data, "tool")
    poetry = _table(tools, "poetry")
    if not (project or poetry or "pdm" in tools or "uv" in tools):
        return False
    manifest.name = words_of(project.get("name")) or words_of(poetry.get("name"))
    if requires := words_of(project.get("requires-python")):
        manifest.requires = requires
        manifest.requires_evidence = Evidence(path, key_line(text, "requires-python"))
    for requirement in _texts(project.get("dependencies")):
        _add(manifest, requirement, Evidence(path, _quoted_line(text, requirement)))
    _read_poetry_dependencies(manifest, poetry, path, text)
    for name, value in _table(_table(tools, "uv"), "sources").items():
        _add_beside(
            manifest, value, Evidence(path, key_line(text, "tool.uv.sources", name) or key_line(text, name))
        )
    scripts = {**_table(poetry, "scripts"), **_table(project, "scripts")}
    for name, target in scripts.items():
        if (target := words_of(target)) and re.fullmatch(r"[A-Za-z0-9._-]+", name):
            manifest.scripts[name] = (target, Evidence(path, key_line(text, name)))
    backend = words_of(_table(data, "build-system").get("build-backend")) or ""
    manifest.installable = bool(backend) or (bool(poetry) and poetry.get("package-mode") is not False)
    if _table(tools, "uv").get("package") is True:
        manifest.installable = True
    if poetry.get("package-mode") is False or _table(tools, "uv").get("package") is False:
        manifest.installable = False
    manifest.workspace_members = tuple(_texts(_table(_table(tools, "uv"), "workspace").get("members")))
    manifest.manager, key = _manager_of(tools, backend)
    manifest.manager_evidence = Evidence(path, key_line(text, key))
    return True


def _read_poetry_dependencies(manifest: Manifest, poetry: dict[str, Any], path: str, text: str) -> None:
    for name, value in _table(poetry, "dependencies").items():
        at = Evidence(path, key_line(text, "tool.poetry.dependencies", name) or key_line(text, name))
        if name == "python":
            version = words_of(value if not isinstance(value, dict) else value.get("version"))
            if version and manifest.requires is None:
                manifest.requires, manifest.requires_evidence = caret(version), at
        else:
            _add(manifest, name, at)
            _add_beside(manifest, value, at)


def _manager_of(tools: dict[str, Any], backend: str) -> tuple[str, str]:
    """Return the package manager that pyproject.toml is written for, and the key that says so."""
    for tool in ("poetry", "pdm", "uv"):
        if tool in tools and (tool != "poetry" or _table(tools, tool)):
            return tool, f"tool.{tool}"
    for tool in ("poetry", "pdm"):
        if backend.startswith(tool):
            return tool, "build-backend"
    return "pip", "project"


def _read_pipfile(tree: Tree, manifest: Manifest) -> bool:
    path = join(manifest.folder, "Pipfile")
    data = read_toml(tree, path)
    if data is None:
        return False
    text = tree.text(path) or ""
    manifest.manager, manifest.manager_evidence = "pipenv", Evidence(path)
    for name in _table(data, "packages"):
        _add(manifest, name, Evidence(path, key_line(text, "packages", name)))
    version = words_of(_table(data, "requires").get("python_version"))
    if version and manifest.pin is None:
        manifest.pin, manifest.pin_evidence = version, Evidence(path, key_line(text, "python_version"))
    return True


def _read_requirements(tree: Tree, manifest: Manifest) -> bool:
    for name in REQUIREMENTS:
        path = join(manifest.folder, name)
        if tree.has(path):
            break
    else:
        return False
    files: list[str] = []
    _follow(tree, manifest, path, files)
    manifest.requirements = tuple(files)
    if manifest.manager in (None, "pip"):
        manifest.manager, manifest.manager_evidence = "pip", Evidence(path)
    return True


def read_conda(tree: Tree, manifest: Manifest) -> bool:
    """environment.yml, where nothing else lists packages: what of it the index has under the same name."""
    found = conda_packages(tree, manifest.folder)
    if found is None:
        return False
    if found.python is not None:
        manifest.pin, manifest.pin_evidence = found.python
    for requirement, evidence in found.packages.items():
        manifest.listed.setdefault(requirement, evidence)
        _add(manifest, requirement, evidence)
    manifest.conda = found.place
    return True


def _follow(tree: Tree, manifest: Manifest, path: str, files: list[str]) -> None:
    """Read a requirements file and those it includes with -r or -c."""
    if path in files or len(files) >= MAX_INCLUDES or not tree.has(path):
        return
    files.append(path)
    for number, raw in enumerate((tree.text(path) or "").splitlines(), 1):
        line = raw.split(" #")[0].strip()
        option = re.match(r"(?:-r|--requirement|-c|--constraint)[ =]*(\S+)", line)
        if option:
            base = path.rsplit("/", 1)[0] + "/" if "/" in path else ""
            included = normal(base + option.group(1))
            if included:
                _follow(tree, manifest, included, files)
        elif local := _LOCAL.match(line):
            manifest.beside.setdefault(local.group(1), Evidence(path, number))
        elif line and not line.startswith(("#", "-")):
            _add(manifest, line, Evidence(path, number))
            manifest.hashed |= "--hash=" in line
        elif line.startswith("--hash="):
            manifest.hashed = True


def _read_setup(tree: Tree, manifest: Manifest) -> bool:
    for name in ("setup.cfg", "setup.py"):
        path = join(manifest.folder, name)
        text = tree.text(path)
        if text is None or (name == "setup.cfg" and "[metadata]" not in text):
            continue
        if match := _SETUP_REQUIRES.search(text):
            line = text.count("\n", 0, match.start()) + 1
            if manifest.requires is None:
                manifest.requires, manifest.requires_evidence = words_of(match.group(1)), Evidence(path, line)
        if manifest.name is None and (match := _SETUP_NAME.search(text)):
            manifest.name = match.group(1) or match.group(2)
        _read_console_scripts(manifest, text, path)
        manifest.installable = True
        if manifest.manager is None:
            manifest.manager, manifest.manager_evidence = "pip", Evidence(path)
        return True
    return False


def _read_console_scripts(manifest: Manifest, text: str, path: str) -> None:
    """The console_scripts of setup.cfg or setup.py: NAME = MODULE:FUNCTION, one after the other."""
    start = _CONSOLE_SCRIPTS.search(text)
    at = start.end() if start else len(text)
    while (match := _CONSOLE_SCRIPT.match(text, at)) and len(manifest.scripts) < 100:
        line = text.count("\n", 0, match.start(1)) + 1
        manifest.scripts.setdefault(match.group(1), (match.group(2), Evidence(path, line)))
        at = match.end()


def _read_lock(tree: Tree, manifest: Manifest) -> None:
    for name, manager in LOCKS.items():
        path = join(manifest.folder, name)
        if tree.has(path):
            manifest.lock = path
            manifest.manager, manifest.manager_evidence = manager, Evidence(path)
            if manager == "pipenv":
                data = read_json(tree, path) or {}
                for package in _table(data, "default"):
                    _add(manifest, package, Evidence(path))
            else:
                _read_pinned(tree, manifest, path)
            return


def _read_pinned(tree: Tree, manifest: Manifest, path: str) -> None:
    """The versions that uv.lock, poetry.lock or pdm.lock name, of packages that an old version keeps off a new Python."""
    # Most lock files are far larger than what is asked of them: two plain lines for each package.
    lines = (tree.text(path) or "").splitlines()
    for number, (first, second) in enumerate(pairwise(lines), 1):
        name, version = _LOCKED_NAME.fullmatch(first), _LOCKED_VERSION.fullmatch(second)
        if name is None or version is None or (known := normal_name(name.group(1))) not in KNOWN:
            continue
        if not any(map(_DEVELOPMENT.fullmatch, lines[number + 1 : number + 6])):
            manifest.pins.setdefault(str(known), version.group(1))
            manifest.dependencies.setdefault(str(known), Evidence(path, number))


def _read_pins(tree: Tree, manifest: Manifest) -> None:
    """Version files of the folder, else of the project's root."""
    for folder in dict.fromkeys((manifest.folder, ".")):
        for name, prefix in ((".python-version", ""), ("runtime.txt", "python-")):
            path = join(folder, name)
            for number, raw in enumerate((tree.text(path) or "").splitlines()[:20], 1):
                line = raw.split("#")[0].strip().removeprefix("cpython-").removeprefix(prefix)
                if re.fullmatch(r"\d+\.\d+(\.\d+)?", line) and manifest.pin is None:
                    manifest.pin, manifest.pin_evidence = line, Evidence(path, number)
        tool = read_tool_versions(tree, join(folder, ".tool-versions")).get("python")
        if tool and manifest.pin is None and re.fullmatch(r"\d+\.\d+(\.\d+)?", tool[0]):
            manifest.pin = tool[0]
            manifest.pin_evidence = Evidence(join(folder, ".tool-versions"), tool[1])


def caret(version: str) -> str:
    """Return Poetry's ^3.11 and ~3.11 as the specifier that pip knows (python-poetry.org, Dependency specification)."""
    parts = []
    for part in version.split(","):
        text = part.strip()
        match = re.fullmatch(r"([\^~])\s*(\d+)(?:\.(\d+))?(\S*)", text)
        if match and (match.group(1) == "^" or match.group(3) is None):
            parts += [f">={text[1:].strip()}", f"<{int(match.group(2)) + 1}"]
        elif match:
            parts += [f">={text[1:].strip()}", f"<{match.group(2)}.{int(match.group(3)) + 1}"]
        else:
            parts.append(f"=={text}" if re.match(r"\d", text) else text)
    return ",".join(parts)


def _add(manifest: Manifest, requirement: str, evidence: Evidence) -> None:
    name = normal_name(requirement)
    if name and len(manifest.dependencies) < 2_000:
        manifest.dependencies.setdefault(name, evidence)
        if pin := _PIN.search(requirement):
            manifest.pins.setdefault(name, pin.group(1))
        extras = re.match(r"[^\[;]*\[([A-Za-z0-9,_ -]*)\]", requirement)
        if extras and name == "fastapi" and {"standard", "all"} & set(re.split(r"[, ]+", extras.group(1))):
            # fastapi[standard] brings its server along.
            manifest.dependencies.setdefault("uvicorn", evidence)


def _add_beside(manifest: Manifest, value: Any, evidence: Evidence) -> None:
    """{ path = "../lib" } of Poetry and uv."""
    folder = words_of(value.get("path")) if isinstance(value, dict) else None
    if folder is not None and len(manifest.beside) < 50:
        manifest.beside.setdefault(folder, evidence)


def _table(data: Any, key: str) -> dict[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value[:1_000]:
            if (text := words_of(item, 1_000)) is not None:
                yield text


def _quoted_line(text: str, word: str) -> int | None:
    at = max(text.find(f'"{word}"'), text.find(f"'{word}'"))
    return None if at < 0 else text.count("\n", 0, at) + 1
