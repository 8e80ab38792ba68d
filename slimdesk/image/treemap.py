"""Where each file of an image stands in a treemap: a squarified layout (Bruls, Huizing, van Wijk, 2000) without Qt.

Iterative, over the columns of a FileTable. A folder large enough gets a header with its name; a chain of folders with
one child each shares a header ("local/lib/python3.13"). What would be smaller than three pixels is gathered with its
neighbours into one tile that stands for all of them; of very many entries, what would be smaller than six.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from slimdesk.image.children import all_light, heaviest, heaviest_leaves, holds_leaves
from slimdesk.image.table import ROOT, FileTable, Kind
from slimdesk.image.treemap_leaves import MANY, MOST, Box, LeafFolder, place_leaves

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

_Waiting = tuple[int, Box]
"""A node still to be placed and its box; -1 - tile closes a folder's tile."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Tiles as columns, a folder before what stands in it, so that painting in order is right.

    node: the node shown; for a chain of folders the deepest one, whose chain begins at `top`. A group of things too small
    to show has node GROUP, `top` = the folder they are in, `count` of them. size: bytes shown. x, y, width, height: pixels.
    header: 1 for a folder with a header at its top, `head` pixels high. last: index after the last tile inside.
    """

    node: array[int]
    top: array[int]
    count: array[int]
    size: array[int]
    x: array[float]
    y: array[float]
    width: array[float]
    height: array[float]
    folder: array[int]
    header: array[int]
    shadowed: array[int]
    last: array[int]
    head: float = HEADER

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
    head: float = HEADER,
) -> Layout:
    """Lay the subtree of `root` out in width x height pixels.

    shadowed: give room to hidden bytes too. weight: bytes per subtree to use instead of the table's own sums (for a filter
    or a single layer, see `weights`); live: those of them that are not hidden; hidden_by: instead of the table's own, for an
    image up to some layer. head: pixels for a folder's name, for larger type than usual.
    """
    sums = weight or _own_weights(table, shadowed=shadowed)
    maker = _Maker(table, sums, live or table.live, hidden_by or table.hidden_by, head)
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
    """Notes of each tile its node and box alone; what is the exception (folders, groups) stands in lists of its own."""

    def __init__(
        self,
        table: FileTable,
        weight: array[int],
        live: array[int],
        hidden_by: array[int],
        head: float,
    ) -> None:
        self._table = table
        self._weight = weight
        self._live = live
        self._hidden_by = hidden_by
        self._head = head
        self._least = MIN_SIDE * MIN_SIDE
        self._nodes: list[int] = []
        self._boxes: list[Box] = []
        self._last: dict[int, int] = {}
        self._folders: list[tuple[int, int, bool]] = []
        self._groups: list[tuple[int, int, int, int, bool]] = []
        self._many = False
        self._leaves: list[LeafFolder] = []

    def layout(self) -> Layout:
        """Return the tiles as columns."""
        number, weight, hidden_by = len(self._nodes), self._weight, self._hidden_by
        node = array("i", self._nodes)
        top, count = node[:], array("i", [1]) * number
        size = array("q", map(weight.__getitem__, node))
        shadowed = array("B", [one >= 0 for one in map(hidden_by.__getitem__, node)])
        folder, header = array("B", bytes(number)), array("B", bytes(number))
        last = array("i", range(1, number + 1))
        for tile, first, headed in self._folders:
            top[tile], folder[tile], header[tile] = first, 1, headed
            shadowed[tile] = not self._live[node[tile]]
        for tile, stop in self._last.items():
            last[tile] = stop
        for tile, above, many, rest, hidden in self._groups:
            top[tile], count[tile], size[tile], shadowed[tile] = above, many, rest, hidden
        flat = array("f", chain.from_iterable(self._boxes))
        tiles = Layout(
            node, top, count, size, flat[0::4], flat[1::4], flat[2::4], flat[3::4],
            folder, header, shadowed, last, self._head,
        )  # fmt: skip
        return self._with_leaves(tiles) if self._leaves else tiles

    def _with_leaves(self, tiles: Layout) -> Layout:
        """Place what was put off, and insert each tile after that of its folder."""
        import numpy as np

        found = place_leaves(self._table, self._leaves, self._weight, self._live, self._least)
        hidden = np.frombuffer(self._hidden_by, dtype=np.int16)[np.maximum(found.node, 0)] >= 0
        after = found.at + 1

        def joined(column: array[Any], more: Any) -> array[Any]:
            made = array(column.typecode)
            made.frombytes(np.insert(np.frombuffer(column, dtype=column.typecode), after, more).tobytes())
            return made

        # How many tiles come in before each boundary between tiles, and before the end.
        shift = np.concatenate(([0], np.cumsum(np.bincount(found.at, minlength=len(tiles)))))
        last = np.frombuffer(tiles.last, dtype=np.int32)
        ends = joined(array("i", (last + shift[last]).astype(np.int32).tobytes()), 0)
        for_leaves = np.arange(len(after)) + after + 1
        np.frombuffer(ends, dtype=np.int32)[for_leaves - 1] = for_leaves
        return Layout(
            node=joined(tiles.node, found.node),
            top=joined(tiles.top, found.above),
            count=joined(tiles.count, found.count),
            size=joined(tiles.size, found.size),
            x=joined(tiles.x, found.boxes[:, 0]),
            y=joined(tiles.y, found.boxes[:, 1]),
            width=joined(tiles.width, found.boxes[:, 2]),
            height=joined(tiles.height, found.boxes[:, 3]),
            folder=joined(tiles.folder, 0),
            header=joined(tiles.header, 0),
            shadowed=joined(tiles.shadowed, np.where(found.node < 0, found.hidden, hidden)),
            last=ends,
            head=self._head,
        )

    def run(self, root: int, width: float, height: float) -> None:
        """Place everything."""
        if width < 1 or height < 1 or self._weight[root] <= 0:
            return
        within = self._table.end[root] - root
        self._least = min(MIN_AREA_OF_MANY, MIN_SIDE * MIN_SIDE * max(1.0, within / FEW))
        self._many = within >= MANY
        expected = 0.0
        nowhere = (0.0, 0.0, 0.0, 0.0)
        waiting: list[_Waiting] = [(root, (0.0, 0.0, width, height))]
        nodes, boxes, kinds, head = self._nodes, self._boxes, self._table.kind, self._head
        least_high = HEADER_MIN_HEIGHT + head - HEADER
        while waiting:
            node, box = waiting.pop()
            tile = len(nodes)
            if node < 0:
                self._last[-1 - node] = tile
                continue
            if kinds[node] != _FOLDER:
                nodes.append(node)
                boxes.append(box)
                continue
            top, node = node, self._deepest_of_chain(node)
            nodes.append(node)
            boxes.append(box)
            x, y, wide, high = box
            headed = wide >= HEADER_MIN_WIDTH and high >= least_high
            self._folders.append((tile, top, headed))
            if headed:
                x, y, wide, high = x + PADDING, y + head, wide - 2 * PADDING, high - head - PADDING
            if wide < OPEN_SIDE or high < OPEN_SIDE or tile + expected >= MAX_TILES:
                continue
            room = wide * high / self._least + 1
            if self._many and room < MOST and holds_leaves(self._table, node):
                expected += min(room, self._table.end[node] - node - 1)
                self._leaves.append((tile, node, (x, y, wide, high)))
                continue
            inside = self._children(node, (x, y, wide, high))
            if inside:
                waiting.append((-1 - tile, nowhere))
                inside.reverse()
                waiting += inside
            else:
                self._last[tile] = len(nodes)

    def _deepest_of_chain(self, node: int) -> int:
        """Follow folders that hold a single child with bytes, which is a folder itself."""
        weight, kinds, end = self._weight, self._table.kind, self._table.end
        while True:
            only = -1
            child, stop = node + 1, end[node]
            while child < stop:
                if weight[child] > 0:
                    if only >= 0 or kinds[child] != _FOLDER:
                        return node
                    only = child
                child = end[child]
            if only < 0:
                return node
            node = only

    def _children(self, folder: int, box: Box) -> list[_Waiting]:
        """Place what is in a folder; small things become one group tile at once, the rest is returned, largest first.

        Where nothing could be opened all tiles are added at once, which is faster, and none is returned.
        """
        weight, live = self._weight, self._live
        total = weight[folder]
        if total <= 0:
            return []
        scale = box[2] * box[3] / total
        small = all_light(self._table, folder, weight, self._least / scale)
        if small > 1:
            self._group((folder, small, total, live[folder] <= 0), box)
            return []
        leaves = holds_leaves(self._table, folder)
        choose = heaviest_leaves if leaves else heaviest
        children, small = choose(self._table, folder, weight, self._least / scale)
        if small == 1:
            children, small = choose(self._table, folder, weight, 1)
        sizes = [weight[child] for child in children]
        areas = [size * scale for size in sizes]
        if small:
            rest = total - sum(sizes)
            area, group_at = rest * scale, len(areas)
            while group_at and areas[group_at - 1] < area:
                group_at -= 1
            areas.insert(group_at, area)
            places = squarified(areas, box)
            group = places.pop(group_at)
            if group[2] >= 1 and group[3] >= 1:
                hidden = live[folder] <= sum([live[child] for child in children])
                self._group((folder, small, rest, hidden), group)
        else:
            places = squarified(areas, box)
        if not leaves:
            return list(zip(children, places, strict=True))
        self._nodes += children
        self._boxes += places
        return []

    def _group(self, what: tuple[int, int, int, bool], box: Box) -> None:
        """Add a tile for (folder, number, bytes, whether none is live)."""
        self._groups.append((len(self._nodes), *what))
        self._nodes.append(GROUP)
        self._boxes.append(box)


def squarified(areas: list[float], box: Box) -> list[Box]:
    """Place areas (descending, adding up to the box) as rectangles as square as can be, one for each.

    One pass: a row along the shorter side takes the next area as long as that does not worsen its worst proportion
    (Bruls, Huizing, van Wijk, Squarified Treemaps, 2000, section 3).
    """
    x, y, width, height = box
    placed: list[Box] = []
    index, count = 0, len(areas)
    while index < count:
        along_x = width < height
        side = width if along_x else height
        if side <= 0:
            placed.extend([(x, y, max(width, 0.0), max(height, 0.0))] * (count - index))
            break
        first = total = areas[index]
        stop = index + 1
        square = side * side
        worst = max(square / first, first / square) if first > 0 else float("inf")
        while stop < count:
            area = areas[stop]
            if area <= 0:
                break
            grown = total + area
            # Of a row so thick: the proportion of its first, and of its last if that is worse.
            thick = grown * grown
            proportion, other = square * first / thick, thick / (square * area)
            if proportion > worst or other > worst:
                break
            worst, total = max(proportion, other), grown
            stop += 1
        thickness = total / side
        if stop == count:
            # The last row takes what is left, whatever rounding has done.
            thickness = height if along_x else width
        at = x if along_x else y
        if along_x:
            for area in areas[index:stop]:
                length = side * area / total if total > 0 else 0.0
                placed.append((at, y, length, thickness))
                at += length
            y, height = y + thickness, height - thickness
        else:
            for area in areas[index:stop]:
                length = side * area / total if total > 0 else 0.0
                placed.append((x, at, thickness, length))
                at += length
            x, width = x + thickness, width - thickness
        index = stop
    return placed
