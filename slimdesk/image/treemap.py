"""Where each file of an image stands in a treemap: a squarified layout (Bruls, Huizing, van Wijk, 2000) without Qt.

Iterative, over the columns of a FileTable. A folder large enough gets a header with its name; a chain of folders with
one child each shares a header ("local/lib/python3.13"). What would be smaller than three pixels is gathered with its
neighbours into one tile that stands for all of them; of very many entries, what would be smaller than six.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from slimdesk.image.children import heaviest, holds_leaves
from slimdesk.image.table import ROOT, FileTable, Kind

HEADER = 16.0
HEADER_MIN_WIDTH = 70.0
HEADER_MIN_HEIGHT = 44.0
MIN_SIDE = 3.0
# What is in a folder smaller than this could not be told apart.
OPEN_SIDE = 8.0
# Up to FEW entries each has its three pixels; of a million nobody wants to see tens of thousands of specks.
FEW = 15_000
MIN_AREA_OF_MANY = 40.0
PADDING = 2.0
GROUP = -1
MAX_TILES = 60_000

_FOLDER = int(Kind.FOLDER)

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""
_Waiting = tuple[int, Box, int]
"""A node still to be placed, its box and depth; -1 - tile closes a folder's tile."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Tiles as columns, a folder before what stands in it, so that painting in order is right.

    node: the node shown; for a chain of folders the deepest one, whose chain begins at `top`. A group of things too small
    to show has node GROUP, `top` = the folder they are in, `count` of them. size: bytes shown. x, y, width, height: pixels.
    header: 1 for a folder with a header of HEADER pixels at its top. last: index after the last tile inside.
    """

    node: array[int]
    top: array[int]
    count: array[int]
    size: array[int]
    x: array[float]
    y: array[float]
    width: array[float]
    height: array[float]
    depth: array[int]
    folder: array[int]
    header: array[int]
    shadowed: array[int]
    last: array[int]

    def __len__(self) -> int:
        """Number of tiles."""
        return len(self.node)

    def at(self, x: float, y: float) -> int | None:
        """Index of the innermost tile at a point; None outside."""
        tile, stop, found = 0, len(self.node), None
        while tile < stop:
            if (
                self.x[tile] <= x < self.x[tile] + self.width[tile]
                and self.y[tile] <= y < self.y[tile] + self.height[tile]
            ):
                found = tile
                stop = self.last[tile]
                tile += 1
            else:
                tile = self.last[tile]
        return found

    def tile_of(self, table: FileTable, node: int) -> int | None:
        """Index of the tile that shows a node: its own, else the innermost folder or group around it; None if none does."""
        wanted = set(table.ancestors(node))
        found = None
        tile, stop = 0, len(self.node)
        while tile < stop:
            shown = self.node[tile]
            if shown in wanted:
                found = tile
                if shown == node:
                    return tile
                stop = self.last[tile]
                tile += 1
            else:
                tile = self.last[tile]
        return found


def layout(
    table: FileTable,
    width: float,
    height: float,
    root: int = ROOT,
    *,
    shadowed: bool = True,
    weight: array[int] | None = None,
    live: array[int] | None = None,
    hidden_by: array[int] | None = None,
) -> Layout:
    """Lay the subtree of `root` out in width x height pixels.

    shadowed: give room to hidden bytes too. weight: bytes per subtree to use instead of the table's own sums (for a filter
    or a single layer, see `weights`); live: those of them that are not hidden; hidden_by: instead of the table's own, for an
    image up to some layer.
    """
    sums = weight or _own_weights(table, shadowed=shadowed)
    maker = _Maker(table, sums, live or table.live, hidden_by or table.hidden_by)
    maker.run(root, width, height)
    return maker.layout()


def weights(table: FileTable, keep: Callable[[int], bool], *, shadowed: bool = True) -> array[int]:
    """Sum, for every node, the bytes below it of the nodes that `keep` says yes to (asked for nodes with bytes only)."""
    sums = array("q", bytes(8 * len(table)))
    size, hidden_by, parent = table.size, table.hidden_by, table.parent
    for node in range(len(table) - 1, 0, -1):
        if size[node] and (shadowed or hidden_by[node] < 0) and keep(node):
            sums[node] += size[node]
        if sums[node]:
            sums[parent[node]] += sums[node]
    return sums


def _own_weights(table: FileTable, *, shadowed: bool) -> array[int]:
    if not shadowed:
        return table.live
    from operator import add

    return array("q", map(add, table.live, table.shadowed))


class _Maker:
    def __init__(
        self,
        table: FileTable,
        weight: array[int],
        live: array[int],
        hidden_by: array[int],
    ) -> None:
        self._table = table
        self._weight = weight
        self._live = live
        self._hidden_by = hidden_by
        self._least = MIN_SIDE * MIN_SIDE
        self._node, self._top, self._count, self._size = array("i"), array("i"), array("i"), array("q")
        self._x, self._y, self._width, self._height = array("f"), array("f"), array("f"), array("f")
        self._depth, self._folder, self._header = array("H"), array("B"), array("B")
        self._shadowed, self._last = array("B"), array("i")

    def layout(self) -> Layout:
        return Layout(
            self._node, self._top, self._count, self._size, self._x, self._y, self._width, self._height,
            self._depth, self._folder, self._header, self._shadowed, self._last,
        )  # fmt: skip

    def run(self, root: int, width: float, height: float) -> None:
        if width < 1 or height < 1 or self._weight[root] <= 0:
            return
        nodes = self._table.end[root] - root
        self._least = min(MIN_AREA_OF_MANY, MIN_SIDE * MIN_SIDE * max(1.0, nodes / FEW))
        nowhere = (0.0, 0.0, 0.0, 0.0)
        waiting: list[_Waiting] = [(root, (0.0, 0.0, width, height), 0)]
        kinds, hidden_by, live = self._table.kind, self._hidden_by, self._live
        while waiting:
            node, box, depth = waiting.pop()
            if node < 0:
                self._last[-1 - node] = len(self._node)
                continue
            hidden = hidden_by[node] >= 0
            if kinds[node] != _FOLDER:
                self._tile((node, node, 1), self._weight[node], box, depth, hidden=hidden)
                continue
            top, node = node, self._deepest_of_chain(node)
            tile = self._tile((node, top, 1), self._weight[node], box, depth, hidden=not live[node])
            self._folder[tile] = 1
            waiting.append((-1 - tile, nowhere, 0))
            x, y, wide, high = box
            if wide >= HEADER_MIN_WIDTH and high >= HEADER_MIN_HEIGHT:
                self._header[tile] = 1
                x, y, wide, high = x + PADDING, y + HEADER, wide - 2 * PADDING, high - HEADER - PADDING
            if min(wide, high) < OPEN_SIDE or len(self._node) > MAX_TILES:
                continue
            waiting.extend(reversed(self._children(node, (x, y, wide, high), depth + 1)))

    def _deepest_of_chain(self, node: int) -> int:
        """Follow folders that hold a single child with bytes, which is a folder itself."""
        weight, kinds = self._weight, self._table.kind
        while True:
            only = -1
            for child in self._table.children(node):
                if weight[child] > 0:
                    if only >= 0 or kinds[child] != _FOLDER:
                        return node
                    only = child
            if only < 0:
                return node
            node = only

    def _tile(self, shown: tuple[int, int, int], size: int, box: Box, depth: int, *, hidden: bool) -> int:
        """Add a tile for (node, top, count)."""
        tile = len(self._node)
        self._node.append(shown[0])
        self._top.append(shown[1])
        self._count.append(shown[2])
        self._size.append(size)
        self._x.append(box[0])
        self._y.append(box[1])
        self._width.append(box[2])
        self._height.append(box[3])
        self._depth.append(min(depth, 65535))
        self._folder.append(0)
        self._header.append(0)
        self._shadowed.append(hidden)
        self._last.append(tile + 1)
        return tile

    def _children(self, folder: int, box: Box, depth: int) -> list[_Waiting]:
        """Place what is in a folder; small things become one group tile at once, the rest is returned, largest first."""
        weight, live = self._weight, self._live
        total = weight[folder]
        if total <= 0:
            return []
        scale = box[2] * box[3] / total
        children, small = heaviest(self._table, folder, weight, self._least / scale)
        if small == 1:
            children, small = heaviest(self._table, folder, weight, 1)
        sizes = [weight[child] for child in children]
        areas = [size * scale for size in sizes]
        if not small:
            return self._placed(folder, children, sizes, squarified(areas, box), depth)
        rest = total - sum(sizes)
        group_at = bisect_right(areas, -rest * scale, key=lambda area: -area)
        areas.insert(group_at, rest * scale)
        places = squarified(areas, box)
        group = places.pop(group_at)
        if min(group[2:]) >= 1:
            hidden = live[folder] <= sum(map(live.__getitem__, children))
            self._tile((GROUP, folder, small), rest, group, depth, hidden=hidden)
        return self._placed(folder, children, sizes, places, depth)

    def _placed(
        self, folder: int, children: list[int], sizes: list[int], places: list[Box], depth: int
    ) -> list[_Waiting]:
        """Return what is still to be opened; where that can be nothing, add all tiles at once, which is faster."""
        if not children or not holds_leaves(self._table, folder):
            return [(child, place, depth) for child, place in zip(children, places, strict=True)]
        first, number = len(self._node), len(children)
        hidden_by = self._hidden_by
        for column, values in zip(
            (self._x, self._y, self._width, self._height), zip(*places, strict=True), strict=True
        ):
            column.extend(values)
        self._node.extend(children)
        self._top.extend(children)
        self._count.extend([1] * number)
        self._size.extend(sizes)
        self._depth.extend([min(depth, 65535)] * number)
        self._folder.extend([0] * number)
        self._header.extend([0] * number)
        self._shadowed.extend([hidden_by[child] >= 0 for child in children])
        self._last.extend(range(first + 1, first + number + 1))
        return []


def squarified(areas: list[float], box: Box) -> list[Box]:
    """Place areas (descending, adding up to the box) as rectangles as square as can be, one for each.

    One pass: a row along the shorter side takes the next area as long as that does not worsen its worst proportion
    (Bruls, Huizing, van Wijk, Squarified Treemaps, 2000, section 3).
    """
    x, y, width, height = box
    placed: list[Box] = []
    index, count = 0, len(areas)
    while index < count:
        side = min(width, height)
        if side <= 0:
            placed.extend([(x, y, max(width, 0.0), max(height, 0.0))] * (count - index))
            break
        first = total = areas[index]
        stop = index + 1
        square = side * side
        worst = max(square / first, first / square) if first > 0 else float("inf")
        while stop < count and areas[stop] > 0:
            grown = total + areas[stop]
            proportion = max(square * first / (grown * grown), grown * grown / (square * areas[stop]))
            if proportion > worst:
                break
            worst, total = proportion, grown
            stop += 1
        thickness = total / side
        if stop == count:
            # The last row takes what is left, whatever rounding has done.
            thickness = max(width, height)
        at = 0.0
        along_x = width < height
        for area in areas[index:stop]:
            length = side * area / total if total > 0 else 0.0
            placed.append((x + at, y, length, thickness) if along_x else (x, y + at, thickness, length))
            at += length
        if along_x:
            y, height = y + thickness, height - thickness
        else:
            x, width = x + thickness, width - thickness
        index = stop
    return placed
