"""How a treemap is drawn: onto pixels, or into an SVG. Tiles, folder heads, labels, hatches; no hover, no choice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, plural
from slimdesk.image.table import ROOT, FileTable
from slimdesk.image.treemap import GROUP, HEADER, Layout
from slimdesk.ui.models.image_colors import Coloring, Paint
from slimdesk.ui.theme.fonts import font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Tokens

_LABEL_WIDTH, _LABEL_HEIGHT = 28.0, 15.0
_SIZE_WIDTH, _SIZE_HEIGHT = 46.0, 32.0
_LETTERS = 6
_HATCH = 8
_FINE = 11


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """All that is drawn: where tiles stand, what they are, what they mean."""

    table: FileTable
    tiles: Layout
    coloring: Coloring


def tile_color(paint: Paint, tokens: Tokens | None = None) -> QColor:
    """Return the colour of a paint in a theme, by default the one in use."""
    wanted = tokens or current().tokens
    ramp, step = paint
    if ramp == "base":
        return QColor(wanted.base_tiles[step % len(wanted.base_tiles)])
    if ramp == "tile":
        return QColor(wanted.tiles[step % len(wanted.tiles)])
    return QColor(wanted["press"])


def tile_code(picture: Picture, tile: int) -> int:
    """Return the colouring's code of a tile; a folder or a group has that of most bytes in it."""
    tiles, table = picture.tiles, picture.table
    node = tiles.node[tile]
    if node >= 0 and not tiles.folder[tile]:
        return picture.coloring.codes[node]
    top = tiles.top[tile]
    return _most(picture, top, table.end[top])


def tile_name(picture: Picture, tile: int) -> str:
    """Return what is written on a tile."""
    tiles, table = picture.tiles, picture.table
    node, top = tiles.node[tile], tiles.top[tile]
    if node == GROUP:
        return f"{plural(tiles.count[tile], 'more')}".replace("mores", "more")
    if node == ROOT:
        return "/"
    names = [table.name(node)]
    while node > top:
        node = table.parent[node]
        if node > ROOT:
            names.append(table.name(node))
    return visible("/".join(reversed(names)), 120)


def brush_of(paint: Paint, *, shadowed: bool) -> QBrush:
    """Return the fill of a tile: plain, or hatched on s2 for bytes that a later layer hides."""
    color = tile_color(paint)
    if not shadowed:
        return QBrush(color)
    return QBrush(_hatch(color.name(), current().tokens["s2"]))


def paint_tiles(painter: QPainter, picture: Picture) -> None:
    """Draw all tiles in their order, a folder before what is in it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    pen_set = _Pens()
    tiles = picture.tiles
    for tile in range(len(tiles)):
        rect = edges(tiles, tile)
        if rect.width() <= 0 or rect.height() <= 0:
            continue
        if tiles.folder[tile] and (tiles.header[tile] or tiles.last[tile] > tile + 1):
            _paint_folder(painter, picture, tile, rect, pen_set)
        else:
            _paint_tile(painter, picture, tile, rect, pen_set)


def edges(tiles: Layout, tile: int) -> QRectF:
    """Return a tile's place on whole pixels, so that neighbours neither overlap nor gape."""
    left, top = round(tiles.x[tile]), round(tiles.y[tile])
    right, bottom = round(tiles.x[tile] + tiles.width[tile]), round(tiles.y[tile] + tiles.height[tile])
    return QRectF(left, top, right - left, bottom - top)


class _Pens:
    """Fonts, metrics and colours, asked once for a whole picture."""

    def __init__(self) -> None:
        theme = current()
        self.text = QPen(theme.color("tile_text"))
        self.plain = QPen(theme.color("text"))
        self.grey = QPen(theme.color("text2"))
        self.folder = theme.color("s3")
        self.gap = theme.color("s1")
        self.paper = theme.color("s2")
        self.small = font("small")
        self.strong = QFont(self.small)
        self.strong.setWeight(QFont.Weight.Medium)
        self.small_size = QFontMetricsF(self.small)
        self.strong_size = QFontMetricsF(self.strong)
        self.least = self.small_size.averageCharWidth() * _LETTERS
        self.brushes: dict[tuple[Paint, bool], QBrush] = {}
        self.fines: dict[Paint, QColor] = {}

    def brush(self, paint: Paint, *, shadowed: bool) -> QBrush:
        key = (paint, shadowed)
        if key not in self.brushes:
            self.brushes[key] = brush_of(paint, shadowed=shadowed)
        return self.brushes[key]

    def fine(self, paint: Paint) -> QColor:
        """Return the gap between very small tiles: a shade of their colour, else the gaps are all one sees."""
        if paint not in self.fines:
            color, gap = tile_color(paint), self.gap
            self.fines[paint] = QColor(
                (color.red() + gap.red()) // 2,
                (color.green() + gap.green()) // 2,
                (color.blue() + gap.blue()) // 2,
            )
        return self.fines[paint]

    def cut(self, text: str, room: float, metrics: QFontMetricsF) -> str:
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


def _paint_folder(painter: QPainter, picture: Picture, tile: int, rect: QRectF, pens: _Pens) -> None:
    tiles = picture.tiles
    painter.fillRect(rect, pens.gap)
    painter.fillRect(rect.adjusted(0, 0, -1, -1), pens.folder)
    if not tiles.header[tile]:
        return
    size = format_bytes(tiles.size[tile])
    room = rect.width() - 10
    line = QRectF(rect.left() + 4, rect.top(), room, HEADER)
    width = pens.small_size.horizontalAdvance(size)
    name = tile_name(picture, tile)
    painter.setFont(pens.strong)
    painter.setPen(pens.plain)
    with_size = room > width + pens.least + 12
    name_room = room - width - 8 if with_size else room
    painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), pens.cut(name, name_room, pens.strong_size))
    if with_size:
        painter.setFont(pens.small)
        painter.setPen(pens.grey)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), size)


def _paint_tile(painter: QPainter, picture: Picture, tile: int, rect: QRectF, pens: _Pens) -> None:
    tiles = picture.tiles
    shadowed = bool(tiles.shadowed[tile])
    paint = picture.coloring.paint(tile_code(picture, tile))
    # One pixel of the page's colour at the right and below is the gap between tiles.
    inner = rect.adjusted(0, 0, -1 if rect.width() > 2 else 0, -1 if rect.height() > 2 else 0)
    painter.fillRect(rect, pens.gap if min(rect.width(), rect.height()) > _FINE else pens.fine(paint))
    painter.fillRect(inner, pens.brush(paint, shadowed=shadowed))
    if rect.width() < max(_LABEL_WIDTH, pens.least + 6) or rect.height() < _LABEL_HEIGHT:
        return
    room = rect.width() - 8
    height = pens.small_size.height()
    lines = [pens.cut(tile_name(picture, tile), room, pens.small_size)]
    if rect.width() >= _SIZE_WIDTH and rect.height() >= max(_SIZE_HEIGHT, 2 * height + 2):
        lines.append(pens.cut(format_bytes(tiles.size[tile]), room, pens.small_size))
    painter.setFont(pens.small)
    painter.setPen(pens.plain if shadowed else pens.text)
    for number, text in enumerate(lines):
        at = QRectF(rect.left() + 4, rect.top() + 1 + number * height, room, height)
        if shadowed:
            width = min(room, pens.small_size.horizontalAdvance(text))
            painter.fillRect(QRectF(at.left() - 2, at.top(), width + 4, height), pens.paper)
        painter.drawText(at, int(Qt.AlignmentFlag.AlignVCenter), text)


def _most(picture: Picture, start: int, stop: int) -> int:
    """Return the code that holds most bytes in a range of nodes."""
    if stop - start <= 64:
        sums: dict[int, int] = {}
        for node in range(start, stop):
            size = picture.table.size[node]
            if size:
                code = picture.coloring.codes[node]
                sums[code] = sums.get(code, 0) + size
        return max(sums, key=sums.__getitem__) if sums else picture.coloring.codes[start]
    import numpy as np

    codes = np.frombuffer(picture.coloring.codes, dtype=np.uint8)[start:stop]
    sizes = np.frombuffer(picture.table.size, dtype=np.int64)[start:stop]
    return int(np.bincount(codes, weights=sizes, minlength=1).argmax())


@cache
def _hatch(color: str, paper: str) -> QPixmap:
    """Return a swatch of diagonal lines that repeats without a seam."""
    image = QImage(_HATCH, _HATCH, QImage.Format.Format_RGB32)
    image.fill(QColor(paper))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(color), 2.6))
    for shift in (-_HATCH, 0, _HATCH):
        painter.drawLine(shift - 2, _HATCH + 2, shift + _HATCH + 2, -2)
    painter.end()
    return QPixmap.fromImage(image)
