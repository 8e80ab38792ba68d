"""The terminal core of Ghostty (libghostty-vt, through pyghostty): fast and complete, where its wheel exists.

pyghostty's own Terminal is small; this uses the C interface below it. Layout of a cell, 64 bits, measured with 0.1.3 and
checked when the first screen is made: bits 0-1 kind (character, character with marks, blank with a palette or true-colour
background), 2-25 code point or colour, 26-41 style number, 42-43 width (1 wide, 2 and 3 its empty companions).
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from slimdesk.basics.escaping import without_controls
from slimdesk.terminal.ghostty_core import Core, GhosttyPin, by_value, declare_scroll
from slimdesk.terminal.screen import (
    ANSWERS_KEPT,
    BYTES_KEPT,
    EMPTY_ROW,
    LINES_KEPT,
    LINK_CHARACTERS,
    PLAIN,
    TITLE_CHARACTERS,
    TRUE,
    Changes,
    Color,
    Cursor,
    Modes,
    Mouse,
    MouseForm,
    Place,
    Row,
    Run,
    Shape,
    Style,
    fitting,
)

_KIND = 3
_MARKED, _PALETTE, _RGB = 1, 2, 3
_CONTENT = 0xFFFFFF
_STYLE_AND_WIDTH = 0x3FFFF << 26
# What must be equal for cells to be one run: kind, style, width; for a coloured blank the colour too.
_SAME = _KIND | _STYLE_AND_WIDTH
_WIDE, _TAIL = 1 << 42, 2 << 42
_WIDTH = 3 << 42
# What a cell of the scroll-back takes with its share of styles and rows, measured at 120 and 250 columns.
_CELL_BYTES = 9.4
_KITTY_ANSWER = b"\x1b[?"

_MOUSE: tuple[tuple[int, Mouse], ...] = ((1003, "move"), (1002, "drag"), (1000, "click"), (9, "press"))
_MOUSE_FORMS: tuple[tuple[int, MouseForm], ...] = ((1006, "sgr"), (1015, "urxvt"), (1005, "utf8"))
_SHAPES: tuple[Shape, ...] = ("bar", "block", "underline", "block")


class GhosttyScreen:
    """See screen.Screen."""

    name = "ghostty"

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.columns, self.rows = fitting(columns, rows)
        self._core = Core(self.columns, self.rows)
        self._answers = bytearray()
        self._bells = 0
        self._shown: list[Row] = [EMPTY_ROW] * self.rows
        self._cursor = Cursor(0, 0)
        self._callbacks = self._dress()
        self._bound()
        # Written anew with every look: making them each time would take longer than the look itself.
        self._mode_words = self._core.new("GhosttyTerminalModeConfig*")
        self._style_words = self._core.sized("GhosttyStyle")
        self._cursor_words = self._core.sized("GhosttyRenderStateCursor")
        self._view_words = self._core.new("GhosttyCellsView*")
        self._row_word = self._core.new("GhosttyRow*")
        self._flag = self._core.new("bool*")
        self._link_room = self._core.new("uint8_t[]", LINK_CHARACTERS)

    def feed(self, data: bytes) -> None:
        """Take what a program has written."""
        self._core.lib.ghostty_terminal_vt_write(self._core.terminal[0], data, len(data))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size in cells; lines that were wrapped are wrapped anew."""
        self.columns, self.rows = fitting(columns, rows)
        self._core.lib.ghostty_terminal_resize(self._core.terminal[0], self.columns, self.rows, 8, 16)
        self._bound()

    def take_answers(self) -> bytes:
        """Return what the program has asked for, once."""
        answers = bytes(self._answers)
        self._answers.clear()
        return answers

    def take_changes(self) -> Changes:
        """Return the rows that have changed since the last call."""
        core, lib = self._core, self._core.lib
        lib.ghostty_render_state_update(core.state[0], core.terminal[0])
        everything = len(self._shown) != self.rows
        if everything:
            self._shown = [EMPTY_ROW] * self.rows
        dirty = core.new("int*")
        lib.ghostty_render_state_get(core.state[0], lib.GHOSTTY_RENDER_STATE_DATA_DIRTY, dirty)
        everything = everything or dirty[0] == lib.GHOSTTY_RENDER_STATE_DIRTY_FULL
        changed: set[int] = set()
        if dirty[0] or everything:
            changed = self._read_rows(everything=everything)
        lib.ghostty_render_state_clean(core.state[0])
        self._cursor = self._read_cursor()
        return Changes(frozenset(changed), everything)

    def row(self, index: int) -> Row:
        """Return row `index` of what is shown."""
        return self._shown[index] if 0 <= index < len(self._shown) else EMPTY_ROW

    def cursor(self) -> Cursor:
        """Return the cursor in what is shown."""
        return self._cursor

    def modes(self) -> Modes:
        """Return the modes in force."""
        on = self._mode
        return Modes(
            alternate=self._core.get("ACTIVE_SCREEN", "int")
            == self._core.lib.GHOSTTY_TERMINAL_SCREEN_ALTERNATE,
            application_cursor=on(1),
            application_keypad=on(66),
            bracketed_paste=on(2004),
            focus=on(1004),
            reverse=on(5),
            new_line=on(20, ansi=True),
            alternate_scroll=on(1007),
            mouse=next((name for number, name in _MOUSE if on(number)), "none"),
            mouse_form=next((name for number, name in _MOUSE_FORMS if on(number)), "plain"),
        )

    def title(self) -> str:
        """Return the title that the program has set."""
        words = self._core.get("TITLE", "GhosttyString")
        raw = bytes(self._core.ffi.buffer(words.ptr, words.len)) if words.len else b""
        return without_controls(raw.decode("utf-8", "replace"))[:TITLE_CHARACTERS]

    def take_bells(self) -> int:
        """Return how often the bell was rung since the last call."""
        bells, self._bells = self._bells, 0
        return bells

    def lines(self) -> int:
        """Return the number of lines: the scroll-back and the screen."""
        return int(self._core.get("TOTAL_ROWS", "size_t"))

    def top(self) -> int:
        """Return the line that is shown first."""
        return int(self._core.get("SCROLLBAR", "GhosttyTerminalScrollbar").offset)

    def scroll_to(self, line: int) -> None:
        """Show from `line` on."""
        core = self._core
        declare_scroll()
        move = core.new("SlimDeskScroll*")
        last = max(0, self.lines() - self.rows)
        at_end = line >= last
        move.tag = core.lib.GHOSTTY_SCROLL_VIEWPORT_BOTTOM if at_end else core.lib.GHOSTTY_SCROLL_VIEWPORT_ROW
        move.row = max(0, min(line, last))
        by_value("ghostty_terminal_scroll_viewport", "void(*)(GhosttyTerminal, SlimDeskScroll)")(
            core.terminal[0], move[0]
        )

    def texts(self, first: int, count: int) -> list[str]:
        """Return the text of `count` lines from `first` on."""
        first = max(0, first)
        last = min(first + count, self.lines()) - 1
        if last < first:
            return []
        words = self._format(Place(first, 0), Place(last, self.columns - 1), unwrap=False, trim=False)
        texts = [line.rstrip(" ") for line in words.split("\n")]
        return (texts + [""] * (last - first + 1))[: last - first + 1]

    def text(self, first: Place, last: Place, *, block: bool = False) -> str:
        """Return the text from `first` to `last`, both included."""
        words = self._format(first, last, unwrap=not block, trim=True, block=block)
        return "\n".join(line.rstrip(" ") for line in words.split("\n"))

    def link(self, place: Place) -> str:
        """Return the address behind a cell."""
        core = self._core
        reference, length = core.sized("GhosttyGridRef"), core.new("size_t*")
        if _grid_ref()(core.terminal[0], self._point(place), reference):
            return ""
        room = self._link_room
        failed = core.lib.ghostty_grid_ref_hyperlink_uri(reference, room, LINK_CHARACTERS, length)
        return "" if failed else bytes(core.ffi.buffer(room, length[0])).decode("utf-8", "replace")

    def pin(self, place: Place) -> GhosttyPin:
        """Mark a cell."""
        reference = self._core.new("GhosttyTrackedGridRef*")
        failed = by_value(
            "ghostty_terminal_grid_ref_track",
            "GhosttyResult(*)(GhosttyTerminal, GhosttyPointS, GhosttyTrackedGridRef*)",
        )(self._core.terminal[0], self._point(place), reference)
        return GhosttyPin(self._core, None if failed else reference)

    def close(self) -> None:
        """Give all memory back."""
        self._core.free()

    def _mode(self, number: int, *, ansi: bool = False) -> bool:
        words = self._mode_words
        words.mode = number | (ansi << 15)
        lib = self._core.lib
        lib.ghostty_terminal_get(self._core.terminal[0], lib.GHOSTTY_TERMINAL_DATA_MODE, words)
        return bool(words.value)

    def _dress(self) -> tuple[Any, ...]:
        """Set bounds and call-backs; return what must stay alive for them."""
        core, ffi = self._core, self._core.ffi
        core.set("SCROLLBACK_MAX_LINES", core.new("size_t*", 2 * LINES_KEPT))
        core.set("APC_MAX_BYTES", core.new("size_t*", 4096))
        core.set("APC_MAX_BYTES_KITTY", core.new("size_t*", 4096))
        # Pictures are not drawn: with no room for them none is kept, nor read from a file or from shared memory.
        core.set("KITTY_IMAGE_STORAGE_LIMIT", core.new("uint64_t*", 0))
        core.set("TITLE_REPORT", core.new("bool*", False))
        core.set("GLYPH_PROTOCOL", core.new("bool*", False))
        name = core.new("char[]", b"SlimDesk")
        words = core.new("GhosttyString*", {"ptr": ffi.cast("uint8_t*", name), "len": 8})
        write = ffi.callback("GhosttyTerminalWritePtyFn", self._answer)
        bell = ffi.callback("GhosttyTerminalBellFn", self._ring)
        version = ffi.callback("GhosttyTerminalXtversionFn", lambda _terminal, _data: words[0])
        core.set("WRITE_PTY", write)
        core.set("BELL", bell)
        core.set("XTVERSION", version)
        return (write, bell, version, name, words)

    def _bound(self) -> None:
        """Bound the scroll-back by bytes, as many as LINES_KEPT need at this width.

        The bound by lines frees pages and takes new ones (80 MB/s); the one by bytes uses them again (270 MB/s).
        """
        size = min(BYTES_KEPT, round(LINES_KEPT * self.columns * _CELL_BYTES))
        self._core.set("SCROLLBACK_MAX_BYTES", self._core.new("size_t*", size))

    def _answer(self, _terminal: Any, _data: Any, pointer: Any, length: int) -> None:
        answer = bytes(self._core.ffi.buffer(pointer, length))
        # Kitty's keyboard protocol is not spoken (keys.py), so a program that asks for it hears nothing.
        if answer.startswith(_KITTY_ANSWER) and answer.endswith(b"u"):
            return
        if len(self._answers) + len(answer) <= ANSWERS_KEPT:
            self._answers += answer

    def _ring(self, _terminal: Any, _data: Any) -> None:
        self._bells += 1

    def _point(self, place: Place) -> Any:
        point = self._core.new("GhosttyPointS*")
        point.tag = self._core.lib.GHOSTTY_POINT_TAG_SCREEN
        point.value.x = max(0, min(place.column, self.columns - 1))
        point.value.y = max(0, min(place.line, self.lines() - 1))
        return point[0]

    def _format(self, first: Place, last: Place, *, unwrap: bool, trim: bool, block: bool = False) -> str:
        core, lib = self._core, self._core.lib
        selection = core.sized("GhosttySelection")
        for place, end in ((first, selection.start), (last, selection.end)):
            if _grid_ref()(core.terminal[0], self._point(place), core.ffi.addressof(end)):
                return ""
        selection.rectangle = block
        options = core.sized("GhosttyTerminalSelectionFormatOptions")
        options.emit = lib.GHOSTTY_FORMATTER_FORMAT_PLAIN
        options.unwrap, options.trim, options.selection = unwrap, trim, selection
        pointer, length = core.new("uint8_t**"), core.new("size_t*")
        if lib.ghostty_terminal_selection_format_alloc(
            core.terminal[0], core.ffi.NULL, options[0], pointer, length
        ):
            return ""
        try:
            return bytes(core.ffi.buffer(pointer[0], length[0])).decode("utf-8", "replace")
        finally:
            lib.ghostty_free(core.ffi.NULL, pointer[0], length[0])

    def _read_cursor(self) -> Cursor:
        core, lib = self._core, self._core.lib
        cursor = self._cursor_words
        lib.ghostty_render_state_get(core.state[0], lib.GHOSTTY_RENDER_STATE_DATA_CURSOR, cursor)
        return Cursor(
            column=min(int(cursor.viewport_x), self.columns - 1) - bool(cursor.wide_tail)
            if cursor.viewport_has_value
            else 0,
            row=int(cursor.viewport_y) if cursor.viewport_has_value else None,
            visible=bool(cursor.visible),
            shape=_SHAPES[min(cursor.visual_style, 3)],
        )

    def _read_rows(self, *, everything: bool) -> set[int]:
        core, lib = self._core, self._core.lib
        lib.ghostty_render_state_get(core.state[0], lib.GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR, core.rows)
        changed: set[int] = set()
        if everything:
            for index in range(self.rows):
                if not lib.ghostty_render_state_row_iterator_next(core.rows[0]):
                    break
                self._shown[index] = self._read_row()
                changed.add(index)
            return changed
        index = core.new("uint16_t*")
        while lib.ghostty_render_state_row_iterator_next_dirty(core.rows[0], index):
            if index[0] < self.rows:
                self._shown[index[0]] = self._read_row()
                changed.add(int(index[0]))
        return changed

    def _read_row(self) -> Row:
        core, lib = self._core, self._core.lib
        view = self._view_words
        lib.ghostty_render_state_row_get(core.rows[0], lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS_RAW, view)
        cells = memoryview(core.ffi.buffer(view.ptr, view.len * 8)).cast("Q").tolist()
        raw = self._row_word
        lib.ghostty_render_state_row_get(core.rows[0], lib.GHOSTTY_RENDER_STATE_ROW_DATA_RAW, raw)
        wrapped = self._flag
        lib.ghostty_row_get(raw[0], lib.GHOSTTY_ROW_DATA_WRAP, wrapped)
        end = len(cells)
        while end and not cells[end - 1] & (_CONTENT << 2 | _STYLE_AND_WIDTH | _KIND):
            end -= 1
        if not end:
            return Row((), bool(wrapped[0])) if wrapped[0] else EMPTY_ROW
        lib.ghostty_render_state_row_get(core.rows[0], lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS, core.cells)
        return Row(tuple(self._runs(cells[:end])), bool(wrapped[0]))

    def _runs(self, cells: list[int]) -> list[Run]:
        runs: list[Run] = []
        styles: dict[int, Style] = {0: PLAIN}
        column = 0
        for same, group in groupby(cells, key=_kinship):
            part = list(group)
            kind, width = same & _KIND, same & _WIDTH
            number = same >> 26 & 0xFFFF
            if number not in styles:
                styles[number] = self._style_at(column)
            style = styles[number]
            if width == _TAIL:
                pass
            elif kind in {_PALETTE, _RGB}:
                runs.append(Run(column, " " * len(part), len(part), _filled(style, same)))
            elif kind == _MARKED or width == _WIDE:
                cells_each = 2 if width == _WIDE else 1
                for i, cell in enumerate(part):
                    word = self._marked(column + i) if kind == _MARKED else chr(cell >> 2 & 0x1FFFFF)
                    runs.append(Run(column + i, word or " ", cells_each, style, whole=True))
            else:
                word = "".join([chr(cell >> 2 & 0x1FFFFF) for cell in part]).replace("\0", " ")
                runs.append(Run(column, word, len(part), style))
            column += len(part)
        return runs

    def _marked(self, column: int) -> str:
        core, lib = self._core, self._core.lib
        lib.ghostty_render_state_row_cells_select(core.cells[0], column)
        buffer = core.new("GhosttyBuffer*")
        room = core.new("uint8_t[]", 256)
        buffer.ptr, buffer.cap = room, 256
        failed = lib.ghostty_render_state_row_cells_get(
            core.cells[0], lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_UTF8, buffer
        )
        return "\ufffd" if failed else bytes(core.ffi.buffer(room, buffer.len)).decode("utf-8", "replace")

    def _style_at(self, column: int) -> Style:
        core, lib = self._core, self._core.lib
        lib.ghostty_render_state_row_cells_select(core.cells[0], column)
        style = self._style_words
        lib.ghostty_render_state_row_cells_get(
            core.cells[0], lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_STYLE, style
        )
        return _one(
            Style(
                _color(style.fg_color),
                _color(style.bg_color),
                _color(style.underline_color),
                bool(style.bold),
                bool(style.faint),
                bool(style.italic),
                bool(style.inverse),
                bool(style.invisible),
                bool(style.strikethrough),
                bool(style.overline),
                int(style.underline),
            )
        )


@cache
def _grid_ref() -> Any:
    """Return the call that finds a cell: (terminal, point, reference to be written) -> failure."""
    return by_value(
        "ghostty_terminal_grid_ref", "GhosttyResult(*)(GhosttyTerminal, GhosttyPointS, GhosttyGridRef*)"
    )


@lru_cache(maxsize=4096)
def _one(style: Style) -> Style:
    """Return one object per look, so that what is made from it can be kept by identity."""
    return style


def _kinship(cell: int) -> int:
    return cell & (_SAME | _CONTENT << 2) if cell & 2 else cell & _SAME


def _filled(style: Style, cell: int) -> Style:
    content = cell >> 2 & _CONTENT
    if cell & _KIND == _PALETTE:
        color = content & 0xFF
    else:
        color = TRUE | (content & 0xFF) << 16 | content & 0xFF00 | content >> 16
    return _one(Style(foreground=style.foreground, background=color))


def _color(color: Any) -> Color:
    if color.tag == 1:
        return int(color.value.palette)
    if color.tag == 2:
        return int(TRUE | color.value.rgb.r << 16 | color.value.rgb.g << 8 | color.value.rgb.b)
    return None


@cache
def available() -> bool:
    """Whether the library is here, and lays its cells out as this file reads them."""
    try:
        from pyghostty._ffi import ffi
    except (ImportError, OSError):
        return False
    declare_scroll()
    if ffi.sizeof("SlimDeskScroll") != ffi.sizeof("GhosttyTerminalScrollViewport"):
        return False
    probe = GhosttyScreen(8, 2)
    try:
        probe.feed("a\x1b[31;1m你e\u0301\x1b[0;48;2;1;2;3m\x1b[K".encode())
        probe.take_changes()
        runs = probe.row(0).runs
    finally:
        probe.close()
    red = Style(foreground=1, bold=True)
    return runs == (
        Run(0, "a", 1),
        Run(1, "你", 2, red, whole=True),
        Run(3, "e\u0301", 1, red, whole=True),
        Run(4, "    ", 4, Style(background=TRUE | 0x010203)),
    )
