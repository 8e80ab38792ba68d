"""Addresses in a terminal: those that stand there as text, and those behind text (OSC 8). Only http and https count.

OSC 8: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from slimdesk.terminal.screen import LINK_CHARACTERS, Place, Row, Screen

# What RFC 3986 lets an address be made of, the quotation mark left out: in text it ends an address.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&()*+,;=%]+")
_WHOLE = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
# Marks that end the sentence around an address, not the address.
_LOOSE_ENDS = ".,:;?!"
_PAIRS = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Link:
    """An address and the cells that it is under: half-open ranges of columns by row of what is shown.

    written: the address itself stands there, so that a person has read it.
    """

    address: str
    cells: tuple[tuple[int, int, int], ...]
    written: bool

    def holds(self, row: int, column: int) -> bool:
        """Whether it is under a cell of what is shown."""
        return any(at == row and first <= column < last for at, first, last in self.cells)


def harmless(address: str) -> bool:
    """Whether a browser may be given `address`: http or https, a host, nobody's name before it, plain characters."""
    if len(address) > LINK_CHARACTERS or not _WHOLE.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        # Asking for the port tells whether it is one.
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
            and "@" not in parts.netloc
        )
    except ValueError:
        return False


def link_at(screen: Screen, row: int, column: int) -> Link | None:
    """Return the link under a cell of what is shown, None if there is none or none that may be opened."""
    behind = _behind(screen, row, column)
    if behind:
        return _spread(screen, row, column, behind) if harmless(behind) else None
    return next((link for link in _written(screen, row) if link.holds(row, column)), None)


def links(screen: Screen, most: int = 30) -> list[Link]:
    """Return the links in what is shown from its top on, each address once."""
    found: dict[str, Link] = {}
    for row in range(screen.rows):
        for column in _words(screen.row(row)):
            behind = _behind(screen, row, column)
            if behind and behind not in found and harmless(behind):
                found[behind] = _spread(screen, row, column, behind)
        for link in _written(screen, row):
            found.setdefault(link.address, link)
        if len(found) >= most:
            break
    return list(found.values())[:most]


def _words(row: Row) -> list[int]:
    """Return the columns in which words begin: to ask every cell what is behind it would take too long."""
    starts, end = [], -1
    for column, cells, character in row.characters():
        if character == " ":
            continue
        if column != end:
            starts.append(column)
        end = column + cells
    return starts


def _behind(screen: Screen, row: int, column: int) -> str:
    return screen.link(Place(screen.top() + row, column))


def _spread(screen: Screen, row: int, column: int, address: str) -> Link:
    """Return the link with all cells of its row that have it behind them without a gap."""
    first, last = column, column + 1
    while first > 0 and _behind(screen, row, first - 1) == address:
        first -= 1
    while last < screen.columns and _behind(screen, row, last) == address:
        last += 1
    text = "".join(text for at, _cells, text in screen.row(row).characters() if first <= at < last)
    return Link(address, ((row, first, last),), text.strip() == address)


def _written(screen: Screen, row: int) -> list[Link]:
    """Return the addresses in the text of the line that `row` is a part of, over all its rows in sight."""
    start = row
    while start > 0 and screen.row(start - 1).wrapped:
        start -= 1
    text = ""
    places: list[tuple[int, int]] = []
    at = start
    while at < screen.rows:
        shown = screen.row(at)
        column = 0
        for first, cells, character in shown.characters():
            text += " " * (first - column) + character
            places.extend((at, blank) for blank in range(column, first))
            places.extend([(at, first)] * len(character))
            column = first + cells
        if not shown.wrapped:
            break
        at += 1
    found = []
    for match in _ADDRESS.finditer(text):
        address = _trimmed(match.group())
        if harmless(address):
            found.append(Link(address, _ranges(places[match.start() : match.start() + len(address)]), True))
    return found


def _trimmed(address: str) -> str:
    """Return an address without what belongs to the sentence around it."""
    while address:
        end = address[-1]
        loose = end in _LOOSE_ENDS or (end in _PAIRS and address.count(end) > address.count(_PAIRS[end]))
        if not loose:
            break
        address = address[:-1]
    return address


def _ranges(places: list[tuple[int, int]]) -> tuple[tuple[int, int, int], ...]:
    rows = sorted({row for row, _column in places})
    return tuple(
        (row, min(c for r, c in places if r == row), max(c for r, c in places if r == row) + 1)
        for row in rows
    )
