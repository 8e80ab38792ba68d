"""The type of a terminal: one cell for each character, whatever its font says."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont

from slimdesk.ui.theme.fonts import font
from slimdesk.ui.widgets.terminal_boxes import BOXES, draw_box

_KEPT = 4096
_SMALLEST, _LARGEST = 6.0, 36.0


class Glyphs:
    """Fonts of one size, the cell that they need, and glyphs laid out on the grid, kept for the next time."""

    def __init__(self, points: float = 0.0) -> None:
        """`points` is added to the size of the program's fixed font."""
        base = font("mono")
        base.setPointSizeF(max(_SMALLEST, min(base.pointSizeF() + points, _LARGEST)))
        base.setKerning(False)
        self.font = base
        metrics = QFontMetricsF(base)
        self.width = max(1, round(metrics.horizontalAdvance("M")))
        self.height = max(1, round(metrics.ascent() + metrics.descent() + metrics.leading()))
        self.ascent = round(metrics.ascent())
        self.underline = min(self.height - 2, self.ascent + max(1, round(metrics.underlinePos())))
        self.thickness = max(1, round(metrics.lineWidth()))
        self._fonts: dict[tuple[bool, bool], tuple[QFont, QRawFont]] = {}
        self._runs: OrderedDict[tuple[str, bool, bool], QGlyphRun | None] = OrderedDict()
        self._extents: dict[tuple[str, bool, bool], tuple[float, float]] = {}

    def draw(
        self, painter: QPainter, text: str, at: QPoint, color: QColor, *, bold: bool, italic: bool
    ) -> None:
        """Draw `text`, one character per cell, from the upper left corner of its first cell on."""
        if not text.isascii() and BOXES.search(text) is not None:
            self._draw_with_boxes(painter, text, at, color, bold=bold, italic=italic)
            return
        run = self._run(text, bold, italic)
        if run is not None:
            painter.setPen(color)
            painter.drawGlyphRun(QPointF(at), run)
            return
        for i, character in enumerate(text):
            if character != " ":
                self.draw_whole(
                    painter, character, at + QPoint(i * self.width, 0), 1, color, bold=bold, italic=italic
                )

    def draw_whole(
        self,
        painter: QPainter,
        text: str,
        at: QPoint,
        cells: int,
        color: QColor,
        *,
        bold: bool,
        italic: bool,
    ) -> None:
        """Draw one character, with its marks, in the middle of `cells` cells; made smaller where it does not fit.

        A fallback font may be wider or taller than the cell: what went beyond it would stay when its row is painted anew.
        """
        if len(text) == 1:
            run = self._run(text, bold, italic)
            if run is not None and cells == 1:
                painter.setPen(color)
                painter.drawGlyphRun(QPointF(at), run)
                return
        used, _raw = self._font(bold, italic)
        room = cells * self.width
        wide, flatter = self._extent(text, bold, italic)
        narrower = min(1.0, room / wide) if wide > room + 1 else 1.0
        painter.setPen(color)
        painter.setFont(used)
        left = at.x() + max(0.0, (room - wide) / 2)
        if narrower == flatter == 1:
            painter.drawText(QPointF(left, at.y() + self.ascent), text)
            return
        painter.save()
        painter.setClipRect(QRectF(at.x(), at.y(), room, self.height))
        painter.translate(left, at.y() + self.ascent)
        painter.scale(narrower, flatter)
        painter.drawText(QPointF(0, 0), text)
        painter.restore()

    def _draw_with_boxes(
        self, painter: QPainter, text: str, at: QPoint, color: QColor, *, bold: bool, italic: bool
    ) -> None:
        """Draw lines and blocks by themselves, and what is between them from the font."""
        start = 0
        for box in BOXES.finditer(text):
            between = text[start : box.start()]
            if between.strip():
                place = at + QPoint(start * self.width, 0)
                self.draw(painter, between, place, color, bold=bold, italic=italic)
            for i, character in enumerate(box.group(), box.start()):
                cell = QRect(at.x() + i * self.width, at.y(), self.width, self.height)
                draw_box(painter, character, cell, self.thickness, color)
            start = box.end()
        if text[start:].strip():
            place = at + QPoint(start * self.width, 0)
            self.draw(painter, text[start:], place, color, bold=bold, italic=italic)

    def _run(self, text: str, bold: bool, italic: bool) -> QGlyphRun | None:
        key = (text, bold, italic)
        if key in self._runs:
            self._runs.move_to_end(key)
            return self._runs[key]
        _font, raw = self._font(bold, italic)
        indexes = raw.glyphIndexesForString(text) if raw.isValid() else []
        run: QGlyphRun | None = None
        # 0 is the glyph of what the font does not have: another font has it, drawText finds it.
        if len(indexes) == len(text) and 0 not in indexes:
            run = QGlyphRun()
            run.setRawFont(raw)
            run.setGlyphIndexes(indexes)
            run.setPositions([QPointF(i * self.width, self.ascent) for i in range(len(indexes))])
        self._runs[key] = run
        if len(self._runs) > _KEPT:
            self._runs.popitem(last=False)
        return run

    def _extent(self, text: str, bold: bool, italic: bool) -> tuple[float, float]:
        """Return how wide a character is, and what its height must be multiplied with to fit above and below the base line."""
        key = (text, bold, italic)
        if key not in self._extents:
            if len(self._extents) >= _KEPT:
                self._extents.clear()
            metrics = QFontMetricsF(self._font(bold, italic)[0])
            ink = metrics.tightBoundingRect(text)
            above, below = -ink.top(), ink.bottom()
            flatter = min(
                1.0,
                self.ascent / above if above > self.ascent else 1.0,
                (self.height - self.ascent) / below if below > self.height - self.ascent else 1.0,
            )
            self._extents[key] = (metrics.horizontalAdvance(text), flatter)
        return self._extents[key]

    def _font(self, bold: bool, italic: bool) -> tuple[QFont, QRawFont]:
        key = (bold, italic)
        if key not in self._fonts:
            made = QFont(self.font)
            made.setBold(bold)
            made.setItalic(italic)
            self._fonts[key] = (made, QRawFont.fromFont(made))
        return self._fonts[key]
