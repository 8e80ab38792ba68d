"""The tab of an image's findings: what is worth telling, what following it gains, and where it is; the chosen one whole."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import UNKNOWN, format_bytes, format_exact, format_percent, plural
from slimdesk.image.model import Image
from slimdesk.ui.models.findings import fix_column, message_column, severity_column
from slimdesk.ui.models.packages import node_of_path
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.image_acts import NodeActs
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import column, panel
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Elided, Text

_CHOOSE = "choose a finding that names a path first"


class FindingList(QWidget):
    """A line with the sum, the table. Signals: `picked(node)`; `opened(node)` its place is wanted."""

    picked = Signal(int)
    opened = Signal(int)

    def __init__(self, acts: NodeActs) -> None:
        super().__init__()
        self._acts = acts
        self.setAccessibleName("Findings of the image")
        self.rows = Rows(_columns())
        self.table = Table("Findings", self.rows, menus=self._menu)
        self.words = Elided("", "body", "text2")
        self.show_button = Button("Show in the tree", "folder-open", self._open, kind="flat")
        self._image: Image | None = None
        bar = ToolBar(self.words, self.show_button)
        layout = bar.layout()
        if layout is not None:
            layout.setStretchFactor(self.words, 1)  # type: ignore[attr-defined]
        self.whole = Text("", "body", wrap=True)
        self.what_to_do = Text("", "body", "text2", wrap=True)
        self._foot = panel(
            column(self.whole, self.what_to_do, margins=(16, 8, 16, 10), spacing=2), "page", "top"
        )
        self._foot.hide()
        self.setLayout(column(bar, self.table, self._foot, spacing=0))
        self.table.selected.connect(self._selected)
        self.table.opened.connect(lambda _finding: self._open())
        self.show_button.allow(False, _CHOOSE)

    def show_image(self, image: Image) -> None:
        """Show another image's findings."""
        self.table.clearSelection()
        self._image = image
        self._foot.hide()
        self.rows.show_rows(image.findings)
        self.words.setText(findings_in_words(image))
        self.show_button.allow(False, _CHOOSE)

    @property
    def node(self) -> int:
        """Where the chosen finding is; -1 for none, or where no file of the image has its path."""
        finding = self.table.item
        if self._image is None or finding is None:
            return -1
        return node_of_path(self._image, finding.path)

    def _selected(self, finding: Finding | None) -> None:
        # The table's columns cut long sentences.
        self.whole.setText("" if finding is None else visible(finding.message))
        self.what_to_do.setText("" if finding is None else visible(finding.fix or ""))
        self.what_to_do.setVisible(bool(self.what_to_do.text()))
        self._foot.setVisible(finding is not None)
        node = self.node
        self.show_button.allow(node >= 0, _CHOOSE)
        if node >= 0:
            self.picked.emit(node)

    def _open(self) -> None:
        node = self.node
        if node >= 0:
            self.opened.emit(node)

    def _menu(self, menu: QMenu, finding: Finding) -> None:
        menu.addAction("Show in the tree", self._open).setEnabled(self.node >= 0)
        self._acts.fill_leave_out(menu, finding)
        if finding.path:
            path = visible(finding.path)
            menu.addAction("Copy path", lambda: QGuiApplication.clipboard().setText(path))


def findings_in_words(image: Image) -> str:
    """Return in a line how many findings there are and what following them could save."""
    if not image.findings:
        return "Nothing was found that is worth telling"
    count = plural(len(image.findings), "finding")
    if not image.could_save:
        return f"{count}; no bytes to gain"
    live = image.sizes.live
    share = f", {format_percent(image.could_save / live)} of live" if live else ""
    return f"{count}; could save {format_bytes(image.could_save)}{share} (each byte counted once)"


def _columns() -> list[Column[Finding]]:
    return [
        severity_column(),
        message_column(280),
        Column(
            "bytes", "Gain", lambda one: format_bytes(one.bytes), lambda one: one.bytes, right=True, width=80,
            cell_tip=lambda one: format_exact(one.bytes) if one.bytes is not None else "What it gains in bytes is not known",
            tip="Live bytes that the fix would gain, where that is known",
        ),
        fix_column(280, UNKNOWN),
        Column("path", "Where", lambda one: visible(one.path or UNKNOWN), width=180, font="mono", cell_tip=lambda one: visible(one.path or "")),
        Column("rule", "Rule", lambda one: one.rule, width=140, font="mono", cell_tip=lambda one: one.rule),
    ]  # fmt: skip
