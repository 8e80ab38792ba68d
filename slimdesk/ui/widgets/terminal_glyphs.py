"""The type of a terminal: one cell for each character, whatever its font says."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont, QTextLayout

from slimdesk.ui.theme.fonts import font
from slimdesk.ui.widgets.terminal_boxes import BOXES, draw_box

_KEPT = 4096
_SMALLEST, _LARGEST = 6.0, 36.0


@dataclass(frozen=True, slots=True)
class _Shape:
    """A character as glyphs around its base line, how wide it is, and what its height must be multiplied with to fit its row."""

    runs: tuple[QGlyphRun, ...]
    width: float
    flatter: float


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
        self._shapes: OrderedDict[tuple[str, bool, bool], _Shape] = OrderedDict()

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
        if cells == len(text) == 1:
            run = self._run(text, bold, italic)
            if run is not None:
                painter.setPen(color)
                painter.drawGlyphRun(QPointF(at), run)
                return
        room = cells * self.width
        shape = self._shape(text, bold, italic)
        narrower = min(1.0, room / shape.width) if shape.width > room + 1 else 1.0
        place = QPointF(at.x() + max(0.0, (room - shape.width) / 2), at.y() + self.ascent)
        painter.setPen(color)
        if narrower == shape.flatter == 1:
            for run in shape.runs:
                painter.drawGlyphRun(place, run)
            return
        painter.save()
        painter.setClipRect(QRectF(at.x(), at.y(), room, self.height))
        painter.translate(place)
        painter.scale(narrower, shape.flatter)
        for run in shape.runs:
            painter.drawGlyphRun(QPointF(0, 0), run)
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
        # 0 is the glyph of what the font does not have: another font has it, see `_shape`.
        if len(indexes) == len(text) and 0 not in indexes:
            run = QGlyphRun()
            run.setRawFont(raw)
            run.setGlyphIndexes(indexes)
            run.setPositions([QPointF(i * self.width, self.ascent) for i in range(len(indexes))])
        self._runs[key] = run
        if len(self._runs) > _KEPT:
            self._runs.popitem(last=False)
        return run

    def _shape(self, text: str, bold: bool, italic: bool) -> _Shape:
        """Return a character in whatever font has it; finding it takes far longer than drawing it."""
        key = (text, bold, italic)
        if key not in self._shapes:
            self._shapes[key] = self._shaped(text, self._font(bold, italic)[0])
            if len(self._shapes) > _KEPT:
                self._shapes.popitem(last=False)
        self._shapes.move_to_end(key)
        return self._shapes[key]

    def _shaped(self, text: str, used: QFont) -> _Shape:
        layout = QTextLayout(text, used)
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        runs = tuple(layout.glyphRuns())
        above = below = 0.0
        for run in runs:
            run.setPositions([at - QPointF(0, line.ascent()) for at in run.positions()])
            raw = run.rawFont()
            for index, at in zip(run.glyphIndexes(), run.positions(), strict=True):
                ink = raw.boundingRect(index).translated(at)
                above, below = max(above, -ink.top()), max(below, ink.bottom())
        depth = self.height - self.ascent
        flatter = min(
            1.0,
            self.ascent / above if above > self.ascent else 1.0,
            depth / below if below > depth else 1.0,
        )
        return _Shape(runs, line.naturalTextWidth(), flatter)

    def _font(self, bold: bool, italic: bool) -> tuple[QFont, QRawFont]:
        key = (bold, italic)
        if key not in self._fonts:
            made = QFont(self.font)
            made.setBold(bold)
            made.setItalic(italic)
            self._fonts[key] = (made, QRawFont.fromFont(made))
        return self._fonts[key]
