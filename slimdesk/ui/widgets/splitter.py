"""A splitter whose place is remembered, and whose pane collapses when its handle is double-clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from slimdesk.ui.theme.theme import current


class Memory(Protocol):
    """Where sizes are kept between runs."""

    def recall(self, key: str) -> Sequence[int] | None:
        """Return what was kept under `key`."""

    def keep(self, key: str, values: Sequence[int]) -> None:
        """Keep `values` under `key`."""


class RememberedSplitter(QSplitter):
    """`key` names it in the settings; `sizes` is where it stands the first time; `collapses` is the pane that hides."""

    def __init__(
        self,
        memory: Memory,
        key: str,
        panes: Sequence[QWidget],
        sizes: Sequence[int],
        *,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
        collapses: int = -1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(orientation, parent)
        self._memory, self._key = memory, key
        self._first = list(sizes)
        self._collapses = collapses % len(panes)
        self._restore: list[int] | None = None
        self.setHandleWidth(5)
        self.setChildrenCollapsible(True)
        for index, pane in enumerate(panes):
            self.addWidget(pane)
            self.setCollapsible(index, index == self._collapses)
        kept = memory.recall(key)
        self.setSizes(list(kept) if kept and len(kept) == len(panes) and sum(kept) > 0 else self._first)
        self.splitterMoved.connect(lambda _position, _index: memory.keep(key, self.sizes()))

    def createHandle(self) -> QSplitterHandle:  # noqa: N802 - Qt's name
        """Return a handle that knows of the double click."""
        return _Handle(self.orientation(), self, self.toggle)

    def toggle(self) -> None:
        """Collapse the pane, or bring it back as it was."""
        sizes = self.sizes()
        if sizes[self._collapses]:
            self._restore = sizes
            rest = sizes[self._collapses]
            other = 0 if self._collapses else 1
            changed = [0 if index == self._collapses else size for index, size in enumerate(sizes)]
            changed[other] += rest
            self.setSizes(changed)
        else:
            self.setSizes(self._restore or self._first)
        self._memory.keep(self._key, self.sizes())


class _Handle(QSplitterHandle):
    """One pixel of rule in five of room, with a short grip."""

    def __init__(self, orientation: Qt.Orientation, parent: QSplitter, toggle: Callable[[], None]) -> None:
        super().__init__(orientation, parent)
        self._toggle = toggle
        self._hover = False
        self.setToolTip("Drag to resize, double-click to hide or show")
        self.setAccessibleName("Splitter")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Collapse or bring back."""
        self._toggle()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Follow the pointer."""
        if event.type() in (
            QEvent.Type.HoverEnter,
            QEvent.Type.HoverLeave,
            QEvent.Type.Enter,
            QEvent.Type.Leave,
        ):
            self._hover = event.type() in (QEvent.Type.HoverEnter, QEvent.Type.Enter)
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the rule and the grip."""
        painter = QPainter(self)
        theme = current()
        area = self.rect()
        painter.fillRect(area, theme.color("s0" if self.orientation() == Qt.Orientation.Vertical else "s1"))
        grip = theme.color("line_strong" if self._hover else "press")
        rule = theme.color("line")
        middle = area.center()
        if self.orientation() == Qt.Orientation.Vertical:
            painter.fillRect(QRect(0, 0, area.width(), 1), rule)
            painter.fillRect(QRect(0, area.height() - 1, area.width(), 1), rule)
            painter.fillRect(QRect(middle.x() - 16, middle.y(), 32, 2), grip)
        else:
            painter.fillRect(QRect(middle.x(), 0, 1, area.height()), rule)
            painter.fillRect(QRect(middle.x(), middle.y() - 16, 2, 32), grip)
        painter.end()
