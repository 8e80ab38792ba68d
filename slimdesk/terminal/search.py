"""Finding words in the scroll-back and on the screen."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.terminal.screen import Row, Screen

# More than a person steps through; the count then says "or more".
MOST_HITS = 1000
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """One place: its line, and the how-manieth of the line, from 0."""

    line: int
    number: int


def pattern(words: str) -> re.Pattern[str] | None:
    """Return what finds `words`, None if there are none; capitals count only where `words` has some."""
    if not words.strip():
        return None
    return re.compile(re.escape(words), 0 if words != words.lower() else re.IGNORECASE)


def hits(screen: Screen, wanted: re.Pattern[str], most: int = MOST_HITS) -> list[Hit]:
    """Return where `wanted` stands, oldest first; of very many the newest `most`."""
    found: list[Hit] = []
    end = screen.lines()
    while end > 0 and len(found) < most:
        start = max(0, end - _AT_ONCE)
        here = [
            Hit(start + i, number)
            for i, text in enumerate(screen.texts(start, end - start))
            for number, _match in enumerate(wanted.finditer(text))
        ]
        found = here + found
        end = start
    return found[-most:]


def cells(row: Row, wanted: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return the cells of each match in `row`, as half-open ranges."""
    text = ""
    starts: list[int] = []
    at = 0
    for start, wide, character in row.characters():
        text += " " * (start - at) + character
        starts.extend(range(at, start))
        starts.extend([start] * len(character))
        at = start + wide
    starts.append(at)
    return [(starts[match.start()], starts[match.end()]) for match in wanted.finditer(text.rstrip(" "))]
