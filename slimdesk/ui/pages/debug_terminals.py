"""Tabs of terminals: container and kind, close, plus."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QTabBar, QWidget

from slimdesk.ui.pages.debug_tab_pane import TabPane
from slimdesk.ui.pages.debug_terminal_pane import TerminalPane
from slimdesk.ui.tasks import spawn
from slimdesk.ui.theme.fonts import fix_height, set_font
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.notice import EmptyState

if TYPE_CHECKING:
    from slimdesk.operations.terminal_stream import TerminalStream


class TerminalTabs(QWidget):
    """Any number of panes, one in sight: terminals, and what else is found out about a container.

    Signals: `plus_wanted` when the person wants another, `shut(pane)` when one has gone for good, `zoomed(points)` when
    the size of type has been changed (in all of them), `leaving` on Ctrl+Shift+F6, `turned(pane or None)` when another is
    in sight.
    """

    plus_wanted = Signal()
    shut = Signal(object)
    zoomed = Signal(float)
    leaving = Signal()
    turned = Signal(object)

    def __init__(
        self,
        empty: str = "No shell is open",
        hint: str = "",
        button: str = "",
        *,
        beside_plus: Sequence[QWidget] = (),
        right: Sequence[QWidget] = (),
    ) -> None:
        """`empty`, `hint` and `button` are shown while there is none; the button does as plus does.

        `beside_plus` and `right` stand in the line of the tabs; with them it is there also while there is no tab.
        """
        super().__init__()
        self._points = 0.0
        self._panes: list[TabPane] = []
        self.bar = _Bar()
        self.bar.setAccessibleName("Terminals")
        self.bar.currentChanged.connect(self._chosen)
        self.bar.tabCloseRequested.connect(lambda index: self.close_tab(self._panes[index]))
        self.bar.tabMoved.connect(lambda start, end: self._panes.insert(end, self._panes.pop(start)))
        self.plus = IconButton("plus", "Open another shell", self.plus_wanted.emit)
        self._stack = QStackedWidget()
        self.empty = EmptyState("terminal-window", empty, button, self.plus_wanted.emit, hint=hint)
        self._stack.addWidget(self.empty)
        self._always = bool(beside_plus or right)
        line = row(self.bar, self.plus, *beside_plus, 1, *right, margins=(6, 0, 8, 0), spacing=4)
        line.setAlignment(self.bar, Qt.AlignmentFlag.AlignBottom)
        self._head = panel(line, "bar", "bottom")
        fix_height(self._head, 36)
        self.setLayout(column(self._head, self._stack, spacing=0))
        self.bar.hide()
        self._head.setVisible(self._always)

    @property
    def panes(self) -> tuple[TabPane, ...]:
        """What the tabs hold, from left to right."""
        return tuple(self._panes)

    @property
    def current(self) -> TabPane | None:
        """The one in sight."""
        found = self._stack.currentWidget()
        return found if isinstance(found, TabPane) else None

    def open_tab(
        self, title: str, opening: Coroutine[Any, Any, TerminalStream], where: str = ""
    ) -> TerminalPane:
        """Show a new terminal at once, and let it open its stream; `where` says where its shell sits."""
        pane = TerminalPane(title, where)
        self.add_pane(pane)
        pane.start(opening)
        return pane

    def add_pane(self, pane: TabPane) -> None:
        """Show another tab, with the focus in it."""
        if isinstance(pane, TerminalPane):
            terminal = pane.terminal
            terminal.set_points(self._points)
            terminal.zoomed.connect(self._zoom)
            terminal.leaving.connect(self.leaving)
            terminal.asked.connect(self._asked)
        pane.rang.connect(lambda: self._rang(pane))
        pane.renamed.connect(lambda words: self._titled(pane, words))
        self._panes.append(pane)
        self._stack.addWidget(pane)
        index = self.bar.addTab(icon(pane.picture, "text2"), pane.title)
        self.bar.name_close_button(index, f"Close {pane.title}")
        self.bar.show()
        self._head.show()
        self.choose(pane)

    def choose(self, pane: TabPane) -> None:
        """Bring one into sight, with the focus in it."""
        self.bar.setCurrentIndex(self._panes.index(pane))
        self._chosen(self._panes.index(pane))
        pane.take_focus()

    def turn(self, by: int) -> None:
        """Go so many tabs to the right, from the last to the first."""
        if self._panes:
            self.choose(self._panes[(self.bar.currentIndex() + by) % len(self._panes)])

    def close_tab(self, pane: TabPane) -> None:
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
            if isinstance(pane, TerminalPane) and pane.terminal.points != points:
                pane.terminal.set_points(points)

    async def _put_away(self, pane: TabPane) -> None:
        index = self._panes.index(pane)
        self._panes.remove(pane)
        self.bar.removeTab(index)
        self._stack.removeWidget(pane)
        pane.hide()
        if self._panes:
            self.choose(self._panes[self.bar.currentIndex()])
        else:
            self._stack.setCurrentWidget(self.empty)
            self.bar.hide()
            self._head.setVisible(self._always)
            self.turned.emit(None)
        await pane.close_stream()
        self.shut.emit(pane)
        pane.deleteLater()

    def _chosen(self, index: int) -> None:
        if 0 <= index < len(self._panes):
            pane = self._panes[index]
            self._stack.setCurrentWidget(pane)
            self.bar.setTabIcon(index, icon(pane.picture, "text2"))
            self.turned.emit(pane)

    def _asked(self, key: int) -> None:
        """Do what Ctrl+Shift and a key stand for among tabs."""
        current = self.current
        if key == Qt.Key.Key_T:
            self.plus_wanted.emit()
        elif key == Qt.Key.Key_W and current is not None:
            self.close_tab(current)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.turn(1 if key == Qt.Key.Key_Right else -1)

    def _zoom(self, points: float) -> None:
        self.set_points(points)
        self.zoomed.emit(points)

    def _rang(self, pane: TabPane) -> None:
        if pane in self._panes and pane is not self.current:
            self.bar.setTabIcon(self._panes.index(pane), icon("bell", "warn"))

    def _titled(self, pane: TabPane, words: str) -> None:
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
