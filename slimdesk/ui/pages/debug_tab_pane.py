"""What a tab of the shells' area holds: a terminal, or the answers of an inspection."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from slimdesk.basics.escaping import visible


class TabPane(QWidget):
    """One tab's content; `title` and `picture` are shown on the tab.

    Signals: `renamed(words)` when the tab's tooltip is to say something else, `rang` when the person should look at it.
    """

    renamed = Signal(str)
    rang = Signal()
    picture = "terminal-window"

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = visible(title)

    def take_focus(self) -> None:
        """Take the keyboard."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    async def close_stream(self) -> None:
        """End whatever it has open on the engine; returns when nothing is left of it. The widget goes after that."""
