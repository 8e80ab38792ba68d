"""What a component's manifests ask for by name, each with its line: where the chain of an installed package begins."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from slimdesk.basics.errors import ProjectError
from slimdesk.project.dependencies_others import DOTNET, other_dependencies
from slimdesk.project.languages.java_maven import read_poms
from slimdesk.project.languages.node_package import read_package
from slimdesk.project.languages.python_manifest import Manifest, read_manifest
from slimdesk.project.model import Component, Evidence, Project
from slimdesk.project.walk import FileEntry, Tree, join

MAX_DECLARED = 5_000
_FOLDERS = ("", "requirements")
_READ = (".txt", ".toml", ".json", ".xml", ".cfg", ".mod", ".gradle", ".kts", ".py", *DOTNET)
_ALSO = ("Pipfile", "Gemfile")
# implementation("group:artifact:version") of Gradle's two languages.
_GRADLE = re.compile(
    r"""(?m)^[ \t]*(?:implementation|api|runtimeOnly|compileOnly)\b[^"'\n]{0,40}["']([\w.-]{1,200}):([\w.-]{1,200})(?::[^"'\n]{0,100})?["']"""
)
_GO = re.compile(
    r"(?m)^[ \t]*(?:require[ \t]+)?([a-z0-9][\w.~-]*\.[a-z]{2,}/[^\s]+)\s+v[^\s]+(\s*// indirect)?"
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A dependency that a manifest names. `type` as purls spell it: pypi, npm, maven, golang, cargo, composer, gem, nuget; `name` as that type compares names.

    `development`: it is asked for to build or test alone. `indirect`: the line only records what something else brings (go.mod).
    """

    name: str
    type: str
    evidence: Evidence
    development: bool = False
    indirect: bool = False


def declared(project: Project, component: Component) -> tuple[Declared, ...]:
    """Return what the manifests of a component, its parts and its build's root ask for; blocking, a few small files are read.

    What cannot be read asks for nothing.
    """
    folders = dict.fromkeys(
        folder for one in (component, *component.parts) for folder in (one.path, one.context)
    )
    tree = _tree(project.root, folders)
    found: dict[tuple[str, str], Declared] = {}
    for folder in folders:
        for one in _of_folder(tree, folder):
            known = found.get((one.type, one.name))
            if (known is None or (known.development and not one.development)) and len(found) < MAX_DECLARED:
                found[one.type, one.name] = one
    return tuple(found.values())


def _tree(root: Path, folders: dict[str, None]) -> Tree:
    """The manifests of a few folders alone: a project's walk may take a second."""
    files: dict[str, FileEntry] = {}
    base = os.fspath(root)
    for folder in folders:
        for below in _FOLDERS:
            place = join(folder, below) if below else folder
            try:
                with os.scandir(os.path.join(base, place)) as listing:  # noqa: PTH118
                    names = [
                        one.name
                        for one in listing
                        if (one.name.endswith(_READ) or one.name in _ALSO)
                        and one.is_file(follow_symlinks=False)
                    ]
            except (OSError, ValueError):
                continue
            for name in names[:2_000]:
                files[join(place, name)] = FileEntry(join(place, name), base)
    return Tree(root, dict(sorted(files.items())))


def _of_folder(tree: Tree, folder: str) -> Iterator[Declared]:
    yield from _python(tree, folder)
    yield from _node(tree, folder)
    yield from _maven(tree, folder)
    for name in ("build.gradle", "build.gradle.kts"):
        yield from _matched(tree, join(folder, name), _GRADLE, "maven")
    yield from _matched(tree, join(folder, "go.mod"), _GO, "golang")
    for one in other_dependencies(tree, folder):
        yield Declared(one.name, one.type, one.evidence, development=one.development)


def _python(tree: Tree, folder: str) -> Iterator[Declared]:
    try:
        manifest: Manifest | None = read_manifest(tree, folder)
    except ProjectError:
        return
    for name, evidence in (manifest.dependencies if manifest else {}).items():
        yield Declared(name, "pypi", evidence)


def _node(tree: Tree, folder: str) -> Iterator[Declared]:
    path = join(folder, "package.json")
    package = read_package(tree, path) if tree.has(path) else None
    if package is None:
        return
    for name in package.dependencies:
        yield Declared(name, "npm", package.dependency_evidence(name))
    for name in package.development:
        yield Declared(name, "npm", package.dependency_evidence(name), development=True)


def _maven(tree: Tree, folder: str) -> Iterator[Declared]:
    path = join(folder, "pom.xml")
    if not tree.has(path):
        return
    for pom in read_poms(tree, [path]).values():
        for one in pom.dependencies():
            if one.artifact:
                yield Declared(
                    one.artifact, "maven", one.place, development=one.scope in ("test", "provided")
                )


def _matched(tree: Tree, path: str, pattern: re.Pattern[str], kind: str) -> Iterator[Declared]:
    text = tree.text(path) if tree.has(path) else None
    for match in pattern.finditer(text or ""):
        name = match.group(2) if kind == "maven" else match.group(1)
        place = Evidence(path, (text or "").count("\n", 0, match.start(1)) + 1)
        yield Declared(name, kind, place, indirect=kind == "golang" and bool(match.group(2)))
