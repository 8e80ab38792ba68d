"""A window on the known vulnerabilities of an image: counts with what they are worth, by fault, package and layer. Not modal."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QMenu, QStackedWidget
from shiboken6 import isValid

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.image.model import Image
from slimdesk.operations.scan import installed
from slimdesk.scan.model import NotScanned, Scan, difference
from slimdesk.scan.scanned import Scanned
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.models.scans import (
    FaultRow,
    GroupRow,
    counts_in_words,
    coverage_in_words,
    fault_columns,
    fault_rows,
    group_columns,
    layer_rows,
    made_by,
    package_rows,
)
from slimdesk.ui.pages.image_inside_save import Running
from slimdesk.ui.pages.scan_work import scan_now
from slimdesk.ui.theme.fonts import fix_width
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import Button, SegmentedSwitch, menu_button
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.notice import EmptyState, sentence
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Icon, Text

_SIZE = (1040, 620)
_ASK = (
    "trivy, grype or docker scout looks for packages with known faults. The scanner is kept off the network unless you "
    "allow it."
)


def open_scan(
    desk: Desk, image: Image | None, reference: Image | None = None, *, start: bool = True
) -> ScanWindow | None:
    """Open a window on an image's vulnerabilities; `start`: scan it at once if it was not scanned yet."""
    if image is None:
        return None
    window = ScanWindow(desk, image, reference)
    window.resize(*_SIZE)
    window.show()
    if start and window.scanned is None:
        window.scan()
    return window


class ScanWindow(QDialog):
    """What the scanner found, and what its count is about."""

    def __init__(self, desk: Desk, image: Image, reference: Image | None = None) -> None:
        super().__init__(desk.window, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._image, self._reference = desk, image, reference
        self.setWindowTitle(f"Known vulnerabilities – {visible(image.name or image.location, 80)}")
        self.setAccessibleName("Known vulnerabilities")
        self.sign = Icon("shield-check", "text3")
        self.verdict = Text("Not scanned", "section")
        self.words = Text(_ASK, "body", "text2", wrap=True)
        self.about = Text("", "small", "text3", wrap=True)
        self.faults: Rows[FaultRow] = Rows(fault_columns())
        self.packages: Rows[GroupRow] = Rows(group_columns("Package"))
        self.layers: Rows[GroupRow] = Rows(group_columns("Layer"))
        self.table = Table("Faults", self.faults, menus=self._menu)
        self.by_package = Table("Packages with faults", self.packages)
        self.by_layer = Table("Layers with faults", self.layers)
        self.view = SegmentedSwitch(
            "Show", [("faults", "Faults"), ("packages", "Packages"), ("layers", "Layers")], "faults"
        )
        self.view.chosen.connect(self._choose_view)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter, for example openssl")
        self.filter.setAccessibleName("Filter faults")
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(icon("magnifying-glass"), QLineEdit.ActionPosition.LeadingPosition)
        fix_width(self.filter, 260)
        self.filter.textChanged.connect(self._find)
        self.again = Button("Scan again", "arrow-clockwise", self.scan)
        self.more = Button("Scan with…", "caret-down", kind="flat")
        menu_button(self.more, self._fill_more)
        self._tools = ToolBar(self.view, self.filter, 1, self.more, self.again)
        self._tables = QStackedWidget()
        for table in (self.table, self.by_package, self.by_layer):
            self._tables.addWidget(table)
        self._empty = EmptyState("shield-check", "Not scanned yet", "Scan", self.scan, hint=_ASK)
        self._body = QStackedWidget()
        self._body.addWidget(self._empty)
        self._body.addWidget(self._tables)
        head = panel(
            column(
                row(self.sign, self.verdict, 1), self.words, self.about, margins=(16, 12, 16, 10), spacing=4
            ),
            "bar",
        )
        body = column(head, line(), self._tools, self._body, spacing=0)
        body.setStretch(3, 1)
        self.setLayout(body)
        self.running = Running()
        self.destroyed.connect(self.running.stop)
        self._show(desk.workspace.scan_of(image))

    @property
    def scanned(self) -> Scanned | None:
        """What is shown."""
        return self._desk.workspace.scan_of(self._image)

    def scan(self, scanner: str | None = None, *, network: bool = False, update: bool = False) -> None:
        """Scan it; the window may be closed meanwhile, then the scan stops."""
        self.again.allow(False, "It is being scanned")
        self.verdict.setText("Being scanned…")
        self.running.task = self._desk.spawn(self._scan(scanner, network, update))

    async def _scan(self, scanner: str | None, network: bool, update: bool) -> None:
        import asyncio

        try:
            found = await scan_now(
                self._desk,
                self._image,
                scanner=scanner,
                network=network,
                update=update,
                started=self._started,
            )
        except SlimDeskError as error:
            self._show(self.scanned)
            self.words.setText(visible(str(error), 600))
        except asyncio.CancelledError:
            # In the strip of jobs, then the window stays as it was; or the window is gone.
            if isValid(self):
                self._show(self.scanned)
            raise
        else:
            self._show(self.scanned)
            refused = found.result
            if isinstance(refused, NotScanned) and self.scanned is not found:
                # What is shown is the answer of before.
                self.about.setText(
                    f"{self.about.text()}. Scanned again in vain: {visible(refused.reason, 300)}. {sentence(refused.todo)}".strip()
                )

    def _started(self, job: object) -> None:
        self.running.job = job  # type: ignore[assignment]

    def _show(self, scanned: Scanned | None) -> None:
        self.again.allow(True)
        self.again.setText("Scan" if scanned is None else "Scan again")
        scan = scanned.scan if scanned is not None else None
        self._body.setCurrentIndex(1 if scan is not None and scan.vulnerabilities else 0)
        self.view.setEnabled(scan is not None)
        self.filter.setEnabled(scan is not None)
        if scan is not None and scanned is not None:
            self._show_scan(scan, scanned)
            return
        self.about.setText("")
        self.about.hide()
        self.sign.set("question-fill", "text3", "Not scanned")
        self.verdict.setText("Not scanned")
        reason = scanned.result if scanned is not None and isinstance(scanned.result, NotScanned) else None
        self.words.setText(f"{sentence(reason.reason)} {sentence(reason.todo)}".strip() if reason else _ASK)
        self._empty.say(
            sentence(reason.reason) if reason else "Not scanned yet",
            sentence(reason.todo) if reason else "",
        )

    def _show_scan(self, scan: Scan, scanned: Scanned) -> None:
        grave = scan.counts["critical"] + scan.counts["high"]
        enough = scanned.coverage is not None and scanned.coverage.enough
        if grave:
            self.sign.set("warning-fill", "bad", "Grave faults")
        elif enough:
            self.sign.set("check-circle-fill", "good", "No grave fault")
        else:
            self.sign.set("question-fill", "warn", "The scanner sees a part of the image")
        count = plural(len(scan.vulnerabilities), "known fault")
        self.verdict.setText(
            count
            if enough
            else f"{count} found, {scanned.coverage.words if scanned.coverage else 'coverage not known'}"
        )
        self.words.setText(f"{counts_in_words(scan)}. {coverage_in_words(scanned.coverage)}")
        before = self._desk.workspace.scan_of(self._reference)
        told = [made_by(scan, scanned.made)]
        if before is not None and before.scan is not None and self._reference is not self._image:
            told.append(_difference(before.scan, scan))
        self.about.setText(". ".join(told))
        self.about.show()
        reference = before.scan if before is not None and self._reference is not self._image else None
        self.faults.show_rows(fault_rows(scan, self._image, reference))
        self.packages.show_rows(package_rows(scan))
        self.layers.show_rows(layer_rows(scan, self._image))
        self._empty.say(
            "No known fault was found" if enough else "No known fault was found in what the scanner sees",
            coverage_in_words(scanned.coverage),
        )

    def _choose_view(self, key: str) -> None:
        self._tables.setCurrentIndex(("faults", "packages", "layers").index(key))

    def _find(self, text: str) -> None:
        for table in (self.table, self.by_package, self.by_layer):
            table.sorted_rows.find(text)

    def _menu(self, menu: QMenu, item: FaultRow) -> None:
        copy = QGuiApplication.clipboard().setText
        menu.addAction("Copy number", lambda: copy(item.fault.id))
        if item.fault.url:
            menu.addAction("Copy address", lambda: copy(item.fault.url))
            menu.addAction("Open in the browser", lambda: QDesktopServices.openUrl(item.fault.url))

    def _fill_more(self, menu: QMenu) -> None:
        menu.setToolTipsVisible(True)
        there = installed()
        if not there:
            menu.addAction("No scanner was found").setEnabled(False)
        for one in there:
            name = one.scanner.name
            if one.scanner.needs_network:
                asking = partial(self.scan, name, network=True)
                menu.addAction(f"{name}, which asks a service on the network", asking)
                continue
            menu.addAction(name, partial(self.scan, name))
            menu.addAction(
                f"{name}: fetch its database first (uses the network)", partial(self.scan, name, update=True)
            )


def _difference(before: Scan, after: Scan) -> str:
    changed = difference(before, after)
    return f"Against the reference: {len(changed.added)} new, {len(changed.removed)} gone, {changed.kept} in both"
