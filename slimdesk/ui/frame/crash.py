"""The crash window: something unforeseen happened, here is a report to copy, and the program lives on."""

from __future__ import annotations

import platform
import sys
import traceback

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from slimdesk import __version__
from slimdesk.ui.theme.fonts import set_font
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Text


def report(error: BaseException) -> str:
    """Return what a developer needs to know. It names no file of the person's beyond those in the trace itself."""
    trace = "".join(traceback.format_exception(error)).rstrip()
    return "\n".join(
        [
            f"SlimDesk {__version__}",
            f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}, {sys.platform}",
            "",
            trace,
        ]
    )


class CrashWindow(QDialog):
    """One at a time: later reports are added to the first."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.setAccessibleName("Something went wrong")
        self.setModal(False)
        self.resize(720, 440)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setAccessibleName("Report")
        set_font(self._text, "mono")
        copy = Button("Copy report", "copy", self._copy, kind="primary")
        close = Button("Go on", clicked=self.close)
        self.setLayout(
            column(
                Text("Something went wrong", "section"),
                Text(
                    "SlimDesk did not foresee this. What you were doing may not have finished; the rest goes on. "
                    "The report below helps to mend it. Nothing is sent.",
                    wrap=True,
                ),
                self._text,
                row(1, close, copy),
                margins=20,
                spacing=12,
            )
        )
        copy.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def text(self) -> str:
        """The report."""
        return self._text.toPlainText()

    def add(self, error: BaseException) -> None:
        """Show one more."""
        text = report(error)
        if text not in self.text:
            self._text.appendPlainText(text if not self.text else f"\n{text}")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
