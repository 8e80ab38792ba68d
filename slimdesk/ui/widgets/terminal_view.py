"""What is seen of a terminal: rows, cursor, selection; keys and input methods go in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from slimdesk.terminal import mouse, search
from slimdesk.terminal.make import make_screen
from slimdesk.terminal.screen import Cursor, Modes, Screen
from slimdesk.terminal.selection import Selection
from slimdesk.ui.theme import theme
from slimdesk.ui.widgets.terminal_glyphs import Glyphs
from slimdesk.ui.widgets.terminal_keys import belongs_to_program, key_bytes
from slimdesk.ui.widgets.terminal_links import TerminalLinks
from slimdesk.ui.widgets.terminal_mouse import TerminalMouse
from slimdesk.ui.widgets.terminal_paint import MARGIN, Mark, TerminalPainter

# At most sixty pictures a second.
FRAME_MS = 16
# A window that is being dragged changes its size often; the program inside hears of it when it rests.
RESIZE_MS = 60
_MODIFIER = Qt.KeyboardModifier
_KEYS_OF_SCROLLING = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}


class TerminalView(QWidget):
    """The cells alone; TerminalWidget has the bars around it.

    Signals: `typed(bytes)` for the program inside, `resized(columns, rows)`, `drawn(with new text)` after each picture, `menu_wanted(point)`, `paste_wanted(from the selection)`, `link_wanted(link)` on a click that opens one, `key_wanted(key)` for SlimDesk's own Ctrl+Shift+key.
    """

    typed = Signal(bytes)
    resized = Signal(int, int)
    drawn = Signal(bool)
    menu_wanted = Signal(QPoint)
    paste_wanted = Signal(bool)
    link_wanted = Signal(object)
    key_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None, screen: Screen | None = None) -> None:
        """`screen` is another core than the one that serves best here."""
        super().__init__(parent)
        self.core = screen or make_screen()
        self.selection = Selection(self.core)
        self.points = 0.0
        self._paint = TerminalPainter(Glyphs())
        self.links = TerminalLinks(self)
        self._mouse = TerminalMouse(self)
        self._marks: dict[int, tuple[Mark, ...]] = {}
        self._wanted: re.Pattern[str] | None = None
        self._hit: search.Hit | None = None
        self._cursor = Cursor(0, 0)
        self._composing = ""
        self._everything = True
        self._open = True
        self._last_frame = 0.0
        self._frame_timer = self._timer(self._frame)
        self._resize_timer = self._timer(self._apply_size)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setAccessibleName("Terminal")
        theme.current().changed.connect(self._dress)

    def feed(self, data: bytes) -> None:
        """Take what the program inside has written, and answer what it asks."""
        if not self._open:
            return
        self.core.feed(data)
        answers = self.core.take_answers()
        if answers:
            self.typed.emit(answers)
        self.show_soon()

    def show_soon(self) -> None:
        """Draw what has changed, with the next picture."""
        if self._open and not self._frame_timer.isActive():
            waited = (time.monotonic() - self._last_frame) * 1000
            self._frame_timer.start(max(0, round(FRAME_MS - waited)))

    def scroll_to(self, line: int) -> None:
        """Show from `line` on."""
        self.core.scroll_to(line)
        self.show_soon()

    def scroll_by(self, lines: int) -> None:
        """Move through the scroll-back; up for `lines` below 0."""
        self.scroll_to(max(0, self.core.top() + lines))

    def send(self, data: bytes) -> None:
        """Send what a person has typed; what is shown goes to the end, nothing stays selected."""
        if not data:
            return
        self.selection.clear()
        self.core.scroll_to(self.core.lines())
        self.show_soon()
        self.typed.emit(data)

    def mark(self, wanted: re.Pattern[str] | None, hit: search.Hit | None = None) -> None:
        """Show what is searched for, and which place is the one meant."""
        self._wanted, self._hit = wanted, hit
        self.show_soon()

    def copy(self) -> bool:
        """Put the selection on the clipboard; False if there is none."""
        text = self.selection.text()
        if text:
            QGuiApplication.clipboard().setText(text)
        return bool(text)

    def set_points(self, points: float) -> None:
        """Make the type larger or smaller than the program's by `points`."""
        self.points = max(-4.0, min(points, 24.0))
        self._dress()

    def shut(self) -> None:
        """Give the screen's memory back; what is shown stays."""
        if self._open:
            self._open = False
            self._frame_timer.stop()
            self._resize_timer.stop()
            self._mouse.stop()
            self.selection.clear()
            self.core.close()

    def cell_at(self, point: QPoint) -> tuple[int, int]:
        """Return (column, row) of what is shown at a point, the nearest one outside."""
        glyphs = self._paint.glyphs
        column = (point.x() - MARGIN) // glyphs.width
        row = (point.y() - MARGIN) // glyphs.height
        return max(0, min(column, self.core.columns - 1)), max(0, min(row, self.core.rows - 1))

    def cell_rect(self, column: int, row: int) -> QRect:
        """Return where a cell lies."""
        glyphs = self._paint.glyphs
        return QRect(
            MARGIN + column * glyphs.width, MARGIN + row * glyphs.height, glyphs.width, glyphs.height
        )

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """80 by 24 cells."""
        return self._size_of(80, 24)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Small enough for any split."""
        return self._size_of(20, 4)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Show the picture, and the cursor above it."""
        painter = QPainter(self)
        rect, ratio = event.rect(), self._paint.picture.devicePixelRatio()
        source = QRectF(rect.x() * ratio, rect.y() * ratio, rect.width() * ratio, rect.height() * ratio)
        painter.drawPixmap(QRectF(rect), self._paint.picture, source)
        self.links.paint(painter, self._paint.glyphs.thickness)
        if self._open and self._cursor.row is not None:
            if self._composing:
                self._paint_composing(painter, self._cursor)
            else:
                row = self.core.row(self._cursor.row)
                self._paint.paint_cursor(painter, self._cursor, row, focused=self.hasFocus())
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Paint what has come meanwhile."""
        super().showEvent(event)
        self._frame()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit the picture at once, the cells when the size rests."""
        super().resizeEvent(event)
        self._paint.fit(self.size(), self.devicePixelRatioF())
        self._everything = True
        self._frame()
        self._resize_timer.start(RESIZE_MS)

    def event(self, event: QEvent) -> bool:
        """Keep the keys from the window's shortcuts: in a terminal only Ctrl+Shift+… is SlimDesk's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if not belongs_to_program(event.modifiers()):
                event.accept()
                return True
        elif event.type() in {QEvent.Type.DevicePixelRatioChange, QEvent.Type.ApplicationFontChange}:
            self._dress()
        return super().event(event)

    def focusNextPrevChild(self, _forward: bool) -> bool:  # noqa: N802 - Qt's name
        """Let Tab be a key."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Send the key, or do what SlimDesk keeps it for."""
        if not self._open:
            super().keyPressEvent(event)
            return
        if belongs_to_program(event.modifiers()):
            self.key_wanted.emit(event.key())
            return
        shift_alone = event.modifiers() & ~_MODIFIER.KeypadModifier == _MODIFIER.ShiftModifier
        modes = self.core.modes()
        if shift_alone and event.key() in _KEYS_OF_SCROLLING and not modes.alternate:
            self.scroll_by(_KEYS_OF_SCROLLING[Qt.Key(event.key())] * max(1, self.core.rows - 1))
        elif shift_alone and event.key() == Qt.Key.Key_Insert:
            self.paste_wanted.emit(True)
        else:
            self.send(key_bytes(event, modes))

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:  # noqa: N802 - Qt's name
        """Take what an input method has made, and show what it is still making."""
        self._composing = event.preeditString()
        if self._open and event.commitString():
            self.send(event.commitString().encode("utf-8", "ignore"))
        self.update()

    def inputMethodQuery(self, query: Qt.InputMethodQuery) -> object:  # noqa: N802 - Qt's name
        """Tell an input method where the cursor is."""
        if query == Qt.InputMethodQuery.ImEnabled:
            return self._open
        if query == Qt.InputMethodQuery.ImCursorRectangle:
            return self.cell_rect(self._cursor.column, self._cursor.row or 0)
        if query == Qt.InputMethodQuery.ImHints:
            return Qt.InputMethodHint.ImhNoAutoUppercase | Qt.InputMethodHint.ImhNoPredictiveText
        return super().inputMethodQuery(query)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Fill the cursor, and tell the program that wants to know."""
        self._focus(inside=True)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Empty the cursor, and tell the program that wants to know."""
        self._focus(inside=False)
        super().focusOutEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Open the menu at the cursor for the menu key; the mouse's own is in TerminalMouse."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self._open:
            self.menu_wanted.emit(self.cell_rect(self._cursor.column, self._cursor.row or 0).bottomLeft())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See TerminalMouse."""
        self._mouse.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See TerminalMouse."""
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See TerminalMouse."""
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See TerminalMouse."""
        self._mouse.release(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """No link is under the pointer any more."""
        self.links.forget()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """See TerminalMouse."""
        self._mouse.wheel(event)

    @property
    def open(self) -> bool:
        """Whether there is still a screen behind it."""
        return self._open

    def modes(self) -> Modes:
        """Return what the program inside has asked for; nothing when it is shut."""
        return self.core.modes() if self._open else Modes()

    def _focus(self, *, inside: bool) -> None:
        if self.modes().focus:
            self.typed.emit(mouse.focus_report(inside=inside))
        self.update()

    def _frame(self) -> None:
        """Bring the picture up to date."""
        if not self._open:
            return
        self._frame_timer.stop()
        self._last_frame = time.monotonic()
        if not self.isVisible():
            # Of ten shells one is in sight; the others are painted when they come into it.
            self._everything = True
            self.drawn.emit(True)
            return
        before = self._cursor
        changes = self.core.take_changes()
        self._cursor = self.core.cursor()
        reverse = self.core.modes().reverse
        everything = self._everything or changes.everything or reverse != self._paint.reverse
        if self._everything or reverse != self._paint.reverse:
            self._paint.reverse = reverse
            self._paint.clear()
        self._everything = False
        marks = self._all_marks()
        rows = set(range(self.core.rows)) if everything else set(changes.rows)
        rows |= {row for row in marks.keys() | self._marks.keys() if marks.get(row) != self._marks.get(row)}
        self._marks = marks
        self._paint.paint_rows({row: (self.core.row(row), marks.get(row, ())) for row in rows})
        if everything or changes.rows:
            self.links.forget()
        if everything:
            self.update()
        else:
            for row in rows | {at.row for at in (before, self._cursor) if at.row is not None}:
                self.update(self._paint.row_rect(row, self.width()))
        if QAccessible.isActive() and self._cursor.row is not None:
            # A screen reader reads the line of the cursor: PySide lets nobody write a text interface of their own.
            self.setAccessibleDescription(self.core.row(self._cursor.row).text)
        self.drawn.emit(bool(changes.rows))

    def _all_marks(self) -> dict[int, tuple[Mark, ...]]:
        bounds = self.selection.bounds()
        if bounds is None and self._wanted is None:
            return {}
        top = self.core.top()
        marks: dict[int, tuple[Mark, ...]] = {}
        for row in range(self.core.rows):
            here: list[Mark] = []
            if self._wanted is not None:
                for number, (first, last) in enumerate(search.cells(self.core.row(row), self._wanted)):
                    meant = self._hit == search.Hit(top + row, number)
                    here.append(Mark(first, last, self._paint.found_here if meant else self._paint.found))
            selected = self.selection.columns(bounds, top + row, self.core.columns)
            if selected is not None:
                here.append(Mark(*selected, self._paint.selected))
            if here:
                marks[row] = tuple(here)
        return marks

    def _apply_size(self) -> None:
        glyphs = self._paint.glyphs
        columns = (self.width() - 2 * MARGIN) // glyphs.width
        rows = (self.height() - 2 * MARGIN) // glyphs.height
        if not self._open or columns < 1 or rows < 1:
            return
        before = self.core.columns, self.core.rows
        self.core.resize(columns, rows)
        now = self.core.columns, self.core.rows
        if now != before:
            self._everything = True
            self._frame()
            self.resized.emit(*now)

    def _dress(self) -> None:
        """Take the theme and the size of type in use."""
        self._paint.glyphs = Glyphs(self.points)
        self._paint.dress()
        self._paint.fit(self.size(), self.devicePixelRatioF())
        self._everything = True
        self._apply_size()
        self._frame()

    def _paint_composing(self, painter: QPainter, cursor: Cursor) -> None:
        """Show what an input method is making, underlined, where it will go."""
        rect = self.cell_rect(cursor.column, cursor.row or 0)
        painter.setFont(self._paint.glyphs.font)
        wide = painter.fontMetrics().horizontalAdvance(self._composing)
        rect.setWidth(max(rect.width(), wide))
        painter.fillRect(rect, theme.current().color("accent_soft"))
        painter.setPen(theme.current().color("text"))
        painter.drawText(rect.x(), rect.y() + self._paint.glyphs.ascent, self._composing)
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _size_of(self, columns: int, rows: int) -> QSize:
        glyphs = self._paint.glyphs
        return QSize(columns * glyphs.width + 2 * MARGIN, rows * glyphs.height + 2 * MARGIN)

    def _timer(self, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(then)
        return timer
