"""One mark of a legend: a small square of a colour and its word."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from slimdesk.ui.theme.fonts import font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token

_SQUARE = 10


class LegendMark(QWidget):
    """Follows the theme by itself."""

    def __init__(self, token: Token, word: str) -> None:
        super().__init__()
        self._token, self._word = token, word
        self.setAccessibleName(word)
        self.ensurePolished()
        metrics = self.fontMetrics()
        self.setFixedSize(_SQUARE + 6 + metrics.horizontalAdvance(word) + 6, max(16, metrics.height()))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw square and word."""
        painter = QPainter(self)
        top = (self.height() - _SQUARE) // 2
        painter.fillRect(QRect(0, top, _SQUARE, _SQUARE), current().color(self._token))
        painter.setFont(font("body"))
        painter.setPen(current().color("text2"))
        painter.drawText(self.rect().adjusted(_SQUARE + 6, 0, 0, 0), 0x80, self._word)
        painter.end()
