"""A log that grows: tens of thousands of lines without a stall, searchable, selectable, following its end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import QTextCursor, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from slimdesk.ui.theme.fonts import set_font

# What is shown at once: enough to read any build, little enough to stay fast.
SHOWN = 20_000
# Lines that are put in per tick of the timer, every 50 ms: 20 000 lines a second, 2 ms each time.
SLICE = 500
EVERY_MS = 50


class LogView(QPlainTextEdit):
    """Read-only. `append_lines` returns at once; the lines appear in slices. It follows its end until scrolled away."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(SHOWN)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self.setProperty("kind", "log")
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setPlaceholderText("Nothing has been written here yet")
        set_font(self, "mono")
        self._waiting: list[str] = []
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._put_in)

    def append_lines(self, lines: Sequence[str]) -> None:
        """Add lines at the end; of very many only the newest that can be shown."""
        self._waiting.extend(lines)
        if len(self._waiting) > SHOWN:
            del self._waiting[:-SHOWN]
        if self._waiting and not self._timer.isActive():
            self._put_in()
            self._timer.start()

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show these lines and nothing else."""
        self._waiting.clear()
        self.clear()
        self.append_lines(lines)

    def flush(self) -> None:
        """Put in everything that waits."""
        while self._waiting:
            self._put_in()

    def _put_in(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        slice_, self._waiting = self._waiting[:SLICE], self._waiting[SLICE:]
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(("" if self.document().isEmpty() else "\n") + "\n".join(slice_))
        if at_end:
            bar.setValue(bar.maximum())
