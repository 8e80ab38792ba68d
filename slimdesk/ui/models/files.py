"""The file tree as a lazy model: children are listed and sorted when a folder is opened, and shown some at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import MINUS, format_bytes, format_exact
from slimdesk.image.children import has_many, sorted_columns
from slimdesk.image.table import ROOT, FileTable, Kind
from slimdesk.ui.models.files_view import Shown, Wanted
from slimdesk.ui.models.roles import Role, SizeBar

Index = QModelIndex | QPersistentModelIndex
Order = Literal["size", "name"]
NAME, BAR, SIZE = range(3)
# So many rows of a folder come at once, and so far down one is looked for.
_AT_ONCE, _FAR = 1_000, 20_000
_HEADS = ("Name", "", "Size")
_PICTURES = {
    Kind.FOLDER: "folder",
    Kind.SYMLINK: "link",
    Kind.HARD_LINK: "link-simple",
}


class FileTree(QAbstractItemModel):
    """An index's internal id is its node; a chain of folders with a single child each is one row, its last folder."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted = Wanted()
        self._table: FileTable | None = None
        self._shown: Shown | None = None
        self._order: Order = "size"
        self._children: dict[int, list[int]] = {}
        self._rows: dict[int, int] = {}
        self._tops: dict[int, int] = {}
        self._orders: dict[int, Sequence[int]] = {}

    @property
    def table(self) -> FileTable | None:
        """The columns shown."""
        return self._table

    def show_files(self, table: FileTable | None, shown: Shown | None, order: Order = "size") -> None:
        """Show these; open folders close, as their rows may have gone."""
        self.beginResetModel()
        self._table, self._shown, self._order = table, shown, order
        self._forget()
        self.endResetModel()

    def _forget(self) -> None:
        self._children, self._rows, self._tops, self._orders = {}, {}, {}, {}
        if self._table is not None and self._shown is not None and self._shown.count[ROOT] > 0:
            self._children[-1] = [ROOT]
            self._rows[ROOT] = 0
            self._tops[ROOT] = ROOT

    def node(self, index: Index) -> int | None:
        """Return the node of a row."""
        return int(index.internalId()) if index.isValid() else None

    def index_of(self, node: int, column: int = 0) -> QModelIndex:
        """Return the row that shows a node: its own, that of the chain it is in, or of the nearest folder shown."""
        table, shown = self._table, self._shown
        if table is None or shown is None or node < 0 or not self._children:
            return QModelIndex()
        at = ROOT
        for step in table.ancestors(node)[1:]:
            if self._top(at) < step <= at:
                # It is inside the chain that this row stands for.
                continue
            place = self._place(at, step)
            if place is None:
                break
            at = self._children[at][place]
        return self.createIndex(self._rows[at], column, at)

    def _place(self, folder: int, child: int) -> int | None:
        """Return the row of a child in its folder, fetched if it was not yet; None where it has none, or is far down."""
        sorted_children = self._sorted(folder)
        try:
            place = sorted_children.index(child)
        except ValueError:
            return None
        if place >= len(self._listed(folder)):
            if place >= _FAR:
                return None
            self._fetch(folder, place + 1)
        return place

    def _sorted(self, node: int) -> Sequence[int]:
        """Return all children that are shown, in their order."""
        found = self._orders.get(node)
        table, shown = self._table, self._shown
        if found is not None or table is None or shown is None:
            return found or ()
        count, weight, kinds = shown.count, shown.weight, table.kind
        if has_many(table, node):
            found = sorted_columns(table, node, count, weight if self._order == "size" else None)
        else:
            listed = [child for child in table.children(node) if count[child] > 0]
            if self._order == "size":
                listed.sort(key=weight.__getitem__, reverse=True)
            else:
                listed.sort(key=lambda child: (kinds[child] != Kind.FOLDER, table.name_bytes(child).lower()))
            found = listed
        self._orders[node] = found
        return found

    def _listed(self, node: int) -> list[int]:
        """Return the rows of a folder so far, each the last folder of its chain."""
        listed = self._children.get(node)
        if listed is None:
            listed = self._children[node] = []
            self._take(node, _AT_ONCE)
        return listed

    def _take(self, node: int, stop: int) -> None:
        """Let a folder have that many rows, as far as it has so many children."""
        table, listed = self._table, self._children[node]
        if table is None:
            return
        kinds = table.kind
        for child in self._sorted(node)[len(listed) : stop]:
            last = self._end_of_chain(child) if kinds[child] == Kind.FOLDER else child
            if last != child:
                self._tops[last] = child
            self._rows[last] = len(listed)
            listed.append(last)

    def _fetch(self, node: int, stop: int) -> None:
        listed = self._listed(node)
        stop = min(stop, len(self._sorted(node)))
        if stop > len(listed):
            self.beginInsertRows(self.createIndex(self._rows[node], 0, node), len(listed), stop - 1)
            self._take(node, stop)
            self.endInsertRows()

    def _top(self, node: int) -> int:
        """Return the first folder of the chain that a row stands for; of any other node itself."""
        return self._tops.get(node, node)

    def _end_of_chain(self, node: int) -> int:
        table, shown = self._table, self._shown
        if table is None or shown is None:
            return node
        count, kinds = shown.count, table.kind
        while kinds[node] == Kind.FOLDER:
            only = -1
            for child in table.children(node):
                if count[child] > 0:
                    if only >= 0 or kinds[child] != Kind.FOLDER:
                        return node
                    only = child
            if only < 0:
                return node
            node = only
        return node

    # Qt's side

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Return a place."""
        node = int(parent.internalId()) if parent.isValid() else -1
        if parent.isValid() and parent.column() > 0:
            return QModelIndex()
        listed = self._children.get(-1, []) if node < 0 else self._listed(node)
        if not (0 <= row < len(listed) and 0 <= column < len(_HEADS)):
            return QModelIndex()
        return self.createIndex(row, column, listed[row])

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """Return the folder's row."""
        if not index.isValid() or self._table is None:
            return QModelIndex()
        top = self._top(int(index.internalId()))
        above = self._table.parent[top]
        if above < 0:
            return QModelIndex()
        return self.createIndex(self._rows[above], 0, above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many rows a folder has."""
        if not parent.isValid():
            return len(self._children.get(-1, []))
        if parent.column() > 0:
            return 0
        return len(self._listed(int(parent.internalId())))

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008, N802 - Qt's signature
        """Tell without listing."""
        if not parent.isValid():
            return bool(self._children)
        if parent.column() > 0 or self._table is None or self._shown is None:
            return False
        node = int(parent.internalId())
        if not self._table.is_folder(node):
            return False
        count = self._shown.count
        if count[node] != 1:
            return count[node] > 0
        # The one may be the folder itself.
        return any(count[child] > 0 for child in self._table.children(node))

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802 - Qt's name
        """Whether a folder has more children than rows: of a hundred thousand nobody wants to wait for all."""
        if not parent.isValid() or parent.column() > 0 or not self.hasChildren(parent):
            return False
        node = int(parent.internalId())
        return len(self._listed(node)) < len(self._sorted(node))

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 - Qt's name
        """Give a folder some more rows; a view asks when it is scrolled to the last."""
        if parent.isValid():
            node = int(parent.internalId())
            self._fetch(node, len(self._listed(node)) + _AT_ONCE)

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """Name, bar, size."""
        return len(_HEADS)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        """Titles."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Everything that a cell knows."""
        table, shown = self._table, self._shown
        if not index.isValid() or table is None or shown is None:
            return None
        node, column = int(index.internalId()), index.column()
        if role == Role.ITEM:
            return node
        if role == Role.MUTED:
            return self._hidden(node)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(
                part
                for part in (visible(table.path(node)), format_exact(shown.weight[node]), self._fate(node))
                if part
            )
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._name(node)}, {format_bytes(shown.weight[node])}"
        if column == NAME:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._name(node)
            if role == Role.PICTURE:
                return _PICTURES.get(Kind(table.kind[node]), "file"), "text2"
            if role == Role.SECOND:
                if self._hidden(node):
                    return "removed here" if self._removed_here(node) else "shadowed"
                link = table.link(node) if table.kind[node] == Kind.SYMLINK else None
                return f"→ {visible(link, 60)}" if link else ""
        elif column == BAR and role == Role.BAR:
            full = max(1, shown.weight[ROOT])
            return SizeBar(
                shown.weight[node],
                full,
                shadowed=max(0, shown.weight[node] - (shown.live or table.live)[node]),
            )
        elif column == SIZE:
            if role == Qt.ItemDataRole.DisplayRole:
                gone = self._removed_here(node) and not shown.weight[node]
                return (
                    f"{MINUS}{format_bytes(table.size[node])}" if gone else format_bytes(shown.weight[node])
                )
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _hidden(self, node: int) -> bool:
        """Whether it is hidden in what is shown: up to a layer, that is what this one and those below hide."""
        by, last = self._table.hidden_by[node] if self._table is not None else -1, self.wanted.up_to
        return by >= 0 and (last is None or by <= last)

    def _removed_here(self, node: int) -> bool:
        """Whether it is another layer's, shown as what the layer that is shown alone takes away."""
        table, one = self._table, self.wanted.layer
        return (
            table is not None and one is not None and 0 <= table.layer[node] != one == table.hidden_by[node]
        )

    def _fate(self, node: int) -> str:
        table = self._table
        if table is None or table.layer[node] < 0:
            return ""
        added = f"Added by layer {table.layer[node]}"
        return f"{added}, hidden by layer {table.hidden_by[node]}" if table.is_hidden(node) else added

    def _name(self, node: int) -> str:
        table = self._table
        if table is None:
            return ""
        if node == ROOT:
            return "/"
        names = []
        top = self._top(node)
        at = node
        while at >= top and at > ROOT:
            names.append(table.name(at))
            if at == top:
                break
            at = table.parent[at]
        return visible("/".join(reversed(names)), 200)
