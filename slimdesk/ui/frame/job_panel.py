"""All jobs, opened upwards from the strip; a job's log in a window of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QMenu, QPlainTextEdit, QWidget

from slimdesk.basics.files import write_whole
from slimdesk.basics.job import Job, JobState
from slimdesk.basics.units import plural
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import pick_new_file
from slimdesk.ui.frame.job_words import lasted, says, state_icon, state_word
from slimdesk.ui.models.roles import SizeBar
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.theme.fonts import fix_height, set_font
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import Button, IconButton
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Text

_REDRAW_MS = 150


class JobPanel(QFrame):
    """The list of all jobs, newest first."""

    def __init__(self, desk: Desk, close: Callable[[], object]) -> None:
        super().__init__()
        self._desk = desk
        self._jobs = desk.workspace.jobs
        self._close = close
        self.setProperty("surface", "page")
        self.setProperty("rule", "top")
        self.setAccessibleName("All jobs")
        self._counts = Text("", "body", "text2", select=False)
        self._clear = Button("Clear finished", "trash", self._jobs.clear_finished, kind="flat")
        hide = IconButton("caret-down", "Hide the jobs (Ctrl+J)", close)
        head = ToolBar(
            Text("Jobs", "strong", select=False), self._counts, 1, self._clear, hide, surface="bar"
        )
        fix_height(head, 36)
        self._rows: Rows[Job] = Rows(_columns())
        self.table = Table("Jobs", self._rows, sortable=False, menus=self._menu)
        self.table.horizontalHeader().hide()
        self.table.opened.connect(self.show_log)
        self.table.linked.connect(self._linked)
        self.setLayout(column(head, self.table, spacing=0))
        fix_height(self, 230)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REDRAW_MS)
        self._soon.timeout.connect(self.refresh)
        self._jobs.observe(lambda _job: self.isVisible() and not self._soon.isActive() and self._soon.start())
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        self._logs: dict[int, LogWindow] = {}
        self.hide()

    def setVisible(self, visible: bool) -> None:  # noqa: N802 - Qt's name
        """Opened, it has been seen; failures need not be kept in the strip any longer."""
        super().setVisible(visible)
        if visible:
            self.refresh()
            self._jobs.see_all()
            self._clock.start()
        else:
            self._clock.stop()

    def refresh(self) -> None:
        """Show the list as it is."""
        chosen = self.table.item
        jobs = list(self._jobs)[::-1]
        self._rows.show_rows(jobs)
        if chosen is not None and self.table.item is not chosen:
            self.table.choose(lambda job: job is chosen)
        running, waiting = len(self._jobs.running), len(self._jobs.waiting)
        finished = len(self._jobs.finished)
        self._counts.setText(f"{running} running, {waiting} waiting, {finished} finished")
        self._clear.allow(finished > 0, "Nothing has finished")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete cancels the chosen job, Esc hides the panel."""
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        elif event.key() == Qt.Key.Key_Delete and self.table.item is not None:
            self.table.item.cancel()
        else:
            super().keyPressEvent(event)

    def show_log(self, job: Job) -> None:
        """Open a job's log, or bring it to the front."""
        job.seen = True
        window = self._logs.get(job.number)
        if window is None:
            window = LogWindow(self._desk, job, self.window())
            window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            window.destroyed.connect(lambda _object=None, number=job.number: self._logs.pop(number, None))
            self._logs[job.number] = window
        window.show()
        window.raise_()
        window.activateWindow()

    def _tick(self) -> None:
        if self._jobs.running:
            self._rows.refresh()

    def _linked(self, job: Job, key: str) -> None:
        if key == "cancel":
            if job.state.ended:
                QGuiApplication.clipboard().setText(_error_text(job))
            else:
                job.cancel()
        elif key == "log":
            self.show_log(job)

    def _menu(self, menu: QMenu, job: Job) -> None:
        log = QAction(icon("terminal"), "Open log", menu)
        log.triggered.connect(lambda: self.show_log(job))
        menu.addAction(log)
        cancel = QAction(icon("x"), "Cancel", menu)
        cancel.setEnabled(not job.state.ended)
        cancel.triggered.connect(job.cancel)
        menu.addAction(cancel)
        copy = QAction(icon("copy"), "Copy error", menu)
        copy.setEnabled(job.state is JobState.FAILED)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(_error_text(job)))
        menu.addAction(copy)


class LogWindow(QWidget):
    """A job's log: it follows the end, can be searched, copied and saved."""

    def __init__(self, desk: Desk, job: Job, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._desk, self._job = desk, job
        self._shown = 0
        self.setWindowTitle(f"Log of {job.title}")
        self.setAccessibleName(f"Log of {job.title}")
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.resize(900, 560)
        self._state = Text("", "body", "text2")
        self._follow = QCheckBox("Follow")
        self._follow.setChecked(True)
        self._find = QLineEdit()
        self._find.setPlaceholderText("Find in the log")
        self._find.setAccessibleName("Find in the log")
        self._find.setClearButtonEnabled(True)
        self._find.setMaximumWidth(240)
        self._find.returnPressed.connect(self._find_next)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setProperty("kind", "log")
        self._text.setAccessibleName("Log")
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setUndoRedoEnabled(False)
        set_font(self._text, "mono")
        copy = Button(
            "Copy all", "copy", lambda: QGuiApplication.clipboard().setText(self._text.toPlainText())
        )
        save = Button("Save…", "floppy-disk", lambda: desk.spawn(self._save()))
        self._cancel = Button("Cancel", "x", job.cancel)
        bar = ToolBar(self._state, 1, self._find, self._follow, copy, save, self._cancel, surface="bar")
        self.setLayout(column(bar, row(self._text, margins=(8, 4, 0, 0)), spacing=0))
        self._timer = QTimer(self)
        self._timer.setInterval(_REDRAW_MS)
        self._timer.timeout.connect(self._append)
        self._timer.start()
        self._append()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc closes, Ctrl+F finds."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() == Qt.Key.Key_F and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._find.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Stop looking."""
        self._timer.stop()
        super().closeEvent(event)

    def _append(self) -> None:
        job = self._job
        total = job.dropped_lines + len(job.lines)
        if total > self._shown:
            fresh = list(job.lines)[max(0, self._shown - job.dropped_lines) :]
            place = self._text.verticalScrollBar().value()
            cursor = QTextCursor(self._text.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(("\n" if self._shown else "") + "\n".join(fresh))
            self._shown = total
            bar = self._text.verticalScrollBar()
            bar.setValue(bar.maximum() if self._follow.isChecked() else place)
        if not total:
            self._text.setPlaceholderText(
                "This job has written nothing" if job.state.ended else "Nothing written yet"
            )
        lines = plural(total, "line")
        self._state.setText(f"{state_word(job)}, {lasted(job)}, {lines}" if lasted(job) else state_word(job))
        self._cancel.allow(not job.state.ended, "It has ended")
        if job.state.ended:
            self._timer.stop()

    def _find_next(self) -> None:
        words = self._find.text()
        if words and not self._text.find(words):
            self._text.moveCursor(QTextCursor.MoveOperation.Start)
            self._text.find(words)

    async def _save(self) -> None:
        name = "".join(letter if letter.isalnum() else "-" for letter in self._job.title).strip("-")
        path: Path | None = await pick_new_file(self, "Save the log", f"{name}.log")
        if path is not None:
            await self._desk.blocking(write_whole, path, "\n".join(self._job.lines) + "\n")


def _error_text(job: Job) -> str:
    return "\n".join([f"{job.title}: {says(job)}", *list(job.lines)[-50:]])


def _columns() -> list[Column[Job]]:
    def bar(job: Job) -> SizeBar | None:
        ratio = job.current.ratio
        return (
            SizeBar(round(ratio * 1000), 1000)
            if job.state is JobState.RUNNING and ratio is not None
            else None
        )

    def cancel_word(job: Job) -> str:
        if not job.state.ended:
            return "Cancel"
        return "Copy error" if job.state is JobState.FAILED else ""

    return [
        Column("title", "Job", lambda job: job.title, picture=state_icon, font="medium", width=230),
        Column(
            "says",
            "State",
            says,
            tone=lambda job: "text" if job.state is JobState.FAILED else "text2",
            width=200,
            grows=True,
            cell_tip=says,
        ),
        Column("bar", "Progress", lambda _job: "", bar=bar, width=160),
        Column("time", "Time", lasted, right=True, tone=lambda _job: "text2", width=80),
        Column("cancel", "Stop", cancel_word, link=lambda job: bool(cancel_word(job)), right=True, width=100),
        Column("log", "Log", lambda _job: "Log", link=lambda _job: True, right=True, width=64),
    ]
