"""A frame that shares its room out anew whenever there is another width, or other words in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame


class FittedFrame(QFrame):
    """Calls `fit` after each change of its size, of the words in it, or of the type."""

    def fit(self) -> None:
        """Share the room out. What is changed must come to rest: a change asks for the layout again."""
        raise NotImplementedError

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit what is shown to the new width."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Fit what is shown where words or the type have changed."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().event(event)
