"""The file tree as a lazy model: children are listed and sorted when a folder is opened, never before."""

from __future__ import annotations

from typing import Any, Literal

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import MINUS, format_bytes, format_exact
from slimdesk.image.table import ROOT, FileTable, Kind
from slimdesk.ui.models.files_view import Shown, Wanted
from slimdesk.ui.models.roles import Role, SizeBar

Index = QModelIndex | QPersistentModelIndex
Order = Literal["size", "name"]
NAME, BAR, SIZE = range(3)
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
        self._children, self._rows, self._tops = {}, {}, {}
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
            if self._tops[at] < step <= at:
                # It is inside the chain that this row stands for.
                continue
            children = self._listed(at)
            if step in self._rows:
                at = step
                continue
            chained = next(
                (
                    child
                    for child in children
                    if self._tops[child] <= step < table.end[child] and step <= child
                ),
                None,
            )
            if chained is None:
                break
            at = chained
        return self.createIndex(self._rows[at], column, at)

    def _listed(self, node: int) -> list[int]:
        listed = self._children.get(node)
        if listed is not None:
            return listed
        table, shown = self._table, self._shown
        if table is None or shown is None:
            return []
        count, weight = shown.count, shown.weight
        listed = []
        for child in table.children(node):
            if count[child] > 0:
                last = self._end_of_chain(child)
                self._tops[last] = child
                listed.append(last)
        if self._order == "size":
            listed.sort(key=lambda child: -weight[child])
        else:
            listed.sort(
                key=lambda child: (not table.is_folder(child), table.name_bytes(self._tops[child]).lower())
            )
        self._children[node] = listed
        self._rows.update({child: row for row, child in enumerate(listed)})
        return listed

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
        top = self._tops.get(int(index.internalId()), ROOT)
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
        return any(count[child] > 0 for child in self._table.children(node))

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
        top = self._tops.get(node, node)
        at = node
        while at >= top and at > ROOT:
            names.append(table.name(at))
            if at == top:
                break
            at = table.parent[at]
        return visible("/".join(reversed(names)), 200)
