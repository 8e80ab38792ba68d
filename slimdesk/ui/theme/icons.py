"""Icons by name, drawn from Phosphor (MIT) as QtAwesome ships it, tinted from the theme whenever they are painted.

QtAwesome itself is not imported: it loads a dozen fonts, which costs more than the rest of the window's start.
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from slimdesk.basics.errors import SlimDeskError
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token


def icon(name: str, role: Token = "text2", *, on: Token | None = None, after: bool = False) -> QIcon:
    """Return the Phosphor icon `name` ("stack", "check-circle-fill") in the colour `role`, in `on` while checked.

    In a rectangle wider than high it stands at the left, `after` at the right: the rest is the gap to the words.

    It follows the theme by itself. Disabled it is text3. Raises KeyError for a name that Phosphor does not have.
    """
    return QIcon(_Engine(glyph(name), role, on or role, after=after))


def paint_icon(painter: QPainter, rect: QRect, name: str, role: Token = "text2") -> None:
    """Draw the icon into `rect`, at the size of its shorter side."""
    _draw(painter, rect, glyph(name), current().color(role))


@cache
def glyph(name: str) -> str:
    """Return the character that draws the icon `name`."""
    return chr(int(_charmap()[name], 16))


@cache
def _font_folder() -> Path:
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or not spec.submodule_search_locations:
        raise SlimDeskError("The icons are missing", "QtAwesome is not installed", "Install SlimDesk again")
    return Path(spec.submodule_search_locations[0]) / "fonts"


@cache
def _charmap() -> dict[str, str]:
    found = sorted(_font_folder().glob("phosphor-charmap-*.json"))
    if not found:
        raise SlimDeskError("The icons are missing", "QtAwesome has no Phosphor", "Install SlimDesk again")
    charmap: dict[str, str] = json.loads(found[-1].read_text(encoding="utf-8"))
    return charmap


@cache
def _family() -> str:
    for path in sorted(_font_folder().glob("phosphor-*.ttf"), reverse=True):
        number = QFontDatabase.addApplicationFont(str(path))
        families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
        if families:
            return families[0]
    raise SlimDeskError("The icons are missing", "Phosphor's font cannot be read", "Install SlimDesk again")


def _draw(painter: QPainter, rect: QRect, character: str, color: QColor) -> None:
    painter.save()
    shape = QFont(_family())
    shape.setPixelSize(max(1, min(rect.width(), rect.height())))
    shape.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    painter.setFont(shape)
    painter.setPen(color)
    painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, character)
    painter.restore()


class _Engine(QIconEngine):
    """Draws one glyph in the theme's colour of the moment."""

    def __init__(self, character: str, role: Token, on: Token, *, after: bool = False) -> None:
        super().__init__()
        self._character, self._role, self._on, self._after = character, role, on, after

    def _color(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        tokens = current().tokens
        if mode == QIcon.Mode.Disabled:
            return tokens["text3"]
        return tokens[self._on if state == QIcon.State.On else self._role]

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw sharply at any scale; a rectangle that is wider leaves its rest free, as a gap to the words."""
        side = min(rect.width(), rect.height())
        square = QRect(QPoint(0, 0), QSize(side, side))
        square.moveCenter(rect.center())
        if self._after:
            square.moveRight(rect.right())
        else:
            square.moveLeft(rect.left())
        _draw(painter, square, self._character, QColor(self._color(mode, state)))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return device pixels; Qt sets the ratio."""
        canvas = QPixmap(size)
        canvas.fill(Qt.GlobalColor.transparent)
        painter = QPainter(canvas)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return canvas

    def clone(self) -> QIconEngine:
        """Return another one alike."""
        return _Engine(self._character, self._role, self._on, after=self._after)
