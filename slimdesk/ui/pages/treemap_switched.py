"""A treemap of one table in colours of its own, with a legend whose marks hide and bring back what they stand for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from slimdesk.image.table import ROOT, FileTable
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.files_view import Columns, Shown, Wanted, shown_nodes
from slimdesk.ui.models.image_colors import Coloring
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.treemap import Done, Treemap, Work, at_once
from slimdesk.ui.widgets.treemap_legend import TreemapLegend

# From here on a map is laid out beside the loop: placing, filling and writing would be felt while the window paints.
MANY = 2_500


class SwitchedTreemap(QWidget):
    """Signals: `shown(node)` another folder, or other bytes, fill the map."""

    shown = Signal(int)

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__()
        self._table: FileTable | None = None
        self._coloring: Coloring | None = None
        self._whole: Shown | None = None
        self._left_out: frozenset[int] = frozenset()
        self.map = Treemap(name, lays_out(desk, lambda: len(self._table) if self._table is not None else 0))
        self.legend = TreemapLegend()
        self.legend.switched.connect(self._switch)
        self.map.zoomed.connect(self.zoom)
        self.setLayout(column(self.map, self.legend, spacing=0))
        self.setSizePolicy(self.map.sizePolicy())

    def show_table(
        self, table: FileTable | None, coloring: Coloring | None = None, whole: Shown | None = None
    ) -> None:
        """Show another table from its root, or none; `whole` is all of it, if it is summed already."""
        self._table, self._coloring, self._whole = table, coloring, whole
        self._left_out = frozenset()
        if table is None or coloring is None:
            self.map.show_files(None, None, None)
            self.legend.show_entries((), frozenset(), 0, shadowed=False)
            return
        self._show(ROOT)

    def zoom(self, node: int) -> None:
        """Let a folder fill the map."""
        self.map.zoom_to(node)
        self.shown.emit(node)

    def _show(self, root: int) -> None:
        table, coloring = self._table, self._coloring
        if table is None or coloring is None:
            return
        seen = None if self._left_out else self._whole
        if seen is None:
            seen = shown_nodes(table, Wanted(left_out=self._left_out), Columns(codes=coloring.codes))
        root = root if seen.weight[root] else ROOT
        self.map.show_files(table, seen, coloring, root)
        self.legend.show_entries(coloring.legend, self._left_out, 0, shadowed=False)
        self.shown.emit(root)

    def _switch(self, codes: frozenset[int]) -> None:
        out = self._left_out
        self._left_out = out - codes if codes <= out else out | codes
        self._show(self.map.root)


def lays_out(desk: Desk, nodes: Callable[[], int]) -> Callable[[Work, Done], None]:
    """Return what lays a treemap of so many nodes out: here and now, or, where that would be felt, beside the loop."""

    def lay_out(work: Work, done: Done) -> None:
        if nodes() < MANY:
            at_once(work, done)
        else:
            desk.spawn(beside(work, done))

    async def beside(work: Work, done: Done) -> None:
        done(await desk.blocking(work))

    return lay_out
