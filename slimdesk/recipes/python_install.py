"""How each Python package manager fills /venv in the build stage, and what tutorials write in one stage."""

from __future__ import annotations

from collections.abc import Sequence

from slimdesk.basics.escaping import shell_word
from slimdesk.dockerfile.compose import copy, env, run
from slimdesk.dockerfile.model import Instruction
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.project.walk import folder_of
from slimdesk.recipes.model import Options

VENV = "/venv"
PIP_CACHE = "type=cache,target=/root/.cache/pip"
# A sign-in for a private index: optional, and gone when the step is done (docs.docker.com, Build secrets).
NETRC = "type=secret,id=netrc,target=/root/.netrc"
UV_CACHE = "type=cache,target=/root/.cache/uv"
# Pinned, so that the same Dockerfile gives the same image next year; the versions of 2026-11.
TOOLS = {"uv": "0.13.9", "poetry": "2.5.1", "pdm": "2.29.3", "pipenv": "2026.10.3"}
# With the versions that PDM was released with: its newest libraries may not suit it.
_TOOL_NAMES = {"pdm": "'pdm[locked]'"}
POETRY_EXPORT = "poetry-plugin-export==1.10.1"
# Names from the project stand in single quotes, or in a file; this one is the same for every project.
_READ_DEPENDENCIES = "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project'].get('dependencies', []), sep='\\n')"


def mounts(component: Component, options: Options, cache: str = PIP_CACHE) -> tuple[str, ...]:
    """What a step that fetches packages is lent: the tool's cache, and a sign-in where an index is private."""
    if not options.cache_mounts:
        return ()
    return (cache, NETRC) if component.fact("private_index") else (cache,)


def needs_packages(component: Component) -> bool:
    """Whether anything is to be installed: a lone script of the standard library needs no virtual environment."""
    return component.package_manager is not None or any(True for _ in component.all("import"))


def installs_project(component: Component) -> bool:
    """Whether the project itself must be installed: what starts it is found only then."""
    if not component.value("installable"):
        return False
    return any(component.fact(key) is not None for key in ("entrypoint", "source_root", "module"))


def install(component: Component, options: Options) -> list[Instruction]:
    """Everything from the first manifest to the installed project; the virtual environment exists already."""
    manager = component.package_manager
    if manager == "uv":
        return _uv(component, options)
    if manager in ("poetry", "pdm", "pipenv"):
        return _locked_tool(component, manager, options)
    return _pip(component, options)


def _pip(component: Component, options: Options) -> list[Instruction]:
    requirements = [str(fact.value) for fact in component.all("requirements")]
    steps: list[Instruction] = []
    evidence = (
        component.fact("requirements") or component.fact("package_manager") or Fact("", None)
    ).evidence
    if requirements:
        steps += _beside(component)
        steps += _copy_files(
            component, requirements, "The list of packages first: a change of code keeps what was installed"
        )
        flags = " --require-hashes" if component.value("hashed") else ""
        first = _inside(component, requirements[0])
        steps.append(
            _pip_run(
                component,
                "Installs what the project lists into /venv",
                f"-r {shell_word(first)}{flags}",
                options,
                evidence,
            )
        )
    elif component.package_manager == "pip" and _has_pyproject(component):
        steps += _copy_files(
            component,
            ["pyproject.toml"],
            "The manifest first: a change of code keeps what was installed",
            local=True,
        )
        steps.append(
            run(
                "Installs the dependencies that pyproject.toml lists, without the project itself",
                f'python3 -c "{_READ_DEPENDENCIES}" > /tmp/requirements.txt'.replace("\\n", "\\\\n"),
                _pip_command("-r /tmp/requirements.txt", options),
                mounts=mounts(component, options),
                evidence=evidence,
            )
        )
    imports = [shell_word(str(fact.value)) for fact in component.all("import")]
    if imports:
        facts = list(component.all("import"))
        place = facts[0].evidence
        reason = (
            "What environment.yml lists for conda, as far as PyPI has it"
            if place is not None and place.path.endswith((".yml", ".yaml"))
            else "There is no list of packages: these are what the code imports, in their newest versions"
        )
        steps.append(_pip_run(component, reason, " ".join(imports), options, facts[0].evidence))
    return [*steps, *_added(component, options), *_project(component, options)]


def _uv(component: Component, options: Options) -> list[Instruction]:
    locked = " --locked" if component.fact("lock") else ""
    member = component.path != component.context
    package = f" --package {shell_word(component.name)}" if member else ""
    mounted = mounts(component, options, UV_CACHE)
    steps = [
        _tool(component, "uv", "uv installs what uv.lock names; it stays in the build stage", options),
        env(
            "uv fills /venv, compiles once, fetches no Python of its own, and trusts whom the image trusts",
            UV_PROJECT_ENVIRONMENT=VENV,
            UV_PYTHON_DOWNLOADS="0",
            UV_LINK_MODE="copy",
            UV_COMPILE_BYTECODE="1",
            # Its own list of authorities lacks that of a company's proxy, which build images are given.
            UV_SYSTEM_CERTS="1",
        ),
    ]
    if member and locked:
        steps.append(
            copy(
                "The workspace's lock file first: a change of code keeps what was installed",
                "pyproject.toml",
                "uv.lock",
                "./",
            )
        )
        steps.append(
            run(
                "Installs what the lock file names for this member, without the workspace's own packages",
                # Frozen: the other members' manifests are not here yet, so the lock file cannot be checked against them.
                f"/tools/bin/uv sync --frozen --no-dev --no-install-workspace{package}",
                mounts=mounted,
                evidence=(component.fact("lock") or Fact("", None)).evidence,
            )
        )
    elif not member:
        names = ["pyproject.toml", *(["uv.lock"] if locked else [])]
        steps += _beside(component)
        steps += _copy_files(
            component, names, "The lock file first: a change of code keeps what was installed", local=True
        )
        steps.append(
            run(
                "Installs exactly what the lock file names, without the project and without development packages",
                f"/tools/bin/uv sync{locked} --no-dev --no-install-project",
                mounts=mounted,
                evidence=(
                    component.fact("lock") or component.fact("package_manager") or Fact("", None)
                ).evidence,
            )
        )
    if member or installs_project(component):
        steps.append(copy("The code, to install the project from", ".", "."))
        steps.append(
            run(
                "Installs the project as a package, not as a link to its sources",
                f"/tools/bin/uv sync{locked} --no-dev --no-editable{package}",
                mounts=mounted,
            )
        )
    if component.fact("add_dependency"):
        added = shell_word(str(component.value("add_dependency")))
        steps.append(
            run(
                f"The application needs a server and the project lists none: add {added} to it",
                f"/tools/bin/uv pip install --python {VENV} {added}",
                mounts=mounted,
            )
        )
    return steps


def _locked_tool(component: Component, manager: str, options: Options) -> list[Instruction]:
    """Poetry and Pipenv write what they locked as requirements for pip, which obeys the image's own index and proxy.

    PDM cannot write that of every lock file, and fills /venv itself.
    """
    lock = component.fact("lock")
    titles = {"poetry": "Poetry", "pdm": "PDM", "pipenv": "Pipenv"}
    manifests = ["Pipfile" if manager == "pipenv" else "pyproject.toml"]
    if lock is not None:
        manifests.append(str(lock.value).rsplit("/", 1)[-1])
    mounted = mounts(component, options)
    steps = [
        _tool(
            component,
            manager,
            f"{titles[manager]} reads its own lock file; it stays in the build stage",
            options,
        ),
        *_beside(component),
        *_copy_files(
            component, manifests, "The lock file first: a change of code keeps what was installed", local=True
        ),
    ]
    evidence = (lock or component.fact("package_manager") or Fact("", None)).evidence
    if manager == "poetry":
        export = "/tools/bin/poetry export --only main --output /tmp/requirements.txt"
        commands = [
            *([] if lock else ["/tools/bin/poetry lock"]),
            export,
            _pip_command("-r /tmp/requirements.txt", options),
        ]
    elif manager == "pdm":
        steps.append(
            env("PDM installs into the environment that is active", VIRTUAL_ENV=VENV, PDM_CHECK_UPDATE="0")
        )
        commands = [*([] if lock else ["/tools/bin/pdm lock --prod"]), "/tools/bin/pdm sync --prod --no-self"]
    else:
        export = "/tools/bin/pipenv requirements > /tmp/requirements.txt"
        commands = [
            *([] if lock else ["/tools/bin/pipenv lock"]),
            export,
            _pip_command("-r /tmp/requirements.txt", options),
        ]
    steps.append(
        run(
            "Installs exactly what the lock file names, without development packages",
            *commands,
            mounts=mounted,
            evidence=evidence,
        )
    )
    return [*steps, *_added(component, options), *_project(component, options)]


def _project(component: Component, options: Options) -> list[Instruction]:
    if not installs_project(component):
        return []
    start = component.fact("entrypoint") or component.fact("source_root") or component.fact("module")
    # Without another list, setup.cfg, setup.py or a dynamic field may name more packages.
    listed = component.fact("requirements") or component.package_manager != "pip"
    return [
        copy("The code, to install the project from", ".", "."),
        _pip_run(
            component,
            "Installs the project as a package: what starts it is found only then",
            "--no-deps ." if listed else ".",
            options,
            start.evidence if start else None,
        ),
    ]


def _added(component: Component, options: Options) -> list[Instruction]:
    fact = component.fact("add_dependency")
    if fact is None:
        return []
    reason = f"The application needs a server and the project lists none: add {fact.value} to it"
    return [_pip_run(component, reason, shell_word(str(fact.value)), options, fact.evidence)]


def _tool(component: Component, name: str, reason: str, options: Options) -> Instruction:
    cache = "" if options.cache_mounts else " --no-cache-dir"
    return run(
        reason,
        "python3 -m venv /tools",
        f"/tools/bin/pip install{cache} {_TOOL_NAMES.get(name, name)}=={TOOLS[name]}{f' {POETRY_EXPORT}' if name == 'poetry' else ''}",
        mounts=mounts(component, options),
    )


def _pip_run(
    component: Component, reason: str, words: str, options: Options, evidence: Evidence | None
) -> Instruction:
    return run(reason, _pip_command(words, options), mounts=mounts(component, options), evidence=evidence)


def _pip_command(words: str, options: Options) -> str:
    """Call the build image's pip at work on /venv: no pip is shipped. A cache mount and --no-cache-dir exclude each other."""
    cache = "" if options.cache_mounts else " --no-cache-dir"
    return f"pip --python {VENV} install{cache} {words}"


def _copy_files(
    component: Component, names: Sequence[str], reason: str, *, local: bool = False
) -> list[Instruction]:
    """COPY manifests into the same folders that they have in the component; `local` names are relative to it."""
    inside = list(names) if local else [_inside(component, name) for name in names]
    by_folder: dict[str, list[str]] = {}
    for name in inside:
        by_folder.setdefault(folder_of(name), []).append(name)
    steps = []
    for number, (folder, group) in enumerate(by_folder.items()):
        destination = "./" if folder == "." else f"{folder}/"
        steps.append(copy(reason if number == 0 else "What the first list includes", *group, destination))
    return steps


def _beside(component: Component) -> list[Instruction]:
    """Packages of the project itself, which the list of packages names by their folders."""
    return [
        copy(
            "A package of the project itself, which the list names",
            f"{folder}/",
            f"./{folder}/",
            evidence=fact.evidence,
        )
        for fact in component.all("path_dependency")
        if (folder := _inside(component, str(fact.value)))
    ]


def _inside(component: Component, path: str) -> str:
    return path if component.path == "." else path.removeprefix(component.path + "/")


def _has_pyproject(component: Component) -> bool:
    evidence = (component.fact("package_manager") or Fact("", None)).evidence
    return evidence is not None and evidence.path.endswith("pyproject.toml")
