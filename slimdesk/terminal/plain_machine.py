"""What the sequences of a program do: for the core in plain Python (xterm's ctlseqs.txt, DEC's VT220)."""

from __future__ import annotations

from collections.abc import Callable

from slimdesk.basics.escaping import without_controls
from slimdesk.terminal.plain_lines import ScrollBack
from slimdesk.terminal.plain_links import Links
from slimdesk.terminal.plain_page import Page, Pen
from slimdesk.terminal.plain_sgr import graphics, linked
from slimdesk.terminal.screen import ANSWERS_KEPT, PLAIN, TITLE_CHARACTERS, Modes, Mouse, MouseForm, Shape

_ANSWER_KIND = "\x1b[?62;22c"
_MOUSE: dict[int, Mouse] = {9: "press", 1000: "click", 1002: "drag", 1003: "move"}
_FORMS: dict[int, MouseForm] = {1005: "utf8", 1006: "sgr", 1015: "urxvt"}
_SHAPES: dict[int, Shape] = {
    0: "block",
    1: "block",
    2: "block",
    3: "underline",
    4: "underline",
    5: "bar",
    6: "bar",
}
# Private modes that are on or off and nothing more.
_FLAGS = {1, 5, 25, 66, 1004, 1007, 2004, *_MOUSE, *_FORMS}
_ON_AT_START = {25, 1007}
# Beyond this nothing differs on any screen.
_MOST = 100_000


class Machine:
    """The pages and modes of a terminal, obeying a Parser. `jumped` is set when what is shown is another text at once."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.history = ScrollBack()
        self.links = Links()
        self.answers = ""
        self.bells = 0
        self.start()

    def start(self) -> None:
        """Be as when switched on, but for the scroll-back."""
        self.main = Page(self.columns, self.rows, self.history)
        self.other = Page(self.columns, self.rows, None)
        self.page = self.main
        self.flags = set(_ON_AT_START)
        self.new_line = False
        self.shape: Shape = "block"
        self.tabs = set(range(8, self.columns, 8))
        self.title = ""
        self.jumped = True

    def resize(self, columns: int, rows: int) -> None:
        """Change the size in cells."""
        self.columns, self.rows = columns, rows
        self.tabs = {tab for tab in self.tabs if tab < columns} | set(range(8, columns, 8))
        for page in (self.main, self.other):
            page.resize(columns, rows)

    def modes(self) -> Modes:
        """Return the modes in force."""
        on = self.flags
        return Modes(
            alternate=self.page is self.other,
            application_cursor=1 in on,
            application_keypad=66 in on,
            bracketed_paste=2004 in on,
            focus=1004 in on,
            reverse=5 in on,
            new_line=self.new_line,
            alternate_scroll=1007 in on,
            mouse=next((_MOUSE[number] for number in (1003, 1002, 1000, 9) if number in on), "none"),
            mouse_form=next((_FORMS[number] for number in (1006, 1015, 1005) if number in on), "plain"),
        )

    def write(self, text: str) -> None:
        """Characters to be shown."""
        self.page.write(text)

    def control(self, character: str) -> None:
        """One C0 control."""
        page = self.page
        if character in "\n\x0b\x0c":
            page.index()
            if self.new_line:
                page.go_to_column(0)
        elif character == "\r":
            page.go_to_column(0)
        elif character == "\b":
            page.go_to_column(page.pen.column - 1)
        elif character == "\t":
            self.tab(1)
        elif character == "\x07":
            self.bells += 1
        elif character in "\x0e\x0f":
            page.pen.shifted = int(character == "\x0e")

    def escape(self, intermediates: str, final: str) -> None:
        """ESC, intermediates, a final character."""
        page = self.page
        if intermediates in {"(", ")"}:
            graphic = list(page.pen.graphics)
            graphic[intermediates == ")"] = final == "0"
            page.pen.graphics = (graphic[0], graphic[1])
        elif intermediates == "#" and final == "8":
            page.align()
        elif not intermediates and final in _ESCAPES:
            _ESCAPES[final](self)

    def csi(self, parameters: str, intermediates: str, final: str) -> None:
        """CSI with its parameters as they were written."""
        private = parameters[:1] if parameters[:1] in {"?", ">", "=", "<"} else ""
        words = parameters.removeprefix(private)
        if private + intermediates + final == "m":
            self.page.pen.style = graphics(self.page.pen.style, words if _is_plain(words) else "0")
            return
        if not _is_plain(words):
            return
        numbers = [min(int(word.partition(":")[0] or 0), _MOST) for word in words.split(";")]
        do = _SEQUENCES.get(private + intermediates + final)
        if do is not None:
            do(self, numbers)

    def osc(self, text: str) -> None:
        """Set the title, begin or end a link; nothing else that a program might ask for is done."""
        number, _semicolon, words = text.partition(";")
        if number in {"0", "2"}:
            self.title = without_controls(words)[:TITLE_CHARACTERS]
        elif number == "8" and ";" in words:
            pen = self.page.pen
            pen.style = linked(pen.style, self.links.number(words.partition(";")[2]))

    def answer(self, text: str) -> None:
        """Say something to the program inside."""
        if len(self.answers) + len(text) <= ANSWERS_KEPT:
            self.answers += text

    def tab(self, count: int) -> None:
        """Go `count` tab stops to the right (HT, CHT)."""
        pen = self.page.pen
        pending = pen.pending_wrap
        for _ in range(min(count, self.columns)):
            later = [tab for tab in self.tabs if tab > pen.column]
            self.page.go_to_column(min(later, default=self.columns - 1))
        pen.pending_wrap = pending and pen.column == self.columns - 1

    def tab_back(self, count: int) -> None:
        """Go `count` tab stops to the left (CBT)."""
        for _ in range(min(count, self.columns)):
            self.page.go_to_column(max((tab for tab in self.tabs if tab < self.page.pen.column), default=0))

    def set_tab(self) -> None:
        """Set a tab stop here (HTS)."""
        self.tabs.add(self.page.pen.column)

    def clear_tabs(self, what: int) -> None:
        """Take away the tab stop here (0) or all (3) (TBC)."""
        if what == 0:
            self.tabs.discard(self.page.pen.column)
        elif what == 3:
            self.tabs.clear()

    def save(self) -> None:
        """Keep the cursor and its looks (DECSC)."""
        self.page.saved = self.page.pen.copy()

    def restore(self) -> None:
        """Bring back what was kept (DECRC)."""
        link = self.page.pen.style.link
        self.page.pen = self.page.saved.copy()
        self.page.pen.style = linked(self.page.pen.style, link)

    def next_line(self) -> None:
        """Go to the start of the next line (NEL)."""
        self.page.index()
        self.page.go_to_column(0)

    def reset(self) -> None:
        """Be as when switched on (RIS)."""
        self.history.clear()
        self.start()

    def soft_reset(self) -> None:
        """Take back what programs change (DECSTR)."""
        page = self.page
        page.insert, page.autowrap = False, True
        page.top, page.bottom = 0, page.rows - 1
        page.pen.origin, page.pen.style = False, PLAIN
        page.pen.graphics, page.pen.shifted = (False, False), 0
        page.saved = Pen()
        self.flags |= {25}
        self.flags -= {1, 66}

    def erase_page(self, what: int) -> None:
        """Empty part of the page, or forget the scroll-back (3) (ED)."""
        if what == 3:
            self.history.clear()
            self.jumped = True
        else:
            self.page.erase_in_page(what)

    def set_modes(self, numbers: list[int], *, on: bool) -> None:
        """Switch ANSI modes."""
        for number in numbers:
            if number == 4:
                self.main.insert = self.other.insert = on
            elif number == 20:
                self.new_line = on

    def set_private(self, numbers: list[int], *, on: bool) -> None:
        """Switch private modes."""
        for number in numbers:
            if number in _FLAGS:
                self.flags = self.flags | {number} if on else self.flags - {number}
            elif number == 6:
                self.page.pen.origin = on
                self.page.go(0, 0)
            elif number == 7:
                self.main.autowrap = self.other.autowrap = on
            elif number == 1048:
                self.save() if on else self.restore()
            elif number in {47, 1047, 1049}:
                self.alternate(number, on=on)

    def alternate(self, number: int, *, on: bool) -> None:
        """Change the page as xterm does: 1049 saves the cursor and starts with an empty page."""
        if on == (self.page is self.other):
            if number == 1049:
                self.page.erase_in_page(2) if on else self.restore()
            return
        if number == 1049 and on:
            self.save()
        if number == 1047 and not on:
            self.page.erase_in_page(2)
        pen, last = self.page.pen.copy(), self.page.last
        pen.pending_wrap = pen.pending_wrap and number != 1049
        margins = self.page.top, self.page.bottom
        self.page = self.other if on else self.main
        self.page.pen, self.page.last = pen, last
        self.page.top, self.page.bottom = margins
        if number == 1049 and on:
            self.page.clear()
        elif number == 1049:
            self.restore()
        self.jumped = True

    def report(self, what: int) -> None:
        """Say that all is well (5), or where the cursor is (6) (DSR)."""
        if what == 5:
            self.answer("\x1b[0n")
        elif what == 6:
            pen = self.page.pen
            row = pen.row - (self.page.top if pen.origin else 0)
            self.answer(f"\x1b[{row + 1};{pen.column + 1}R")

    def report_mode(self, number: int) -> None:
        """Say whether a private mode is on (DECRQM)."""
        known = {6: self.page.pen.origin, 7: self.page.autowrap, 1049: self.page is self.other}
        on = number in self.flags if number in _FLAGS else known.get(number)
        self.answer(f"\x1b[?{number};{0 if on is None else 1 if on else 2}$y")

    def margins(self, numbers: list[int]) -> None:
        """Set the scrolling region (DECSTBM)."""
        top = max(numbers[0], 1) - 1
        bottom = (numbers[1] if len(numbers) > 1 and numbers[1] else self.rows) - 1
        self.page.margins(top, bottom)

    def set_shape(self, number: int) -> None:
        """Set the shape of the cursor (DECSCUSR)."""
        self.shape = _SHAPES.get(number, self.shape)

    def to_line(self, by: int) -> None:
        """Go to the start of a line below, or above for `by` under 0 (CNL, CPL)."""
        if by > 0:
            self.page.down(by)
        else:
            self.page.up(-by)
        self.page.go_to_column(0)


def _is_plain(words: str) -> bool:
    return not words.strip("0123456789;:")


_ESCAPES: dict[str, Callable[[Machine], None]] = {
    "D": lambda it: it.page.index(),
    "E": Machine.next_line,
    "H": Machine.set_tab,
    "M": lambda it: it.page.reverse_index(),
    "7": Machine.save,
    "8": Machine.restore,
    "c": Machine.reset,
    "=": lambda it: it.set_private([66], on=True),
    ">": lambda it: it.set_private([66], on=False),
    "Z": lambda it: it.answer(_ANSWER_KIND),
}


def _times(numbers: list[int]) -> int:
    return max(1, numbers[0])


def _second(numbers: list[int]) -> int:
    return max(1, numbers[1]) if len(numbers) > 1 else 1


_SEQUENCES: dict[str, Callable[[Machine, list[int]], None]] = {
    "@": lambda it, n: it.page.insert_characters(_times(n)),
    "A": lambda it, n: it.page.up(_times(n)),
    "B": lambda it, n: it.page.down(_times(n)),
    "C": lambda it, n: it.page.go_to_column(it.page.pen.column + _times(n)),
    "D": lambda it, n: it.page.go_to_column(it.page.pen.column - _times(n)),
    "E": lambda it, n: it.to_line(_times(n)),
    "F": lambda it, n: it.to_line(-_times(n)),
    "G": lambda it, n: it.page.go_to_column(_times(n) - 1),
    "H": lambda it, n: it.page.go(_second(n) - 1, _times(n) - 1),
    "I": lambda it, n: it.tab(_times(n)),
    "J": lambda it, n: it.erase_page(n[0]),
    "K": lambda it, n: it.page.erase_in_line(n[0]),
    "L": lambda it, n: it.page.insert_lines(_times(n)),
    "M": lambda it, n: it.page.delete_lines(_times(n)),
    "P": lambda it, n: it.page.delete_characters(_times(n)),
    "S": lambda it, n: it.page.scroll_up(_times(n)),
    "T": lambda it, n: it.page.scroll_down(_times(n)),
    "X": lambda it, n: it.page.erase_characters(_times(n)),
    "Z": lambda it, n: it.tab_back(_times(n)),
    "`": lambda it, n: it.page.go_to_column(_times(n) - 1),
    "a": lambda it, n: it.page.go_to_column(it.page.pen.column + _times(n)),
    "b": lambda it, n: it.page.repeat(_times(n)),
    "c": lambda it, n: it.answer(_ANSWER_KIND) if n[0] == 0 else None,
    "d": lambda it, n: it.page.go(it.page.pen.column, _times(n) - 1),
    "e": lambda it, n: it.page.down(_times(n)),
    "f": lambda it, n: it.page.go(_second(n) - 1, _times(n) - 1),
    "g": lambda it, n: it.clear_tabs(n[0]),
    "h": lambda it, n: it.set_modes(n, on=True),
    "l": lambda it, n: it.set_modes(n, on=False),
    "n": lambda it, n: it.report(n[0]),
    "r": lambda it, n: it.margins(n),
    "s": lambda it, _n: it.save(),
    "u": lambda it, _n: it.restore(),
    "?h": lambda it, n: it.set_private(n, on=True),
    "?l": lambda it, n: it.set_private(n, on=False),
    "?J": lambda it, n: it.erase_page(n[0]),
    "?K": lambda it, n: it.page.erase_in_line(n[0]),
    "?$p": lambda it, n: it.report_mode(n[0]),
    ">c": lambda it, n: it.answer("\x1b[>1;0;0c") if n[0] == 0 else None,
    ">q": lambda it, _n: it.answer("\x1bP>|SlimDesk\x1b\\"),
    "!p": lambda it, _n: it.soft_reset(),
    " q": lambda it, n: it.set_shape(n[0]),
}
