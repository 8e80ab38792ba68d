"""The mouse over a terminal: to the program that has asked for it, otherwise to select; Shift always selects."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from slimdesk.terminal import mouse
from slimdesk.terminal.links import link_at
from slimdesk.terminal.selection import Unit
from slimdesk.ui.widgets.terminal_keys import held
from slimdesk.ui.widgets.terminal_links import opens_link

if TYPE_CHECKING:
    from slimdesk.ui.widgets.terminal_view import TerminalView

WHEEL_LINES = 3
# Degrees of a notch, in Qt's eighths.
_NOTCH = 120
_DRAG_MS = 40
_BUTTONS: dict[Qt.MouseButton, mouse.Button] = {
    Qt.MouseButton.LeftButton: 0,
    Qt.MouseButton.MiddleButton: 1,
    Qt.MouseButton.RightButton: 2,
}
_UNITS: tuple[Unit, ...] = ("character", "word", "line")


class TerminalMouse:
    """What the mouse does in one view."""

    def __init__(self, view: TerminalView) -> None:
        self._view = view
        self._selecting = False
        self._held: mouse.Button = mouse.NO_BUTTON
        self._told = (-1, -1)
        self._turned = 0
        self._clicks = 0
        self._clicked_at = (0.0, QPoint())
        self._dragged_to = QPoint()
        self._drag_timer = QTimer(view)
        self._drag_timer.setInterval(_DRAG_MS)
        self._drag_timer.timeout.connect(self._drag_on)

    def stop(self) -> None:
        """Stop what goes on by itself."""
        self._drag_timer.stop()
        self._selecting = False

    def press(self, event: QMouseEvent) -> None:
        """Report it, begin a selection, paste or open the menu."""
        view, point = self._view, event.position().toPoint()
        view.setFocus(Qt.FocusReason.MouseFocusReason)
        if not view.open:
            return
        if self._reported(event, "press"):
            return
        if event.button() == Qt.MouseButton.RightButton:
            view.menu_wanted.emit(point)
        elif event.button() == Qt.MouseButton.MiddleButton:
            view.paste_wanted.emit(True)
        elif event.button() == Qt.MouseButton.LeftButton:
            column, row = view.cell_at(point)
            link = link_at(view.core, row, column) if opens_link(event.modifiers()) else None
            if link is None:
                self._begin(point, event)
            else:
                view.link_wanted.emit(link)

    def move(self, event: QMouseEvent) -> None:
        """Report it, or extend the selection."""
        if not self._view.open:
            return
        point = event.position().toPoint()
        if self._selecting:
            self._dragged_to = point
            self._extend()
            outside = not 0 <= point.y() < self._view.height()
            if outside and not self._drag_timer.isActive():
                self._drag_timer.start()
            elif not outside:
                self._drag_timer.stop()
            return
        modes = self._view.modes()
        wanted = modes.mouse in {"drag", "move"} and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        cell = self._view.cell_at(point)
        shape = Qt.CursorShape.ArrowCursor if modes.mouse != "none" else Qt.CursorShape.IBeamCursor
        if modes.mouse == "none":
            self._view.links.point(cell)
            if self._view.links.hovered is not None and opens_link(event.modifiers()):
                shape = Qt.CursorShape.PointingHandCursor
        if self._view.cursor().shape() != shape:
            self._view.setCursor(shape)
        if wanted and cell != self._told:
            self._told = cell
            report = mouse.mouse_report("move", self._held, cell, held(event.modifiers()), modes)
            if report:
                self._view.typed.emit(report)

    def release(self, event: QMouseEvent) -> None:
        """Report it, or end the selection."""
        if self._selecting and event.button() == Qt.MouseButton.LeftButton:
            self.stop()
            clipboard = QGuiApplication.clipboard()
            text = self._view.selection.text()
            if text and clipboard.supportsSelection():
                clipboard.setText(text, QClipboard.Mode.Selection)
        elif self._view.open:
            self._reported(event, "release")

    def wheel(self, event: QWheelEvent) -> None:
        """Report it, send arrows where a program fills the screen, or scroll."""
        event.accept()
        if not self._view.open:
            return
        self._turned += event.angleDelta().y()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        if not steps:
            return
        modes = self._view.modes()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if modes.mouse not in {"none", "press"} and not shift:
            button = mouse.WHEEL_UP if steps > 0 else mouse.WHEEL_DOWN
            cell = self._view.cell_at(event.position().toPoint())
            report = mouse.mouse_report("press", button, cell, held(event.modifiers()), modes)
            if report:
                self._view.typed.emit(report * abs(steps))
        elif modes.alternate and modes.alternate_scroll and not shift:
            self._view.typed.emit(mouse.wheel_keys(-steps * WHEEL_LINES, modes))
        else:
            self._view.scroll_by(-steps * WHEEL_LINES)

    def _reported(self, event: QMouseEvent, what: mouse.What) -> bool:
        """Tell the program inside, if it has asked; whether it has."""
        modes = self._view.modes()
        button = _BUTTONS.get(event.button())
        if button is None or modes.mouse == "none":
            return False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return False
        self._held = button if what == "press" else mouse.NO_BUTTON
        cell = self._view.cell_at(event.position().toPoint())
        report = mouse.mouse_report(what, button, cell, held(event.modifiers()), modes)
        if report:
            self._view.typed.emit(report)
        return True

    def _begin(self, point: QPoint, event: QMouseEvent) -> None:
        view = self._view
        column, row = view.cell_at(point)
        line = view.core.top() + row
        self._selecting = True
        self._dragged_to = point
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if shift and view.selection.begun and view.modes().mouse == "none":
            view.selection.extend(line, column)
            view.show_soon()
            return
        then, where = self._clicked_at
        near = (point - where).manhattanLength() < QApplication.startDragDistance()
        soon = time.monotonic() - then < QApplication.doubleClickInterval() / 1000
        self._clicks = self._clicks % 3 + 1 if near and soon else 1
        self._clicked_at = (time.monotonic(), point)
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        view.selection.start(line, column, "block" if alt else _UNITS[self._clicks - 1])
        view.show_soon()

    def _extend(self) -> None:
        column, row = self._view.cell_at(self._dragged_to)
        # A click that trembles selects nothing.
        moved = (self._dragged_to - self._clicked_at[1]).manhattanLength() >= 4
        if moved or self._view.selection.bounds() is not None:
            self._view.selection.extend(self._view.core.top() + row, column)
            self._view.show_soon()

    def _drag_on(self) -> None:
        """Scroll while the mouse is held outside, faster the farther away."""
        view, y = self._view, self._dragged_to.y()
        beyond = y if y < 0 else max(0, y - view.height() + 1)
        view.scroll_by(int(beyond / 20) + (1 if beyond > 0 else -1))
        self._extend()
