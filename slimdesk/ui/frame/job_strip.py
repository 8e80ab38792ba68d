"""The strip along the bottom: the newest running job with Cancel and Log, or the last result."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QProgressBar, QSizePolicy

from slimdesk.basics.job import Job
from slimdesk.basics.units import plural
from slimdesk.ui.frame.job_words import kind_icon, lasted, says, state_icon, state_word
from slimdesk.ui.theme.fonts import fix_height
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import row
from slimdesk.ui.widgets.text import Elided, Icon, Text
from slimdesk.workspace.jobs import Jobs

_REDRAW_MS = 100


class JobStrip(QFrame):
    """30 px. Redrawn at most ten times a second, however fast jobs talk."""

    def __init__(
        self, jobs: Jobs, show_log: Callable[[Job], object], toggle_panel: Callable[[], object]
    ) -> None:
        super().__init__()
        self._jobs = jobs
        self._job: Job | None = None
        self.setProperty("surface", "frame")
        self.setProperty("rule", "top")
        self.setAccessibleName("Jobs")
        fix_height(self, 30)
        self._picture = Icon("check-circle", "text2")
        self._title = Text("", "body", select=False)
        self._step = Elided("", "body", "text2")
        self._step.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress")
        self._time = Text("", "body", "text2", select=False)
        self._cancel = Button("Cancel", "x", self._cancel_job, kind="flat")
        self._log = Button("Log", "terminal", lambda: self._job and show_log(self._job), kind="flat")
        self._more = Text("", "body", "text2", select=False)
        self.toggle = Button("Jobs", clicked=toggle_panel, kind="flat", tip="All jobs (Ctrl+J)")
        self.toggle.set_caret("caret-up")
        for button in (self._cancel, self._log, self.toggle):
            button.setProperty("compact", True)
        self.setLayout(
            row(
                self._picture,
                self._title,
                self._step,
                self._bar,
                self._time,
                self._cancel,
                self._log,
                1,
                self._more,
                self.toggle,
                margins=(14, 0, 8, 0),
                spacing=12,
            )
        )
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REDRAW_MS)
        self._soon.timeout.connect(self.refresh)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self.refresh)
        jobs.observe(lambda _job: self._soon.isActive() or self._soon.start())
        self.refresh()

    def panel_open(self, opened: bool) -> None:
        """Turn the caret."""
        self.toggle.set_caret("caret-down" if opened else "caret-up")

    def refresh(self) -> None:
        """Show the newest running job; else a failure that nobody has seen; else the last result."""
        running, waiting, failed = self._jobs.running, self._jobs.waiting, self._jobs.unseen_failures
        finished = self._jobs.finished
        busy = bool(running)
        self._job = running[-1] if running else failed[-1] if failed else finished[-1] if finished else None
        job = self._job
        self._bar.setVisible(busy)
        self._time.setVisible(busy)
        self._cancel.setVisible(busy)
        self._log.setVisible(job is not None and (busy or bool(failed)))
        others = len(running) - 1
        parts = [f"{others} more running"] if others > 0 else []
        parts += [f"{len(waiting)} waiting"] if waiting else []
        parts += [plural(len(failed), "failure")] if failed and busy else []
        self._more.setText(", ".join(parts))
        self._more.setVisible(bool(parts))
        if busy and job is not None:
            self._picture.set(kind_icon(job), "text2", state_word(job))
            self._title.setText(job.title)
            self._step.setText(says(job))
            ratio = job.current.ratio
            # An unknown total shows a still, empty track: no motion where nothing is known.
            self._bar.setValue(0 if ratio is None else round(ratio * 1000))
            self._time.setText(lasted(job))
        elif failed and job is not None:
            self._picture.set("x-circle-fill", "bad", "Failed")
            self._title.setText(job.title)
            self._step.setText(says(job))
        else:
            self._picture.set("check-circle", "text2", "")
            self._title.setText("No running jobs" if not waiting else "No job has begun")
            last = f"Last: {job.title}, {state_word(job).lower()} in {lasted(job)}" if job else ""
            self._step.setText(last)
            if job:
                self._picture.set(*state_icon(job) if job.error else ("check-circle", "text2"))
        if busy != self._clock.isActive():
            self._clock.start() if busy else self._clock.stop()

    def _cancel_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
