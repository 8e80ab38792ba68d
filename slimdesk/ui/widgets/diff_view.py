"""Two texts as a unified difference: removed and added lines in colour, and with their sign."""

from __future__ import annotations

import difflib

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from slimdesk.ui.theme import current
from slimdesk.ui.theme.fonts import set_font


def unified(before: str, after: str, name: str) -> list[str]:
    """Return the lines of a unified difference with three lines around each change; empty if there is none."""
    return [
        line.rstrip("\n")
        for line in difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"{name} (now)",
            f"{name} (new)",
        )
    ]


class DiffView(QPlainTextEdit):
    """Read-only; shows one or more files one after the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What changes")
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        set_font(self, "mono")
        self._colours = _Colours(self.document())

    def show_files(self, files: list[tuple[str, str, str]]) -> None:
        """Show (name, text before, text after) of each file."""
        parts: list[str] = []
        for name, before, after in files:
            lines = unified(before, after, name)
            parts += lines or [f"{name}: no change"]
            parts.append("")
        self.setPlainText("\n".join(parts).rstrip())


class _Colours(QSyntaxHighlighter):
    def highlightBlock(self, text: str) -> None:  # noqa: N802 - Qt's name
        tokens = current().tokens
        colour = None
        if text.startswith(("+++", "---", "@@")):
            colour = tokens["text3"]
        elif text.startswith("+"):
            colour = tokens["good"]
        elif text.startswith("-"):
            colour = tokens["bad"]
        if colour is not None:
            form = QTextCharFormat()
            form.setForeground(QColor(colour))
            self.setFormat(0, len(text), form)
