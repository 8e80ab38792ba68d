"""Run image: a sheet with ports, environment, volumes and bounds; remembered per image; why it did not come up, with the fix."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QWidget

from slimdesk.basics.errors import BadInput, ImageNotFound, OutputError, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.operations.run_form import any_port, public_environment, request_of
from slimdesk.operations.run_image import run_spec
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.debug_run_fields import text_area, text_field, with_images
from slimdesk.ui.pages.debug_run_problem import ProblemCard
from slimdesk.ui.pages.debug_run_pull import pull_and_go_on
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.notice import NoticeArea, notice_of
from slimdesk.ui.widgets.text import Text
from slimdesk.workspace.run_forms import RunForm

if TYPE_CHECKING:
    from slimdesk.basics.job import Job
    from slimdesk.engine.model import ImageRecord
    from slimdesk.operations.run_image import Started
    from slimdesk.verify.diagnose import Diagnosis

TITLE = "Run an image"
_WIDTH = 640
# How long the image's name must stand still before the engine is asked about it.
_STILL_MS = 250


class RunDialog(QDialog):
    """Not modal: the log and the shells can be looked at while it is open. `started` is told of what came up."""

    def __init__(self, desk: Desk, image: str = "", started: Callable[[str], object] | None = None) -> None:
        super().__init__(desk.window)
        self.desk = desk
        self._started = started
        self._failed = ""
        self._running: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._touched = False
        self._closed = False
        self._filling = False
        self._forms = desk.workspace.run_forms(public_environment)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self._make_fields(desk)
        self.notices = NoticeArea()
        self.problem = ProblemCard()
        self.run = PrimaryButton("Run", "play", self.start)
        self.run.setDefault(True)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for words, field in self._labelled():
            form.addRow(Text(words, "body", "text2"), field)
        bounds = row(self.read_only, self.tmp, 1, spacing=16)
        form.addRow(Text("Files", "body", "text2"), bounds)
        head = column(
            Text(TITLE, "section"),
            Text("It is started by your engine, and stays in the list until you remove it.", "body", "text2"),
            margins=(20, 16, 20, 12),
            spacing=2,
        )
        body = QWidget()
        body.setLayout(column(form, 1, margins=(20, 12, 20, 12)))
        foot = row(
            Text("What looks like a secret is not written down.", "small", "text3"), 1,
            Button("Close", clicked=self.close), self.run, margins=(20, 10, 20, 14),
        )  # fmt: skip
        whole = column(panel(head), line(), self.notices, self.problem, body, line(), panel(foot), spacing=0)
        whole.setStretch(4, 1)
        self.setLayout(whole)
        self.resize(min(scaled(_WIDTH), desk.window.width()), self.sizeHint().height())
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(self._look)
        self.image.textChanged.connect(lambda _text: self._named())
        self.image.setText(image)
        self._named()

    def _make_fields(self, desk: Desk) -> None:
        self.image = with_images(text_field("Image", "Name of an image that the engine has"), desk)
        self.ports = text_field("Ports", "8080:80, 443 – this machine's first; alone = any free one")
        self.environment = text_area("Environment", "NAME=value, one per line", 84)
        self.volumes = text_area("Volumes", "~/data:/data:ro, or a volume's name:/path, one per line", 48)
        self.command = text_field("Command", "the image's own")
        self.user = text_field("User", "the image's own, or as in 65532:65532")
        self.memory = text_field("Memory", "no bound, or as in 256 MB")
        self.read_only = QCheckBox("Read-only root")
        self.read_only.setToolTip("Nothing can be written but into volumes and memory")
        self.tmp = QCheckBox("Memory at /tmp")
        for field in (self.ports, self.command, self.user, self.memory):
            field.textEdited.connect(self._touch)
        for area in (self.environment, self.volumes):
            area.textChanged.connect(self._touch)
        for box in (self.read_only, self.tmp):
            box.clicked.connect(self._touch)

    def _labelled(self) -> list[tuple[str, QWidget]]:
        return [
            ("Image", self.image),
            ("Ports", self.ports),
            ("Environment", self.environment),
            ("Volumes", self.volumes),
            ("Command", self.command),
            ("User", self.user),
            ("Memory", self.memory),
        ]

    @property
    def form(self) -> RunForm:
        """What is typed now."""
        return RunForm(
            image=self.image.text().strip(),
            ports=self.ports.text(),
            environment=self.environment.toPlainText(),
            volumes=self.volumes.toPlainText(),
            command=self.command.text(),
            user=self.user.text(),
            memory=self.memory.text(),
            read_only=self.read_only.isChecked(),
            tmp=self.tmp.isChecked(),
        )

    def fill(self, form: RunForm) -> None:
        """Show a form as it was typed before; the image stays."""
        self._filling = True
        self.ports.setText(form.ports)
        self.environment.setPlainText(form.environment)
        self.volumes.setPlainText(form.volumes)
        self.command.setText(form.command)
        self.user.setText(form.user)
        self.memory.setText(form.memory)
        self.read_only.setChecked(form.read_only)
        self.tmp.setChecked(form.tmp)
        self._filling = False

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """What is being started is started; it stands in the list."""
        self._closed = True
        self._still.stop()
        if self._looking is not None:
            self._looking.cancel()
        super().closeEvent(event)

    def start(self) -> None:
        """Start the image as the fields say."""
        if self._running is not None and not self._running.done():
            return
        self.notices.clear()
        self.problem.hide()
        form = self.form
        try:
            run_spec(request_of(form))
        except BadInput as error:
            self.notices.show_notice(notice_of(error))
            return
        self._keep(form)
        self.run.allow(False, "It is being started")
        self._running = self.desk.spawn(self._run(form))

    async def _run(self, form: RunForm) -> None:
        def shown(error: SlimDeskError, *fixes: tuple[str, Callable[[], object]]) -> None:
            if self._closed:
                self.desk.fail(error)
            else:
                self.notices.show_notice(notice_of(error, actions=fixes))

        try:
            told = await self.desk.job(
                f"Run {visible(form.image, 60)}", "run", lambda job: self._start(job, form)
            )
        except ImageNotFound as error:
            shown(error, ("Pull it", lambda: self._pull(form.image)))
        except SlimDeskError as error:
            shown(error)
        else:
            self._tell(told)
        finally:
            if not self._closed:
                self.run.allow(True)

    async def _start(self, job: Job, form: RunForm) -> Started:
        from slimdesk.operations.connect import connected
        from slimdesk.operations.run_image import run_image

        async with connected(self.desk.workspace.settings.context) as engine:
            if self._failed:
                # What this sheet started before, and did not come up, is not left to pile up.
                await engine.remove(self._failed)
                self._failed = ""
            told = await run_image(engine, request_of(form), job)
        job.summary = "running" if told.problem is None else told.problem.message
        return told

    def _tell(self, told: Started) -> None:
        self.desk.workspace.choose_container(told.record.container_id)
        if self._closed:
            return
        if told.problem is None:
            if self._started is not None:
                self._started(told.record.container_id)
            self.desk.go("debug")
            self.close()
            return
        self._failed = told.record.container_id
        self.problem.tell(told.problem, told.record.exit_code, self._fixes(told.problem))
        # What it says takes room of its own: no field gives way.
        self.resize(self.width(), max(self.height(), self.sizeHint().height()))

    def _fixes(self, problem: Diagnosis) -> list[tuple[str, Callable[[], object]]]:
        if problem.kind == "port-in-use" and self.ports.text().strip():
            return [("Take any free port", self._take_any_port)]
        if problem.kind == "read-only" and not self.tmp.isChecked():
            return [("Give it memory at /tmp", self._give_tmp)]
        return [("Look inside", self._look_inside)]

    def _take_any_port(self) -> None:
        self.ports.setText(any_port(self.ports.text()))
        self.start()

    def _give_tmp(self) -> None:
        self.tmp.setChecked(True)
        self.start()

    def _look_inside(self) -> None:
        self.desk.go("debug")
        self.desk.workspace.want_debug(self._failed)

    def _pull(self, image: str) -> None:
        self.notices.clear()
        pull_and_go_on(self.desk, image, lambda: None if self._closed else self.start())

    def _keep(self, form: RunForm) -> None:
        try:
            self._forms.keep(form)
        except OutputError as error:
            self.desk.fail(error)

    # The image

    def _touch(self, *_: object) -> None:
        if not self._filling:
            self._touched = True

    def _named(self) -> None:
        """Another image is named: show how it was started last, unless the person has typed already."""
        name = self.image.text().strip()
        self.run.allow(bool(name), "Name an image first")
        before = self._forms.of(name) if name and not self._touched else None
        if before is not None:
            self.fill(before)
        self._still.start()

    def _look(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        name = self.image.text().strip()
        if name and any(name in one.tags for one in self.desk.workspace.engine_images):
            self._looking = self.desk.spawn(self._ask(name))

    async def _ask(self, name: str) -> None:
        from slimdesk.operations.connect import connected

        try:
            async with connected(self.desk.workspace.settings.context) as engine:
                record = await engine.inspect(name)
        except SlimDeskError:
            # What is wrong with it is told when it is started.
            return
        self._show_image(record)

    def _show_image(self, record: ImageRecord) -> None:
        """Say what the image itself has where a field is empty."""
        config = record.config
        ports = [port.partition("/")[0] for port in config.get("ExposedPorts") or {} if port.endswith("/tcp")]
        if ports and not self._touched and not self.ports.text():
            self._filling = True
            self.ports.setText(", ".join(ports))
            self._filling = False
        words = [*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())]
        self.command.setPlaceholderText(visible(f"the image's own: {' '.join(map(str, words))}", 90))
        self.user.setPlaceholderText(visible(f"the image's own: {config.get('User') or 'root'}", 60))


def run_dialog(desk: Desk, image: str = "") -> RunDialog:
    """Open the sheet beside the window's pages."""
    dialog = RunDialog(desk, image)
    dialog.show()
    dialog.image.setFocus(Qt.FocusReason.OtherFocusReason)
    return dialog
