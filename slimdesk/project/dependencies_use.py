"""Where a project's own sources use a dependency, or a graphics card: what must not be left out without a word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from slimdesk.basics.errors import ProjectError
from slimdesk.project.model import Component, Evidence, Project
from slimdesk.project.walk import join, walk

MAX_SOURCES = 3_000
_MOST = 5
_PYTHON = (".py",)
_NODE = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".vue", ".svelte")
_IMPORTS_PYTHON = re.compile(r"(?m)^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))")
_IMPORTS_NODE = re.compile(
    r"""\b(?:from|import|require)\s{0,4}\(?\s{0,4}["']((?:@[^"'\n]{1,300})|[^"'\n./@][^"'\n]{0,300})["']"""
)
_GPU = re.compile(
    r"""\btorch\.cuda\b|\.cuda\(|["']cuda(?::\d+)?["']|\bimport[ \t]+(?:cupy|pycuda|tensorrt|cudf)\b|CUDAExecutionProvider"""
)
_GPU_OUTSIDE = re.compile(
    r"\bdriver:[ \t]*nvidia\b|\bruntime:[ \t]*nvidia\b|nvidia\.com/gpu|NVIDIA_VISIBLE_DEVICES|--gpus\b"
)
_OUTSIDE = (".yml", ".yaml", "Dockerfile", "Containerfile", ".sh", "Makefile")


def uses(project: Project, component: Component, modules: Iterable[str]) -> tuple[Evidence, ...]:
    """Return the first places where the component's sources import one of these modules; blocking.

    modules: names as they stand in an import: `torch`, `@scope/name`. Tests are looked at like everything else.
    """
    wanted = frozenset(modules)
    found: list[Evidence] = []
    for path, text in _sources(project, component, _PYTHON + _NODE):
        found += [Evidence(path, line) for line in _imports(path, text, wanted)]
        if len(found) >= _MOST:
            break
    return tuple(found[:_MOST])


def gpu_evidence(project: Project, component: Component) -> Evidence | None:
    """Return where the component, or what starts it, speaks of a graphics card; None where nothing does. Blocking."""
    for path, text in _sources(project, component, _PYTHON):
        match = _GPU.search(text)
        if match:
            return Evidence(path, text.count("\n", 0, match.start()) + 1)
    for path, text in _sources(project, None, _OUTSIDE):
        match = _GPU_OUTSIDE.search(text)
        if match:
            return Evidence(path, text.count("\n", 0, match.start()) + 1)
    return None


def _sources(
    project: Project, component: Component | None, endings: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield (path from the project, text) of the sources of a component and its parts, None = of the whole project."""
    folders = ["."] if component is None else [one.path for one in (component, *component.parts)]
    seen = 0
    for folder in dict.fromkeys(folders):
        try:
            tree = walk(project.root / folder)
        except ProjectError:
            continue
        for path in tree.files:
            if not path.endswith(endings):
                continue
            seen += 1
            if seen > MAX_SOURCES:
                return
            text = tree.text(path)
            if text:
                yield join(folder, path), text


def _imports(path: str, text: str, wanted: frozenset[str]) -> Iterator[int]:
    python = path.endswith(_PYTHON)
    for match in (_IMPORTS_PYTHON if python else _IMPORTS_NODE).finditer(text):
        word = next(group for group in match.groups() if group)
        for part in word.split(",") if python else (word,):
            if _top(part.strip(), python=python) in wanted:
                yield text.count("\n", 0, match.start()) + 1
                break


def _top(word: str, *, python: bool) -> str:
    if python:
        return re.split(r"[ .]", word, maxsplit=1)[0]
    parts = word.split("/")
    return "/".join(parts[:2]) if word.startswith("@") else parts[0]
