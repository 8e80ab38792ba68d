"""Folders of plain HTML: nothing builds them, a web server hands them out as they are.

Front ends that Node.js builds are found by `node`, which must tell them from servers anyway; they have the same profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from slimdesk.project.languages.node_frameworks import server_framework, web_tool
from slimdesk.project.languages.node_package import read_package
from slimdesk.project.languages.web_facts import PORT, serving_facts
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.project.walk import Tree, folder_of, join

MAX_FOUND = 20
MAX_DEPTH = 2
# What says that a folder belongs to a program: its pages are that program's, or a build's.
_PROGRAMS = (
    "go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "Cargo.toml", "pyproject.toml", "requirements.txt", "setup.py",
    "Pipfile", "manage.py", "composer.json", "Gemfile", "deno.json", "deno.jsonc", "mix.exs", "CMakeLists.txt", "meson.build",
    "*.csproj", "*.sln", "index.php", "angular.json", "pubspec.yaml",
)  # fmt: skip
_CODE = ("*.go", "*.py", "*.rb", "*.java", "*.rs", "*.php", "*.cs", "main.c", "main.cpp")
_ASIDE = re.compile(
    r"(?:^|/)(?:templates?|static|public|assets|resources|views|dist|build|out|target|docs?|documentation|tests?|examples?|samples?"
    r"|demos?|fixtures|coverage|htmlcov|reports?|vendor|third_party|\.github|src|includes?|layouts?|partials|emails?|wwwroot|webapp)(?:/|$)"
)
_NAMED = re.compile(
    r"(?:^|/)(?:www|web|website|site|frontend|front-end|front|client|ui|html|public_html|app|landing|pages)$"
)
# A page that a generator fills in is no page yet.
_UNFINISHED = re.compile(r"\A\s*---\s*\n|\{\{|\{%|<%")


@dataclass(frozen=True, slots=True)
class WebLanguage:
    """Finds folders that are a web site as they stand."""

    profile: str = "web"

    def find(self, tree: Tree) -> Iterable[Component]:
        """Every such folder at the root, or with a telling name near it."""
        found: list[Component] = []
        for path in list(tree.named("index.html"))[:2_000]:
            folder = folder_of(path)
            if len(found) < MAX_FOUND and self._is_site(tree, folder, path):
                found.append(_component(tree, folder, path))
        return found

    def _is_site(self, tree: Tree, folder: str, path: str) -> bool:
        if folder.count("/") >= MAX_DEPTH or _ASIDE.search(folder):
            return False
        if folder != "." and not _NAMED.search(folder):
            return False
        if any(_is_program(tree, above) for above in _with_parents(folder)):
            return False
        return _UNFINISHED.search((tree.text(path) or "")[:20_000]) is None


LANGUAGE = WebLanguage()


def _is_program(tree: Tree, folder: str) -> bool:
    """Whether something in the folder itself is run or built."""
    here = {name.rpartition("/")[2] for name in tree.named(*_PROGRAMS, *_CODE) if folder_of(name) == folder}
    if here:
        return True
    if tree.has(join(folder, "_config.yml")) and tree.has(join(folder, "Gemfile.lock")):
        return True
    path = join(folder, "package.json")
    if not tree.has(path):
        return False
    package = read_package(tree, path)
    if package is None:
        return True
    # live-server, prettier and their like change no page.
    return (
        bool(package.dependencies)
        or "build" in package.scripts
        or web_tool(package) is not None
        or (server_framework(package) is not None)
    )


def _with_parents(folder: str) -> list[str]:
    return [folder] if folder == "." else [folder, *(str(one) for one in PurePosixPath(folder).parents)]


def _component(tree: Tree, folder: str, path: str) -> Component:
    place = Evidence(path)
    own = serving_facts(tree, folder)
    port = next((fact.value for fact in own if fact.key == "port"), PORT)
    facts = (
        Fact("framework", "html", place),
        Fact("output_folder", ".", place),
        Fact("base_path", "/"),
        Fact("spa", False, place),
        *own,
    )
    return Component(
        name=PurePosixPath(folder).name or tree.root.name or "site",
        path=folder,
        profile="web",
        context=folder,
        framework="html",
        port=port if isinstance(port, int) else PORT,
        facts=facts,
    )
