"""The file tree with its filters: folders by size, each with its bar."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QStyleOptionViewItem, QWidget

from slimdesk.image.table import ROOT, FileTable
from slimdesk.ui.models.files import BAR, NAME, SIZE, FileTree, Order
from slimdesk.ui.models.files_view import Shown, Wanted
from slimdesk.ui.models.roles import Role, SizeBar
from slimdesk.ui.pages.image_filter import FilterBar, LayerBar
from slimdesk.ui.theme.fonts import font, scaled
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.buttons import IconButton, menu_button
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.size_bar import HEIGHT, paint_bar
from slimdesk.ui.widgets.tree import Tree, TreeDelegate

_ICON = 16
_BAR, _SHORT_BAR, _ROOMY = 76, 48, 440
_OPEN_AT_FIRST = 5
_MOST_OPEN = 200


class FilePane(QWidget):
    """Filters, order and tree.

    Signals: `picked(node)`; `filtered(values)` as keywords of Wanted; `opened(node)` for Enter or a double click;
    `asked(node, position)`; `copied(node)`; `looked(node)` for the space bar.
    """

    picked = Signal(int)
    filtered = Signal(object)
    looked = Signal(int)
    opened = Signal(int)
    asked = Signal(int, object)
    copied = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.model = FileTree()
        self.tree = _FileTreeView(self.model)
        self.tree.setItemDelegate(_FileDelegate(self.tree))
        self._order: Order = "size"
        self._table: FileTable | None = None
        self._shown: Shown | None = None
        self._sort = IconButton("sort-descending", "Order of the files")
        menu_button(self._sort, self._sort_menu)
        self.bar = FilterBar(self._sort)
        self.filter = self.bar.field
        self.layer_bar = LayerBar()
        self.bar.asked.connect(self.filtered)
        self.layer_bar.asked.connect(self.filtered)
        self.setLayout(column(self.bar, self.layer_bar, self.tree, spacing=0))
        self.tree.selectionModel().currentChanged.connect(self._current)
        self.tree.activated.connect(self._activated)
        self.tree.customContextMenuRequested.connect(self._menu)
        self.tree.copy_pressed.connect(self.copied)
        self.tree.look_pressed.connect(self.looked)
        self._showing = False

    def show_wanted(self, wanted: Wanted) -> None:
        """Show what narrows the files."""
        self.model.wanted = wanted
        self.bar.show_wanted(wanted)
        self.layer_bar.show_wanted(wanted)

    def show_files(self, table: FileTable | None, shown: Shown | None, node: int = -1) -> None:
        """Show these; the first level is open, and the way to `node`."""
        self._table, self._shown = table, shown
        self._showing = True
        self.model.show_files(table, shown, self._order)
        self._open_first()
        self._showing = False
        self.select(node)

    def renew_files(self, table: FileTable | None, shown: Shown | None, node: int = -1) -> None:
        """Show a tree of which more is known: the folders that were open stay open, and nothing scrolls away."""
        paths = (
            [self._table.path_bytes(one) for one in self._open_folders()] if self._table is not None else []
        )
        at = self.tree.verticalScrollBar().value()
        self.show_files(table, shown)
        for path in paths:
            found = table.find(path) if table is not None else None
            index = self.model.index_of(found) if found is not None else QModelIndex()
            if index.isValid() and self.model.node(index) == found:
                self.tree.setExpanded(index, True)
        self.select(node)
        self.tree.verticalScrollBar().setValue(at)

    def _open_folders(self) -> list[int]:
        """Return the folders whose rows are open, outer ones first."""
        found: list[int] = []
        waiting = [self.model.index(0, 0)]
        while waiting and len(found) < _MOST_OPEN:
            index = waiting.pop(0)
            node = self.model.node(index)
            if node is not None and self.tree.isExpanded(index):
                found.append(node)
                waiting += [
                    self.model.index(row, 0, index)
                    for row in range(min(_MOST_OPEN, self.model.rowCount(index)))
                ]
        return found

    def select(self, node: int) -> None:
        """Show and mark a node; does not tell."""
        if self.current == node:
            return
        self._showing = True
        index = self.model.index_of(node) if node >= ROOT else QModelIndex()
        if index.isValid():
            self.tree.setCurrentIndex(index)
            self.tree.scrollTo(index)
        else:
            self.tree.setCurrentIndex(QModelIndex())
        self._showing = False

    @property
    def current(self) -> int:
        """The node of the current row, -1 for none."""
        node = self.model.node(self.tree.currentIndex())
        return -1 if node is None else node

    def clear_filter(self) -> None:
        """Empty the field without telling."""
        self.bar.clear()

    def _open_first(self) -> None:
        """Open the root, and below it the largest folder of each level as long as it holds most of the bytes."""
        index = self.model.index(0, 0)
        self.tree.setExpanded(index, True)
        for _ in range(_OPEN_AT_FIRST):
            first = self.model.index(0, 0, index)
            node, above = self.model.node(first), self.model.node(index)
            if node is None or above is None or self._shown is None or self._order != "size":
                return
            if self._shown.weight[node] * 2 < self._shown.weight[above] or not self.model.hasChildren(first):
                return
            self.tree.setExpanded(first, True)
            index = first

    def _sort_menu(self, menu: QMenu) -> None:
        for order, words in (("size", "Largest first"), ("name", "By name")):
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(order == self._order)
            action.triggered.connect(lambda _=False, order=order: self._sort_by(order))

    def _sort_by(self, order: Order) -> None:
        self._order = order
        self.show_files(self._table, self._shown, self.current)

    def _current(self, index: QModelIndex) -> None:
        node = self.model.node(index)
        if not self._showing and node is not None:
            self.picked.emit(node)

    def _activated(self, index: QModelIndex) -> None:
        node = self.model.node(index)
        if node is not None:
            self.opened.emit(node)

    def _menu(self, where: QPoint) -> None:
        node = self.model.node(self.tree.at(where))
        if node is not None:
            self.asked.emit(node, self.tree.viewport().mapToGlobal(where))


class _FileTreeView(Tree):
    copy_pressed = Signal(int)
    look_pressed = Signal(int)

    def __init__(self, model: FileTree) -> None:
        super().__init__("Files", model, 24, 16)
        self.setHeaderHidden(True)
        head = self.header()
        head.setMinimumSectionSize(40)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for section, width in ((BAR, _BAR), (SIZE, 80)):
            head.setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(section, scaled(width))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the names the room, where there is little."""
        super().resizeEvent(event)
        bar = _BAR if self.viewport().width() >= scaled(_ROOMY) else _SHORT_BAR
        self.header().resizeSection(BAR, scaled(bar))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Copy the path; look inside with the space bar."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.currentIndex().isValid():
            self.copy_pressed.emit(int(self.currentIndex().internalId()))
            return
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.look_pressed.emit(int(self.currentIndex().internalId()))
            return
        super().keyPressEvent(event)


class _FileDelegate(TreeDelegate):
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw icon and name, the bar, or the size."""
        painter.save()
        theme = current()
        rect = option.rect
        muted = bool(index.data(Role.MUTED))
        tone = theme.color("text3" if muted else "text")
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        chosen = self.view.selectionModel().isSelected(index.sibling(index.row(), 0))
        shape = font("strong" if chosen and index.column() == SIZE else "body")
        painter.setFont(shape)
        if index.column() == NAME:
            picture = index.data(Role.PICTURE)
            if picture:
                square = QRect(rect.left() + 2, rect.center().y() - _ICON // 2 + 1, _ICON, _ICON)
                paint_icon(painter, square, picture[0], "text3" if muted else "text2")
            area = rect.adjusted(_ICON + 8, 0, -4, 0)
            metrics = QFontMetrics(shape)
            text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, area.width())
            painter.setPen(tone)
            painter.drawText(area, middle, text)
            second = str(index.data(Role.SECOND) or "")
            rest = area.adjusted(metrics.horizontalAdvance(text) + 8, 0, 0, 0)
            if second and rest.width() > 40:
                painter.setFont(font("small"))
                painter.setPen(theme.color("warn" if muted else "text3"))
                cut = QFontMetrics(font("small")).elidedText(
                    second, Qt.TextElideMode.ElideRight, rest.width()
                )
                painter.drawText(rest, middle, cut)
        elif index.column() == BAR:
            bar = index.data(Role.BAR)
            if isinstance(bar, SizeBar):
                area = rect.adjusted(4, 0, -4, 0)
                paint_bar(
                    painter,
                    QRect(area.left(), area.center().y() - HEIGHT // 2 + 1, area.width(), HEIGHT),
                    bar,
                )
        else:
            painter.setPen(tone)
            painter.drawText(
                rect.adjusted(0, 0, -8, 0), middle | int(Qt.AlignmentFlag.AlignRight), str(index.data() or "")
            )
        painter.restore()
