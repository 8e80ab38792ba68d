"""In the sheet of a report: scan the images that are in it and were not scanned yet, with progress and a way to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.basics.units import plural
from slimdesk.image.model import Image
from slimdesk.report.model import Report
from slimdesk.scan.model import NotScanned
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.image_inside_save import Running
from slimdesk.ui.pages.scan_work import scan_now
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.text import Text


def not_scanned(report: Report) -> list[Image]:
    """Return the images at hand of which no scanner has said anything."""
    return [
        one.side.image
        for one in report.subjects
        if one.side is not None and not one.side.earlier and (one.scan is None or one.scan.scan is None)
    ]


class ScanBox(QWidget):
    """A button and a line of words. Signals: `scanned()` after each image that was scanned."""

    scanned = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._images: list[Image] = []
        self._running: Running | None = None
        self.button = Button("Scan", "shield-check", self._pressed)
        self.words = Text("", "small", "text3", wrap=True)
        self.setLayout(column(self.button, self.words, margins=(22, 2, 0, 4), spacing=3))
        self._say("")
        self.hide()

    def show_images(self, images: Sequence[Image]) -> None:
        """Offer to scan these; none, and there is nothing to be seen unless something is still to be said."""
        self._images = list(images)
        if self._running is None:
            self.button.setText("Scan for vulnerabilities")
            self.button.setToolTip(
                f"Known vulnerabilities of {plural(len(self._images), 'image')}, by a scanner that is installed"
            )
        self.button.setVisible(bool(self._images) or self._running is not None)
        self.setVisible(bool(self._images) or self._running is not None or bool(self.words.text()))

    def stop(self) -> None:
        """End what runs."""
        if self._running is not None:
            self._running.stop()

    def _pressed(self) -> None:
        if self._running is not None:
            self.stop()
            return
        running = self._running = Running()
        self.button.setText("Stop the scan")
        self._say("The scan begins…")
        running.task = self._desk.spawn(self._scan(running))

    async def _scan(self, running: Running) -> None:
        said, images = "", tuple(self._images)
        try:
            for number, image in enumerate(images):
                where = f"{number + 1} of {len(images)}: " if len(images) > 1 else ""
                found = await scan_now(self._desk, image, started=self._watch(running, where))
                if not isValid(self):
                    return
                if isinstance(found.result, NotScanned):
                    # The same holds for the others: a scanner that is missing, a database that is not there.
                    said = f"{found.words}. {found.result.todo}".strip().rstrip(".") + "."
                    break
                self.scanned.emit()
        except SlimDeskError as error:
            said = visible(str(error), 400)
        except asyncio.CancelledError:
            said = "Stopped."
            raise
        finally:
            if isValid(self):
                self._running = None
                self._say(f"{said[:1].upper()}{said[1:]}")
                self.show_images(self._images)
                self.scanned.emit()

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def _watch(self, running: Running, where: str) -> Callable[[Job], None]:
        def started(job: Job) -> None:
            running.job = job
            job.observe(told)

        def told(job: Job) -> None:
            if isValid(self) and not job.state.ended and job.current.step:
                self._say(f"{where}{visible(job.current.step, 120)}")

        return started
