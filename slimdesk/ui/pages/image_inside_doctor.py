"""A window that says whether an image is likely to run, told from its files alone. It is not modal."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.job import Job
from slimdesk.image.doctor import Runs
from slimdesk.image.model import Image
from slimdesk.operations.doctor import Examined, examine_image
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.findings import fix_column, message_column, severity_column
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.image_inside_save import Running, engine_of
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Icon, Text
from slimdesk.workspace.workspace import OpenedImage

_SIZE = (860, 480)
_VERDICTS: dict[Runs, tuple[str, str, Token]] = {
    "likely": ("It is likely to run", "check-circle-fill", "good"),
    "unlikely": ("It is unlikely to run", "x-circle-fill", "bad"),
    "unknown": ("Whether it runs cannot be told without starting it", "question-fill", "warn"),
}


def open_doctor(desk: Desk, opened: OpenedImage) -> DoctorWindow | None:
    """Open a window that looks for what keeps the image from running; nothing is started."""
    if opened.image is None:
        return None
    window = DoctorWindow(desk, opened.image)
    window.resize(*_SIZE)
    window.show()
    return window


class DoctorWindow(QDialog):
    """The verdict, and what was found, the gravest first."""

    def __init__(self, desk: Desk, image: Image) -> None:
        super().__init__(desk.window, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._image = desk, image
        title = "Is it likely to run?"
        self.setWindowTitle(f"{title} – {visible(image.name or image.location, 80)}")
        self.setAccessibleName(title)
        self.sign = Icon("question-fill", "text3")
        self.verdict = Text("Looking at what it starts…", "section")
        self.words = Text(
            "Entry point, interpreter, libraries, architecture, user and folders are looked at in the image's files. "
            "Nothing is started.",
            "body", "text2", wrap=True,
        )  # fmt: skip
        self.rows: Rows[Finding] = Rows(_columns())
        self.table = Table("What was found", self.rows)
        self.about = Text("", "body", wrap=True)
        self.cure = Text("", "body", "text2", wrap=True)
        self.table.selected.connect(self._tell)
        self._foot = panel(column(self.about, self.cure, margins=(16, 10, 16, 12), spacing=4), "bar", "top")
        self._foot.hide()
        self._again = Button("Try again", "arrow-clockwise", self._read)
        waiting = QWidget()
        self._said = Text("Reading…", "body", "text2", wrap=True)
        self._said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        waiting.setLayout(column(1, self._said, row(1, self._again, 1), 1, margins=40, spacing=12))
        self._stack = QStackedWidget()
        for part in (waiting, self.table):
            self._stack.addWidget(part)
        top = row(self.sign, self.verdict, 1)
        head = panel(column(top, self.words, margins=(16, 12, 16, 10), spacing=4), "bar")
        body = column(head, line(), self._stack, self._foot, spacing=0)
        body.setStretch(2, 1)
        self.setLayout(body)
        self.running = Running()
        self.destroyed.connect(self.running.stop)
        self._read()

    def _read(self) -> None:
        self._again.hide()
        self._said.setText("Reading…")
        self._stack.setCurrentIndex(0)
        self.running.task = self._desk.spawn(self._load())

    async def _load(self) -> None:
        image = self._image

        async def work(job: Job) -> Examined:
            self.running.job = job
            async with engine_of(self._desk, image) as engine:
                if image.source == "engine":
                    # By its ID: the name may stand for another by now.
                    name = f"docker://{image.image_id or image.location}"
                    return await examine_image(name, engine=engine, reporter=job)
                path = Path(image.location)
                return await examine_image(path, platform=image.platform, reporter=job)

        try:
            found = await self._desk.job("Look for what keeps it from running", "analyse", work)
        except SlimDeskError as error:
            self.verdict.setText("It could not be looked at")
            self._said.setText(visible(str(error), 600))
            self._again.show()
            return
        words, picture, tone = _VERDICTS[found.runs]
        self.verdict.setText(words)
        self.sign.set(picture, tone, words)
        self.rows.show_rows(found.findings)
        if found.findings:
            self._stack.setCurrentIndex(1)
            self.table.selectRow(0)
        else:
            self._said.setText("Nothing was found that would keep it from running.")

    def _tell(self, one: Finding | None) -> None:
        """Show the chosen finding whole: the rows have room for its beginning."""
        self._foot.setVisible(one is not None)
        if one is not None:
            self.about.setText(visible(one.message))
            self.cure.setText(visible(one.fix or ""))
            self.cure.setVisible(bool(one.fix))


def _columns() -> list[Column[Finding]]:
    return [
        severity_column(),
        message_column(340),
        fix_column(300),
    ]  # fmt: skip
