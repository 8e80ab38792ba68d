"""A window on what smaller images are worth: the person's numbers above, the arithmetic in a table, its formulas below. Not modal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from slimdesk.basics.units import format_bytes, format_exact, format_seconds
from slimdesk.report.worth import (
    FORMULAS,
    Weight,
    Worth,
    WorthRow,
    format_rate,
    weight_of,
    worth,
)
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.worth_fields import WorthFields
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Text
from slimdesk.workspace.workspace import Workspace

_SIZE = (1060, 560)


def open_worth(desk: Desk) -> WorthWindow | None:
    """Open a window on the measured variants of the open component, else on the images that are compared or open."""
    weights = weights_in(desk.workspace)
    if not weights:
        desk.notify("info", "Nothing is measured yet.", "Build a variant or open an image first.")
        return None
    window = WorthWindow(desk, weights)
    window.resize(*_SIZE)
    window.show()
    return window


def weights_in(workspace: Workspace) -> list[Weight]:
    """Return what the measured images weigh, the reference first."""
    component = workspace.component
    results = [
        (variant, known.analysis.value)
        for variant, known in workspace.all_results().items()
        if known.analysis is not None and component is not None and variant.component == component.name
    ]
    results.sort(key=lambda pair: not pair[0].reference)
    found = [
        weight_of(image, f"{variant.family}{'-debug' if variant.debug else ''}") for variant, image in results
    ]
    if not any(found):
        opened = [*workspace.compared, *([workspace.image] if workspace.image is not None else [])]
        images = dict.fromkeys(one.image for one in opened if one.image is not None)
        found = [weight_of(image) for image in images]
    return [one for one in found if one is not None]


class WorthWindow(QDialog):
    """The arithmetic follows the numbers as they are typed; they are remembered."""

    def __init__(self, desk: Desk, weights: Sequence[Weight]) -> None:
        super().__init__(desk.window, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._weights = desk, tuple(weights)
        title = "What smaller images are worth"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.fields = WorthFields(desk, self)
        self.bandwidth, self.nodes, self.versions = self.fields.all
        self.rows: Rows[WorthRow] = Rows(_columns(lambda: self.worth))
        self.table = Table("What each is worth", self.rows)
        self.words = Text("", "body", wrap=True)
        self.table.selected.connect(self._tell)
        self.note = Text("", "small", "text2", wrap=True)
        copy = Button(
            "Copy as text", "copy", lambda: QGuiApplication.clipboard().setText(as_text(self.worth))
        )
        close = Button("Close", clicked=self.accept)
        head = row(
            Text("Bandwidth of a node", "body", "text2"), self.bandwidth,
            Text("Nodes", "body", "text2"), self.nodes,
            Text("Versions kept", "body", "text2"), self.versions, 1,
            margins=(16, 10, 16, 10), spacing=10,
        )  # fmt: skip
        foot = row(self.note, copy, close, margins=(16, 10, 16, 12), spacing=10)
        foot.setStretch(0, 1)
        told = panel(row(self.words, margins=(16, 10, 16, 10)), "page")
        body = column(
            panel(head, "bar"), line(), self.table, line(), told, _formulas(), line(), foot, spacing=0
        )
        body.setStretch(2, 1)
        self.setLayout(body)
        self.worth = worth(self._weights, self.fields.numbers)
        self.fields.changed.connect(self._calculate)
        self.finished.connect(lambda _code: self.fields.remember())
        self._calculate()

    def _calculate(self) -> None:
        numbers = self.fields.numbers
        self.worth = worth(self._weights, numbers)
        chosen = self.table.item
        self.rows.show_rows(self.worth.rows)
        name = chosen.name if chosen is not None else self.worth.rows[min(1, len(self.worth.rows) - 1)].name
        self.table.choose(lambda one: one.name == name)
        self._tell(self.table.item)
        notes = ["Download sizes are measured; the rest is arithmetic with your numbers."]
        if any(one.upper_bound for one in self.worth.rows):
            notes.append("≤: its base image is not known, so nothing is taken as shared.")
        if any(one.compressed_here for one in self.worth.rows):
            notes.append("Layers without compressed blobs were compressed here to measure them.")
        if self.worth.together is not None and len(self.worth.rows) > 1:
            notes.append(
                f"All of them in one registry, shared base layers once: {format_bytes(self.worth.together)}."
            )
        self.note.setText(" ".join(notes))

    def _tell(self, chosen: WorthRow | None) -> None:
        found = (
            None
            if chosen is None
            else next((one for one in self.worth.rows if one.name == chosen.name), None)
        )
        self.words.setText("" if found is None else self.worth.sentence(found))


def _columns(found: Callable[[], Worth]) -> list[Column[WorthRow]]:
    def bound(one: WorthRow, count: int) -> str:
        return f"{'≤ ' if one.upper_bound else ''}{format_bytes(count)}"

    return [
        Column("name", "Image", lambda one: one.name, width=150, grows=True, font="strong", second=lambda one: "reference" if one is found().reference else ""),
        Column("download", "Download", lambda one: format_bytes(one.download), lambda one: one.download, right=True, width=100, cell_tip=lambda one: format_exact(one.download),
               tip="Compressed layers, as a registry sends them, measured"),
        Column("pull", "One node pulls", lambda one: format_seconds(one.pull_seconds), lambda one: one.pull_seconds, right=True, width=120, tip=FORMULAS[0][1]),
        Column("shared", "All over one link", lambda one: format_seconds(one.shared_link_seconds), lambda one: one.shared_link_seconds, right=True, width=130, tip=FORMULAS[1][1]),
        Column("new", "Sent to new nodes", lambda one: format_bytes(one.sent_new), lambda one: one.sent_new, right=True, width=140, tip=FORMULAS[2][1]),
        Column("release", "Sent per release", lambda one: bound(one, one.sent_release), lambda one: one.sent_release, right=True, width=130, tip=FORMULAS[3][1]),
        Column("registry", "Registry", lambda one: bound(one, one.registry), lambda one: one.registry, right=True, width=110, tip=FORMULAS[4][1]),
    ]  # fmt: skip


def _formulas() -> QWidget:
    grid = QGridLayout()
    grid.setContentsMargins(16, 4, 16, 10)
    grid.setHorizontalSpacing(scaled(14))
    grid.setVerticalSpacing(2)
    for number, (name, formula) in enumerate(FORMULAS):
        grid.addWidget(Text(name, "small", "text2"), number, 0)
        grid.addWidget(Text(f"= {formula}", "small", "text3"), number, 1)
    grid.setColumnStretch(1, 1)
    box = QWidget()
    box.setLayout(grid)
    return box


def as_text(found: Worth) -> str:
    """Return the figures as a person pastes them into a message."""
    numbers = found.assumptions
    lines = [f"{format_rate(numbers.bandwidth)}, {numbers.nodes} nodes, {numbers.versions} versions kept"]
    lines += [found.sentence(one) for one in found.rows[1:]]
    lines += [f"{name} = {formula}" for name, formula in FORMULAS]
    return "\n".join(lines) + "\n"
