"""The lower half of the Compare page: files removed, added, changed and moved, packages and settings, with a filter."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter
from PySide6.QtWidgets import QLineEdit, QMenu, QStackedWidget, QWidget

from slimdesk.basics.units import MINUS, THIN_SPACE, plural
from slimdesk.image.difference_model import Change
from slimdesk.ui.models.compare import PairView
from slimdesk.ui.models.compare_files import FileRow, FileRows, FileTexts
from slimdesk.ui.models.compare_rows import config_columns, file_columns, package_columns
from slimdesk.ui.models.roles import Role
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.theme.fonts import fix_width, scaled
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.cells import CellDelegate, Index
from slimdesk.ui.widgets.headers import TabBar
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.notice import Notice, NoticeArea
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Text

_TABS = {
    "removed": ("Removed", Change.REMOVED, "minus"),
    "added": ("Added", Change.ADDED, "plus"),
    "changed": ("Changed", Change.CHANGED, "pencil-simple"),
    "moved": ("Moved", Change.MOVED, "arrow-right"),
    "maybe": ("Uncertain", Change.MAYBE, "question"),
}
_BAR = 8
_NUMBER = 84
_FILTER, _FILTER_NARROW = 220, 150


class CompareLists(QWidget):
    """Signals: `picked(row)` of the difference; `contents` their contents are to be read. `treemap` is shown as a tab."""

    picked = Signal(int)
    contents = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What differs")
        self._names = ("A", "B")
        self._view: PairView | None = None
        self._texts: FileTexts | None = None
        self._map: QWidget | None = None
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter paths")
        self.filter.setAccessibleName("Filter")
        self.filter.setToolTip("Words of a path or a package, or a glob such as *.so")
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(icon("magnifying-glass"), QLineEdit.ActionPosition.LeadingPosition)
        fix_width(self.filter, _FILTER)
        self.filter.textChanged.connect(self._find)
        tabs = [(key, title) for key, (title, _, _) in _TABS.items()]
        self.tabs = TabBar(
            "What differs",
            [("map", "Treemap"), *tabs, ("packages", "Packages"), ("config", "Settings")],
            [self.filter],
        )
        for key, (_, _, picture) in _TABS.items():
            self.tabs.picture(key, picture)
        self.tabs.show_tab("map", False)
        self.tabs.show_tab("maybe", False)
        self.tabs.chosen.connect(self._open)

        def before() -> str:
            return self._names[0]

        def after() -> str:
            return self._names[1]

        self.files = FileRows(file_columns(before, after))
        self.file_table = Table("Files that differ", self.files, sorts_itself=True, menus=self._file_menu)
        self.file_table.setItemDelegate(_DifferenceDelegate(self.file_table))
        self.file_table.selected.connect(self._picked)
        self.packages = Rows(package_columns(before, after))
        self.package_table = Table("Packages that differ", self.packages)
        self.config = Rows(config_columns(before, after))
        self.config_table = Table("Settings that differ", self.config)
        for table in (self.file_table, self.package_table, self.config_table):
            table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.notices = NoticeArea()
        self._none = Text("", "body", "text2", wrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._body = QStackedWidget()
        for pane in (self.file_table, self.package_table, self.config_table, self._none):
            self._body.addWidget(pane)
        self.setLayout(column(self.tabs, self.notices, self._body, spacing=0))
        layout = self.layout()
        if layout is not None:
            layout.setStretch(2, 1)  # type: ignore[attr-defined]

    def show_view(self, view: PairView | None, names: tuple[str, str]) -> None:
        """Show another difference between the images of these names."""
        self._view, self._names = view, names
        known = view is not None and view.pair.files_known
        self._texts = FileTexts(view.pair.files) if view is not None and known else None
        for key, (_, change, _) in _TABS.items():
            count = view.counts.get(change) if view is not None and known else None
            self.tabs.count(key, count, words=grouped(count or 0))
        maybe = view.counts.get(Change.MAYBE, 0) if view is not None and known else 0
        self.tabs.show_tab("maybe", maybe > 0)
        if not maybe and self.tabs.value == "maybe":
            self.tabs.choose("changed")
        grown = view.packages_grown if view is not None else 0
        words = (
            f"+{grown}"
            if grown > 0
            else f"{MINUS}{-grown}"
            if grown
            else grouped(len(view.packages) if view else 0)
        )
        both = (
            view is not None
            and view.pair.before.packages is not None
            and view.pair.after.packages is not None
        )
        self.tabs.count("packages", 1 if both else None, words=words)
        self.tabs.count("config", len(view.config) if view is not None else None)
        self.packages.show_rows(view.packages if view is not None else ())
        self.config.show_rows(view.config if view is not None else ())
        if known and view is not None and not view.counts.get(_change(self.tabs.value), 1):
            best = max(_TABS, key=lambda key: view.counts.get(_TABS[key][1], 0))
            if view.counts.get(_TABS[best][1], 0):
                self.tabs.choose(best)
        self._open(self.tabs.value)

    def take_map(self, pane: QWidget | None) -> None:
        """Show a treemap as the first tab, or give it up again."""
        if pane is self._map:
            return
        if self._map is not None:
            self._body.removeWidget(self._map)
        self._map = pane
        if pane is not None:
            self._body.addWidget(pane)
        self.tabs.show_tab("map", pane is not None)
        # A tab more, and a narrower window: icons and half the filter give way.
        fix_width(self.filter, _FILTER if pane is None else _FILTER_NARROW)
        for key, (_, _, picture) in _TABS.items():
            self.tabs.picture(key, picture if pane is None else "")
        if pane is not None:
            self.tabs.choose("map")
        elif self.tabs.value == "map":
            self.tabs.choose("removed")
        self._open(self.tabs.value)

    def choose_row(self, row: int) -> None:
        """Show a row of the difference in its list."""
        if self._texts is None:
            return
        change = Change(int(self._texts.files.change[row]))
        key = next((key for key, (_, one, _) in _TABS.items() if one is change), None)
        if key is None or self.tabs.value == "map":
            return
        self.tabs.choose(key)
        at = self.files.place_of(row)
        if at >= 0:
            index = self.files.index(at, 0)
            blocked = self.file_table.blockSignals(True)
            self.file_table.setCurrentIndex(index)
            self.file_table.selectRow(at)
            self.file_table.blockSignals(blocked)
            self.file_table.scrollTo(index)

    def _open(self, key: str) -> None:
        self.filter.setVisible(key != "map")
        self.filter.setPlaceholderText(
            {"packages": "Filter packages", "config": "Filter settings"}.get(key, "Filter paths")
        )
        self.notices.clear()
        if key == "map" and self._map is not None:
            self._body.setCurrentWidget(self._map)
        elif key == "packages":
            self._show(self.package_table, self._why_no_packages())
        elif key == "config":
            self._show(self.config_table, self._why_no_config())
        else:
            self.files.show_changes(self._texts, _change(key))
            why = (
                ""
                if self._texts is not None
                else "Which files differ is not known: one of the analyses does not hold them."
            )
            count = self._view.counts.get(_change(key), 0) if self._view is not None else 0
            self._show(self.file_table, why or ("" if count else _NOTHING[key]))
            self._note(key)
        self._find(self.filter.text())

    def _show(self, pane: QWidget, why_not: str) -> None:
        self._none.setText(why_not)
        self._body.setCurrentWidget(self._none if why_not else pane)

    def _note(self, key: str) -> None:
        view = self._view
        if view is None or self._texts is None:
            return
        maybe = view.counts.get(Change.MAYBE, 0)
        if key in ("changed", "maybe") and maybe:
            self.notices.show_notice(
                Notice(
                    "info",
                    f"{plural(maybe, 'file')} of the same size {'has' if maybe == 1 else 'have'} another time.",
                    "Whether the contents differ only reading them tells.",
                    actions=[("Read contents", self.contents.emit)],
                )
            )
        if key == "moved" and view.counts.get(Change.MOVED) and not view.pair.files.proven:
            self.notices.show_notice(
                Notice(
                    "info",
                    "Told by name, size, mode and time.",
                    "Reading the contents proves it, and finds what was renamed as well.",
                    actions=[("Read contents", self.contents.emit)],
                )
            )

    def _why_no_packages(self) -> str:
        view = self._view
        if view is None:
            return ""
        if view.pair.before.packages is None or view.pair.after.packages is None:
            return "The packages of one of the images were not read."
        return "" if view.packages else "Both images hold the same packages."

    def _why_no_config(self) -> str:
        view = self._view
        if view is None:
            return ""
        if not (view.pair.before.config_known and view.pair.after.config_known):
            return "One of the analyses does not say how its image starts."
        return "" if view.config else "Both images start in the same way."

    def _find(self, text: str) -> None:
        key = self.tabs.value
        if key == "packages":
            self.package_table.sorted_rows.find(text)
        elif key == "config":
            self.config_table.sorted_rows.find(text)
        elif key != "map":
            self.files.find(text)

    def _picked(self, row: FileRow | None) -> None:
        if row is not None:
            self.picked.emit(row.row)

    def _file_menu(self, menu: QMenu, row: FileRow) -> None:
        clipboard = QGuiApplication.clipboard()
        menu.addAction("Copy path", lambda: clipboard.setText(row.path))
        if row.moved_from:
            menu.addAction("Copy path before", lambda: clipboard.setText(row.moved_from))
        folder = row.path.rpartition("/")[0]
        if folder:
            menu.addAction("Filter by its folder", lambda: self.filter.setText(f"{folder}/"))


_NOTHING = {
    "removed": "No file was removed.",
    "added": "No file was added.",
    "changed": "No file changed.",
    "moved": "No file was moved, as far as names, sizes and times tell.",
    "maybe": "All contents are compared.",
}


def _change(key: str) -> Change:
    return _TABS[key][1] if key in _TABS else Change.SAME


def grouped(count: int) -> str:
    """Return a count with thin spaces between groups of three digits."""
    return f"{count:,}".replace(",", THIN_SPACE)


class _DifferenceDelegate(CellDelegate):
    """Draws the column of the difference: a bar that ends at the number, as long as its share of the largest."""

    def __init__(self, view: Table) -> None:
        super().__init__(view)
        self._table = view

    def paint_content(self, painter: QPainter, area: QRect, index: Index, muted: bool) -> None:
        """Draw the bar, then what any cell has."""
        rows = self._table.rows_model
        if rows.columns[index.column()].key == "difference" and isinstance(rows, FileRows):
            row = index.data(Role.ITEM)
            if isinstance(row, FileRow) and row.delta:
                self._bar(painter, area, row.delta, rows.largest)
        super().paint_content(painter, area, index, muted)

    def _bar(self, painter: QPainter, area: QRect, delta: int, largest: int) -> None:
        room = area.width() - scaled(_NUMBER)
        if room < _BAR:
            return
        width = max(2.0, room * abs(delta) / max(1, largest))
        tokens = current().tokens
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor((tokens.less if delta < 0 else tokens.more)[2]))
        top = area.center().y() - _BAR // 2 + 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(QRectF(area.left() + room - width, top, width, _BAR), 2, 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
