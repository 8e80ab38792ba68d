"""The tab of an image's packages: what is installed, how heavy it is, under which licence, and where it lies."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from slimdesk.basics.units import UNKNOWN, format_bytes, format_exact, plural
from slimdesk.image.model import Image
from slimdesk.ui.models.packages import NOT_READ, PackageRow, package_rows, packages_in_words
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.image_acts import NodeActs
from slimdesk.ui.theme.fonts import fix_width
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Elided

_CHOOSE = "choose a package first"


class PackageList(QWidget):
    """A line of sums, a filter, the table. Signals: `picked(index)`; `opened(index)` its files are wanted."""

    picked = Signal(int)
    opened = Signal(int)

    def __init__(self, acts: NodeActs) -> None:
        super().__init__()
        self._acts = acts
        self.setAccessibleName("Packages of the image")
        self.rows = Rows(_columns())
        self.table = Table("Packages", self.rows, menus=self._menu)
        self.words = Elided("", "body", "text2")
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter, for example openssl")
        self.filter.setAccessibleName("Filter packages")
        self.filter.setToolTip("Words of a name, a version, a type, a licence or a path")
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(icon("magnifying-glass"), QLineEdit.ActionPosition.LeadingPosition)
        fix_width(self.filter, 260)
        self.filter.textChanged.connect(self.table.sorted_rows.find)
        self.show_button = Button("Show its files", "folder-open", self._open, kind="flat")
        bar = ToolBar(self.filter, self.words, self.show_button)
        layout = bar.layout()
        if layout is not None:
            layout.setStretchFactor(self.words, 1)  # type: ignore[attr-defined]
        self.setLayout(column(bar, self.table, spacing=0))
        self.table.selected.connect(self._selected)
        self.table.opened.connect(lambda row: self.opened.emit(row.index))
        self.show_button.allow(False, _CHOOSE)

    def show_image(self, image: Image | None) -> None:
        """Show another image's packages, all of them."""
        self.table.clearSelection()
        self.filter.clear()
        self.rows.show_rows(package_rows(image))
        self.words.setText(packages_in_words(image) if image is not None else NOT_READ)
        self.show_button.allow(False, _CHOOSE)

    def _selected(self, row: PackageRow | None) -> None:
        self.show_button.allow(row is not None, _CHOOSE)
        if row is not None:
            self.picked.emit(row.index)

    def _open(self) -> None:
        if self.table.item is not None:
            self.opened.emit(self.table.item.index)

    def _menu(self, menu: QMenu, row: PackageRow) -> None:
        clipboard = QGuiApplication.clipboard()
        menu.addAction("Show its files", self._open)
        self._acts.fill_leave_out(menu, row.package)
        menu.addAction("Copy purl", lambda: clipboard.setText(row.package.purl))
        if row.package.path:
            path = row.package.path
            menu.addAction("Copy path", lambda: clipboard.setText(path))


def _columns() -> list[Column[PackageRow]]:
    return [
        Column("name", "Name", lambda row: row.package.name, width=240, grows=True, font="strong", cell_tip=lambda row: row.package.purl),
        Column("version", "Version", lambda row: row.package.version or UNKNOWN, width=190, font="mono", cell_tip=lambda row: row.package.version),
        Column("type", "Type", lambda row: row.package.type, width=80, tip="The kind of package, as package URLs spell it"),
        Column(
            "licence", "Licence", lambda row: row.package.licence or UNKNOWN,
            lambda row: row.package.licence.casefold() if row.package.licence else None,
            width=150, cell_tip=lambda row: row.package.licence or "It states none", tip="As the package states it",
        ),
        Column(
            "size", "Size", lambda row: format_bytes(row.package.size), lambda row: row.package.size, right=True, width=90,
            cell_tip=_size_tip, tip="Live bytes of its files",
        ),
        Column(
            "path", "Path", lambda row: row.package.path or UNKNOWN, width=260, grows=True, font="mono",
            cell_tip=lambda row: row.package.path or "", tip="The record that it was read from",
        ),
    ]  # fmt: skip


def _size_tip(row: PackageRow) -> str:
    if row.package.size is None:
        return "It is inside a program; its bytes cannot be told from those of the others"
    return f"{format_exact(row.package.size)}, {plural(row.package.files, 'file')}"
