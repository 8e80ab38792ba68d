"""Tables as the house draws them: 34 px rows, sorted by a click, copied with Ctrl+C, the columns' widths remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from slimdesk.ui.models.roles import Role
from slimdesk.ui.models.rows import Rows, SortedRows
from slimdesk.ui.theme.fonts import fix_height, font, scaled, set_font
from slimdesk.ui.theme.icons import icon, paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.cells import EDGE, ICON, PAD, CellDelegate

ROW = 34
TWO_LINES = 46
HEAD = 28
# A length whose scaled value tells how large the type is.
_UNIT = 1000


class Table(QTableView):
    """A table over `Rows`. `name` is for screen readers.

    Signals: `opened(item)` on Enter or a double click; `selected(item or None)`; `linked(item, column key)` on a click
    into a cell that is a link. `menus` fills the context menu for an item; Copy is always in it.
    """

    opened = Signal(object)
    selected = Signal(object)
    linked = Signal(object, str)

    def __init__(
        self,
        name: str,
        rows: Rows[Any],
        *,
        two_lines: bool = False,
        sortable: bool = True,
        delegate: CellDelegate | None = None,
        menus: Callable[[QMenu, Any], None] | None = None,
        sorts_itself: bool = False,
    ) -> None:
        """`sorts_itself`: the rows order and filter themselves, for there are too many for a proxy."""
        super().__init__()
        self.rows_model = rows
        self.sorted_rows = SortedRows(rows)
        self.hover_row = -1
        self._menus = menus
        self._hidden: dict[int, int] = {}
        self._fits = False
        self._unit = scaled(_UNIT)
        self.setAccessibleName(name)
        self.setModel(rows if sorts_itself else self.sorted_rows)
        self.setItemDelegate(delegate or CellDelegate(self, two_lines=two_lines))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._context_menu)
        height = scaled(TWO_LINES if two_lines else ROW)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(16)
        self.verticalHeader().setDefaultSectionSize(height)
        self._head = _Head(Qt.Orientation.Horizontal, self)
        self.setHorizontalHeader(self._head)
        fix_height(self._head, HEAD)
        self._head.setHighlightSections(False)
        self._head.setMinimumSectionSize(28)
        self._head.setStretchLastSection(False)
        for number, column in enumerate(rows.columns):
            self._head.resizeSection(number, scaled(column.width))
        if sortable:
            self.setSortingEnabled(True)
            self._head.setSortIndicatorClearable(True)
            self._head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(lambda *_: self._current_changed())
        self.activated.connect(self._activated)
        self.clicked.connect(self._clicked)
        self._last: object = None

    @property
    def item(self) -> Any:
        """The chosen row's object, or None."""
        chosen = self.selectionModel().selectedRows()
        return chosen[0].data(Role.ITEM) if chosen else None

    def choose(self, test: Callable[[Any], bool]) -> bool:
        """Choose the first row of which `test` is true; False if there is none."""
        for number in range(self.sorted_rows.rowCount()):
            index = self.sorted_rows.index(number, 0)
            if test(index.data(Role.ITEM)):
                self.setCurrentIndex(index)
                self.selectRow(number)
                return True
        return False

    def fit_height(self) -> None:
        """Be as high as all rows; for a table in a page that scrolls as a whole."""
        self._fits = True
        rows = self.sorted_rows.rowCount() * self.verticalHeader().defaultSectionSize()
        wide = self._head.length() > self.viewport().width()
        bar = self.horizontalScrollBar().sizeHint().height() if wide else 0
        self.setFixedHeight(rows + self._head.height() + 1 + bar)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Keep rows and columns in step with the type; widths that a person has chosen grow alike."""
        super().changeEvent(event)
        now = scaled(_UNIT)
        # Qt tells of changes before all is made.
        before = getattr(self, "_unit", now)
        if now == before or not hasattr(self, "_head"):
            return
        self._unit = now
        fix_height(self._head, HEAD)
        height = self.verticalHeader().defaultSectionSize()
        self.verticalHeader().setDefaultSectionSize(round(height * now / before))
        for number in range(self._head.count()):
            self._head.resizeSection(number, round(self._head.sectionSize(number) * now / before))
        if self._fits:
            self.fit_height()
        self.share_width()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Copy a row, open it, tick it."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._activated(self.currentIndex())
        elif event.key() == Qt.Key.Key_Space and self._tick(self.currentIndex()):
            pass
        else:
            super().keyPressEvent(event)

    def copy_rows(self) -> None:
        """Put the chosen rows on the clipboard, cells separated by tabs."""
        lines = []
        for index in self.selectionModel().selectedRows():
            cells = []
            for number in range(self.model().columnCount()):
                cell = index.siblingAtColumn(number)
                bar = cell.data(Role.BAR)
                texts = [
                    cell.data(Qt.ItemDataRole.DisplayRole),
                    cell.data(Role.SECOND),
                    bar.label if bar else "",
                ]
                cells.append(" ".join(str(text) for text in texts if text))
            lines.append("\t".join(cells))
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Light up the row under the pointer; a hand over links."""
        index = self.indexAt(event.position().toPoint())
        self._hover(index.row() if index.isValid() else -1)
        link = index.isValid() and bool(index.data(Role.LINK))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tick where the tick box is."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index.column() == 0:
            left = self.visualRect(index).left()
            if event.position().x() < left + 36 and self._tick(index):
                event.accept()
                return
        super().mouseReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing is under the pointer any more."""
        self._hover(-1)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give what is left to the columns that grow."""
        super().resizeEvent(event)
        self.share_width()
        if self._fits and event.size().width() != event.oldSize().width():
            self.fit_height()

    def share_width(self) -> None:
        """Give what is left to the columns that grow; none gets less than it was made with."""
        columns = self.rows_model.columns
        growing = [n for n, column in enumerate(columns) if column.grows and not self.isColumnHidden(n)]
        if not growing:
            return
        fixed = sum(
            self._head.sectionSize(n)
            for n in range(len(columns))
            if n not in growing and not self.isColumnHidden(n)
        )
        least = {n: scaled(columns[n].width) for n in growing}
        spare = max(0, self.viewport().width() - fixed - sum(least.values()))
        for position, number in enumerate(growing):
            share = spare // len(growing) + (spare % len(growing) if position == 0 else 0)
            self._head.resizeSection(number, least[number] + share)

    def _tick(self, index: QModelIndex) -> bool:
        first = index.siblingAtColumn(0)
        value = first.data(Qt.ItemDataRole.CheckStateRole) if first.isValid() else None
        if value is None:
            return False
        checked = Qt.CheckState(value) == Qt.CheckState.Checked
        state = Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked
        return self.model().setData(first, state, Qt.ItemDataRole.CheckStateRole)

    def _hover(self, row: int) -> None:
        if row != self.hover_row:
            self.hover_row = row
            self.viewport().update()

    def _current_changed(self, *_: object) -> None:
        item = self.item
        if item is not self._last:
            self._last = item
            self.selected.emit(item)

    def _activated(self, index: QModelIndex) -> None:
        item = index.data(Role.ITEM)
        if item is not None:
            self.opened.emit(item)

    def _clicked(self, index: QModelIndex) -> None:
        if index.data(Role.LINK):
            self.linked.emit(index.data(Role.ITEM), self.rows_model.columns[index.column()].key)

    def _context_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        item = self.item
        if self._menus is not None and item is not None:
            self._menus(menu, item)
            menu.addSeparator()
        copy = QAction(icon("copy"), "Copy row", menu)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.triggered.connect(self.copy_rows)
        copy.setEnabled(item is not None)
        menu.addAction(copy)
        menu.popup(self.viewport().mapToGlobal(where))


class _Head(QHeaderView):
    """Titles in text2, the sorted column's with an arrow beside it."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        set_font(self, "small")
        self.setSectionsClickable(True)
        self.setAccessibleName("Column heads")

    def paintSection(self, painter: QPainter, rect: Any, number: int) -> None:  # noqa: N802 - Qt's name
        """Draw the title, then the arrow."""
        # The painter comes with the font of the viewport, which hears of no change of type.
        painter.setFont(font("small"))
        if number == 0:
            painter.fillRect(rect, current().color("s2"))
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, current().color("line"))
            rect = rect.adjusted(EDGE + self._inset(), 0, 0, 0)
        super().paintSection(painter, rect, number)
        if self.isSortIndicatorShown() and self.sortIndicatorSection() == number:
            title = str(self.model().headerData(number, Qt.Orientation.Horizontal) or "")
            width = self.fontMetrics().horizontalAdvance(title)
            align = int(
                self.model().headerData(number, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
                or 0
            )
            right = bool(align & int(Qt.AlignmentFlag.AlignRight))
            left = rect.right() - 8 - width - 14 if right else rect.left() + 8 + width + 3
            up = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            square = rect.__class__(left, rect.center().y() - 5, 11, 11)
            paint_icon(painter, square, "caret-up" if up else "caret-down", "text2")

    def _inset(self) -> int:
        """Return how much further in the first column's words stand, behind its pictures or tick boxes."""
        first = self.model().index(0, 0)
        before = first.data(Role.PICTURE) or first.data(Qt.ItemDataRole.CheckStateRole) is not None
        return ICON + PAD if before else 0
