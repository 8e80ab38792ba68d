"""Source files of compiled languages, ready to be searched with patterns, and the port that such a search ends with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.project.facts import FactList
from slimdesk.project.walk import Tree

MAX_MATCHES = 50
_MAX_READ = 400_000


@dataclass(frozen=True, slots=True)
class Source:
    """One file, its comments blanked: positions and lines are those of the file."""

    path: str
    code: str

    def line(self, at: int) -> int:
        """Return the line, from 1, of a position."""
        return self.code.count("\n", 0, at) + 1

    def line_text(self, at: int, end: int | None = None) -> str:
        """Return the text of the line at a position, or of the lines from it to `end`."""
        start = self.code.rfind("\n", 0, at) + 1
        stop = self.code.find("\n", at if end is None else end)
        return self.code[start : stop if stop >= 0 else len(self.code)]


@dataclass(frozen=True, slots=True, order=True)
class PortCandidate:
    """A port that a file may listen on. The lowest is the likeliest: `rank` of the pattern, `place` of the file, line."""

    rank: int
    place: int
    line: int
    port: int
    host: str
    path: str


def read_source(tree: Tree, path: str, tokens: re.Pattern[str]) -> Source | None:
    """Return one file with the comments blanked, None if it cannot be read.

    `tokens` matches strings, as group 1, and comments; a comment becomes a space and its line ends.
    """
    data = tree.data(path, _MAX_READ)
    if data is None:
        return None
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    return Source(path, tokens.sub(_blank, text))


def tell_ports(found: Sequence[PortCandidate], facts: FactList) -> PortCandidate | None:
    """Add the likeliest candidate as the port and each different one as another; return the likeliest."""
    if not found:
        return None
    best = min(found)
    facts.once("port", best.port, best.path, best.line)
    for other in sorted(found)[1:]:
        if other.port != best.port:
            facts.add("other_port", other.port, other.path, other.line)
    return best


def _blank(match: re.Match[str]) -> str:
    text: str | None = match.group(1)
    return text if text is not None else " " + "\n" * match.group().count("\n")
