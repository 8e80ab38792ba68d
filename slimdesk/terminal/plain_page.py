"""One page of a terminal (the main or the alternate one): lines, cursor, margins and what moves them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from slimdesk.terminal.plain_lines import BLANK, AnyLine, Line, ScrollBack, Unread, width
from slimdesk.terminal.plain_sgr import blank_of, colors_of
from slimdesk.terminal.screen import PLAIN, Style

_GRAPHICS = dict(
    zip(
        range(0x5F, 0x7F),
        "\xa0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·",
        strict=True,
    )
)


@dataclass(slots=True)
class Pen:
    """Where and how the next character is written: what DECSC saves. charsets: G0 and G1 are line drawing."""

    column: int = 0
    row: int = 0
    style: Style = PLAIN
    pending_wrap: bool = False
    origin: bool = False
    graphics: tuple[bool, bool] = (False, False)
    shifted: int = 0

    def copy(self) -> Pen:
        """Return a copy to keep."""
        return Pen(
            self.column,
            self.row,
            self.style,
            self.pending_wrap,
            self.origin,
            self.graphics,
            self.shifted,
        )


class Page:
    """Rows 0 to `rows` - 1 from the top. `touched` holds rows that have changed; `history` is None on the alternate page."""

    def __init__(self, columns: int, rows: int, history: ScrollBack | None) -> None:
        self.columns, self.rows = columns, rows
        self.history = history
        self.lines = [Line(columns) for _ in range(rows)]
        self.pen = Pen()
        self.saved = Pen()
        self.top, self.bottom = 0, rows - 1
        self.autowrap, self.insert = True, False
        self.touched: set[int] = set(range(rows))
        self.last = ""

    def write(self, text: str) -> None:
        """Write characters from the cursor on."""
        pen = self.pen
        if pen.graphics[pen.shifted]:
            text = text.translate(_GRAPHICS)
        if text.isascii():
            self._write_narrow(text)
            return
        for cells, group in groupby(text, key=width):
            part = "".join(group)
            if cells == 1:
                self._write_narrow(part)
            elif cells == 2:
                self._write_wide(part)
            else:
                self._mark(part)

    def repeat(self, count: int) -> None:
        """Write the last character again (REP)."""
        if self.last:
            self.write(self.last * min(count, self.columns * self.rows))

    def index(self) -> None:
        """Go a row down, scroll at the lower margin."""
        self.pen.pending_wrap = False
        if self.pen.row == self.bottom:
            self.scroll_up(1)
        elif self.pen.row < self.rows - 1:
            self.pen.row += 1

    def reverse_index(self) -> None:
        """Go a row up, scroll at the upper margin."""
        self.pen.pending_wrap = False
        if self.pen.row == self.top:
            self.scroll_down(1)
        elif self.pen.row > 0:
            self.pen.row -= 1

    def scroll_up(self, count: int) -> None:
        """Move the lines between the margins up; from the top of the main page they go to the scroll-back."""
        self._take_out(self.top, count, keep=self.top == 0)

    def scroll_down(self, count: int) -> None:
        """Move the lines between the margins down."""
        self._put_in(self.top, count)

    def insert_lines(self, count: int) -> None:
        """Empty lines at the cursor (IL)."""
        if self.top <= self.pen.row <= self.bottom:
            self._put_in(self.pen.row, count)
            self.pen.column, self.pen.pending_wrap = 0, False

    def delete_lines(self, count: int) -> None:
        """Take lines away at the cursor (DL)."""
        if self.top <= self.pen.row <= self.bottom:
            self._take_out(self.pen.row, count, keep=False)
            self.pen.column, self.pen.pending_wrap = 0, False

    def insert_characters(self, count: int) -> None:
        """Empty cells at the cursor (ICH)."""
        self.pen.pending_wrap = False
        self.line().insert(self.pen.column, count, self.columns, self.blank)

    def delete_characters(self, count: int) -> None:
        """Take cells away at the cursor (DCH)."""
        self.pen.pending_wrap = False
        self.line().delete(self.pen.column, count, self.columns, self.blank)

    def erase_characters(self, count: int) -> None:
        """Empty `count` cells from the cursor on (ECH)."""
        self.pen.pending_wrap = False
        self.line().erase(self.pen.column, min(self.pen.column + count, self.columns), self.blank)

    def erase_in_line(self, what: int) -> None:
        """Empty to the end (0), from the start (1) or all (2) of the line (EL)."""
        if what > 2:
            return
        line, pen = self.line(), self.pen
        pen.pending_wrap = False
        first = 0 if what else pen.column
        last = pen.column + 1 if what == 1 else len(line.characters)
        line.erase(first, last, self.blank)
        if what != 1:
            line.wrapped = False

    def erase_in_page(self, what: int) -> None:
        """Empty to the end (0), from the start (1) or all (2) of the page (ED)."""
        if what > 2:
            return
        pen = self.pen
        if what < 2:
            self.erase_in_line(what)
        rows = {0: range(pen.row + 1, self.rows), 1: range(pen.row), 2: range(self.rows)}[what]
        pen.pending_wrap = False
        for row in rows:
            self.lines[row] = Line(self.columns, self.blank)
            self.touched.add(row)

    def clear(self) -> None:
        """Empty the page, with no background either."""
        self.lines = [Line(self.columns) for _ in range(self.rows)]
        self.touched = set(range(self.rows))

    def align(self) -> None:
        """Fill the page with E (DECALN)."""
        self.top, self.bottom = 0, self.rows - 1
        self.pen.origin = False
        self.go(0, 0)
        self.pen.style = style = colors_of(self.pen.style)
        for row in range(self.rows):
            self.lines[row] = Line(self.columns)
            self.lines[row].put(0, "E" * self.columns, style)
            self.touched.add(row)

    def go(self, column: int, row: int) -> None:
        """Put the cursor at a place, counted within the margins in origin mode."""
        first, last = (self.top, self.bottom) if self.pen.origin else (0, self.rows - 1)
        self.pen.row = max(first, min(first + row, last))
        self.go_to_column(column)

    def go_to_column(self, column: int) -> None:
        """Put the cursor into a column."""
        self.pen.column = max(0, min(column, self.columns - 1))
        self.pen.pending_wrap = False

    def up(self, count: int) -> None:
        """Move up, not over the upper margin."""
        first = self.top if self.pen.row >= self.top else 0
        self.pen.row = max(first, self.pen.row - count)
        self.pen.pending_wrap = False

    def down(self, count: int) -> None:
        """Move down, not over the lower margin."""
        last = self.bottom if self.pen.row <= self.bottom else self.rows - 1
        self.pen.row = min(last, self.pen.row + count)
        self.pen.pending_wrap = False

    def margins(self, top: int, bottom: int) -> None:
        """Set the scrolling region (DECSTBM), rows from 0, both included."""
        bottom = min(bottom, self.rows - 1)
        if 0 <= top < bottom:
            self.top, self.bottom = top, bottom
            self.go(0, 0)

    def line(self) -> Line:
        """Return the line of the cursor, to be changed."""
        self.touched.add(self.pen.row)
        return self.lines[self.pen.row]

    @property
    def blank(self) -> Style:
        """The style of cells that are emptied now."""
        return blank_of(self.pen.style)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; lines that are too long are cut in sight but kept, lines above go to the scroll-back."""
        for line in self.lines:
            line.fit(columns)
        while len(self.lines) > rows:
            if self.pen.row < len(self.lines) - 1 and not self.lines[-1].text(columns):
                self.lines.pop()
                continue
            gone = self.lines.pop(0)
            if self.history is not None:
                self.history.add(gone)
            self.pen.row -= 1
        while len(self.lines) < rows:
            if self.history is not None and self.history.lines:
                self.lines.insert(0, _read(self.history.take_back(), columns))
                self.pen.row += 1
            else:
                self.lines.append(Line(columns))
        self.columns, self.rows = columns, rows
        self.top, self.bottom = 0, rows - 1
        for pen in (self.pen, self.saved):
            pen.column = max(0, min(pen.column, columns - 1))
            pen.row = max(0, min(pen.row, rows - 1))
            pen.pending_wrap = False
        self.touched = set(range(rows))

    def follow(self, unread: list[Unread], style: Style) -> None:
        """Take at least `rows` short lines that end in CR LF at once, with the cursor at the left of the last row."""
        history = self.history
        seen = self.rows - 1
        if history is not None:
            for line in self.lines[: self.rows - 1]:
                history.add(line)
            for waiting in unread[: len(unread) - seen]:
                history.add(waiting)
        shown = [line.line(self.columns) for line in unread[len(unread) - seen :]] if seen else []
        self.lines = [*shown, Line(self.columns, blank_of(style))]
        self.pen.style = style
        self.touched = set(range(self.rows))

    def _take_out(self, first: int, count: int, *, keep: bool) -> None:
        count = min(count, self.bottom - first + 1)
        if keep and self.history is not None:
            for line in self.lines[first : first + count]:
                self.history.add(line)
        self.lines[first : self.bottom + 1] = [
            *self.lines[first + count : self.bottom + 1],
            *(Line(self.columns, self.blank) for _ in range(count)),
        ]
        self.touched.update(range(first, self.bottom + 1))

    def _put_in(self, first: int, count: int) -> None:
        count = min(count, self.bottom - first + 1)
        self.lines[first : self.bottom + 1] = [
            *(Line(self.columns, self.blank) for _ in range(count)),
            *self.lines[first : self.bottom + 1 - count],
        ]
        self.touched.update(range(first, self.bottom + 1))

    def _wrap(self) -> None:
        self.lines[self.pen.row].wrapped = True
        self.index()
        self.pen.column = 0

    def _write_narrow(self, text: str) -> None:
        pen = self.pen
        self.last = text[-1]
        at = 0
        while at < len(text):
            if pen.pending_wrap and self.autowrap:
                self._wrap()
            if pen.column >= self.columns - 1 and not self.autowrap:
                text, at = text[-1], 0
            part = text[at : at + self.columns - pen.column]
            line = self.line()
            if self.insert:
                line.insert(pen.column, len(part), self.columns, pen.style)
            line.put(pen.column, part, pen.style)
            at += len(part)
            self._advance(len(part))

    def _write_wide(self, text: str) -> None:
        pen = self.pen
        for character in text:
            self.last = character
            if pen.pending_wrap and self.autowrap:
                self._wrap()
            if pen.column == self.columns - 1:
                if not self.autowrap:
                    continue
                self.line().erase(pen.column, self.columns, self.blank)
                self._wrap()
            line = self.line()
            if self.insert:
                line.insert(pen.column, 2, self.columns, pen.style)
            line.put_wide(pen.column, character, pen.style)
            self._advance(2)

    def _advance(self, cells: int) -> None:
        pen = self.pen
        pen.column += cells
        pen.pending_wrap = False
        if pen.column >= self.columns:
            pen.column = self.columns - 1
            pen.pending_wrap = self.autowrap

    def _mark(self, marks: str) -> None:
        pen = self.pen
        column = pen.column if pen.pending_wrap else pen.column - 1
        if column >= 0 and self.lines[pen.row].characters[column] != BLANK:
            self.line().mark(column, marks)


def _read(line: AnyLine, columns: int) -> Line:
    if not isinstance(line, Line):
        line = line.line(columns)
    line.fit(columns)
    return line
