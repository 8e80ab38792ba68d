"""Lines of cells, and the scroll-back that keeps them: for the core in plain Python."""

from __future__ import annotations

import unicodedata
from collections import deque
from functools import lru_cache
from itertools import groupby

from slimdesk.terminal.plain_sgr import SGR, graphics, linked
from slimdesk.terminal.screen import BYTES_KEPT, EMPTY_ROW, LINES_KEPT, PLAIN, Row, Run, Style

# An empty cell, and the second cell of a wide character.
BLANK, TAIL = " ", ""
# Two references per cell, and the lists themselves.
_CELL_BYTES, _LINE_BYTES = 16, 200
# Marks on one character: more is an attack, not a script.
_MOST_MARKS = 8
# Selectors of text or picture mean nothing on letters and digits, which have one form.
_NEVER_PICTURES = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"}
_NO_SELECTORS = {0xFE0E: None, 0xFE0F: None}
# Signs that stand above or below the digits after them: format characters, and yet seen (Unicode 23.3).
_SEEN_FORMATS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


class Line:
    """The characters and the styles of one line, cell by cell; at least as long as the screen is wide."""

    __slots__ = ("characters", "styles", "wrapped")

    def __init__(self, columns: int, style: Style = PLAIN) -> None:
        self.characters = [BLANK] * columns
        self.styles = [style] * columns
        self.wrapped = False

    def fit(self, columns: int) -> None:
        """Make it long enough for a wider screen."""
        more = columns - len(self.characters)
        if more > 0:
            self.characters += [BLANK] * more
            self.styles += [PLAIN] * more

    def put(self, column: int, text: str, style: Style) -> None:
        """Write narrow characters."""
        end = column + len(text)
        self.part(column, end)
        self.characters[column:end] = text
        self.styles[column:end] = [style] * len(text)

    def put_wide(self, column: int, character: str, style: Style) -> None:
        """Write a character of two cells."""
        self.part(column, column + 2)
        self.characters[column : column + 2] = [character, TAIL]
        self.styles[column : column + 2] = [style, style]

    def mark(self, column: int, marks: str) -> None:
        """Set marks on the character at `column`."""
        if self.characters[column] == TAIL and column:
            column -= 1
        if unicodedata.category(self.characters[column][0]) in _NEVER_PICTURES:
            marks = marks.translate(_NO_SELECTORS)
        self.characters[column] = (self.characters[column] + marks)[: 1 + _MOST_MARKS]

    def erase(self, first: int, last: int, style: Style) -> None:
        """Empty cells from `first` up to `last`, with the background of `style`."""
        last = min(last, len(self.characters))
        if first < last:
            self.part(first, last)
            self.characters[first:last] = [BLANK] * (last - first)
            self.styles[first:last] = [style] * (last - first)

    def insert(self, column: int, count: int, columns: int, style: Style) -> None:
        """Shift what is right of `column` to the right."""
        count = min(count, columns - column)
        self.part(column, column)
        end = columns - count
        self.characters[column:columns] = [BLANK] * count + self.characters[column:end]
        self.styles[column:columns] = [style] * count + self.styles[column:end]
        if self.characters[columns - 1] and is_wide(self.characters[columns - 1][0]):
            self.characters[columns - 1] = BLANK

    def delete(self, column: int, count: int, columns: int, style: Style) -> None:
        """Shift what is right of `column` to the left."""
        count = min(count, columns - column)
        self.part(column, column + count)
        start = column + count
        self.characters[column:columns] = self.characters[start:columns] + [BLANK] * count
        self.styles[column:columns] = self.styles[start:columns] + [style] * count

    def part(self, first: int, last: int) -> None:
        """Empty the other half of wide characters that are cut at `first` or `last`."""
        characters = self.characters
        if 0 < first < len(characters) and characters[first] == TAIL:
            characters[first - 1] = characters[first] = BLANK
        if last < len(characters) and characters[last] == TAIL:
            characters[last - 1] = characters[last] = BLANK

    def row(self, columns: int) -> Row:
        """Return it as the window draws it."""
        characters, styles = self.characters[:columns], self.styles[:columns]
        end = len(characters)
        while end and characters[end - 1] == BLANK and styles[end - 1] is PLAIN:
            end -= 1
        if not end:
            return Row((), wrapped=True) if self.wrapped else EMPTY_ROW
        runs: list[Run] = []
        column = 0
        for style, group in groupby(styles[:end], key=_shown):
            cells = sum(1 for _ in group)
            _add_runs(runs, characters[column : column + cells], column, style)
            column += cells
        return Row(tuple(runs), self.wrapped)

    def line(self, _columns: int) -> Line:
        """Return it as cells."""
        return self

    def text(self, columns: int) -> str:
        """Return its characters, without the blanks at its end."""
        return "".join(self.characters[:columns]).rstrip(" ")

    def shorten(self) -> None:
        """Drop the blank cells at its end, for the scroll-back."""
        end = len(self.characters)
        while end and self.characters[end - 1] == BLANK and self.styles[end - 1] is PLAIN:
            end -= 1
        del self.characters[end:]
        del self.styles[end:]

    def kept(self) -> Line | Kept:
        """Return it as the scroll-back keeps it."""
        self.shorten()
        text = "".join(self.characters)
        if len(text) != len(self.characters) or TAIL in self.characters:
            return self
        styles = tuple((style, sum(1 for _ in group)) for style, group in groupby(self.styles))
        return Kept(text, styles, self.wrapped)


class Kept:
    """A line of narrow characters in the scroll-back: its text, and its styles with how many cells each has."""

    __slots__ = ("styles", "words", "wrapped")

    def __init__(self, words: str, styles: tuple[tuple[Style, int], ...], wrapped: bool) -> None:
        self.words, self.styles, self.wrapped = words, styles, wrapped

    def line(self, columns: int) -> Line:
        """Return it as cells."""
        line = Line(max(columns, len(self.words)))
        column = 0
        for style, cells in self.styles:
            line.put(column, self.words[column : column + cells], style)
            column += cells
        line.wrapped = self.wrapped
        return line

    def row(self, columns: int) -> Row:
        """Return it as the window draws it."""
        return self.line(columns).row(columns)

    def text(self, columns: int) -> str:
        """Return its characters, without the blanks at its end."""
        return self.words[:columns].rstrip(" ")


class Unread:
    """A line of narrow characters and colours that has scrolled away before anybody looked at it."""

    __slots__ = ("source", "style")

    wrapped = False

    def __init__(self, source: str, style: Style) -> None:
        self.source = source
        self.style = style

    def line(self, columns: int) -> Line:
        """Return it as cells."""
        line = Line(columns)
        style, column, at = self.style, 0, 0
        for match in SGR.finditer(self.source):
            text = self.source[at : match.start()]
            line.put(column, text, style)
            column += len(text)
            at = match.end()
            style = graphics(style, match.group(1))
        line.put(column, self.source[at:], style)
        return line

    def row(self, columns: int) -> Row:
        """Return it as the window draws it."""
        return self.line(len(self.source)).row(columns)

    def text(self, columns: int) -> str:
        """Return its characters, without the blanks at its end."""
        return SGR.sub("", self.source)[:columns].rstrip(" ")


AnyLine = Line | Kept | Unread


class ScrollBack:
    """What has left the screen at its top, bounded by lines and by bytes. `dropped` counts what has left this too."""

    def __init__(self) -> None:
        self.lines: deque[AnyLine] = deque()
        self.dropped = 0
        self._bytes = 0

    def add(self, line: AnyLine) -> None:
        """Take a line on."""
        if isinstance(line, Line):
            line = line.kept()
        self.lines.append(line)
        self._bytes += _weight(line)
        while len(self.lines) > LINES_KEPT or self._bytes > BYTES_KEPT:
            self._bytes -= _weight(self.lines.popleft())
            self.dropped += 1

    def take_back(self) -> AnyLine:
        """Return the newest line to the screen."""
        line = self.lines.pop()
        self._bytes -= _weight(line)
        return line

    def clear(self) -> None:
        """Forget all."""
        self.dropped += len(self.lines)
        self.lines.clear()
        self._bytes = 0


def _weight(line: AnyLine) -> int:
    if isinstance(line, Unread):
        return _LINE_BYTES + len(line.source)
    if isinstance(line, Kept):
        return _LINE_BYTES + len(line.words) * 4 + 100 * len(line.styles)
    return _LINE_BYTES + _CELL_BYTES * len(line.characters)


def _shown(style: Style) -> Style:
    """Return `style` as the window hears of it: a link is asked for when somebody points at it."""
    return linked(style, 0) if style.link else style


def _add_runs(runs: list[Run], characters: list[str], column: int, style: Style) -> None:
    text = "".join(characters)
    if len(text) == len(characters) and TAIL not in characters:
        runs.append(Run(column, text, len(characters), style))
        return
    plain: list[str] = []
    for i, character in enumerate(characters):
        wide = i + 1 < len(characters) and characters[i + 1] == TAIL
        if len(character) == 1 and not wide:
            plain.append(character)
            continue
        if plain:
            runs.append(Run(column + i - len(plain), "".join(plain), len(plain), style))
            plain = []
        if character:
            runs.append(Run(column + i, character, 2 if wide else 1, style, whole=True))
    if plain:
        start = column + len(characters) - len(plain)
        runs.append(Run(start, "".join(plain), len(plain), style))


@lru_cache(maxsize=8192)
def width(character: str) -> int:
    """Return how many cells a character takes: 0 (a mark, or invisible), 1 or 2."""
    if character.isascii():
        return 1
    if ord(character) in _SEEN_FORMATS:
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"} and character != "\xad":
        return 0
    if "\U0001f1e6" <= character <= "\U0001f1ff":
        # The letters of flags.
        return 2
    if "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def is_wide(character: str) -> bool:
    """Whether a character takes two cells."""
    return not character.isascii() and width(character) == 2
