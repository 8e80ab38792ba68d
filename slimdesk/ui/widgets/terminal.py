"""A terminal for a page: what a program writes goes in, what a person types comes out."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QClipboard, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QScrollBar, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.terminal.links import Link, links
from slimdesk.terminal.paste import lines_run, pasted
from slimdesk.terminal.screen import Screen
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.notice import Notice, NoticeArea
from slimdesk.ui.widgets.terminal_links import open_address
from slimdesk.ui.widgets.terminal_search import TerminalSearch
from slimdesk.ui.widgets.terminal_view import TerminalView

# The window gets a turn after so much time of a flood.
_TURN_SECONDS = 0.004
# What a core takes at once, so that a turn is not much exceeded.
_SLICE = {"ghostty": 65_536, "plain": 16_384}
# Our own words: bright black, mended to be legible.
_GREY, _USUAL = "\x1b[90m", "\x1b[0m"
# Undo what a program may have left behind: its mouse, its keys, its margins, its colours, its cursor.
_TIDY = b"\x1b[?1000;1002;1003;1004;1006;2004;1l\x1b[?25l\x1b[?7h\x1b[4l\x1b7\x1b[r\x1b8\x1b[0m"
_LEAVE_ALTERNATE = b"\x1b[?1049l"
_PASTE_MOST = 5_000_000
# An address as long as this stands in the sentence of a notice; in the menu.
_SHORT, _IN_MENU = 60, 80


class TerminalWidget(QWidget):
    """A terminal with its scroll bar, its search and its notices.

    Signals: `typed(bytes)` to be written to the program inside, `resized(columns, rows)`, `rang`, `zoomed(points)`
    when the person has changed the size of type, `leaving` on Ctrl+Shift+F6, `asked(key)` for Ctrl+Shift and a key that
    means nothing here, such as T.
    """

    typed = Signal(bytes)
    resized = Signal(int, int)
    rang = Signal()
    zoomed = Signal(float)
    leaving = Signal()
    asked = Signal(int)

    def __init__(self, parent: QWidget | None = None, screen: Screen | None = None) -> None:
        """`screen` is another core than the one that serves best here."""
        super().__init__(parent)
        self.view = TerminalView(screen=screen)
        self.notices = NoticeArea()
        self.search = TerminalSearch(self.view)
        self.bar = QScrollBar(Qt.Orientation.Vertical)
        self.bar.setAccessibleName("Scroll-back of the terminal")
        self.bar.setSingleStep(1)
        self._title = ""
        self._on_title: Callable[[str], object] | None = None
        self._line_open = False
        self._turn = 0.0
        self._has_ended = False
        self._may_paste_lines = False
        self._setting_bar = False
        self.setLayout(column(self.notices, self.search, row(self.view, self.bar, spacing=0), spacing=0))
        self.setFocusProxy(self.view)
        self.view.typed.connect(self._typed)
        self.view.resized.connect(self.resized)
        self.view.drawn.connect(self._drawn)
        self.view.menu_wanted.connect(self.show_menu)
        self.view.paste_wanted.connect(lambda selection: self.paste(from_selection=selection))
        self.view.key_wanted.connect(self._own_key)
        self.view.link_wanted.connect(self.open_link)
        self.search.shut.connect(lambda: self.view.setFocus(Qt.FocusReason.OtherFocusReason))
        self.bar.valueChanged.connect(self._scrolled)

    async def feed(self, data: bytes) -> None:
        """Take what the program inside has written; returns when all is taken, and lets the window live meanwhile."""
        size = _SLICE.get(self.view.core.name, 16_384)
        for start in range(0, len(data), size):
            if not self.view.open:
                return
            self.view.feed(data[start : start + size])
            # Over several calls: a stream that always has more to give would never let go of the loop.
            if time.monotonic() - self._turn > _TURN_SECONDS:
                await asyncio.sleep(0)
                self._turn = time.monotonic()
        if data:
            self._line_open = not data.endswith(b"\n")

    def set_title_callback(self, told: Callable[[str], object] | None) -> None:
        """Have `told` called with the title whenever the program inside sets another; it is one harmless line."""
        self._on_title = told

    def note(self, text: str) -> None:
        """Write a grey line of our own."""
        before = "\r\n" if self._line_open else ""
        self.view.feed(f"{before}{_GREY}{visible(text)}{_USUAL}\r\n".encode())
        self._line_open = False

    def ended(self, text: str) -> None:
        """Say that there is nobody inside any more, and take no more keys; what is there can still be read and copied."""
        if self.view.modes().alternate:
            self.view.feed(_LEAVE_ALTERNATE)
            self._line_open = True
        self.view.feed(_TIDY)
        self._has_ended = True
        self.note(text)

    @property
    def has_ended(self) -> bool:
        """Whether `ended` was called."""
        return self._has_ended

    @property
    def size_in_cells(self) -> tuple[int, int]:
        """Columns and rows."""
        return self.view.core.columns, self.view.core.rows

    @property
    def points(self) -> float:
        """How much larger the type is than the program's."""
        return self.view.points

    def set_points(self, points: float) -> None:
        """Make the type larger or smaller than the program's."""
        self.view.set_points(points)

    def shown_text(self) -> str:
        """Return the text of what is shown."""
        core = self.view.core
        return "\n".join(core.texts(core.top(), core.rows)).rstrip("\n") if self.view.open else ""

    def copy(self) -> None:
        """Put the selection on the clipboard."""
        self.view.copy()

    def copy_shown(self) -> None:
        """Put the text of what is shown on the clipboard."""
        QGuiApplication.clipboard().setText(self.shown_text())

    def open_link(self, link: Link) -> None:
        """Open a link in the browser; one whose address does not stand there is first told in full."""
        if link.written:
            self._open_address(link.address)
            return

        def agreed() -> None:
            notice.closed.emit()
            self._open_address(link.address)

        long = len(link.address) > _SHORT
        notice = Notice(
            "info",
            "This text leads to the address below." if long else "This text leads to",
            "" if long else link.address,
            actions=[("Open in the browser", agreed)],
            details=link.address,
            unfolded=long,
        )
        self.notices.show_notice(notice)

    def paste(self, *, from_selection: bool = False) -> None:
        """Type what is on the clipboard; the first time that lines would be run at once, ask."""
        clipboard = QGuiApplication.clipboard()
        selection = from_selection and clipboard.supportsSelection()
        mode = QClipboard.Mode.Selection if selection else QClipboard.Mode.Clipboard
        text = clipboard.text(mode)
        if not text or self._has_ended or not self.view.open:
            return
        if len(text) > _PASTE_MOST:
            self.notices.show_notice(
                Notice("warn", "This is too much to paste.", "Put it into a file and copy the file in.")
            )
            return
        lines = lines_run(text, self.view.modes())
        if lines and not self._may_paste_lines:
            self._ask(text, lines)
        else:
            self._paste(text)

    def clear_scroll_back(self) -> None:
        """Forget what has scrolled away."""
        self.view.selection.clear()
        self.view.feed(b"\x1b[3J")

    def zoom(self, by: float | None) -> None:
        """Change the size of type by points; None goes back to the program's."""
        self.set_points(0.0 if by is None else self.points + by)
        self.zoomed.emit(self.points)

    def show_menu(self, point: QPoint) -> None:
        """Open the menu at a point of the view."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        menu.popup(self.view.mapToGlobal(point))

    def fill_menu(self, menu: QMenu) -> None:
        """List what can be done."""
        can_type = not self._has_ended and self.view.open
        copy = menu.addAction(_with_key("Copy", "C"), self.copy)
        copy.setEnabled(self.view.selection.bounds() is not None)
        menu.addAction(_with_key("Paste", "V"), self.paste).setEnabled(
            can_type and bool(QGuiApplication.clipboard().text())
        )
        menu.addAction(_with_key("Select all", "A"), self._select_all)
        menu.addAction("Copy what is shown", self.copy_shown).setEnabled(bool(self.shown_text()))
        self._fill_links(menu.addMenu("Links"))
        menu.addSeparator()
        menu.addAction(_with_key("Find…", "F"), self.search.open_bar)
        menu.addAction("Clear scroll-back", self.clear_scroll_back)
        menu.addSeparator()
        menu.addAction(_with_key("Larger type", "+"), lambda: self.zoom(1))
        menu.addAction(_with_key("Smaller type", "-"), lambda: self.zoom(-1))
        menu.addAction(_with_key("Usual size of type", "0"), lambda: self.zoom(None)).setEnabled(
            self.points != 0
        )

    def shut(self) -> None:
        """Give the memory back; call it before the widget goes."""
        self.search.hide()
        self.view.shut()

    def _open_address(self, address: str) -> None:
        if not open_address(address):
            self.notices.show_notice(
                Notice("warn", "No browser took the address.", "Copy it from here.", details=address)
            )

    def _fill_links(self, menu: QMenu) -> None:
        """List the links in sight when the menu opens: to look for them takes a moment."""
        menu.setEnabled(self.view.open)

        def fill() -> None:
            menu.clear()
            for link in links(self.view.core) if self.view.open else []:
                menu.addAction(visible(link.address, _IN_MENU), partial(self.open_link, link))
            if menu.isEmpty():
                menu.addAction("There is no link in sight").setEnabled(False)

        menu.aboutToShow.connect(fill)

    def _typed(self, data: bytes) -> None:
        if not self._has_ended:
            self.typed.emit(data)

    def _ask(self, text: str, lines: int) -> None:
        """Ask once whether several lines may be pasted into what may be a shell."""
        many = f"{lines} lines" if lines > 1 else "A line"

        def paste() -> None:
            self._may_paste_lines = True
            notice.closed.emit()
            self._paste(text)
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

        notice = Notice(
            "warn",
            f"{many} would be run at once.",
            "Pasted ends of line act like Enter.",
            actions=[("Paste", paste)],
        )
        self.notices.show_notice(notice)

    def _paste(self, text: str) -> None:
        if self.view.open:
            self.view.send(pasted(text, self.view.modes()))

    def _select_all(self) -> None:
        self.view.selection.everything()
        self.view.show_soon()

    def _own_key(self, key: int) -> None:
        """Do what Ctrl+Shift and a key stand for."""
        doing: dict[int, Callable[[], object]] = {
            Qt.Key.Key_C: self.copy,
            Qt.Key.Key_V: self.paste,
            Qt.Key.Key_A: self._select_all,
            Qt.Key.Key_F: self.search.open_bar,
            Qt.Key.Key_Plus: lambda: self.zoom(1),
            Qt.Key.Key_Equal: lambda: self.zoom(1),
            Qt.Key.Key_Minus: lambda: self.zoom(-1),
            Qt.Key.Key_Underscore: lambda: self.zoom(-1),
            Qt.Key.Key_0: lambda: self.zoom(None),
            Qt.Key.Key_ParenRight: lambda: self.zoom(None),
            Qt.Key.Key_Up: lambda: self.view.scroll_by(-1),
            Qt.Key.Key_Down: lambda: self.view.scroll_by(1),
            Qt.Key.Key_PageUp: lambda: self.view.scroll_by(1 - self.view.core.rows),
            Qt.Key.Key_PageDown: lambda: self.view.scroll_by(self.view.core.rows - 1),
            Qt.Key.Key_Home: lambda: self.view.scroll_to(0),
            Qt.Key.Key_End: lambda: self.view.scroll_to(self.view.core.lines()),
            Qt.Key.Key_F6: self._leave,
        }
        if key in doing:
            doing[key]()
        else:
            self.asked.emit(key)

    def _leave(self) -> None:
        """Give the focus away; whoever listens to `leaving` may send it elsewhere."""
        self.focusNextChild()
        self.leaving.emit()

    def _drawn(self) -> None:
        screen = self.view.core
        self._setting_bar = True
        self.bar.setRange(0, max(0, screen.lines() - screen.rows))
        self.bar.setPageStep(screen.rows)
        self.bar.setValue(screen.top())
        self._setting_bar = False
        title = screen.title()
        if title != self._title:
            self._title = title
            if self._on_title is not None:
                self._on_title(title)
        if screen.take_bells():
            self.rang.emit()

    def _scrolled(self, value: int) -> None:
        if not self._setting_bar and self.view.open:
            self.view.scroll_to(value)


def _with_key(words: str, key: str) -> str:
    """Return words for a menu with the key beside them, as this system writes it."""
    before = "Ctrl" if sys.platform == "darwin" else "Ctrl+Shift"
    return f"{words}\t{QKeySequence(f'{before}+{key}').toString(QKeySequence.SequenceFormat.NativeText)}"
