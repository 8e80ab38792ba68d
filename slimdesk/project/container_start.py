"""What a project's own Dockerfile starts: the words of its last stage's ENTRYPOINT and CMD.

A few lines of a file that may be anything, not the parser: languages ask it for a hint and check what it says.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass

from slimdesk.basics.escaping import without_controls
from slimdesk.project.walk import Tree

_STARTS = re.compile(r"(?i)^[ \t]*(ENTRYPOINT|CMD)[ \t]+(\S.*)$")
_STAGE = re.compile(r"(?i)^[ \t]*FROM[ \t]")
_NEEDS_A_SHELL = re.compile(r"[|;&<>`*?]|\$\(")
_SHELLS = frozenset({"sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash"})
MAX_LINES = 2_000


@dataclass(frozen=True, slots=True)
class ContainerStart:
    """The words that a container is started with and the line, from 1, that says so; `text` is how it says it."""

    words: tuple[str, ...]
    text: str
    path: str
    line: int


def container_start(tree: Tree, path: str) -> ContainerStart | None:
    """Return what the last stage starts; None if there is no such file, it starts nothing, or only a shell can tell."""
    text = tree.text(path)
    if text is None:
        return None
    found: dict[str, tuple[str, int]] = {}
    for number, line in logical_lines(text):
        if _STAGE.match(line):
            found = {}
        elif match := _STARTS.match(line):
            keyword = match.group(1).upper()
            if keyword == "ENTRYPOINT":
                # As Docker does: an ENTRYPOINT forgets the CMD before it.
                found.pop("CMD", None)
            found[keyword] = (without_controls(match.group(2).strip())[:2_000], number)
    words: list[str] = []
    for keyword in ("ENTRYPOINT", "CMD"):
        if keyword not in found:
            continue
        more = _words(found[keyword][0])
        if more is None:
            return None
        words += more
    if not words:
        return None
    said, line_number = found.get("ENTRYPOINT") or found["CMD"]
    return ContainerStart(tuple(words), said, path, line_number)


def logical_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines of a Dockerfile, continued ones joined, comments left out; each with its first line's number."""
    lines: list[tuple[int, str]] = []
    held, start = "", 0
    for number, raw in enumerate(text.splitlines()[:MAX_LINES], 1):
        if raw.lstrip().startswith("#"):
            continue
        start = start or number
        if raw.rstrip().endswith("\\"):
            held += raw.rstrip()[:-1]
            continue
        lines.append((start, held + raw))
        held, start = "", 0
    return lines


def _words(text: str) -> list[str] | None:
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except ValueError:
            return None
        words = listed if all(isinstance(word, str) for word in listed) else None
        if words and words[0] in _SHELLS:
            return _split(words[-1]) if len(words) == 3 and words[1] in ("-c", "-lc", "-ec") else None
        return words
    return _split(text)


def _split(command: str) -> list[str] | None:
    if _NEEDS_A_SHELL.search(command):
        return None
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    return words[1:] if words[:1] == ["exec"] else words
