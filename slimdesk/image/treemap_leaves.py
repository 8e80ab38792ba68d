"""Very many small folders of files alone, placed at once: the same tiles as one folder after the other, with numpy."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slimdesk.image.table import FileTable

if TYPE_CHECKING:
    import numpy as np

    Column = np.ndarray[Any, np.dtype[Any]]

# In fewer nodes than this there are not enough such folders: one after the other is as fast.
MANY = 20_000
# A folder with more tiles would let all others wait.
MOST = 64

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""
LeafFolder = tuple[int, int, Box]
"""Its tile, its node, and the box for what is in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """Tiles as columns, those of one folder together, its group before its files.

    at: tile of the folder. node: -1 for a group. above: the file itself, of a group the folder. count, size: entries and
    bytes shown. boxes: a row of x, y, width, height for each. hidden: whether none of the bytes is live; of groups alone.
    """

    at: Column
    node: Column
    above: Column
    count: Column
    size: Column
    boxes: Column
    hidden: Column


def place_leaves(
    table: FileTable, folders: list[LeafFolder], weight: array[int], live: array[int], least: float
) -> Leaves:
    """Place what is in the folders, each of which holds files alone, some bytes of them, and has room; `least` is a tile's area.

    What would be smaller becomes one group per folder, as `image.treemap` does it.
    """
    import numpy as np

    bytes_of, live_of = np.frombuffer(weight, dtype=np.int64), np.frombuffer(live, dtype=np.int64)
    tiles = np.array([tile for tile, _, _ in folders], dtype=np.int64)
    nodes = np.array([node for _, node, _ in folders], dtype=np.int64)
    boxes = np.array([box for _, _, box in folders], dtype=np.float64)
    number, total = len(nodes), bytes_of[nodes]
    scale = boxes[:, 2] * boxes[:, 3] / total
    lengths = np.frombuffer(table.end, dtype=np.int32)[nodes] - nodes - 1
    owner = np.repeat(np.arange(number), lengths)
    child = np.arange(len(owner)) + np.repeat(nodes + 1 - (np.cumsum(lengths) - lengths), lengths)
    weights = bytes_of[child]
    some = weights > 0
    heavy = some & (weights >= np.maximum(least / scale, 1)[owner])
    small = np.bincount(owner[some & ~heavy], minlength=number)
    heavy |= some & (small == 1)[owner]
    small[small == 1] = 0
    chosen = np.flatnonzero(heavy)
    of_file, file, size = owner[chosen], child[chosen], weights[chosen]
    # Doubles hold whole numbers up to 9 PB: no rounding.
    rest = total - np.bincount(of_file, weights=size, minlength=number).astype(np.int64)
    hidden = live_of[nodes] <= np.bincount(of_file, weights=live_of[file], minlength=number)
    grouped = np.flatnonzero(small)
    owner = np.concatenate((grouped, of_file))
    node = np.concatenate((np.full(len(grouped), -1), file))
    size = np.concatenate((rest[grouped], size))
    above = np.concatenate((nodes[grouped], file))
    count = np.concatenate((small[grouped], np.ones(len(file), dtype=np.int64)))
    # The largest first; a group stands after files of its size.
    order = np.lexsort((node < 0, -size, owner))
    placed = np.empty((len(order), 4))
    placed[order] = _squarified((size * scale[owner])[order], np.bincount(owner, minlength=number), boxes)
    kept = (node >= 0) | (placed[:, 2:].min(axis=1, initial=np.inf) >= 1)
    order = order[kept[order]]
    order = order[np.lexsort((node[order] >= 0, owner[order]))]
    return Leaves(
        tiles[owner[order]], node[order], above[order], count[order], size[order], placed[order], hidden[owner[order]]
    )  # fmt: skip


def _squarified(areas: Column, counts: Column, boxes: Column) -> Column:
    """Do as `treemap.squarified` for `counts` areas in each box: a row of x, y, width, height per area."""
    import numpy as np

    x, y, width, height = (column.copy() for column in boxes.T)
    ends = np.cumsum(counts)
    at = ends - counts
    placed = np.empty((len(areas), 4))
    acting = np.flatnonzero(counts)
    while len(acting):
        along = width[acting] < height[acting]
        side = np.where(along, width[acting], height[acting])
        flat = side <= 0
        for one in acting[flat].tolist():
            placed[at[one] : ends[one]] = (x[one], y[one], max(width[one], 0.0), max(height[one], 0.0))
        acting, along, side = acting[~flat], along[~flat], side[~flat]
        begin, end = at[acting], ends[acting]
        stop, total = _rows(areas, begin, end, side * side)
        thickness = np.where(stop == end, np.where(along, height[acting], width[acting]), total / side)
        lengths = stop - begin
        row = np.repeat(np.arange(len(acting)), lengths)
        index = np.arange(len(row)) + np.repeat(begin - (np.cumsum(lengths) - lengths), lengths)
        length = (side / total)[row] * areas[index]
        before = np.cumsum(length) - length
        before -= np.repeat(before[np.cumsum(lengths) - lengths], lengths)
        lying, left, top, thick = along[row], x[acting][row], y[acting][row], thickness[row]
        placed[index, 0], placed[index, 1] = (
            np.where(lying, left + before, left),
            np.where(lying, top, top + before),
        )
        placed[index, 2], placed[index, 3] = np.where(lying, length, thick), np.where(lying, thick, length)
        y[acting] += np.where(along, thickness, 0)
        height[acting] -= np.where(along, thickness, 0)
        x[acting] += np.where(along, 0, thickness)
        width[acting] -= np.where(along, 0, thickness)
        at[acting] = stop
        acting = acting[stop < end]
    return placed


def _rows(areas: Column, begin: Column, end: Column, square: Column) -> tuple[Column, Column]:
    """Return where the row ends that begins there in each box, and its area; `square` is that of the side along which it stands."""
    import numpy as np

    first = areas[begin]
    stop, total = begin + 1, first.copy()
    worst = np.maximum(square / first, first / square)
    growing = np.flatnonzero(stop < end)
    while len(growing):
        area = areas[stop[growing]]
        grown = total[growing] + area
        thick = grown * grown
        here = square[growing]
        proportion = np.maximum(here * first[growing] / thick, thick / (here * area))
        fits = proportion <= worst[growing]
        growing = growing[fits]
        worst[growing], total[growing] = proportion[fits], grown[fits]
        stop[growing] += 1
        growing = growing[stop[growing] < end[growing]]
    return stop, total
