"""A window beside the pages with a text to paste: what it means is worked out again whenever typing rests."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QPlainTextEdit

from slimdesk.ui.desk import Desk
from slimdesk.ui.theme.fonts import set_font

_STILL_MS = 250


class PasteDialog(QDialog):
    """Not modal, as large as `size` where the window is. A subclass says in `take` what comes of the text."""

    def __init__(self, desk: Desk, title: str, *, name: str, hint: str, size: tuple[int, int]) -> None:
        """`name` is the text's for a screen reader, `hint` stands in it while it is empty."""
        super().__init__(desk.window)
        self.desk = desk
        self.closed = False
        self._taking: asyncio.Task[None] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(name)
        self.text.setPlaceholderText(hint)
        self.text.setTabChangesFocus(True)
        self.text.setProperty("kind", "bare")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.document().setDocumentMargin(12)
        set_font(self.text, "mono")
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(self._rested)
        self.text.textChanged.connect(self._still.start)
        room = desk.window.size()
        self.resize(min(size[0], room.width()), min(size[1], room.height()))

    async def take(self, text: str) -> None:
        """Show what comes of `text`; cancelled when it has changed again, or the window closes."""
        raise NotImplementedError

    def begin(self) -> None:
        """Show it, ready to be pasted into."""
        self.show()
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Stop thinking."""
        self.closed = True
        self._still.stop()
        if self._taking is not None:
            self._taking.cancel()
        super().closeEvent(event)

    def _rested(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
        self._taking = self.desk.spawn(self.take(self.text.toPlainText()))
