"""The Image page without an image: nothing opened yet, being read, or not readable."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QProgressBar, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Icon, Text

_STEPS = 1000


class NoImage(QWidget):
    """What to do first: an archive, an image of the engine, or the sample that needs neither."""

    def __init__(
        self, archive: Callable[[], object], pick: Callable[[], object], sample: Callable[[], object]
    ) -> None:
        super().__init__()
        buttons = [
            PrimaryButton("Open archive…", "archive", archive),
            Button("Pick engine image…", "cube", pick),
            Button("Open the sample", "package", sample),
        ]
        self.engine_button = buttons[1]
        self.setLayout(
            column(
                2,
                row(1, Icon("cube", "text3", 32), 1),
                row(1, Text("No image is open", "section"), 1),
                row(
                    1,
                    Text(
                        "Open one to see what is in it and what can go, or drop an archive here",
                        "body",
                        "text2",
                    ),
                    1,
                ),
                row(1, *buttons, 1),
                3,
                margins=24,
                spacing=12,
            )
        )
        self.setAccessibleName("No image is open")


class Reading(QWidget):
    """An image is being read: where the reading stands, the layers that have come, and Cancel."""

    def __init__(self, cancel: Callable[[], object]) -> None:
        super().__init__()
        self._title = Text("", "section")
        self._step = Text("", "body", "text2")
        self._layers = Text("", "small", "text3", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(360)
        self._bar.setAccessibleName("Progress")
        self._seen: list[str] = []
        self.setLayout(
            column(
                2,
                row(1, Icon("cube", "text3", 32), 1),
                row(1, self._title, 1),
                row(1, self._bar, 1),
                row(1, self._step, 1),
                row(1, self._layers, 1),
                row(1, Button("Cancel", "x", cancel), 1),
                3,
                margins=24,
                spacing=12,
            )
        )

    def begin(self, name: str) -> None:
        """Another image begins."""
        self._seen = []
        self._title.setText(f"Reading {visible(name, 60)}")
        self._step.setText("")
        self._layers.setText("")
        self._bar.setRange(0, 0)

    def follow(self, job: Job) -> None:
        """Show where the job stands."""
        progress = job.current
        ratio = progress.ratio
        if ratio is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, _STEPS)
            self._bar.setValue(round(ratio * _STEPS))
        step = visible(progress.step, 80)
        amount = ""
        if progress.done and progress.unit == "bytes":
            total = f" of {format_bytes(progress.total)}" if progress.total else ""
            amount = f", {format_bytes(progress.done)}{total}"
        self._step.setText(step + amount)
        if step.startswith("Layer") and step not in self._seen:
            self._seen.append(step)
            self._layers.setText(
                "Read so far: " + ", ".join(self._seen[-8:-1]) if len(self._seen) > 1 else ""
            )


class NotRead(QWidget):
    """The image could not be read: the notice above says why."""

    def __init__(self, again: Callable[[], object], other: Callable[[], object]) -> None:
        super().__init__()
        self._title = Text("", "section")
        self._why = Text("", "body", "text2", wrap=False)
        self.setLayout(
            column(
                2,
                row(1, Icon("warning-fill", "warn", 32), 1),
                row(1, self._title, 1),
                row(1, self._why, 1),
                row(
                    1,
                    Button("Try again", "arrow-clockwise", again),
                    Button("Open another…", "archive", other),
                    1,
                ),
                3,
                margins=24,
                spacing=12,
            )
        )

    def say(self, title: str, why: str) -> None:
        """Show it."""
        self._title.setText(visible(title, 120))
        self._why.setText(visible(why, 200))
        self.setAccessibleName(f"{title}. {why}")
