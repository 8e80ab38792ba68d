"""What a terminal core offers to the window: styled rows, a cursor, modes; the same over every core."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

# A colour is None (the theme's own), 0 to 255 (the palette) or TRUE | 0xRRGGBB.
Color = int | None
TRUE = 1 << 24

# Scroll-back is bounded twice: long lines of wide characters must not hold a gigabyte.
LINES_KEPT = 10_000
BYTES_KEPT = 50_000_000
# Titles come from the program inside: a person reads no more than this of them.
TITLE_CHARACTERS = 200
# The longest address behind text that is kept; browsers take no more either.
LINK_CHARACTERS = 2048
# Answers to a program's questions; one that asks faster than it reads gets no more.
ANSWERS_KEPT = 65_536
LEAST_COLUMNS, LEAST_ROWS = 2, 1
MOST_COLUMNS, MOST_ROWS = 1000, 500

Shape = Literal["block", "bar", "underline"]
Mouse = Literal["none", "press", "click", "drag", "move"]
MouseForm = Literal["plain", "utf8", "sgr", "urxvt"]


@dataclass(frozen=True, slots=True)
class Style:
    """How text looks. underline: 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed.

    link: the plain core's own number of an address behind the text; 0 in what a core shows, see Screen.link.
    """

    foreground: Color = None
    background: Color = None
    underline_color: Color = None
    bold: bool = False
    faint: bool = False
    italic: bool = False
    inverse: bool = False
    hidden: bool = False
    struck: bool = False
    overlined: bool = False
    underline: int = 0
    link: int = 0


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one style from `column` on.

    Either each character of `text` fills one cell, or `text` is one character with its marks on `cells` cells (`whole`).
    """

    column: int
    text: str
    cells: int
    style: Style = PLAIN
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of cells, without the blank cells at its end. wrapped: the text goes on in the next row."""

    runs: tuple[Run, ...] = ()
    wrapped: bool = False

    @property
    def text(self) -> str:
        """The characters, with blanks where cells are empty; none at the end of a row."""
        parts: list[str] = []
        column = 0
        for run in self.runs:
            parts.append(" " * (run.column - column) + run.text)
            column = run.column + run.cells
        return "".join(parts).rstrip(" ")

    def characters(self) -> list[tuple[int, int, str]]:
        """Return (column, cells, character with its marks) for everything that stands in the row."""
        found: list[tuple[int, int, str]] = []
        for run in self.runs:
            if run.whole:
                found.append((run.column, run.cells, run.text))
            else:
                found.extend((run.column + i, 1, character) for i, character in enumerate(run.text))
        return found


EMPTY_ROW = Row()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next character goes: column and row from 0 in what is shown; row None while scrolled out of sight."""

    column: int
    row: int | None
    visible: bool = True
    shape: Shape = "block"


@dataclass(frozen=True, slots=True)
class Modes:
    """What the program inside has asked for.

    mouse: what it wants to hear of. application_cursor: arrows as SS3. new_line: Return sends CR LF.
    """

    alternate: bool = False
    application_cursor: bool = False
    application_keypad: bool = False
    bracketed_paste: bool = False
    focus: bool = False
    reverse: bool = False
    new_line: bool = False
    alternate_scroll: bool = True
    mouse: Mouse = "none"
    mouse_form: MouseForm = "plain"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A cell: `line` counts from the oldest line kept (0), through the scroll-back, to the last row of the screen."""

    line: int
    column: int


class Pin(Protocol):
    """A mark on a cell that stays with its text while other text comes, goes and is wrapped anew."""

    def place(self) -> Place | None:
        """Return where it is now, None if the text is gone."""
        ...

    def release(self) -> None:
        """Forget the mark."""
        ...


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since the last look: rows of what is shown, and whether these are all rows."""

    rows: frozenset[int] = field(default_factory=frozenset)
    everything: bool = False


class Screen(Protocol):
    """A terminal without a window. Not safe for use by two threads at once.

    Whatever bytes are fed, nothing is raised and memory stays bounded. The clipboard is neither read nor written, the
    title is never reported back, no file is read.
    """

    name: str
    columns: int
    rows: int

    def feed(self, data: bytes) -> None:
        """Take what a program has written."""
        ...

    def resize(self, columns: int, rows: int) -> None:
        """Change the size in cells, within LEAST_… and MOST_…."""
        ...

    def take_answers(self) -> bytes:
        """Return what the program has asked for (cursor position, kind of terminal), once."""
        ...

    def take_changes(self) -> Changes:
        """Return what has changed since the last call; `cursor` is as of this call, `row` as of it or later."""
        ...

    def row(self, index: int) -> Row:
        """Return row `index` of what is shown, from 0."""
        ...

    def cursor(self) -> Cursor:
        """Return the cursor in what is shown."""
        ...

    def modes(self) -> Modes:
        """Return the modes in force."""
        ...

    def title(self) -> str:
        """Return the title that the program has set: one harmless line of at most TITLE_CHARACTERS."""
        ...

    def take_bells(self) -> int:
        """Return how often the bell was rung since the last call."""
        ...

    def lines(self) -> int:
        """Return the number of lines: the scroll-back and the screen."""
        ...

    def top(self) -> int:
        """Return the line that is shown first."""
        ...

    def scroll_to(self, line: int) -> None:
        """Show from `line` on; at the end it follows what comes, elsewhere it stays with its text."""
        ...

    def texts(self, first: int, count: int) -> list[str]:
        """Return the text of `count` lines from `first` on, fewer at the end."""
        ...

    def text(self, first: Place, last: Place, *, block: bool = False) -> str:
        """Return the text from `first` to `last`, both included; wrapped lines are joined, except in a block."""
        ...

    def link(self, place: Place) -> str:
        """Return the address that a program has put behind a cell (OSC 8), as it came; empty if there is none."""
        ...

    def pin(self, place: Place) -> Pin:
        """Mark a cell."""
        ...

    def close(self) -> None:
        """Give all memory back; nothing else may be called afterwards."""
        ...


def fitting(columns: int, rows: int) -> tuple[int, int]:
    """Return a size that every core takes."""
    return max(LEAST_COLUMNS, min(columns, MOST_COLUMNS)), max(LEAST_ROWS, min(rows, MOST_ROWS))
