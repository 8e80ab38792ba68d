"""The layers of an image as a model of two levels: what the base brought, and what is the image's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, format_bytes, format_exact, plural
from slimdesk.image.model import Image, Layer
from slimdesk.image.picture import LayerSoFar
from slimdesk.ui.models.roles import Role, SizeBar

Index = QModelIndex | QPersistentModelIndex
TEXT, BAR, ADDS, SHADOWED = range(4)
_HEADS = ("Layer", "", "Adds", "Shadowed")
_TIPS = (
    "The instruction that made the layer, from the image's history",
    "What the layer adds, against the largest layer; the hatched end is shadowed",
    "Sizes of all files that the layer adds",
    "Bytes of it that a later layer overwrites or deletes: they are sent, and nobody sees them",
)
_BASE_NAME = "org.opencontainers.image.base.name"


@dataclass(frozen=True, slots=True)
class Group:
    """A folding head over layers."""

    title: str
    layers: tuple[Layer, ...]

    @property
    def summary(self) -> str:
        """How many, how large."""
        return f"{plural(len(self.layers), 'layer')}, {format_bytes(sum(one.sizes.files for one in self.layers))}"


def groups_of(image: Image) -> tuple[Group, ...]:
    """Return the groups, lowest first; one alone where it is not known what the base brought."""
    base = image.base_layers
    if base is None:
        return (Group("Layers", image.layers),)
    name = image.config.labels.get(_BASE_NAME, "")
    groups = [Group(f"Base {visible(name, 60)}".strip() if name else "Base image", image.layers[:base])]
    groups.append(Group("Own layers", image.layers[base:]))
    return tuple(group for group in groups if group.layers)


class LayerTree(QAbstractItemModel):
    """Groups, and their layers below; an index's internal id is 0 for a group, else 1 + the group's row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[Group, ...] = ()
        self._full = 1
        self.lines: dict[int, tuple[int, int]] = {}
        """Of the Dockerfile that the image was built from, the first and last line that made each layer."""
        self._unread: frozenset[int] = frozenset()
        self._unknown: frozenset[int] = frozenset()

    def show_image(self, image: Image | None, so_far: Sequence[LayerSoFar] = ()) -> None:
        """Show an image's layers; `so_far` is what is known of them while they are being read."""
        self.beginResetModel()
        self.lines = {}
        self._unread = frozenset(layer.index for layer in so_far if not layer.read)
        self._unknown = frozenset(layer.index for layer in so_far if layer.files is None)
        self._groups = groups_of(image) if image is not None else ()
        sizes = [layer.sizes.files for group in self._groups for layer in group.layers]
        self._full = max([1, *sizes])
        self.endResetModel()

    def layer(self, index: Index) -> Layer | None:
        """Return the layer of a row; None for a group."""
        if not index.isValid() or not index.internalId():
            return None
        return self._groups[int(index.internalId()) - 1].layers[index.row()]

    def group(self, index: Index) -> Group | None:
        """Return the group of a row; None for a layer."""
        return self._groups[index.row()] if index.isValid() and not index.internalId() else None

    def index_of(self, layer: int) -> QModelIndex:
        """Return the row of a layer by its number."""
        for number, group in enumerate(self._groups):
            for row, one in enumerate(group.layers):
                if one.index == layer:
                    return self.createIndex(row, 0, number + 1)
        return QModelIndex()

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Return a place."""
        if row < 0 or not 0 <= column < len(_HEADS) or row >= self.rowCount(parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """Return the group's row."""
        if not index.isValid() or not index.internalId():
            return QModelIndex()
        return self.createIndex(int(index.internalId()) - 1, 0, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many."""
        if not parent.isValid():
            return len(self._groups)
        if parent.internalId() or parent.column() > 0:
            return 0
        return len(self._groups[parent.row()].layers)

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """Instruction, bar, adds, shadowed."""
        return len(_HEADS)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        """Titles and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section >= ADDS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Everything that a cell knows."""
        if (group := self.group(index)) is not None:
            if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                return group.title if index.column() == TEXT else ""
            return {Role.SECOND: group.summary, Role.FONT: "strong"}.get(role)  # type: ignore[call-overload]
        layer = self.layer(index)
        return None if layer is None else self._of_layer(layer, index.column(), role)

    def _of_layer(self, layer: Layer, column: int, role: int) -> Any:
        if role == Role.ITEM:
            return layer
        if role == Qt.ItemDataRole.ToolTipRole:
            if layer.index in self._unread:
                stated = (
                    ""
                    if layer.index in self._unknown
                    else f"files {format_exact(layer.sizes.files)}, as stated"
                )
                return "\n".join(
                    one for one in (visible(layer.instruction or "", 600), "Not read yet", stated) if one
                )
            line = self.lines.get(layer.index)
            return _tip(layer) + (f"\nLine {line[0]} of the Dockerfile" if line is not None else "")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"Layer {layer.index}: {layer.instruction or 'not known'}, adds {format_bytes(layer.sizes.files)}, shadowed {format_bytes(layer.shadowed)}"
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= ADDS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Role.BAR and column == BAR:
            base = layer.sizes.files if layer.base else None
            own = 0 if layer.base else layer.sizes.files
            if layer.base and layer.shadowed:
                return SizeBar(layer.shadowed, self._full, layer.sizes.files - layer.shadowed, layer.shadowed)
            return SizeBar(own, self._full, base, layer.shadowed)
        if role == Role.TONE and layer.index in self._unread:
            return "text3"
        if role == Role.TONE and column == SHADOWED:
            return "warn" if layer.shadowed else "text3"
        if role == Role.FONT and column == SHADOWED and layer.shadowed:
            return "strong"
        if role == Qt.ItemDataRole.DisplayRole:
            if column == TEXT:
                return visible(layer.instruction or "not in the history", 300)
            if column == ADDS:
                return UNKNOWN if layer.index in self._unknown else format_bytes(layer.sizes.files)
            if column == SHADOWED:
                return format_bytes(layer.shadowed) if layer.shadowed else UNKNOWN
        return None


def _tip(layer: Layer) -> str:
    download = format_exact(layer.sizes.download) if layer.sizes.download is not None else "not measured"
    return "\n".join(
        (
            visible(layer.instruction or "The history does not say what made this layer", 600),
            f"{plural(layer.entries, 'entry', 'entries')}, files {format_exact(layer.sizes.files)}",
            f"shadowed {format_exact(layer.shadowed)}, unpacked {format_exact(layer.sizes.unpacked)}, download {download}",
            layer.diff_id or "",
        )
    ).strip()
