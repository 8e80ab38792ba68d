"""Export a report: its format, its sections, a look at it, and where it goes. Making and writing it is a job."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QStackedWidget,
    QTextBrowser,
    QWidget,
)

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import slug, visible
from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes
from slimdesk.operations.report import with_sections, with_worth, write_report
from slimdesk.report.formats import FORMATS, FormatName, render
from slimdesk.report.model import SECTION_TITLES, SECTIONS, Report, Section
from slimdesk.report.palette import palette
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished, pick_new_file
from slimdesk.ui.pages.report_scan import ScanBox, not_scanned
from slimdesk.ui.pages.worth_fields import WorthFields
from slimdesk.ui.theme.fonts import fix_width, set_font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.text import Text

if TYPE_CHECKING:
    import asyncio

TITLE = "Export a report"
MOST_LETTERS = 60_000
_SIZE = (1040, 700)
_WAIT_MS = 120
_DRAWN: tuple[FormatName, ...] = ("html", "pdf")


@dataclass(frozen=True, slots=True)
class Others:
    """The other components of a project. Both block. there: whether there are any. whole: the report on one -> on all."""

    there: Callable[[], bool]
    whole: Callable[[Report], Report]


def export_report(
    desk: Desk, make: Callable[[], Awaitable[Report | None]], others: Others | None = None
) -> None:
    """Ask what the report is to be and write it. `make` returns the report; None, and there is nothing to report on."""
    desk.spawn(_export(desk, make, others))


async def _export(desk: Desk, make: Callable[[], Awaitable[Report | None]], others: Others | None) -> None:
    report = await make()
    if report is None:
        desk.notify("info", "There is nothing to report on yet.", "Build or open an image first.")
        return
    if others is not None and not await desk.blocking(others.there):
        others = None
    dialog = ReportDialog(desk, report, make, others)
    if not await finished(dialog):
        return
    chosen, name = dialog.report, dialog.format
    known = FORMATS[name]
    pattern = f"{known.title} (*{known.ending})"
    path = await pick_new_file(
        desk.window, TITLE, f"{slug(chosen.title, 'report')}{known.ending}", (pattern,)
    )
    if path is None:
        return

    async def work(job: Job) -> None:
        job.progress(f"Writing {known.title}")
        job.summary = format_bytes(await desk.blocking(write_report, chosen, name, path))

    await desk.job(f"Export {visible(path.name, 60)}", "read", work)
    desk.notify("good", f"{visible(path.name, 100)} is written.", visible(str(path.parent), 300))


class ReportDialog(QDialog):
    """Accepted = save `report` as `format`."""

    def __init__(
        self,
        desk: Desk,
        report: Report,
        make: Callable[[], Awaitable[Report | None]] | None = None,
        others: Others | None = None,
    ) -> None:
        super().__init__(desk.window)
        self._desk = desk
        self._one = self._whole = report
        self._make, self._others = make, others
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self._formats = QButtonGroup(self)
        self._names: list[FormatName] = []
        choices = [self._format_choice(name) for name in FORMATS]
        self._boxes: dict[Section, QCheckBox] = {}
        self.title = QLineEdit(report.title)
        self.title.setAccessibleName("Title")
        self.title.setCursorPosition(0)
        self.title.textChanged.connect(self._later)
        self._sections_word = Text("Sections", "small", "text3")
        self._sections_note = Text("This format holds everything", "small", "text3", wrap=True)
        self.all = QCheckBox("All components of the project")
        self.all.setVisible(others is not None)
        self.all.toggled.connect(self._choose_all)
        self.fields = WorthFields(desk, self)
        self.fields.changed.connect(self._later)
        self._numbers = _numbers(self.fields)
        self.scan = ScanBox(desk)
        self.scan.scanned.connect(self._read_again)
        boxes: list[QWidget] = []
        for section in SECTIONS:
            boxes.append(self._section_box(section))
            if section == "worth":
                boxes.append(self._numbers)
            elif section == "vulnerabilities":
                boxes.append(self.scan)
        side = column(
            Text("Format", "small", "text3"), *choices, row(margins=(0, 6, 0, 0)), Text("Title", "small", "text3"), self.title, self.all,
            row(margins=(0, 6, 0, 0)), self._sections_word, self._sections_note, *boxes, 1, margins=(20, 12, 12, 12), spacing=3,
        )  # fmt: skip
        self.browser = _Offline()
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Preview as text")
        set_font(self.text, "mono")
        self._shown = QStackedWidget()
        self._shown.addWidget(self.browser)
        self._shown.addWidget(self.text)
        self.note = Text("", "small", "text3", wrap=True)
        self.copy = Button("Copy", "copy", self._copy, tip="Copy the report as text")
        self.save = PrimaryButton("Save…", "export", self.accept)
        self.save.setDefault(True)
        left = _scrolled(panel(side))
        middle = row(
            left,
            line("vertical"),
            column(self._shown, self.note, margins=(8, 8, 20, 4), spacing=4),
            spacing=0,
        )
        middle.setStretch(2, 1)
        self.setLayout(
            column(
                panel(column(Text(TITLE, "section"), margins=(20, 14, 20, 10))),
                line(),
                middle,
                line(),
                row(1, self.copy, Button("Cancel", clicked=self.reject), self.save, margins=(20, 10, 20, 14)),
                spacing=0,
            )
        )
        room = desk.window.size()
        self.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height()))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._show)
        self.finished.connect(self._stop)
        self._formats.buttons()[0].setChecked(True)
        self._formats.idToggled.connect(self._later)
        self._boxes["worth"].setChecked(bool(desk.workspace.settings.worth))
        self.finished.connect(lambda code: self.fields.remember() if code and self._worth_told() else None)
        self._later()

    @property
    def format(self) -> FormatName:
        """The chosen format."""
        return self._names[max(0, self._formats.checkedId())]

    @property
    def report(self) -> Report:
        """The report with the chosen title, sections and numbers."""
        made = with_worth(self._whole, self.fields.numbers)
        if FORMATS[self.format].sections:
            made = with_sections(made, [section for section, box in self._boxes.items() if box.isChecked()])
        return replace(made, title=visible(self.title.text().strip() or self._whole.title, 200))

    def _worth_told(self) -> bool:
        whole = not FORMATS[self.format].sections
        return "worth" in self._whole.sections and (whole or self._boxes["worth"].isChecked())

    def choose(self, name: FormatName) -> None:
        """Choose a format."""
        self._formats.buttons()[self._names.index(name)].setChecked(True)

    def section(self, section: Section) -> QCheckBox:
        """Return the box of a section."""
        return self._boxes[section]

    def _format_choice(self, name: FormatName) -> QRadioButton:
        known = FORMATS[name]
        choice = QRadioButton(known.title)
        choice.setToolTip(known.text.capitalize())
        choice.setAccessibleDescription(known.text)
        if known.one and (len(self._whole.subjects) != 1 or self._whole.reference.side is None):
            choice.setEnabled(False)
            choice.setToolTip("A bill of materials is of one image: export it from the Image page")
            choice.setAccessibleDescription(choice.toolTip())
        self._formats.addButton(choice, len(self._names))
        self._names.append(name)
        return choice

    def _section_box(self, section: Section) -> QCheckBox:
        box = QCheckBox(SECTION_TITLES[section])
        box.setChecked(True)
        box.toggled.connect(self._later)
        self._boxes[section] = box
        return box

    def _later(self, *_: object) -> None:
        self._timer.start()

    def _show(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = self._desk.spawn(self._preview())

    async def _preview(self) -> None:
        name, report = self.format, self.report
        known = FORMATS[name]
        for section, box in self._boxes.items():
            box.setVisible(known.sections and section in self._whole.sections)
        self._numbers.setVisible(self._worth_told())
        self.scan.show_images(not_scanned(self._one) if known.name != "cyclonedx" else [])
        self._sections_note.setVisible(not known.sections)
        self.copy.allow(not known.binary, "A PDF is no text")
        self.note.setText(
            f"{known.text.capitalize()}. Its words; the file itself is set better" if name in _DRAWN else ""
        )
        if name in _DRAWN:
            from slimdesk.report.preview import preview

            theme = palette("dark" if current().dark else "light")
            drawn = await self._desk.blocking(preview, report, theme)
            self.browser.setHtml(drawn)
            self._shown.setCurrentWidget(self.browser)
            self._allow("" if report.sections else "Choose a section")
            return
        try:
            data = await self._desk.blocking(render, report, name)
        except SlimDeskError as error:
            self.text.setPlainText("")
            self.note.setText(str(error))
            self._allow(str(error))
            return
        text = data[: 4 * MOST_LETTERS].decode("utf-8", "replace")[:MOST_LETTERS]
        cut = (
            f", of which {format_bytes(len(text))} are shown"
            if len(text) < len(data.decode("utf-8", "replace"))
            else ""
        )
        self.text.setPlainText(text)
        self.note.setText(f"{known.text.capitalize()}. {format_bytes(len(data))}{cut}")
        self._shown.setCurrentWidget(self.text)
        self._allow("" if report.sections else "Choose a section")

    def _allow(self, why_not: str) -> None:
        self.save.allow(not why_not, why_not)

    def _copy(self) -> None:
        self._desk.spawn(self._copied())

    async def _copied(self) -> None:
        data = await self._desk.blocking(render, self.report, self.format)
        QGuiApplication.clipboard().setText(data.decode("utf-8", "replace"))
        if not self._closed:
            self.note.setText(f"Copied, {format_bytes(len(data))}")

    def _choose_all(self, everything: bool) -> None:
        self._desk.spawn(self._all(everything))

    async def _all(self, everything: bool) -> None:
        if everything and self._others is not None:
            self.note.setText("Reading what was built of the others…")
            whole = await self._desk.blocking(self._others.whole, self._one)
        else:
            whole = self._one
        if not self._closed and self.all.isChecked() == everything:
            if self.title.text() == self._whole.title:
                self.title.setText(whole.title)
                self.title.setCursorPosition(0)
            self._whole = whole
            self._later()

    def _read_again(self) -> None:
        """Take over what was found out since."""
        if self._make is not None and not self._closed:
            self._desk.spawn(self._made_again(self._make))

    async def _made_again(self, make: Callable[[], Awaitable[Report | None]]) -> None:
        report = await make()
        if report is not None and not self._closed:
            self._one = report
            await self._all(self.all.isChecked())

    def _stop(self) -> None:
        self._closed = True
        self.scan.stop()
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()


def _numbers(fields: WorthFields) -> QWidget:
    """Return the fields with their names, one below the other."""
    grid = QGridLayout()
    grid.setContentsMargins(22, 0, 0, 4)
    grid.setVerticalSpacing(3)
    for number, (name, field) in enumerate(zip(("Bandwidth", "Nodes", "Versions"), fields.all, strict=True)):
        grid.addWidget(Text(name, "small", "text2"), number, 0)
        grid.addWidget(field, number, 1)
    box = QWidget()
    box.setLayout(grid)
    return box


def _scrolled(inner: QWidget) -> QScrollArea:
    """Return it in an area that scrolls where the sheet is lower than what is in it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    fix_width(area, 272)
    area.setWidget(inner)
    return area


class _Offline(QTextBrowser):
    """Shows text and fetches nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setAccessibleName("Preview")
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:  # noqa: N802 - Qt's name
        """Whatever a text names, it is not read."""
        return None
