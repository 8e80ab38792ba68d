"""Rows of a terminal as pixels: painted once into a picture, and again only where they have changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from slimdesk.terminal.colors import Rgb, Scheme, hex_rgb, scheme
from slimdesk.terminal.screen import Cursor, Row, Run, Style
from slimdesk.ui.theme import theme
from slimdesk.ui.widgets.terminal_glyphs import Glyphs

# Between the edge and the text.
MARGIN = 8


@dataclass(frozen=True)
class Mark:
    """Cells (half-open range) that are shown on another background: selected, or found."""

    first: int
    last: int
    behind: Rgb


class TerminalPainter:
    """One picture of `rows` rows; colours and type can change at any time."""

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.reverse = False
        self.picture = QPixmap()
        self.dress()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        now = theme.current()
        self.scheme: Scheme = scheme(
            hex_rgb(now.tokens["text"]), hex_rgb(now.tokens["terminal"]), dark=now.dark
        )
        self.selected = hex_rgb(now.tokens["sel"])
        self.found = hex_rgb(now.tokens["warn_soft"])
        self.found_here = hex_rgb(now.tokens["warn"])

    def fit(self, size: QSize, ratio: float) -> None:
        """Make the picture as large as the window; it is empty then."""
        self.picture = QPixmap(size * ratio)
        self.picture.setDevicePixelRatio(ratio)
        self.clear()

    def clear(self) -> None:
        """Paint nothing but the background."""
        self.picture.fill(_color(self.scheme.text if self.reverse else self.scheme.background))

    def row_rect(self, index: int, width: int) -> QRect:
        """Return where row `index` lies."""
        return QRect(0, MARGIN + index * self.glyphs.height, width, self.glyphs.height)

    def paint_rows(self, rows: dict[int, tuple[Row, tuple[Mark, ...]]]) -> None:
        """Paint rows by their number, each with the marks on it."""
        if self.picture.isNull():
            return
        painter = QPainter(self.picture)
        width = self.picture.deviceIndependentSize().toSize().width()
        ground = _color(self.scheme.text if self.reverse else self.scheme.background)
        for index, (row, marks) in rows.items():
            rect = self.row_rect(index, width)
            # What a glyph leaves in another row, or in the margin, would stay there when its own row is painted anew.
            painter.setClipRect(rect)
            painter.fillRect(rect, ground)
            for mark in marks:
                painter.fillRect(self._cells(mark.first, mark.last, rect.y()), _color(mark.behind))
            for run in row.runs:
                for part, behind in _split(run, marks):
                    self._paint(painter, part, rect.y(), behind)
        painter.end()

    def paint_cursor(self, painter: QPainter, cursor: Cursor, row: Row, *, focused: bool) -> None:
        """Paint the cursor, and what stands under a block in the colour of the background."""
        if cursor.row is None or not cursor.visible:
            return
        here = next(
            (
                (start, cells, text)
                for start, cells, text in row.characters()
                if start <= cursor.column < start + cells
            ),
            (cursor.column, 1, " "),
        )
        rect = self._cells(here[0], here[0] + here[1], self.row_rect(cursor.row, 0).y())
        front, back = self.scheme.text, self.scheme.background
        if self.reverse:
            front, back = back, front
        ink = _color(front)
        if not focused:
            painter.setPen(QPen(ink, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        elif cursor.shape == "bar":
            painter.fillRect(QRect(rect.x(), rect.y(), 2, rect.height()), ink)
        elif cursor.shape == "underline":
            painter.fillRect(QRect(rect.x(), rect.bottom() - 1, rect.width(), 2), ink)
        else:
            painter.fillRect(rect, ink)
            if here[2].strip():
                self.glyphs.draw_whole(
                    painter, here[2], rect.topLeft(), here[1], _color(back), bold=False, italic=False
                )

    def _paint(self, painter: QPainter, run: Run, y: int, behind: Rgb | None) -> None:
        style = run.style
        front, back = self.scheme.of(style, reverse=self.reverse, behind=behind)
        rect = self._cells(run.column, run.column + run.cells, y)
        if behind is None and (style.background is not None or style.inverse):
            painter.fillRect(rect, _color(back))
        ink = _color(front)
        if style.hidden:
            return
        if run.whole:
            self.glyphs.draw_whole(
                painter, run.text, rect.topLeft(), run.cells, ink, bold=style.bold, italic=style.italic
            )
        elif not run.text.isspace():
            self.glyphs.draw(painter, run.text, rect.topLeft(), ink, bold=style.bold, italic=style.italic)
        if style.underline or style.struck or style.overlined:
            self._lines(painter, style, rect, ink, back)

    def _lines(self, painter: QPainter, style: Style, rect: QRect, ink: QColor, back: Rgb) -> None:
        thick, glyphs = self.glyphs.thickness, self.glyphs
        if style.struck:
            middle = rect.y() + round(glyphs.ascent * 0.66)
            painter.fillRect(QRect(rect.x(), middle, rect.width(), thick), ink)
        if style.overlined:
            painter.fillRect(QRect(rect.x(), rect.y(), rect.width(), thick), ink)
        if not style.underline:
            return
        line = ink
        if style.underline_color is not None:
            line = _color(self.scheme.rgb(style.underline_color, back))
        at = rect.y() + glyphs.underline
        if style.underline == 1:
            painter.fillRect(QRect(rect.x(), at, rect.width(), thick), line)
        elif style.underline == 2:
            painter.fillRect(QRect(rect.x(), at - 1, rect.width(), thick), line)
            painter.fillRect(QRect(rect.x(), at + thick, rect.width(), thick), line)
        elif style.underline == 3:
            painter.setPen(QPen(line, thick))
            for x in range(rect.x(), rect.right(), 4):
                painter.drawLine(x, at + 1, x + 2, at - 1)
                painter.drawLine(x + 2, at - 1, x + 4, at + 1)
        else:
            dashes = Qt.PenStyle.DotLine if style.underline == 4 else Qt.PenStyle.DashLine
            painter.setPen(QPen(line, thick, dashes))
            painter.drawLine(rect.x(), at, rect.right(), at)

    def _cells(self, first: int, last: int, y: int) -> QRect:
        width = self.glyphs.width
        return QRect(MARGIN + first * width, y, (last - first) * width, self.glyphs.height)


def _split(run: Run, marks: tuple[Mark, ...]) -> list[tuple[Run, Rgb | None]]:
    """Cut a run where marks begin and end."""
    if not marks:
        return [(run, None)]
    end = run.column + run.cells
    if run.whole:
        behind = next((mark.behind for mark in reversed(marks) if mark.first <= run.column < mark.last), None)
        return [(run, behind)]
    cuts = sorted(
        {run.column, end, *(at for mark in marks for at in (mark.first, mark.last) if run.column < at < end)}
    )
    parts: list[tuple[Run, Rgb | None]] = []
    for first, last in pairwise(cuts):
        behind = next((mark.behind for mark in reversed(marks) if mark.first <= first < mark.last), None)
        text = run.text[first - run.column : last - run.column]
        parts.append((Run(first, text, last - first, run.style), behind))
    return parts


@lru_cache(maxsize=1024)
def _color(rgb: Rgb) -> QColor:
    return QColor(*rgb)
