"""The treemap of a difference: area is bytes that came or went, colour says which; and what stands under the pointer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes
from slimdesk.image.difference_model import Change
from slimdesk.image.table import ROOT
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.compare import PairView
from slimdesk.ui.models.compare_rows import signed_words
from slimdesk.ui.pages.treemap_switched import SwitchedTreemap
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.text import Elided, Text


class DifferenceMap(QWidget):
    """Map, legend, and one line about what is pointed at. Signals: `chosen(row)` of the difference, by a click or a key."""

    chosen = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._view: PairView | None = None
        self.setAccessibleName("Treemap of the difference")
        self._body = SwitchedTreemap(desk, "Treemap of the difference")
        self.map, self.legend = self._body.map, self._body.legend
        self.map.empty_words = "No bytes differ"
        self.map.chosen.connect(self._chosen)
        self.map.pointed.connect(self._pointed)
        self.map.asked.connect(self._menu)
        self._body.shown.connect(self._say)
        self.words = Elided("", "small", "text2")
        self._area = Text("", "small", "text2")
        foot = panel(row(self.words, self._area, margins=(12, 3, 12, 3)), "bar", "top")
        self.setLayout(column(self._body, foot, spacing=0))

    def show_view(self, view: PairView | None, words: str) -> None:
        """Show another difference; `words` names its two images."""
        self._view = view
        known = view is not None and view.tree is not None
        self._area.setText(f"Area = live bytes of difference, {words}" if known else "")
        self.map.empty_words = "No bytes differ"
        if view is None or view.tree is None:
            self.map.empty_words = "Which files differ is not known" if view is not None else ""
            self.words.setText("")
            self._body.show_table(None)
            return
        self._body.show_table(view.tree.table, view.coloring, view.shown)

    def select(self, row: int) -> None:
        """Mark a row of the difference, where it has bytes that differ."""
        tree = self._view.tree if self._view is not None else None
        if tree is None:
            return
        import numpy as np

        rows = np.frombuffer(tree.rows, dtype=np.int32)
        at = int(np.searchsorted(rows, row))
        self.map.select(at if at < len(rows) and rows[at] == row else -1)

    def _pointed(self, node: int) -> None:
        self._say(node if node >= 0 else self.map.selected if self.map.selected >= 0 else self.map.root)

    def _chosen(self, node: int) -> None:
        self._say(node)
        if self._view is not None and self._view.tree is not None:
            self.chosen.emit(self._view.tree.rows[node])

    def _say(self, node: int) -> None:
        view = self._view
        if view is None or view.tree is None or not 0 <= node < len(view.tree.rows):
            return
        files, row_of = view.pair.files, view.tree.rows[node]
        end = int(files.end[row_of])
        before = int(files.before_size[row_of:end].sum())
        after = int(files.after_size[row_of:end].sum())
        path = visible(files.path(row_of), 200)
        state = _WORDS.get(int(files.change[row_of]), "") if end == row_of + 1 else ""
        self.words.setText(
            f"{path}{f', {state}' if state else ''}: {format_bytes(before)} → {format_bytes(after)} ({signed_words(after - before)})"
        )

    def _menu(self, node: int, where: object) -> None:
        view = self._view
        if view is None or view.tree is None:
            return
        path = visible(view.pair.files.path(view.tree.rows[node]))
        menu = QMenu(self)
        if view.tree.table.is_folder(node):
            menu.addAction("Fill the map with it", lambda: self._body.zoom(node))
        menu.addAction("Show all", lambda: self._body.zoom(ROOT)).setEnabled(self.map.root != ROOT)
        menu.addAction("Copy path", lambda: QGuiApplication.clipboard().setText(path))
        menu.popup(where)  # type: ignore[arg-type]


_WORDS = {
    int(Change.REMOVED): "removed",
    int(Change.ADDED): "added",
    int(Change.CHANGED): "changed",
    int(Change.MAYBE): "contents not compared",
}
