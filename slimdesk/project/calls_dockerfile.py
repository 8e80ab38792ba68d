"""What a project's own Dockerfile starts: ENTRYPOINT, CMD and HEALTHCHECK of its last stage.

A few lines of a file that may be anything, not the parser; the rules are those of Docker's builder: the last ENTRYPOINT
and the last CMD count, shell form goes through /bin/sh -c, and CMD is handed to an ENTRYPOINT in exec form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from slimdesk.basics.escaping import without_controls
from slimdesk.project.calls_reading import Place, call_of_text, call_of_words
from slimdesk.project.container_start import logical_lines
from slimdesk.project.model import Call, CallKind, Component, Evidence
from slimdesk.project.walk import Tree

_STARTS = re.compile(r"(?is)^[ \t]*(ENTRYPOINT|CMD|HEALTHCHECK)[ \t]+(\S.*)$")
_STAGE = re.compile(r"(?i)^[ \t]*FROM[ \t]")
_OPTION = re.compile(r"--[a-z-]+=\S*[ \t]+")


def dockerfile_calls(tree: Tree, component: Component, path: str) -> Iterable[Call]:
    """Yield what the Dockerfile at `path` starts inside the component's image."""
    last: dict[str, tuple[str, int]] = {}
    for line, text in logical_lines(tree.text(path) or ""):
        if _STAGE.match(text):
            last = {}
        elif match := _STARTS.match(text):
            keyword = match.group(1).upper()
            if keyword == "ENTRYPOINT":
                last.pop("CMD", None)
            last[keyword] = (match.group(2).strip(), line)
    if "HEALTHCHECK" in last:
        yield from _healthcheck(tree, component, path, *last["HEALTHCHECK"])
    yield from _start(tree, component, path, last)


def _healthcheck(tree: Tree, component: Component, path: str, text: str, line: int) -> Iterable[Call]:
    rest = text
    while match := _OPTION.match(rest):
        rest = rest[match.end() :]
    if not rest.upper().startswith("CMD"):
        return
    call = _call(tree, _place("healthcheck", component, path, line), rest[3:].strip())
    if call is not None:
        yield call


def _start(tree: Tree, component: Component, path: str, last: dict[str, tuple[str, int]]) -> Iterable[Call]:
    said = last.get("ENTRYPOINT") or last.get("CMD")
    if said is None:
        return
    text, line = said
    place = _place("entrypoint", component, path, line)
    words = _listed(text)
    if words is not None and "ENTRYPOINT" in last and "CMD" in last:
        more = _listed(last["CMD"][0])
        words = (*words, *(more if more is not None else ("/bin/sh", "-c", last["CMD"][0])))
    call = (
        call_of_words(tree, place, words)
        if words is not None
        else call_of_text(tree, place, text, by_shell=True)
    )
    if call is not None:
        yield call


def _call(tree: Tree, place: Place, text: str) -> Call | None:
    words = _listed(text)
    return (
        call_of_words(tree, place, words)
        if words is not None
        else call_of_text(tree, place, text, by_shell=True)
    )


def _listed(text: str) -> tuple[str, ...] | None:
    """Return the words of exec form; None for shell form."""
    if not text.startswith("["):
        return None
    try:
        words = json.loads(without_controls(text))
    except (ValueError, RecursionError):
        return None
    return tuple(words) if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def _place(kind: CallKind, component: Component, path: str, line: int) -> Place:
    return Place(kind, "dockerfile", Evidence(path, line), component)
