"""Reading an image as a job, and what is known of it on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QFrame, QProgressBar, QSizePolicy

from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes, plural
from slimdesk.image.model import Image
from slimdesk.image.pack import empty_table
from slimdesk.image.picture import Picture
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.image_view import ImageView, Prepared, prepare
from slimdesk.ui.theme.fonts import fix_height
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import row
from slimdesk.ui.widgets.text import Elided, Icon
from slimdesk.workspace.workspace import OpenedImage

# What is read sooner than this is shown when it is whole: a page that changes twice in a moment only flickers.
_PATIENCE = 0.35

OnSeen = Callable[[Picture, Image, Prepared], Awaitable[object]]


class ImageReader:
    """Reads one image at a time. `seen` is told what is known so far, `follow` how the job goes."""

    def __init__(self, desk: Desk, view: ImageView, follow: Callable[[Job], None], seen: OnSeen) -> None:
        self._desk = desk
        self._view = view
        self._follow = follow
        self._seen = seen
        self._job: Job | None = None
        self._newest: Picture | None = None
        self._drawing: asyncio.Task[None] | None = None
        self._begun = 0.0

    def stop(self) -> None:
        """Stop reading, if it reads."""
        self._forget()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    async def read(
        self, opened: OpenedImage, title: str, warm: Callable[[], Awaitable[object]]
    ) -> tuple[Image, Prepared]:
        """Read it as a job of the strip; `warm` is done first. Raises what reading raises."""
        self._begun = time.monotonic()
        mine: list[Job] = []

        async def work(job: Job) -> tuple[Image, Prepared]:
            self._job = job
            mine.append(job)
            ended = job.observe(self._follow)
            try:
                await self._desk.blocking(_load)
                await warm()
                image = await self._analyse(opened, job)
                self._forget()
                prepared = await self._desk.blocking(prepare, image, self._view.wanted_first)
            finally:
                ended()
            job.summary = f"{format_bytes(image.sizes.files)} files, {format_bytes(image.shadowed)} shadowed"
            return image, prepared

        try:
            return await self._desk.job(title, "analyse", work)
        finally:
            if mine and self._job is mine[0]:
                self._forget()
                self._job = None

    async def _analyse(self, opened: OpenedImage, job: Job) -> Image:
        image = await self._read_image(opened, job)
        project = self._desk.workspace.project
        if project is None:
            return image
        from slimdesk.operations.image_findings import with_project

        return await self._desk.blocking(with_project, image, project)

    async def _read_image(self, opened: OpenedImage, job: Job) -> Image:
        from slimdesk.operations.analyze import analyze

        if is_path(opened.where):
            return await analyze(Path(opened.where), reporter=job, on_picture=self._take)
        from slimdesk.operations.connect import connected

        async with connected(self._desk.workspace.settings.context) as engine:
            return await analyze(
                f"docker://{opened.where}", engine=engine, reporter=job, on_picture=self._take
            )

    def _take(self, picture: Picture) -> None:
        self._newest = picture
        if self._drawing is None:
            self._drawing = self._desk.spawn(self._draw())

    async def _draw(self) -> None:
        """Show the newest picture; those that came while one was prepared are passed over."""
        await asyncio.sleep(max(0.0, self._begun + _PATIENCE - time.monotonic()))
        while (picture := self._newest) is not None:
            self._newest = None
            image = picture.as_image() or replace(picture, table=empty_table()).as_image()
            if image is not None:
                way = self._view.way_for(listed=picture.tree == "listing")
                prepared = await self._desk.blocking(prepare, image, self._view.wanted_first, way)
                await self._seen(picture, image, prepared)
                await asyncio.sleep(0)
        self._drawing = None

    def _forget(self) -> None:
        self._newest = None
        if self._drawing is not None:
            self._drawing.cancel()
            self._drawing = None


class ReadingBar(QFrame):
    """Above an image that is still being read: how far it is, what is not known yet, and Cancel."""

    def __init__(self, cancel: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("surface", "bar")
        self.setProperty("rule", "bottom")
        self.setAccessibleName("The image is being read")
        self._words = Elided("", "body")
        self._later = Elided("", "body", "text2")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._bar.setAccessibleName("Progress of reading")
        self._words.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        box = row(
            Icon("spinner-gap", "accent_text", 16), self._words, self._bar, self._later, Button("Cancel", "x", cancel, kind="flat"),
            margins=(16, 0, 12, 0), spacing=12,
        )  # fmt: skip
        box.setStretch(3, 1)
        self.setLayout(box)
        fix_height(self, 40)
        self.hide()

    def show_picture(self, picture: Picture) -> None:
        """Say how far it is."""
        layers = len(picture.layers)
        read = f"{picture.layers_read} of {plural(layers, 'layer')}" if layers else "the first layers"
        amount = ""
        if picture.done:
            total = f" of {format_bytes(picture.total)}" if picture.total else ""
            amount = f", {format_bytes(picture.done)}{total}"
        self._words.setText(f"Read {read}{amount}")
        self._bar.setRange(0, 1000 if picture.total else 0)
        if picture.total:
            self._bar.setValue(min(1000, round(1000 * picture.done / picture.total)))
        self._later.setText(visible(" ".join(picture.unknown), 400))
        self.setAccessibleDescription(f"{self._words.text()}. {self._later.text()}")
        self.show()


def _load() -> None:
    """Import what reading needs, in a thread: on the loop it would be felt."""
    import slimdesk.operations.analyze
    import slimdesk.operations.analyze_worker
    import slimdesk.operations.connect  # noqa: F401


def is_path(where: str) -> bool:
    """Whether what was opened is a file or folder, not a name of the engine."""
    return Path(where).is_absolute()


def name_of(where: str) -> str:
    """Return an archive's file name, or the engine's name of an image as it is."""
    return where.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] if is_path(where) else where
