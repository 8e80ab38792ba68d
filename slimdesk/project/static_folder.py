"""The folder from which a back end serves the files of a front end.

Fact `static_folder`: its path from the project's root. `static_embedded` is true where the files become part of the
program when it is built (go:embed, a jar's resources), so that they must be there before.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.project.walk import Tree, folder_of, join

KEY, EMBEDDED = "static_folder", "static_embedded"
MAX_FILES = 400
MAX_CHARACTERS = 400_000
_WORD = r"[\"'`]([^\"'`\n]{1,120})[\"'`]"
# What a path is built with in front of the literal: path.join(__dirname, '..', 'client', 'build')
_JOINED = r"(?:path\.)?(?:join|resolve)\(\s*(?:__dirname|import\.meta\.dirname|process\.cwd\(\)|BASE_DIR|ROOT)\s*,\s*([^()\n]{1,160})\)"
_PATH = rf"(?:{_JOINED}|{_WORD})"


def _calls(endings: tuple[str, ...], *patterns: str) -> tuple[tuple[str, ...], tuple[re.Pattern[str], ...]]:
    return endings, tuple(re.compile(pattern) for pattern in patterns)


# Profile -> the endings of its sources, and the calls that serve a folder.
_CALLS = {
    "node": _calls(
        (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"),
        rf"(?:express\.static|serveStatic|koaStatic|sirv|serve)\(\s*(?:\{{[^{{}}\n]{{0,80}}\broot\s*:\s*)?{_PATH}",
        rf"\b(?:root|rootPath)\s*:\s*{_PATH}",
    ),
    "python": _calls(
        (".py",),
        rf"StaticFiles\([^()\n]{{0,80}}\bdirectory\s*=\s*{_PATH}",
        rf"\bstatic_folder\s*=\s*{_PATH}",
        rf"\bsend_from_directory\(\s*{_PATH}",
        rf"\bWHITENOISE_ROOT\s*=\s*(?:BASE_DIR\s*/\s*)?{_PATH}",
    ),
    "go": _calls(
        (".go",),
        rf"http\.Dir\(\s*{_PATH}",
        rf"\.(?:Static|StaticFS|ServeFiles|FileServer)\(\s*\"[^\"\n]{{0,80}}\"\s*,\s*{_PATH}",
        rf"os\.DirFS\(\s*{_PATH}",
    ),
    "rust": _calls(
        (".rs",),
        rf"ServeDir::new\(\s*{_PATH}",
        rf"(?:fs::)?Files::new\(\s*\"[^\"\n]{{0,80}}\"\s*,\s*{_PATH}",
        rf"FileServer::from\(\s*(?:relative!\()?{_PATH}",
    ),
}
_GO_EMBED = re.compile(r"^//go:embed[ \t]+(?:all:)?([^\s*]{1,120}?)(?:/\*)?[ \t]*$", re.MULTILINE)
_LITERAL = re.compile(_WORD)
# Where a framework looks without being told.
_CONVENTIONS = {"java": "src/main/resources/static", "dotnet": "wwwroot", "php": "public", "ruby": "public"}
_IN_THE_PROGRAM = frozenset({"java"})
_FRONT = re.compile(
    r"(?:^|/)(?:dist|build|out|public|static|www|web|client|frontend|ui|assets|browser)(?:/|$)"
)


def with_static_folder(tree: Tree, component: Component, fronts: Iterable[Component]) -> Component:
    """Return the back end with its static folder, if it is known and not stated yet."""
    if component.fact(KEY) is not None:
        return component
    found = _found(tree, component, tuple(fronts))
    if not found:
        return component
    facts = [Fact(KEY, found[0], found[1])]
    if found[2]:
        facts.append(Fact(EMBEDDED, value=True, evidence=found[1]))
    return replace(component, facts=(*component.facts, *facts))


def _found(
    tree: Tree, component: Component, fronts: tuple[Component, ...]
) -> tuple[str, Evidence | None, bool] | None:
    outputs = {
        posixpath.normpath(join(front.path, str(front.value("output_folder", "dist")))) for front in fronts
    }
    choices = list(_stated(tree, component))
    # A folder that the front end writes is meant for sure; then one whose name says it.
    for choice in choices:
        if choice[0] in outputs:
            return choice
    for choice in choices:
        if _FRONT.search(choice[0]):
            return choice
    convention = _CONVENTIONS.get(component.profile)
    if convention is None:
        return None
    return (
        posixpath.normpath(join(component.path, convention)),
        None,
        component.profile in _IN_THE_PROGRAM,
    )


def _stated(tree: Tree, component: Component) -> Iterator[tuple[str, Evidence, bool]]:
    """Every folder that the sources name, from the project's root."""
    endings, patterns = _CALLS.get(component.profile, ((), ()))
    files = [entry.path for entry in tree.under(component.path) if entry.path.endswith(endings)]
    for path in files[:MAX_FILES]:
        text = (tree.text(path) or "")[:MAX_CHARACTERS]
        if component.profile == "go":
            for match in _GO_EMBED.finditer(text):
                folder = _inside(folder_of(path), match.group(1))
                if folder is not None:
                    yield folder, Evidence(path, text.count("\n", 0, match.start()) + 1), True
        for pattern in patterns:
            for match in pattern.finditer(text):
                folder = _folder(component, path, match)
                if folder is not None:
                    yield folder, Evidence(path, text.count("\n", 0, match.start()) + 1), False


def _folder(component: Component, path: str, match: re.Match[str]) -> str | None:
    joined, literal = match.group(1), match.group(2)
    if joined:
        words = _LITERAL.findall(joined)
        rest = _LITERAL.sub("", joined).replace(",", "").strip()
        if not words or rest:
            return None
        # __dirname is the source's own folder; what is compiled elsewhere is served from the same depth by convention.
        start = component.path if "cwd()" in match.group() else folder_of(path)
        return _inside(start, "/".join(words))
    return _inside(component.path, literal)


def _inside(start: str, literal: str) -> str | None:
    """Return a relative folder's path from the project's root; None if it leaves the project or is no plain name."""
    if literal.startswith(("/", "~")) or "$" in literal or "{" in literal or "://" in literal:
        return None
    path = posixpath.normpath(posixpath.join("" if start == "." else start, literal))
    return None if path in (".", "..") or path.startswith("../") else path
