"""Labels: text in a role and a tone, tags, keyboard caps. All text can be selected and copied."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from slimdesk.ui.theme.fonts import FontRole, set_font
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.layout import restyle

Tone = Literal["text", "text2", "text3", "accent_text", "good", "warn", "bad"]


class Text(QLabel):
    """A label that never takes markup; `wrap` lets it have several lines."""

    def __init__(
        self,
        text: str = "",
        font: FontRole = "body",
        tone: Tone = "text",
        *,
        wrap: bool = False,
        select: bool = True,
    ) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        set_font(self, font)
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        if select:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def set_tone(self, tone: Tone) -> None:
        """Change its colour."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)

    def set_font(self, font: FontRole) -> None:
        """Change its type."""
        set_font(self, font)


class Elided(Text):
    """One line that gives way: what does not fit ends in …, and the whole text is its tooltip."""

    def __init__(
        self,
        text: str = "",
        font: FontRole = "body",
        tone: Tone = "text",
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__("", font, tone, select=False)
        self._whole = text
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._show()

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Set the whole text."""
        self._whole = text
        self._show()
        self.updateGeometry()

    def text(self) -> str:
        """Return the whole text."""
        return self._whole

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for the whole text."""
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for a few letters."""
        return QSize(24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Cut anew."""
        super().resizeEvent(event)
        self._show()

    def _show(self) -> None:
        cut = self.fontMetrics().elidedText(self._whole, self._mode, max(0, self.width()))
        super().setText(cut)
        self.setToolTip(self._whole if cut != self._whole else "")
        self.setAccessibleName(self._whole)


class Tag(QLabel):
    """A small filled word: a count, a kind, a state."""

    def __init__(self, text: str = "", tone: Tone = "text2") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", "tag")
        self.setProperty("tone", tone)
        set_font(self, "small")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set(self, text: str, tone: Tone = "text2") -> None:
        """Change word and colour; an empty word hides it."""
        self.setText(text)
        self.setVisible(bool(text))
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)


class KeyCap(QLabel):
    """A keyboard shortcut as it is pressed."""

    def __init__(self, keys: str) -> None:
        super().__init__(keys)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", "key")
        set_font(self, "rail")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class Icon(QWidget):
    """An icon that stands alone; it follows the theme. `meaning` is its accessible name, empty = decoration."""

    def __init__(self, name: str, role: Token = "text2", size: int = 16, meaning: str = "") -> None:
        super().__init__()
        self._name, self._role = name, role
        self.setFixedSize(size, size)
        self.setAccessibleName(meaning)
        self.setToolTip(meaning)

    def set(self, name: str, role: Token, meaning: str = "") -> None:
        """Show another one."""
        self._name, self._role = name, role
        self.setAccessibleName(meaning)
        self.setToolTip(meaning)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in today's colour."""
        painter = QPainter(self)
        paint_icon(painter, QRect(0, 0, self.width(), self.height()), self._name, self._role)
        painter.end()
