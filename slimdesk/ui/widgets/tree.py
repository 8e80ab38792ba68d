"""Trees as the house draws them: the row's colour over its whole width, carets from the icon font, dense rows."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.theme import current

Index = QModelIndex | QPersistentModelIndex
_CARET = 12


class Tree(QTreeView):
    """A tree over any model; its delegate paints content alone. `row_height` is in px for 10 pt type."""

    def __init__(self, name: str, model: QAbstractItemModel, row_height: int, indent: int) -> None:
        super().__init__()
        self.hover_index = QPersistentModelIndex()
        self._lined = False
        self.row_height = row_height
        self.setAccessibleName(name)
        self.setModel(model)
        self.setUniformRowHeights(True)
        self.setIndentation(indent)
        self.setRootIsDecorated(True)
        self.setExpandsOnDoubleClick(True)
        self.setAllColumnsShowFocus(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.header().setStretchLastSection(False)
        self.header().setSectionsMovable(False)

    def draw_lines(self, lined: bool) -> None:
        """Draw a rule below each row."""
        self._lined = lined

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        """Fill the row, then draw caret and cells."""
        theme = current()
        rect = option.rect
        row = QRect(0, rect.top(), self.viewport().width(), rect.height())
        first = index.sibling(index.row(), 0)
        selected = self.selectionModel().isSelected(first)
        if selected:
            painter.fillRect(row, theme.color("sel"))
        elif self.hover_index.isValid() and self.hover_index == QPersistentModelIndex(first):
            painter.fillRect(row, theme.color("hover"))
        if self._lined:
            painter.fillRect(row.left(), row.bottom(), row.width(), 1, theme.color("line"))
        super().drawRow(painter, option, index)
        if selected and self.hasFocus():
            painter.setPen(theme.color("ring"))
            painter.drawRect(row.adjusted(0, 0, -1, -1))

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:  # noqa: N802 - Qt's name
        """Draw the caret of what can be opened."""
        if self.model().hasChildren(index):
            side = _CARET
            square = QRect(rect.right() - side - 3, rect.center().y() - side // 2 + 1, side, side)
            paint_icon(painter, square, "caret-down" if self.isExpanded(index) else "caret-right", "text2")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Light up the row under the pointer."""
        self._hover(self.indexAt(event.position().toPoint()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing is under the pointer any more."""
        self._hover(QModelIndex())
        super().leaveEvent(event)

    def _hover(self, index: QModelIndex) -> None:
        wanted = (
            QPersistentModelIndex(index.siblingAtColumn(0)) if index.isValid() else QPersistentModelIndex()
        )
        if wanted != self.hover_index:
            self.hover_index = wanted
            self.viewport().update()

    def at(self, where: QPoint) -> QModelIndex:
        """Return the row at a point of the viewport."""
        return self.indexAt(where).siblingAtColumn(0)


class TreeDelegate(QStyledItemDelegate):
    """Gives rows their height; override `paint`. The row's colour is there already."""

    def __init__(self, view: Tree) -> None:
        super().__init__(view)
        self.view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Return the row's height."""
        return QSize(super().sizeHint(option, index).width(), scaled(self.view.row_height))
