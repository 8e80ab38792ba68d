"""Tabs of terminals: container and kind, close, plus."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QTabBar, QWidget

from slimdesk.ui.pages.debug_terminal_pane import TerminalPane
from slimdesk.ui.tasks import spawn
from slimdesk.ui.theme.fonts import scaled, set_font
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.notice import EmptyState

if TYPE_CHECKING:
    from slimdesk.operations.debug_shell import TerminalStream


class TerminalTabs(QWidget):
    """Any number of terminals, one in sight.

    Signals: `plus_wanted` when the person wants another, `shut(pane)` when one has gone for good, `zoomed(points)` when
    the size of type has been changed (in all of them), `leaving` on Ctrl+Shift+F6.
    """

    plus_wanted = Signal()
    shut = Signal(object)
    zoomed = Signal(float)
    leaving = Signal()

    def __init__(self, empty: str = "No shell is open", hint: str = "", button: str = "") -> None:
        """`empty`, `hint` and `button` are shown while there is none; the button does as plus does."""
        super().__init__()
        self._points = 0.0
        self._panes: list[TerminalPane] = []
        self.bar = _Bar()
        self.bar.setAccessibleName("Terminals")
        self.bar.currentChanged.connect(self._chosen)
        self.bar.tabCloseRequested.connect(lambda index: self.close_tab(self._panes[index]))
        self.bar.tabMoved.connect(lambda start, end: self._panes.insert(end, self._panes.pop(start)))
        self.plus = IconButton("plus", "Open another shell", self.plus_wanted.emit)
        self._stack = QStackedWidget()
        self._empty = EmptyState("terminal-window", empty, button, self.plus_wanted.emit, hint=hint)
        self._stack.addWidget(self._empty)
        self._head = panel(row(self.bar, self.plus, 1, margins=(6, 0, 12, 0), spacing=4), "bar", "bottom")
        self._head.setFixedHeight(scaled(36))
        self.setLayout(column(self._head, self._stack, spacing=0))
        self._head.hide()

    @property
    def panes(self) -> tuple[TerminalPane, ...]:
        """The terminals, from left to right."""
        return tuple(self._panes)

    @property
    def current(self) -> TerminalPane | None:
        """The one in sight."""
        found = self._stack.currentWidget()
        return found if isinstance(found, TerminalPane) else None

    def open_tab(
        self, title: str, opening: Coroutine[Any, Any, TerminalStream], where: str = ""
    ) -> TerminalPane:
        """Show a new terminal at once, and let it open its stream; `where` says where its shell sits."""
        pane = TerminalPane(title, where)
        pane.terminal.set_points(self._points)
        pane.terminal.zoomed.connect(self._zoom)
        pane.terminal.leaving.connect(self.leaving)
        pane.terminal.rang.connect(lambda: self._rang(pane))
        pane.terminal.set_title_callback(lambda words: self._titled(pane, words))
        self._panes.append(pane)
        self._stack.addWidget(pane)
        index = self.bar.addTab(icon("terminal", "text2"), pane.title)
        self.bar.name_close_button(index, f"Close {pane.title}")
        self._head.show()
        self.choose(pane)
        pane.start(opening)
        return pane

    def choose(self, pane: TerminalPane) -> None:
        """Bring one into sight, with the focus in it."""
        self.bar.setCurrentIndex(self._panes.index(pane))
        self._chosen(self._panes.index(pane))
        pane.terminal.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_tab(self, pane: TerminalPane) -> None:
        """Close one: its tab goes at once, what is inside is ended behind it."""
        if pane in self._panes:
            spawn(self._put_away(pane))

    async def close_all(self) -> None:
        """Close all; returns when nothing is left of any of them."""
        import asyncio

        await asyncio.gather(*(self._put_away(pane) for pane in self.panes))

    def set_points(self, points: float) -> None:
        """Set the size of type of all terminals, also of those to come, without telling `zoomed`."""
        self._points = points
        for pane in self._panes:
            if pane.terminal.points != points:
                pane.terminal.set_points(points)

    async def _put_away(self, pane: TerminalPane) -> None:
        index = self._panes.index(pane)
        self._panes.remove(pane)
        self.bar.removeTab(index)
        self._stack.removeWidget(pane)
        pane.hide()
        if self._panes:
            self._chosen(self.bar.currentIndex())
        else:
            self._stack.setCurrentWidget(self._empty)
            self._head.hide()
        await pane.close_stream()
        self.shut.emit(pane)
        pane.deleteLater()

    def _chosen(self, index: int) -> None:
        if 0 <= index < len(self._panes):
            self._stack.setCurrentWidget(self._panes[index])
            self.bar.setTabIcon(index, icon("terminal", "text2"))

    def _zoom(self, points: float) -> None:
        self.set_points(points)
        self.zoomed.emit(points)

    def _rang(self, pane: TerminalPane) -> None:
        if pane in self._panes and pane is not self.current:
            self.bar.setTabIcon(self._panes.index(pane), icon("bell", "warn"))

    def _titled(self, pane: TerminalPane, words: str) -> None:
        if pane in self._panes:
            self.bar.setTabToolTip(self._panes.index(pane), words)


class _Bar(QTabBar):
    """Tabs with a cross; the middle button closes too."""

    def __init__(self) -> None:
        super().__init__()
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setMovable(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setUsesScrollButtons(True)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        set_font(self, "medium")

    def name_close_button(self, index: int, name: str) -> None:
        """Give a tab its cross, with a name for screen readers."""
        button = IconButton("x", name, size=12)
        button.setFixedSize(20, 20)
        button.clicked.connect(lambda _checked=False: self._close(button))
        self.setTabButton(index, QTabBar.ButtonPosition.RightSide, button)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Close with the middle button."""
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.tabCloseRequested.emit(index)
        else:
            super().mouseReleaseEvent(event)

    def _close(self, button: QWidget) -> None:
        for index in range(self.count()):
            if self.tabButton(index, QTabBar.ButtonPosition.RightSide) is button:
                self.tabCloseRequested.emit(index)
                return
