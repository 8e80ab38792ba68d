"""A treemap as an SVG: text stays text, each tile names its path when pointed at, hatches are patterns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, plural
from slimdesk.image.treemap import GROUP
from slimdesk.ui.models.image_colors import LegendEntry, Paint
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.treemap_paint import (
    Pens,
    Picture,
    has_words,
    head_words,
    plan_of,
    tile_color,
    tile_words,
)

TITLE_HEIGHT, ROW_HEIGHT, SIDE = 32, 22, 12
_FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
_SWATCH = 12


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands around an exported map: a line above it, and what its colours mean below it."""

    title: str
    legend: Sequence[LegendEntry] = ()
    shadowed: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of the legend in its place: left, top of its row; `paint` None is the hatch."""

    x: int
    y: int
    word: str
    paint: Paint | None


def legend_marks(caption: Caption, width: int, top: int, pens: Pens) -> tuple[list[Mark], int]:
    """Place the legend's marks in rows and return them with the height of all rows."""
    words: list[tuple[str, Paint | None]] = [
        (f"{entry.word}, {format_bytes(entry.size)}", entry.paint) for entry in caption.legend
    ]
    if caption.shadowed:
        words.append(("Shadowed by a later layer", None))
    marks: list[Mark] = []
    x, y = SIDE, top
    for word, paint in words:
        wide = _SWATCH + 6 + int(pens.small_size.horizontalAdvance(word)) + 18
        if x > SIDE and x + wide > width:
            x, y = SIDE, y + ROW_HEIGHT
        marks.append(Mark(x, y, word, paint))
        x += wide
    return marks, y - top + ROW_HEIGHT + 8 if marks else 0


def treemap_svg(picture: Picture, size: QSize, caption: Caption) -> bytes:
    """Return the map with its caption, `size` being the map's alone. Every text is made harmless."""
    pens = Pens()
    marks, below = legend_marks(caption, size.width(), TITLE_HEIGHT + size.height() + 8, pens)
    width, height = size.width(), TITLE_HEIGHT + size.height() + (below + 8 if below else 0)
    tokens = current().tokens
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{_text(caption.title)}</title>",
        f"<style>text{{font-family:{_FONT};font-size:12px;fill:{tokens['text']}}}.h{{font-weight:500}}.t{{fill:{tokens['tile_text']}}}.g{{fill:{tokens['text2']}}}.b{{font-size:15px;font-weight:600}}</style>",
        *_patterns(picture),
        f'<rect width="{width}" height="{height}" fill="{tokens["s1"]}"/>',
        f'<text class="b" x="{SIDE}" y="21">{_text(caption.title)}</text>',
        f'<g transform="translate(0 {TITLE_HEIGHT})">',
        *_tiles(picture, size, pens),
        "</g>",
    ]
    for mark in marks:
        fill = "url(#hatch)" if mark.paint is None else tile_color(mark.paint).name()
        lines.append(
            f'<rect x="{mark.x}" y="{mark.y + 4}" width="{_SWATCH}" height="{_SWATCH}" fill="{fill}"/>'
        )
        lines.append(f'<text x="{mark.x + _SWATCH + 6}" y="{mark.y + 14}">{_text(mark.word)}</text>')
    lines.append("</svg>")
    return ("\n".join(lines) + "\n").encode("utf-8")


def _patterns(picture: Picture) -> Iterator[str]:
    paper = current().tokens["s2"]
    yield "<defs>"
    for name, color in [
        ("hatch", tile_color(("base", 2)).name()),
        *((_hatch_name(one), one) for one in _colors(picture)),
    ]:
        yield (
            f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="{paper}"/>'
            f'<path d="M-2 10L10 -2M-2 2L2 -2M6 10L10 6" stroke="{color}" stroke-width="2.6"/></pattern>'
        )
    yield "</defs>"


def _colors(picture: Picture) -> list[str]:
    codes = {
        code
        for code, hidden in zip(plan_of(picture).codes.tolist(), picture.tiles.shadowed, strict=True)
        if hidden
    }
    return sorted({tile_color(picture.coloring.paint(code)).name() for code in codes})


def _hatch_name(color: str) -> str:
    return f"hatch-{color.lstrip('#')}"


def _tiles(picture: Picture, size: QSize, pens: Pens) -> Iterator[str]:
    tiles, table, plan = picture.tiles, picture.table, plan_of(picture)
    ground = QColor(pens.folder).name()
    for tile, box in enumerate(plan.boxes.tolist()):
        # The head of the folder that fills the map stands outside it.
        left, top = max(0, box[0]), max(0, box[1])
        right, bottom = min(size.width(), box[2]), min(size.height(), box[3])
        rect = QRectF(left, top, right - left, bottom - top)
        if rect.width() <= 0 or rect.height() <= 0:
            continue
        # The gap between tiles is what the page shows through.
        inner = _rect(left, top, right - left - (rect.width() > 2), bottom - top - (rect.height() > 2))
        if plan.plate[tile]:
            yield f'<rect {inner} fill="{ground}"/>'
            if tiles.header[tile] and box[1] >= 0:
                name, bytes_ = head_words(picture, tile, rect, pens)
                yield f'<text class="h" x="{left + 4}" y="{top + tiles.head - 4:g}">{_text(name)}</text>'
                if bytes_:
                    yield f'<text class="g" x="{right - 6}" y="{top + tiles.head - 4:g}" text-anchor="end">{_text(bytes_)}</text>'
            continue
        color = tile_color(picture.coloring.paint(int(plan.codes[tile]))).name()
        shadowed = bool(tiles.shadowed[tile])
        fill = f"url(#{_hatch_name(color)})" if shadowed else color
        group = tiles.node[tile] == GROUP
        path = table.path(tiles.top[tile] if group else tiles.node[tile])
        what = f"{plural(tiles.count[tile], 'small entry', 'small entries')} in {path}" if group else path
        title = _text(f"{what}, {format_bytes(tiles.size[tile])}")
        yield f'<g><title>{title}</title><rect {inner} fill="{fill}"/>'
        if has_words(rect, pens):
            step = pens.small_size.height()
            for number, words in enumerate(tile_words(picture, tile, rect, pens)):
                at = round(top + 1 + number * step + pens.small_size.ascent())
                if shadowed:
                    wide = round(min(rect.width() - 8, pens.small_size.horizontalAdvance(words))) + 4
                    paper = QColor(pens.paper).name()
                    yield f'<rect {_rect(left + 2, round(top + 1 + number * step), wide, round(step))} fill="{paper}"/>'
                yield f'<text{"" if shadowed else CLASS_ON_TILE} x="{left + 4}" y="{at}">{_text(words)}</text>'
        yield "</g>"


CLASS_ON_TILE = ' class="t"'


def _rect(x: int, y: int, width: float, height: float) -> str:
    return f'x="{x}" y="{y}" width="{int(width)}" height="{int(height)}"'


def _text(words: str) -> str:
    return escape(visible(words, 1000), quote=False)
