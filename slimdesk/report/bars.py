"""Bars as places on a drawing: the same for the page, the paper and the picture."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.units import format_bytes
from slimdesk.report.document import Bars, plain

WIDTH = 860
ROW = 30
_LABEL, _VALUE, _GAP = 260, 170, 10
_BAR_HEIGHT = 16
_LEAST = 2
_LETTERS = 34


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar; `part` is its number in the legend, `words` what it says when it is pointed at."""

    x: float
    width: float
    part: int
    words: str


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """One bar. `label` is cut to what fits, `full` is all of it; y is its upper edge, `first`: it is the reference's."""

    label: str
    full: str
    value: str
    y: float
    pieces: tuple[Piece, ...]
    first: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """All bars. The track starts at `x`, is `track` wide, and its end is the longest bar."""

    width: int
    height: int
    x: int
    track: int
    bar_height: int
    bars: tuple[DrawnBar, ...]
    words: str


def drawn(bars: Bars, width: int = WIDTH) -> Drawing:
    """Lay the bars out; a bar of something is never thinner than can be seen."""
    track = width - _LABEL - _VALUE - 2 * _GAP
    longest = max((sum(bar.parts) for bar in bars.bars if bar.parts), default=0)
    found = []
    for number, bar in enumerate(bars.bars):
        x = float(_LABEL + _GAP)
        pieces = []
        for part, size in enumerate(bar.parts or ()):
            if not size or not longest:
                continue
            wide = max(_LEAST, track * size / longest) if not bars.parts else track * size / longest
            name = f"{bars.parts[part]}: " if bars.parts else ""
            pieces.append(Piece(round(x, 2), round(wide, 2), part, f"{name}{format_bytes(size)}"))
            x += wide
        full = plain(bar.label)
        label = full if len(full) <= _LETTERS else f"…{full[1 - _LETTERS :]}"
        value = f"{bar.value}, {bar.note}" if bar.note else bar.value
        found.append(DrawnBar(label, full, value, number * ROW + 7, tuple(pieces), number == 0))
    spoken = "; ".join(f"{bar.full} {bar.value}" for bar in found)
    return Drawing(
        width, len(found) * ROW, _LABEL + _GAP, track, _BAR_HEIGHT, tuple(found), f"{bars.title}: {spoken}"
    )
