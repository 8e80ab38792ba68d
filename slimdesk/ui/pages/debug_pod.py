"""Run as this pod: a manifest pasted or opened, its container started here, its probes asked, and what is not reproduced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QWidget

from slimdesk.basics.errors import BadInput, ImageNotFound, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.operations.run_image import parse_variables
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import pick_file
from slimdesk.ui.pages.debug_paste import PasteDialog
from slimdesk.ui.pages.debug_pod_answer import PodAnswer, in_window
from slimdesk.ui.pages.debug_run_fields import text_area, text_field, with_images
from slimdesk.ui.pages.debug_run_pull import pull_and_go_on
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.notice import Notice, NoticeArea, notice_of
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from slimdesk.basics.job import Job
    from slimdesk.debug.pod import Manifest, Pod, PodContainer
    from slimdesk.debug.pod_plan import PodChoices
    from slimdesk.operations.run_pod import PodRun

TITLE = "Run as this pod"
MAX_FILE = 1 << 20
_FILES = ("Manifests (*.yaml *.yml *.json)", "All files (*)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A container of a manifest that can be run."""

    manifest: Manifest
    pod: Pod
    container: PodContainer

    @property
    def words(self) -> str:
        """Deployment/web: app."""
        return visible(f"{self.pod.title}: {self.container.name}", 100)


class PodDialog(PasteDialog):
    """Not modal. What is started is removed at the end, unless it is kept: then when this window closes."""

    def __init__(self, desk: Desk) -> None:
        hint = "Paste a Pod, Deployment, StatefulSet, Job … here, or drop its file"
        super().__init__(desk, TITLE, name="Manifest", hint=hint, size=(1100, 700))
        self.candidates: tuple[Candidate, ...] = ()
        self._running: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._problem = "Paste or open a manifest first"
        self.setAcceptDrops(True)
        self._make_fields(desk)
        self.notices = NoticeArea()
        self.answer = PodAnswer()
        self.run = PrimaryButton("Run", "play", self.start)
        self.keep = Button("Keep it running", "terminal-window", self.keep_running)
        self.keep.setToolTip("Start it and leave it running while this window is open, for a shell beside it")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setContentsMargins(16, 10, 16, 10)
        for words, field in (
            ("Container", self.which),
            ("Image", self.image),
            ("Variables", self.environment),
        ):
            form.addRow(Text(words, "body", "text2"), field)
        form.addRow("", self.random)
        left = QWidget()
        parts = column(self.text, line(), form, spacing=0)
        parts.setStretch(0, 1)
        left.setLayout(parts)
        split = RememberedSplitter(desk, "pod", [left, self.answer], [560, 540])
        head = column(
            row(Text(TITLE, "section"), 1, Button("Open…", "folder-open", lambda: desk.spawn(self._open()))),
            Text("The image is started here as the manifest asks for, its probes are asked, and it is removed. No cluster is needed.", "body", "text2", wrap=True),
            margins=(20, 14, 20, 10), spacing=2,
        )  # fmt: skip
        foot = row(1, Button("Close", clicked=self.close), self.keep, self.run, margins=(20, 10, 20, 14))
        whole = column(panel(head), line(), self.notices, split, line(), panel(foot), spacing=0)
        whole.setStretch(3, 1)
        self.setLayout(whole)
        self._allow()

    def _make_fields(self, desk: Desk) -> None:
        self.which = QComboBox()
        self.which.setAccessibleName("Container of the manifest")
        self.which.currentIndexChanged.connect(lambda _index: self._chosen())
        self.image = with_images(text_field("Image", "the manifest's own"), desk)
        self.environment = text_area("Variables", "NAME=value, such as those of a Secret, one per line", 48)
        self.random = QCheckBox("As a random user, as OpenShift does")

    @property
    def chosen(self) -> Candidate | None:
        """The container that would be run."""
        index = self.which.currentIndex()
        return self.candidates[index] if 0 <= index < len(self.candidates) else None

    def start(self) -> None:
        """Run it and judge."""
        asked = self._asked()
        if asked is not None:
            self._running = self.desk.spawn(self._run(*asked))
            self._allow()

    def keep_running(self) -> None:
        """Start it and leave it running, in the list of containers, while this window is open."""
        asked = self._asked()
        if asked is not None:
            self._keeping = self.desk.spawn(self._keep(*asked))
            self._allow()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """What was started goes with the window."""
        for task in (self._running, self._keeping):
            if task is not None:
                task.cancel()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take a file."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Read the file that was dropped."""
        from pathlib import Path

        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.desk.spawn(self.read_file(Path(paths[0])))

    async def read_file(self, path: Path) -> None:
        """Show a manifest's file. Raises BadInput where it cannot be read."""
        self.text.setPlainText(await self.desk.blocking(_read_text, path))

    async def _open(self) -> None:
        path = await pick_file(self, "Open a manifest", _FILES)
        if path is not None:
            await self.read_file(path)

    def _asked(self) -> tuple[Candidate, PodChoices] | None:
        from slimdesk.debug.pod_plan import RANDOM_USER, PodChoices

        one = self.chosen
        self.notices.clear()
        if one is None or self._busy():
            return None
        try:
            environment = parse_variables(self.environment.toPlainText().splitlines())
        except BadInput as error:
            self.notices.show_notice(notice_of(error))
            return None
        user = RANDOM_USER if self.random.isChecked() else None
        return one, PodChoices(self.image.text().strip() or None, environment, user)

    async def _run(self, one: Candidate, choices: PodChoices) -> None:
        async def work(job: Job) -> PodRun:
            from slimdesk.operations.connect import connected
            from slimdesk.operations.run_pod import run_pod

            async with connected(self.desk.workspace.settings.context) as engine:
                found = await run_pod(engine, one.manifest, one.pod, one.container, choices, reporter=job)
            job.summary = visible(found.reason, 100)
            return found

        self.answer.show_running(one.words)
        try:
            self.answer.show_run(await self.desk.job(f"Run {one.words}", "run", work))
        except SlimDeskError as error:
            self._fail(error, one, choices, self.start)
        finally:
            self._running = None
            self._allow()

    async def _keep(self, one: Candidate, choices: PodChoices) -> None:
        from slimdesk.operations.connect import connected
        from slimdesk.operations.run_pod import kept_pod, plan_on

        try:
            async with connected(self.desk.workspace.settings.context) as engine:
                plan = await plan_on(engine, one.manifest, one.pod, one.container, choices)
                self.answer.show_plan(plan)
                async with kept_pod(engine, plan) as container:
                    self.desk.workspace.choose_container(container)
                    self.desk.go("debug")
                    self.answer.show_kept(plan)
                    await engine.wait(container)
                self.answer.show_plan(plan, "It has ended, and was removed. Run shows why.")
        except SlimDeskError as error:
            self._fail(error, one, choices, self.keep_running)
        finally:
            self._keeping = None
            self._allow()

    def _fail(
        self, error: SlimDeskError, one: Candidate, choices: PodChoices, again: Callable[[], object]
    ) -> None:
        """Tell what went wrong, with a way to fetch an image that is not there."""
        if self.closed:
            self.desk.fail(error)
            return
        self.answer.show_plan(None)
        if not isinstance(error, ImageNotFound):
            told = type(error)(error.what, error.why, in_window(error.todo))
            self.notices.show_notice(notice_of(told))
            return

        def pull() -> None:
            self.notices.clear()
            image = choices.image or one.container.image
            pull_and_go_on(self.desk, image, lambda: None if self.closed else again())

        words = "Pull it, or name the one that you built under Image."
        self.notices.show_notice(Notice("bad", f"{error.what}.", words, actions=[("Pull it", pull)]))

    async def take(self, text: str) -> None:
        """List the containers of the manifest, or say what is wrong with it."""
        before = self.which.currentText()
        try:
            self.candidates = await self.desk.blocking(candidates, text) if text.strip() else ()
            self._problem = "" if self.candidates else "Paste or open a manifest first"
            self.answer.show_plan(None)
        except SlimDeskError as error:
            self.candidates, self._problem = (), str(error)
            self.answer.say(str(error))
        self.which.clear()
        self.which.addItems([one.words for one in self.candidates])
        self.which.setCurrentIndex(max(0, self.which.findText(before)) if self.candidates else -1)
        self._allow()

    def _chosen(self) -> None:
        one = self.chosen
        own = visible(one.container.image, 120) if one is not None and one.container.image else ""
        self.image.setPlaceholderText(
            f"the manifest's own: {own}" if own else "the manifest names none: choose one"
        )

    def _busy(self) -> bool:
        return any(task is not None and not task.done() for task in (self._running, self._keeping))

    def _allow(self) -> None:
        if self.closed:
            return
        reason = "It is running" if self._busy() else self._problem
        for button in (self.run, self.keep):
            button.allow(not reason, reason)


def candidates(text: str) -> tuple[Candidate, ...]:
    """Return every container of every pod of a manifest. Blocking. Raises BadInput with the line."""
    from slimdesk.debug.pod_read import read_manifest

    manifest = read_manifest(text)
    return tuple(Candidate(manifest, pod, one) for pod in manifest.pods for one in pod.containers)


def pod_dialog(desk: Desk) -> PodDialog:
    """Open it beside the window's pages."""
    dialog = PodDialog(desk)
    dialog.begin()
    return dialog


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise BadInput(
            f"{visible(path.name)} cannot be read", error.strerror or "", "Choose another file"
        ) from error
    if len(data) > MAX_FILE:
        raise BadInput(
            f"{visible(path.name)} is too large", "more than a megabyte is not read", "Choose a manifest"
        )
    return data.decode("utf-8-sig", errors="replace")
