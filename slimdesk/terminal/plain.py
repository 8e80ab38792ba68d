"""A terminal core in plain Python, for machines that Ghostty's has no wheel for.

It knows what shells and full-screen programs use (VT220, xterm's colours, alternate page, mouse, bracketed paste) and no
more: no left and right margins, no wrapping anew on resize, no pictures.
"""

from __future__ import annotations

import re

from slimdesk.terminal.plain_lines import AnyLine, Unread
from slimdesk.terminal.plain_machine import Machine
from slimdesk.terminal.plain_page import Page
from slimdesk.terminal.plain_parse import Parser
from slimdesk.terminal.plain_sgr import SGR, graphics
from slimdesk.terminal.screen import (
    EMPTY_ROW,
    Changes,
    Cursor,
    Modes,
    Place,
    Row,
    fitting,
)

# What a log is made of: characters and colours, each line ended by CR LF.
_LOG_LINE = re.compile("(?:[ -~]|\x1b\\[[0-9;:]{0,64}m)*")


class PlainPin:
    """A mark on a line by its number since the start, see screen.Pin."""

    def __init__(self, screen: PlainScreen, page: Page, line: int, column: int) -> None:
        self._screen, self._page, self._line, self._column = screen, page, line, column

    def place(self) -> Place | None:
        """Return where it is now, None if the text is gone or on the other page."""
        line = self._line - self._screen.dropped()
        if self._page is not self._screen.page or not 0 <= line < self._screen.lines():
            return None
        return Place(line, min(self._column, self._screen.columns - 1))

    def release(self) -> None:
        """Forget the mark."""


class PlainScreen:
    """See screen.Screen."""

    name = "plain"

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.columns, self.rows = fitting(columns, rows)
        self._machine = Machine(self.columns, self.rows)
        self._machine.jumped = False
        self._parser = Parser(self._machine)
        # The number since the start of the line that is shown first, None at the end.
        self._view: int | None = None
        self._shown_from = -1
        self._cursor = Cursor(0, 0)

    @property
    def page(self) -> Page:
        """The page that is in use."""
        return self._machine.page

    def feed(self, data: bytes) -> None:
        """Take what a program has written."""
        text = self._parser.decode(data)
        if text.count("\n") > 3 * self.rows and self._parser.in_ground:
            self._read_log(text)
        else:
            self._parser.read(text)
        if self._machine.jumped:
            self._machine.jumped = False
            self._view, self._shown_from = None, -1

    def resize(self, columns: int, rows: int) -> None:
        """Change the size in cells."""
        self.columns, self.rows = fitting(columns, rows)
        self._machine.resize(self.columns, self.rows)
        self._shown_from = -1

    def take_answers(self) -> bytes:
        """Return what the program has asked for, once."""
        answers, self._machine.answers = self._machine.answers, ""
        return answers.encode()

    def take_changes(self) -> Changes:
        """Return the rows that have changed since the last call."""
        first = self.top() + self.dropped()
        everything = first != self._shown_from
        self._shown_from = first
        pen, offset = self.page.pen, self._offset()
        row = pen.row + offset
        self._cursor = Cursor(
            pen.column - (self.page.lines[pen.row].characters[pen.column] == "" and pen.column > 0),
            row if row < self.rows else None,
            25 in self._machine.flags,
            self._machine.shape,
        )
        touched = {row + offset for row in self.page.touched if row + offset < self.rows}
        self.page.touched = set()
        return Changes(frozenset(range(self.rows) if everything else touched), everything)

    def row(self, index: int) -> Row:
        """Return row `index` of what is shown."""
        if not 0 <= index < self.rows:
            return EMPTY_ROW
        return self._line(self.top() + index).row(self.columns)

    def cursor(self) -> Cursor:
        """Return the cursor in what is shown."""
        return self._cursor

    def modes(self) -> Modes:
        """Return the modes in force."""
        return self._machine.modes()

    def title(self) -> str:
        """Return the title that the program has set."""
        return self._machine.title

    def take_bells(self) -> int:
        """Return how often the bell was rung since the last call."""
        bells, self._machine.bells = self._machine.bells, 0
        return bells

    def lines(self) -> int:
        """Return the number of lines: the scroll-back and the screen."""
        return self._above() + self.rows

    def top(self) -> int:
        """Return the line that is shown first."""
        if self._view is None or self.page.history is None:
            return self._above()
        return max(0, min(self._view - self.dropped(), self._above()))

    def scroll_to(self, line: int) -> None:
        """Show from `line` on."""
        self._view = None if line >= self._above() else max(0, line) + self.dropped()

    def texts(self, first: int, count: int) -> list[str]:
        """Return the text of `count` lines from `first` on."""
        first = max(0, first)
        last = min(first + count, self.lines())
        return [self._line(line).text(self.columns) for line in range(first, last)]

    def text(self, first: Place, last: Place, *, block: bool = False) -> str:
        """Return the text from `first` to `last`, both included."""
        parts: list[str] = []
        for number in range(first.line, min(last.line, self.lines() - 1) + 1):
            line = self._line(number)
            start = first.column if block or number == first.line else 0
            end = last.column + 1 if block or number == last.line else self.columns
            row = line.row(self.columns)
            words = _cut(row, start, end)
            joined = line.wrapped and not block and number < last.line
            parts.append(words.ljust(end - start) if joined else words.rstrip(" ") + "\n")
        return "".join(parts).removesuffix("\n")

    def link(self, place: Place) -> str:
        """Return the address behind a cell."""
        if not 0 <= place.line < self.lines() or not 0 <= place.column < self.columns:
            return ""
        styles = self._line(place.line).line(self.columns).styles
        return self._machine.links.address(styles[place.column].link if place.column < len(styles) else 0)

    def pin(self, place: Place) -> PlainPin:
        """Mark a cell."""
        return PlainPin(self, self.page, place.line + self.dropped(), place.column)

    def close(self) -> None:
        """Give all memory back."""
        self._machine.history.clear()

    def dropped(self) -> int:
        """Return how many lines are gone for good."""
        return self.page.history.dropped if self.page.history is not None else 0

    def _above(self) -> int:
        return len(self.page.history.lines) if self.page.history is not None else 0

    def _offset(self) -> int:
        """Return in which row of what is shown the screen begins."""
        return self._above() - self.top()

    def _line(self, number: int) -> AnyLine:
        above = self._above()
        if number < above:
            return self._machine.history.lines[number]
        return self.page.lines[min(number - above, self.rows - 1)]

    def _read_log(self, text: str) -> None:
        """Take much text: of a log what scrolls away is kept as it came, and read when somebody looks."""
        pieces = text.split("\r\n")
        waiting: list[Unread] = []
        page = self.page
        style = page.pen.style
        for piece in pieces[:-1]:
            if self._is_log_line(piece) and (waiting or self._ready()):
                if not waiting:
                    style = page.pen.style
                waiting.append(Unread(piece, style))
                for match in SGR.finditer(piece):
                    style = graphics(style, match.group(1))
                if style.background is None:
                    continue
                # A line that leaves a background on colours the next ones to their ends.
                waiting.pop()
            self._follow(waiting)
            waiting = []
            self._parser.read(piece + "\r\n")
            page = self.page
        self._follow(waiting)
        self._parser.read(pieces[-1])

    def _follow(self, waiting: list[Unread]) -> None:
        if len(waiting) <= self.rows:
            for line in waiting:
                self._parser.read(line.source + "\r\n")
            return
        last = waiting[-1]
        style = last.style
        for match in SGR.finditer(last.source):
            style = graphics(style, match.group(1))
        self.page.follow(waiting, style)

    def _ready(self) -> bool:
        """Whether short lines do nothing but scroll."""
        page, pen = self.page, self.page.pen
        return (
            self._parser.in_ground
            and page is self._machine.main
            and pen.row == self.rows - 1
            and pen.column == 0
            and not pen.pending_wrap
            and not page.insert
            and page.autowrap
            and not pen.graphics[pen.shifted]
            and (page.top, page.bottom) == (0, self.rows - 1)
            and pen.style.background is None
            and not page.lines[pen.row].text(self.columns)
        )

    def _is_log_line(self, piece: str) -> bool:
        if len(piece) <= self.columns and piece.isascii() and piece.isprintable():
            return True
        if len(piece) > 4 * self.columns or _LOG_LINE.fullmatch(piece) is None:
            return False
        return len(SGR.sub("", piece)) <= self.columns


def _cut(row: Row, first: int, last: int) -> str:
    """Return the characters of `row` that begin in these cells, with blanks between."""
    words: list[str] = []
    at = first
    for start, cells, character in row.characters():
        if first <= start < last:
            words.append(" " * (start - at) + character)
            at = start + cells
    return "".join(words)
