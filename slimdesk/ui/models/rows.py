"""A table of objects: columns are data, rows are what the caller has; sorted and filtered in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from slimdesk.ui.models.roles import Role, SizeBar
from slimdesk.ui.theme.fonts import FontRole
from slimdesk.ui.theme.tokens import Token

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column; a `title` that changes (the current size) is a function. `text` and the other functions take a row's object.

    `sort` gives what is compared (None last); without it the text is. `right` is for numbers. `tip` explains the head,
    `cell_tip` the cell. `grows` lets the column take the room that is left; `width` is in px for 10 pt type.
    """

    key: str
    title: str | Callable[[], str]
    text: Callable[[T], str]
    sort: Callable[[T], Any] | None = None
    right: bool = False
    width: int = 100
    grows: bool = False
    tip: str = ""
    second: Callable[[T], str] | None = None
    tone: Callable[[T], Token | None] | None = None
    font: FontRole | Callable[[T], FontRole] = "body"
    picture: Callable[[T], tuple[str, Token] | None] | None = None
    bar: Callable[[T], SizeBar | None] | None = None
    link: Callable[[T], bool] | None = None
    span: Callable[[T], bool] | None = None
    cell_tip: Callable[[T], str] | None = None

    @property
    def head(self) -> str:
        """Its title as it is now."""
        return self.title() if callable(self.title) else self.title


class Rows(QAbstractTableModel, Generic[T]):
    """Rows of T under `columns`; `ticked` and `tick` make the first column a tick box, `muted` greys a row.

    `name` is the row's name for a screen reader; without it the first column's text.
    """

    def __init__(
        self,
        columns: Sequence[Column[T]],
        rows: Sequence[T] = (),
        *,
        muted: Callable[[T], bool] | None = None,
        ticked: Callable[[T], bool | None] | None = None,
        tick: Callable[[T, bool], None] | None = None,
    ) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._rows = list(rows)
        self._muted = muted
        self._ticked = ticked
        self._tick = tick

    @property
    def rows(self) -> tuple[T, ...]:
        """The objects, in the order they were given."""
        return tuple(self._rows)

    def show_rows(self, rows: Sequence[T]) -> None:
        """Show these. As long as their number is the same, selection and scroll place stay."""
        if len(rows) == len(self._rows):
            self._rows = list(rows)
            self.refresh()
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def refresh(self) -> None:
        """Ask all cells anew."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self.columns) - 1))

    def row(self, index: Index) -> T | None:
        """Return the object at a source index."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many columns."""
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Cells can be chosen; the first one ticked where there is something to tick."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self._ticked and index.column() == 0 and self._ticked(self._rows[index.row()]) is not None:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        """Titles, their alignment and their explanation."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.head
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Everything that a cell knows."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        item = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(item)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return (column.cell_tip(item) if column.cell_tip else None) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            bar = column.bar(item) if column.bar else None
            parts = (
                column.text(item),
                column.second(item) if column.second else "",
                bar.label if bar else "",
            )
            return f"{column.head}: {' '.join(part for part in parts if part)}".strip()
        if role == Qt.ItemDataRole.CheckStateRole:
            if not self._ticked or index.column():
                return None
            ticked = self._ticked(item)
            if ticked is None:
                return None
            return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        return self._own(column, item, role)

    def _own(self, column: Column[T], item: T, role: int) -> Any:
        if role == Role.SORT:
            return column.sort(item) if column.sort else column.text(item).casefold()
        if role == Role.SECOND:
            return column.second(item) if column.second else None
        if role == Role.TONE:
            return column.tone(item) if column.tone else None
        if role == Role.FONT:
            return column.font(item) if callable(column.font) else column.font
        if role == Role.PICTURE:
            return column.picture(item) if column.picture else None
        if role == Role.BAR:
            return column.bar(item) if column.bar else None
        if role == Role.LINK:
            return column.link(item) if column.link else False
        if role == Role.SPAN:
            return column.span(item) if column.span else False
        if role == Role.MUTED:
            return self._muted(item) if self._muted else False
        if role == Role.ITEM:
            return item
        return None

    def setData(self, index: Index, value: Any, role: int = int(Qt.ItemDataRole.EditRole)) -> bool:  # noqa: N802
        """Tick or untick."""
        if role != Qt.ItemDataRole.CheckStateRole or self._tick is None or not index.isValid():
            return False
        self._tick(self._rows[index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        self.dataChanged.emit(index, index)
        return True


class SortedRows(QSortFilterProxyModel):
    """Sorts by Role.SORT with unknown values last, and filters by words in any column."""

    def __init__(self, rows: Rows[Any]) -> None:
        super().__init__()
        self.source = rows
        self._words: tuple[str, ...] = ()
        self._keep: Callable[[Any], bool] | None = None
        self.setSourceModel(rows)
        self.setDynamicSortFilter(True)

    def find(self, text: str) -> None:
        """Keep only rows that have all of these words."""
        self._words = tuple(text.casefold().split())
        self.invalidate()

    def keep(self, test: Callable[[Any], bool] | None) -> None:
        """Keep only rows of which `test` is true; None keeps all."""
        self._keep = test
        self.invalidate()

    def filterAcceptsRow(self, number: int, _parent: Index) -> bool:  # noqa: N802 - Qt's name
        """Whether a row stays."""
        item = self.source.row(self.source.index(number, 0))
        if item is None or (self._keep is not None and not self._keep(item)):
            return False
        if not self._words:
            return True
        text = " ".join(
            f"{column.text(item)} {column.second(item) if column.second else ''}"
            for column in self.source.columns
        ).casefold()
        return all(word in text for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:  # noqa: N802 - Qt's name
        """Compare two cells; what is not known is the larger one going up, the smaller one going down."""
        one, two = left.data(Role.SORT), right.data(Role.SORT)
        falling = self.sortOrder() == Qt.SortOrder.DescendingOrder
        if one is None or two is None:
            return (two is None and one is not None) != falling if one is not two else False
        try:
            return bool(one < two)
        except TypeError:
            return str(one) < str(two)
