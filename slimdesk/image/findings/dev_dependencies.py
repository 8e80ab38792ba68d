"""Packages that build or test a program and do not run it."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes, listed, plural
from slimdesk.image.bodies import Interest
from slimdesk.image.findings.survey import Hint, Survey
from slimdesk.image.interests import Rule
from slimdesk.image.json_objects import json_object
from slimdesk.image.layer import clean_key
from slimdesk.image.table import Kind

_WORD = "node-project"
_PYTHON = frozenset(
    [
        "autopep8",
        "bandit",
        "black",
        "build",
        "coverage",
        "flake8",
        "hypothesis",
        "ipdb",
        "ipython",
        "isort",
        "mkdocs",
        "mypy",
        "nox",
        "pip-audit",
        "pip-tools",
        "pre-commit",
        "pylint",
        "pyright",
        "pytest",
        "ruff",
        "sphinx",
        "tox",
        "twine",
        "yapf",
    ]
)
# Plugins and stubs of these.
_PLUGINS = ("flake8-", "pytest-", "sphinx-", "types-")


def _look(_: bytes, body: bytes, __: int) -> tuple[str, ...] | None:
    """Keep the names of what is for development alone."""
    document = json_object(body)
    if document is None:
        return None
    dev, needed = document.get("devDependencies"), document.get("dependencies")
    if not isinstance(dev, dict):
        return None
    also = needed if isinstance(needed, dict) else {}
    return tuple(sorted(name for name in dev if isinstance(name, str) and name not in also)[:2000]) or None


def _is_project(key: bytes) -> bool:
    return b"node_modules\0" not in key


LOOKS = (
    Rule(Interest(_WORD, _look, 2 << 20, weighs=4096), names=frozenset((b"package.json",)), fits=_is_project),
)


def find(survey: Survey) -> Iterator[Hint]:
    """Yield one finding per kind of package manager."""
    yield from _system(survey)
    yield from _python(survey)
    yield from _node(survey)


def _system(survey: Survey) -> Iterator[Hint]:
    endings = {"deb": "-dev", "apk": "-dev", "rpm": "-devel"}
    packages = [
        (index, package)
        for index, package in enumerate(survey.image.packages or ())
        if package.name.endswith(endings.get(package.type, "\0")) and package.size
    ]
    yield from _hint(
        survey,
        [(index, package.name) for index, package in packages],
        ("development package",),
        "Install them in a build stage only, and COPY the result",
    )


def _python(survey: Survey) -> Iterator[Hint]:
    packages = [
        (index, package.name)
        for index, package in enumerate(survey.image.packages or ())
        if package.type == "pypi" and _is_for_development(package.name.lower().replace("_", "-"))
    ]
    yield from _hint(
        survey,
        packages,
        ("Python package for development", "Python packages for development"),
        "Install without the development group (uv sync --no-dev, poetry install --only main, a requirements file of its own)",
    )


def _is_for_development(name: str) -> bool:
    return name in _PYTHON or name.startswith(_PLUGINS)


def _node(survey: Survey) -> Iterator[Hint]:
    names: dict[int, str] = {}
    for found in survey.look.found(_WORD):
        folder = found.path.rpartition("/")[0]
        for name in found.value if isinstance(found.value, tuple) else ():
            key = clean_key(f"{folder}/node_modules/{name}".encode("utf-8", "replace"))
            node = survey.look.paths.file(key)
            if node is not None and survey.table.is_folder(node):
                names[node] = name
    if not names:
        return
    size = survey.bytes(names)
    message = f"{plural(len(names), 'dev dependency', 'dev dependencies')} of Node.js: {listed(names.values())} ({format_bytes(size)}, without what they bring)"
    path = survey.path(next(iter(names)))
    fix = "Install with npm ci --omit=dev (pnpm: --prod, Yarn: workspaces focus --production) for the final stage"
    yield Hint(Finding("dev-dependencies", "warning", message, path=path, bytes=size, fix=fix), tuple(names))


def _hint(survey: Survey, packages: list[tuple[int, str]], what: tuple[str, ...], fix: str) -> Iterator[Hint]:
    if not packages:
        return
    nodes = [
        node
        for index, _ in packages
        for node in survey.owned(index)
        if survey.table.kind[node] != Kind.FOLDER
    ]
    size = survey.bytes(nodes)
    message = f"{plural(len(packages), *what)}: {listed(name for _, name in packages)} ({format_bytes(size)}{survey.also_from_base(nodes)})"
    # A file of each package says which: the record of a distribution's packages is one for all.
    largest = [
        max(own, key=lambda node: survey.table.live[node])
        for index, _ in packages
        if (own := survey.owned(index))
    ]
    if survey.from_base(nodes):
        fix = "The base image brought them: choose a slim or distroless family for the final stage"
    finding = Finding(
        "dev-dependencies",
        "warning",
        message,
        path=(survey.image.packages or ())[packages[0][0]].path,
        bytes=size,
        fix=fix,
        paths=survey.places(largest) or tuple(survey.table.path(node) for node in largest),
    )
    yield Hint(finding, tuple(nodes))
