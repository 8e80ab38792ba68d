"""How a treemap is drawn onto pixels: tiles, folder heads, labels, hatches; no hover, no choice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, plural
from slimdesk.image.table import ROOT, FileTable
from slimdesk.image.treemap import GROUP, HEADER, Layout
from slimdesk.ui.models.image_colors import Coloring, Paint
from slimdesk.ui.theme.fonts import font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Tokens

if TYPE_CHECKING:
    import numpy as np

    Pixels = np.ndarray[Any, np.dtype[Any]]

_LABEL_WIDTH, _LABEL_HEIGHT = 28.0, 15.0
_SIZE_WIDTH, _SIZE_HEIGHT = 46.0, 32.0
_LETTERS = 6
_HATCH = 8
_FINE = 11
_AT_ONCE = 2_000_000


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
    if ramp in ("less", "more"):
        return QColor((wanted.less if ramp == "less" else wanted.more)[step])
    return QColor(wanted["press"])


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


def tile_size(picture: Picture, tile: int) -> str:
    """Return a tile's bytes, with a sign where they are a difference; ± where some came and some went."""
    tiles, table, coloring = picture.tiles, picture.table, picture.coloring
    size = format_bytes(tiles.size[tile])
    if not coloring.signs:
        return size
    import numpy as np

    top = tiles.top[tile]
    inside = slice(top, table.end[top])
    counted = np.bincount(
        np.frombuffer(coloring.codes, dtype=np.uint8)[inside],
        weights=np.frombuffer(table.size, dtype=np.int64)[inside] > 0,
    )
    signs = {coloring.signs.get(code, "") for code in np.flatnonzero(counted).tolist()}
    return f"{signs.pop() if len(signs) == 1 else '±'}{size}"


def brush_of(paint: Paint, *, shadowed: bool) -> QBrush:
    """Return the fill of a tile: plain, or hatched on s2 for bytes that a later layer hides."""
    color = tile_color(paint)
    if not shadowed:
        return QBrush(color)
    return QBrush(QPixmap.fromImage(_hatch(color.name(), current().tokens["s2"])))


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is drawn of each tile: whole pixels, so that neighbours neither overlap nor gape, and its colour.

    boxes: a row of left, top, right, bottom for each; left and top are inside. codes: the colouring's; a folder or a group
    has that of most bytes in it. plate: whether it is the ground of what stands in it, not a tile of its own.
    """

    boxes: Pixels
    codes: Pixels
    plate: Pixels


def plan_of(picture: Picture) -> Plan:
    """Plan all tiles at once."""
    import numpy as np

    tiles = picture.tiles
    x, y, width, height = (
        np.frombuffer(one, dtype=np.float32).astype(np.float64)
        for one in (tiles.x, tiles.y, tiles.width, tiles.height)
    )
    boxes = np.stack([x, y, x + width, y + height], axis=1)
    folder = np.frombuffer(tiles.folder, dtype=np.uint8) > 0
    header = np.frombuffer(tiles.header, dtype=np.uint8) > 0
    last = np.frombuffer(tiles.last, dtype=np.int32)
    plate = folder & (header | (last > np.arange(len(last)) + 1))
    node = np.frombuffer(tiles.node, dtype=np.int32)
    codes = np.frombuffer(picture.coloring.codes, dtype=np.uint8)[np.maximum(node, 0)].astype(np.int64)
    many = np.flatnonzero(((node < 0) | folder) & ~plate)
    if len(many):
        codes[many] = _most_in(picture, np.frombuffer(tiles.top, dtype=np.int32)[many])
    return Plan(np.rint(boxes).astype(np.int64), codes, plate)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A picture filled with its colours, for `render` to write on.

    pixels: RGB32, as many rows and columns as the map has device pixels. labels: tiles that have something written on them.
    """

    picture: Picture
    plan: Plan
    pixels: Pixels
    ratio: float
    labels: list[int]


def ground_of(picture: Picture, size: QSize, ratio: float, pens: Pens) -> Ground:
    """Fill all tiles in their order, a folder before what is in it. Touches no widget: it may run beside the loop."""
    import numpy as np

    wide, high = max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio))
    pixels = np.full((high, wide), pens.gap.rgb(), dtype=np.uint32)
    plan = plan_of(picture)
    return Ground(picture, plan, pixels, ratio, _fill(pixels, picture, plan, pens, ratio))


def render(picture: Picture, size: QSize, ratio: float = 1.0) -> QImage:
    """Draw the map as it will be seen."""
    pens = Pens()
    return written(ground_of(picture, size, ratio, pens), pens)


def written(ground: Ground, pens: Pens) -> QImage:
    """Write on the tiles what there is room for."""
    picture, plan, pixels, ratio = ground.picture, ground.plan, ground.pixels, ground.ratio
    high, wide = pixels.shape
    image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGB32).copy()
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    for tile in ground.labels:
        left, top, right, bottom = plan.boxes[tile].tolist()
        rect = QRectF(left, top, right - left, bottom - top)
        if plan.plate[tile]:
            _write_head(painter, picture, tile, rect, pens)
        else:
            _write_tile(painter, picture, tile, rect, pens)
    painter.end()
    return image


def _fill(pixels: Pixels, picture: Picture, plan: Plan, pens: Pens, ratio: float) -> list[int]:
    """Fill all tiles and return those that have something written on them.

    A slice of a column of pixels is filled in a fraction of the time that a painter's call takes.
    """
    import numpy as np

    line = max(1, round(ratio))
    width, height = plan.boxes[:, 2] - plan.boxes[:, 0], plan.boxes[:, 3] - plan.boxes[:, 1]
    # The head of the folder that fills the map stands outside it.
    places = np.maximum(plan.boxes if ratio == 1 else np.rint(plan.boxes * ratio).astype(np.int64), 0)
    left, top, right, bottom = places.T
    # One pixel of the page's colour at the right and below is the gap between tiles.
    inner_right = right - line * (plan.plate | (width > 2))
    inner_bottom = bottom - line * (plan.plate | (height > 2))
    fills, fines = _paints_of(picture.coloring, plan.codes, pens)
    gap, hatched = pens.gap.rgb(), (np.frombuffer(picture.tiles.shadowed, dtype=np.uint8) > 0) & ~plan.plate
    edge = np.where(plan.plate | (np.minimum(width, height) > _FINE), gap, fines[plan.codes])
    fill = np.where(plan.plate, pens.folder.rgb(), fills[plan.codes])
    there = (width > 0) & (height > 0)
    columns = (left, top, right, bottom, inner_right, inner_bottom, edge, fill, plan.codes, hatched)
    hatches: dict[int, Pixels] = {}
    for x, y, x_end, y_end, x_inner, y_inner, around, color, code, lined in zip(
        *(column[there].tolist() for column in columns), strict=True
    ):
        pixels[y:y_end, x:x_end].fill(around)
        if not lined:
            pixels[y:y_inner, x:x_inner].fill(color)
            continue
        if code not in hatches:
            hatches[code] = _hatched(picture.coloring.paint(code), pixels.shape, ratio)
        pixels[y:y_inner, x:x_inner] = hatches[code][y:y_inner, x:x_inner]
    room = (width >= pens.label_width) & (height >= _LABEL_HEIGHT)
    headed = np.frombuffer(picture.tiles.header, dtype=np.uint8) > 0
    labels: list[int] = np.flatnonzero(there & np.where(plan.plate, headed, room)).tolist()
    return labels


def _paints_of(coloring: Coloring, codes: Pixels, pens: Pens) -> tuple[Pixels, Pixels]:
    """Return of each code up to the highest its colour, and that of the gaps between very small tiles of it."""
    import numpy as np

    fills, fines = np.zeros((2, int(codes.max(initial=0)) + 1), dtype=np.int64)
    for code in np.unique(codes).tolist():
        paint = coloring.paint(code)
        fills[code], fines[code] = tile_color(paint).rgb(), pens.fine(paint).rgb()
    return fills, fines


def _hatched(paint: Paint, shape: tuple[int, ...], ratio: float) -> Pixels:
    """Return a sheet as large as the map that is all hatch."""
    import numpy as np

    image = _hatch(tile_color(paint).name(), current().tokens["s2"], ratio)
    side = image.width()
    swatch = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(side, image.bytesPerLine() // 4)[
        :, :side
    ]
    sheet: Pixels = np.tile(swatch, (shape[0] // side + 1, shape[1] // side + 1))
    return sheet


def edges(tiles: Layout, tile: int) -> QRectF:
    """Return a tile's place on whole pixels, as `plan_of` does."""
    left, top = round(tiles.x[tile]), round(tiles.y[tile])
    right, bottom = round(tiles.x[tile] + tiles.width[tile]), round(tiles.y[tile] + tiles.height[tile])
    return QRectF(left, top, right - left, bottom - top)


class Pens:
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
        self.label_width = max(_LABEL_WIDTH, self.least + 6)
        self.fines: dict[Paint, QColor] = {}

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
        """Return a text as far as there is room."""
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


def head_height() -> float:
    """Return the pixels that a folder's name takes in the type in use."""
    return max(HEADER, math.ceil(QFontMetricsF(font("small")).height()) + 1.0)


def _write_head(painter: QPainter, picture: Picture, tile: int, rect: QRectF, pens: Pens) -> None:
    name, size = head_words(picture, tile, rect, pens)
    line = QRectF(rect.left() + 4, rect.top(), rect.width() - 10, picture.tiles.head)
    painter.setFont(pens.strong)
    painter.setPen(pens.plain)
    painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), name)
    if size:
        painter.setFont(pens.small)
        painter.setPen(pens.grey)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), size)


def head_words(picture: Picture, tile: int, rect: QRectF, pens: Pens) -> tuple[str, str]:
    """Return a folder's name as far as there is room, and its size, empty without room."""
    size = tile_size(picture, tile)
    room = rect.width() - 10
    width = pens.small_size.horizontalAdvance(size)
    with_size = room > width + pens.least + 12
    name = pens.cut(tile_name(picture, tile), room - width - 8 if with_size else room, pens.strong_size)
    return name, size if with_size else ""


def _write_tile(painter: QPainter, picture: Picture, tile: int, rect: QRectF, pens: Pens) -> None:
    shadowed = bool(picture.tiles.shadowed[tile])
    room, height = rect.width() - 8, pens.small_size.height()
    painter.setFont(pens.small)
    painter.setPen(pens.plain if shadowed else pens.text)
    for number, text in enumerate(tile_words(picture, tile, rect, pens)):
        at = QRectF(rect.left() + 4, rect.top() + 1 + number * height, room, height)
        if shadowed:
            width = min(room, pens.small_size.horizontalAdvance(text))
            painter.fillRect(QRectF(at.left() - 2, at.top(), width + 4, height), pens.paper)
        painter.drawText(at, int(Qt.AlignmentFlag.AlignVCenter), text)


def has_words(rect: QRectF, pens: Pens) -> bool:
    """Whether a tile has room for some letters of its name."""
    return rect.width() >= pens.label_width and rect.height() >= _LABEL_HEIGHT


def tile_words(picture: Picture, tile: int, rect: QRectF, pens: Pens) -> list[str]:
    """Return the lines on a tile that has room for some: its name, and its size where there is room for both."""
    room, height = rect.width() - 8, pens.small_size.height()
    lines = [pens.cut(tile_name(picture, tile), room, pens.small_size)]
    if rect.width() >= _SIZE_WIDTH and rect.height() >= max(_SIZE_HEIGHT, 2 * height + 2):
        lines.append(pens.cut(tile_size(picture, tile), room, pens.small_size))
    return lines


def _most_in(picture: Picture, folders: Pixels) -> Pixels:
    """Return for each folder the code of most bytes in it. The colouring keeps it: the next picture asks for many again."""
    import numpy as np

    known = picture.coloring.most
    asked = folders.tolist()
    new = np.unique([folder for folder in asked if folder not in known]).astype(np.int32)
    if len(new):
        stops = np.frombuffer(picture.table.end, dtype=np.int32)[new]
        known.update(zip(new.tolist(), _most(picture, new, stops).tolist(), strict=True))
    return np.array([known[folder] for folder in asked])


def _most(picture: Picture, starts: Pixels, stops: Pixels) -> Pixels:
    """Return for each range of nodes the code that holds most bytes in it; of a range without bytes its first node's."""
    import numpy as np

    codes = np.frombuffer(picture.coloring.codes, dtype=np.uint8)
    sizes = np.frombuffer(picture.table.size, dtype=np.int64)
    lengths = (stops - starts).astype(np.int64)
    found = codes[starts].astype(np.int64)
    kinds = int(codes.max()) + 1
    # Some ranges at a time: all of a large image at once would take much memory.
    bounds = np.searchsorted(np.cumsum(lengths), np.arange(_AT_ONCE, int(lengths.sum()) + _AT_ONCE, _AT_ONCE))
    begin = 0
    for end in [*(min(int(one) + 1, len(starts)) for one in bounds), len(starts)]:
        if end <= begin:
            continue
        size = lengths[begin:end]
        first = np.cumsum(size) - size
        nodes = np.arange(int(size.sum()), dtype=np.int64) + np.repeat(starts[begin:end] - first, size)
        slot = np.repeat(np.arange(end - begin, dtype=np.int64) * kinds, size) + codes[nodes]
        sums = np.bincount(slot, weights=sizes[nodes], minlength=(end - begin) * kinds).reshape(-1, kinds)
        best = sums.argmax(axis=1)
        some = sums[np.arange(len(best)), best] > 0
        found[begin:end][some] = best[some]
        begin = end
    return found


@cache
def _hatch(color: str, paper: str, ratio: float = 1.0) -> QImage:
    """Return a swatch of diagonal lines that repeats without a seam."""
    side = round(_HATCH * ratio)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(paper))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / _HATCH, side / _HATCH)
    painter.setPen(QPen(QColor(color), 2.6))
    for shift in (-_HATCH, 0, _HATCH):
        painter.drawLine(shift - 2, _HATCH + 2, shift + _HATCH + 2, -2)
    painter.end()
    return image
