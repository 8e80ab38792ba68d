"""What is selected in a terminal: by character, word, line or block; it stays with its text."""

from __future__ import annotations

import re
from typing import Literal

from slimdesk.terminal.screen import Pin, Place, Row, Screen

Unit = Literal["character", "word", "line", "block"]
# A word in a terminal is what one wants to take along: a path, an address, a name with dashes.
_WORD = re.compile(r"[\w./:@%+=~?&#$,\-]+")
# Marks that close a sentence are seldom meant.
_LOOSE_ENDS = ".,:?"


class Selection:
    """One selection over a screen, or none. Columns are cells; a boundary lies before the cell of its column."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._anchor: tuple[Pin, Pin] | None = None
        self._moving: tuple[Pin, Pin] | None = None
        self.unit: Unit = "character"

    def start(self, line: int, column: int, unit: Unit) -> None:
        """Begin at a cell. A word or a line is selected at once, a character only when it is extended."""
        self.clear()
        self.unit = unit
        first, last = self._around(line, column)
        self._anchor = (self._screen.pin(first), self._screen.pin(last))
        if unit in {"word", "line"}:
            self._moving = (self._screen.pin(first), self._screen.pin(last))

    def extend(self, line: int, column: int) -> None:
        """Move the other end to a cell."""
        if self._anchor is None:
            self.start(line, column, self.unit)
        first, last = self._around(line, column)
        self._release(self._moving)
        self._moving = (self._screen.pin(first), self._screen.pin(last))

    def everything(self) -> None:
        """Select the scroll-back and the screen."""
        self.clear()
        self.unit = "character"
        self._anchor = (self._screen.pin(Place(0, 0)),) * 2
        end = Place(self._screen.lines() - 1, self._screen.columns - 1)
        self._moving = (self._screen.pin(end),) * 2

    def clear(self) -> None:
        """Select nothing."""
        self._release(self._anchor)
        self._release(self._moving)
        self._anchor = self._moving = None

    @property
    def begun(self) -> bool:
        """Whether there is an end to extend from."""
        return self._anchor is not None

    def bounds(self) -> tuple[Place, Place] | None:
        """Return the first and the last cell, None without a selection."""
        if self._anchor is None or self._moving is None:
            return None
        places = [pin.place() for pin in (*self._anchor, *self._moving)]
        there = [place for place in places if place is not None]
        if len(there) < len(places):
            return None
        first, last = min(there), max(there)
        if self.unit == "block":
            columns = [place.column for place in there]
            return Place(first.line, min(columns)), Place(last.line, max(columns))
        return first, last

    def columns(self, bounds: tuple[Place, Place] | None, line: int, width: int) -> tuple[int, int] | None:
        """Return which cells of `line` lie within `bounds()`, as a half-open range, None if there are none."""
        if bounds is None:
            return None
        first, last = bounds
        if not first.line <= line <= last.line:
            return None
        if self.unit == "block":
            return first.column, last.column + 1
        return (
            first.column if line == first.line else 0,
            last.column + 1 if line == last.line else width,
        )

    def text(self) -> str:
        """Return what is selected, wrapped lines joined; empty without a selection."""
        bounds = self.bounds()
        if bounds is None:
            return ""
        return self._screen.text(*bounds, block=self.unit == "block")

    def _around(self, line: int, column: int) -> tuple[Place, Place]:
        row = self._screen.row(line - self._screen.top())
        if self.unit == "line":
            return Place(line, 0), Place(line, self._screen.columns - 1)
        if self.unit == "word":
            first, last = word_at(row, column)
            return Place(line, first), Place(line, last)
        first, last = column, column
        for start, cells, _character in row.characters():
            if start <= column < start + cells:
                first, last = start, start + cells - 1
        return Place(line, first), Place(line, last)

    def _release(self, pins: tuple[Pin, Pin] | None) -> None:
        for pin in pins or ():
            pin.release()


def word_at(row: Row, column: int) -> tuple[int, int]:
    """Return the first and last cell of the word at `column`; of the cell alone where there is none."""
    text = ""
    starts: list[int] = []
    at = 0
    for start, cells, character in row.characters():
        text += " " * (start - at) + character
        starts.extend(range(at, start))
        starts.extend([start] * len(character))
        at = start + cells
    starts.append(at)
    for match in _WORD.finditer(text):
        end = match.end()
        while end - 1 > match.start() and text[end - 1] in _LOOSE_ENDS:
            end -= 1
        if starts[match.start()] <= column < starts[end]:
            return starts[match.start()], starts[end] - 1
    return column, column
