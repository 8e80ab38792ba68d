"""Which files two images differ in: both merged trees joined into one, whole columns at once with numpy.

What counts is what a container sees: hidden copies take no part. Paths are matched by a 64-bit hash over the names on the
way to them (Python's own keyed hash of each name, so that nobody can make two paths collide on purpose). Two files in
layers of the same diff ID are the same file. Others are the same if size, owner, mode and time agree; where the time
alone differs the contents may, and only reading both tells (see `doubtful` and `settled`).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from slimdesk.image.model import Image
from slimdesk.image.table import ROOT, FileTable, Kind

if TYPE_CHECKING:
    import numpy as np

    Column = np.ndarray[Any, np.dtype[Any]]

_FOLDER, _FILE, _SYMLINK = int(Kind.FOLDER), int(Kind.FILE), int(Kind.SYMLINK)
_LAST = 1 << 30


class Change(IntEnum):
    """What became of a path. MAYBE: same size, other time, contents not compared."""

    SAME = 0
    REMOVED = 1
    ADDED = 2
    CHANGED = 3
    MOVED = 4
    MAYBE = 5


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Columns over the paths of both images in tree order, a folder before what is in it; row 0 is the root.

    before_node, after_node: node in each image's table, -1 where it has none. before_size, after_size: own live bytes.
    change: see Change; a moved file has two rows, and `partner` is the other one (-1 for all else). parent, end: rows of
    the folder around and after the subtree. names: last parts of the paths as the archive spells them. proven: whether moves were told by their contents; otherwise by name, size,
    mode and time, each set of which is the only one in either image.
    """

    before: Image
    after: Image
    before_node: Column
    after_node: Column
    before_size: Column
    after_size: Column
    change: Column
    partner: Column
    parent: Column
    end: Column
    names: list[bytes]
    name_hashes: Column
    proven: bool = False

    def __len__(self) -> int:
        """Number of paths, folders included."""
        return len(self.change)

    def rows(self, change: Change) -> Column:
        """Rows of one kind of change, in tree order; of a move the row in `after`."""
        import numpy as np

        found = self.change == change
        if change is Change.MOVED:
            found &= self.after_node >= 0
        return np.flatnonzero(found)

    def count(self, change: Change) -> int:
        """How many there are of one kind of change."""
        return len(self.rows(change))

    @property
    def identical(self) -> bool:
        """Whether no path differs, as far as that is known."""
        return not self.change.any()

    def path(self, row: int) -> str:
        """Path with a leading slash; see FileTable.path."""
        after = int(self.after_node[row])
        if after >= 0:
            return self.after.table.path(after)
        return self.before.table.path(int(self.before_node[row]))

    def package(self, row: int) -> str:
        """Name of the package that the file belongs to, in the image before if it is known there; empty without one."""
        for image, node in (
            (self.before, int(self.before_node[row])),
            (self.after, int(self.after_node[row])),
        ):
            if node >= 0 and image.packages and len(image.package_of) == len(image.table):
                index = image.package_of[node]
                if 0 <= index < len(image.packages):
                    return image.packages[index].name
        return ""

    def live_sums(self) -> tuple[Column, Column]:
        """Live bytes of each subtree, before and after."""
        return _sums(self.before_size, self.end), _sums(self.after_size, self.end)


def names_of(table: FileTable) -> list[bytes]:
    """Return the names of all nodes; what asks for many of them is faster so."""
    text = table.name_text
    return [text[start:stop] for start, stop in pairwise(table.name_starts)]


def difference(
    before: Image,
    after: Image,
    before_names: list[bytes] | None = None,
    after_names: list[bytes] | None = None,
) -> Difference:
    """Join two images, whose names may be known already (see `names_of`). 75 000 paths each take some 50 ms."""
    import numpy as np

    one = _Side(before, before_names or names_of(before.table))
    two = _Side(after, after_names or names_of(after.table))
    two_of_one, one_of_two = _matched(one.hashes, two.hashes)
    order = _order(one, two, one_of_two)
    count = len(one.nodes)
    from_one, from_two = order[order < count], order[order >= count] - count
    row_of_one = np.empty(count, dtype=np.int64)
    row_of_two = np.empty(len(two.nodes), dtype=np.int64)
    rows = np.arange(len(order))
    row_of_one[from_one] = rows[order < count]
    row_of_two[from_two] = rows[order >= count]
    shared = np.flatnonzero(two_of_one >= 0)
    row_of_two[two_of_one[shared]] = row_of_one[shared]

    def column(of_one: Column, of_two: Column, missing: int) -> tuple[Column, Column]:
        left = np.full(len(order), missing, dtype=np.int64)
        right = np.full(len(order), missing, dtype=np.int64)
        left[row_of_one] = of_one
        right[row_of_two] = of_two
        return left, right

    before_node, after_node = column(one.nodes, two.nodes, -1)
    before_size, after_size = column(one.sizes, two.sizes, 0)
    parent = np.empty(len(order), dtype=np.int64)
    parent[row_of_two] = row_of_two[two.parents]
    parent[row_of_one] = row_of_one[one.parents]
    parent[ROOT] = -1
    depth = np.empty(len(order), dtype=np.int64)
    depth[row_of_two] = two.depth
    depth[row_of_one] = one.depth
    name_hashes = np.empty(len(order), dtype=np.uint64)
    name_hashes[row_of_two] = two.name_hashes
    name_hashes[row_of_one] = one.name_hashes
    names = [
        two.names[right] if left < 0 else one.names[left]
        for left, right in zip(before_node.tolist(), after_node.tolist(), strict=True)
    ]
    plain = Difference(
        before=before,
        after=after,
        before_node=before_node,
        after_node=after_node,
        before_size=before_size,
        after_size=after_size,
        change=np.zeros(len(order), dtype=np.uint8),
        partner=np.full(len(order), -1, dtype=np.int64),
        parent=parent,
        end=_ends(parent, depth),
        names=names,
        name_hashes=name_hashes,
    )
    return _with_likely_moves(replace(plain, change=_changes(plain)))


def _sums(own: Column, end: Column) -> Column:
    """Sum over each subtree: rows stand in tree order, so it is a difference of two running sums."""
    import numpy as np

    running = np.zeros(len(own) + 1, dtype=np.int64)
    np.cumsum(own, out=running[1:])
    sums: Column = running[end] - running[:-1]
    return sums


class _Side:
    """What a container sees of one image, as columns over its visible nodes; parents are positions in these."""

    def __init__(self, image: Image, names: list[bytes]) -> None:
        import numpy as np

        table = image.table
        self.names = names
        self.nodes = np.flatnonzero(np.frombuffer(table.hidden_by, dtype=np.int16) < 0)
        position = np.full(len(table), 0, dtype=np.int64)
        position[self.nodes] = np.arange(len(self.nodes))
        parents = np.maximum(np.frombuffer(table.parent, dtype=np.int32), 0)
        self.parents = position[parents[self.nodes]]
        ends = np.frombuffer(table.end, dtype=np.int32)
        self.ends = np.searchsorted(self.nodes, ends[self.nodes])
        self.depth = _depths(ends)[self.nodes]
        self.sizes = np.frombuffer(table.size, dtype=np.int64)[self.nodes]
        hashed = np.fromiter(map(hash, names), np.int64, len(table)).view(np.uint64)[self.nodes]
        self.name_hashes = hashed
        self.levels = _levels(self.depth)
        hashes = np.zeros(len(self.nodes), dtype=np.uint64)
        for level in self.levels[1:]:
            hashes[level] = _mixed(hashes[self.parents[level]], hashed[level])
        self.hashes = hashes


def _mixed(above: Column, name: Column) -> Column:
    """Hash of a path from its folder's and its name's (the finaliser of splitmix64, Steele and others, 2014)."""
    import numpy as np

    value = (above + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xD1342543DE82EF95) + name
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Column = value ^ (value >> np.uint64(31))
    return mixed


def _depths(ends: Column) -> Column:
    import numpy as np

    steps = np.zeros(len(ends) + 1, dtype=np.int64)
    inner = np.flatnonzero(ends > np.arange(len(ends)) + 1)
    np.add.at(steps, inner + 1, 1)
    np.add.at(steps, ends[inner], -1)
    depths: Column = np.cumsum(steps)[:-1]
    return depths


def _levels(depth: Column) -> list[Column]:
    """Positions by depth, the root's first."""
    import numpy as np

    order = np.argsort(depth, kind="stable")
    deepest = int(depth.max(initial=0))
    bounds = np.searchsorted(depth[order], np.arange(deepest + 2))
    return [order[start:stop] for start, stop in pairwise(bounds)]


def _matched(one: Column, two: Column) -> tuple[Column, Column]:
    """Return for each position of one side that of the same path on the other, -1 where there is none."""
    import numpy as np

    ranked = np.argsort(two, kind="stable")
    at = np.minimum(np.searchsorted(two[ranked], one), len(two) - 1)
    found = ranked[at]
    two_of_one = np.where(two[found] == one, found, -1)
    one_of_two = np.full(len(two), -1, dtype=np.int64)
    shared = np.flatnonzero(two_of_one >= 0)
    one_of_two[two_of_one[shared]] = shared
    # A path that one side holds twice has one partner; its other copy has none.
    two_of_one[shared[one_of_two[two_of_one[shared]] != shared]] = -1
    return two_of_one, one_of_two


def _order(one: _Side, two: _Side, one_of_two: Column) -> Column:
    """Order of all paths: one's positions, and after them two's own ones, each where its folder ends in one."""
    import numpy as np

    place = np.zeros(len(two.nodes), dtype=np.int64)
    above = np.zeros(len(two.nodes), dtype=np.int64)
    for depth, level in enumerate(two.levels[1:], 1):
        own = level[one_of_two[level] < 0]
        parents = two.parents[own]
        partner = one_of_two[parents]
        hangs = partner >= 0
        place[own] = np.where(hangs, one.ends[partner], place[parents])
        # Of folders that end at the same place the deepest ends first.
        above[own] = np.where(hangs, -depth, above[parents])
    only = np.flatnonzero(one_of_two < 0)
    count = len(one.nodes)
    places = np.concatenate((np.arange(count), place[only]))
    ranks = np.concatenate((np.full(count, _LAST), above[only]))
    ids = np.concatenate((np.arange(count), only + count))
    ordered: Column = ids[np.lexsort((ids, ranks, places))]
    return ordered


def _ends(parent: Column, depth: Column) -> Column:
    import numpy as np

    last = np.arange(len(parent))
    for level in reversed(_levels(depth)[1:]):
        np.maximum.at(last, parent[level], last[level])
    ends: Column = last + 1
    return ends


def _changes(joined: Difference) -> Column:
    import numpy as np

    before, after = joined.before.table, joined.after.table
    change = np.zeros(len(joined), dtype=np.uint8)
    gone, new = joined.after_node < 0, joined.before_node < 0
    change[gone], change[new] = Change.REMOVED, Change.ADDED
    both = np.flatnonzero(~gone & ~new)
    one, two = joined.before_node[both], joined.after_node[both]

    def of(name: str, kind: Any) -> tuple[Column, Column]:
        return (
            np.frombuffer(getattr(before, name), dtype=kind)[one],
            np.frombuffer(getattr(after, name), dtype=kind)[two],
        )

    kind_one, kind_two = of("kind", np.uint8)
    layer_one, layer_two = of("layer", np.int16)
    stated = (layer_one >= 0) & (layer_two >= 0)
    same_layer = stated & _same_layers(joined, layer_one, layer_two)
    owner_one, owner_two = of("owner", np.uint32)
    other = kind_one != kind_two
    for name, width in (("owner_mode", np.uint16), ("owner_uid", np.uint32), ("owner_gid", np.uint32)):
        left = np.frombuffer(getattr(before, name), dtype=width)[owner_one]
        right = np.frombuffer(getattr(after, name), dtype=width)[owner_two]
        # A symbolic link's mode means nothing, and a folder that no layer states has none of its own.
        other |= (left != right) & stated & (kind_one != _SYMLINK)
    sizes = joined.before_size[both] != joined.after_size[both]
    other |= sizes & (kind_one != _FOLDER)
    for at in np.flatnonzero((kind_one == _SYMLINK) & (kind_two == _SYMLINK)):
        other[at] |= before.link(int(one[at])) != after.link(int(two[at]))
    times = np.not_equal(*of("mtime", np.int64))
    maybe = times & (kind_one == _FILE) & (kind_two == _FILE) & (joined.after_size[both] > 0)
    change[both] = np.where(
        same_layer, Change.SAME, np.where(other, Change.CHANGED, np.where(maybe, Change.MAYBE, Change.SAME))
    )
    # A folder that came or went is told by what is in it, unless nothing is.
    change[(gone | new) & (joined.end > np.arange(len(joined)) + 1)] = Change.SAME
    return change


def _same_layers(joined: Difference, one: Column, two: Column) -> Column:
    import numpy as np

    numbers: dict[str, int] = {}

    def known(image: Image, fresh: int) -> Column:
        ids = [layer.diff_id for layer in image.layers]
        return np.array(
            [
                fresh - index if text is None else numbers.setdefault(text, len(numbers))
                for index, text in enumerate(ids)
            ]
            or [fresh],
            dtype=np.int64,
        )

    before, after = known(joined.before, -1), known(joined.after, -1 - _LAST)
    same: Column = before[np.clip(one, 0, len(before) - 1)] == after[np.clip(two, 0, len(after) - 1)]
    return same


# What was moved, and what only reading both sides tells


def doubtful(joined: Difference) -> tuple[list[int], list[int]]:
    """Nodes of both images whose contents would tell what is not certain: maybe changed, or maybe moved."""
    import numpy as np

    maybe = joined.rows(Change.MAYBE)
    gone, new = _movable(joined)
    sizes = np.intersect1d(joined.before_size[gone], joined.after_size[new])
    gone = gone[np.isin(joined.before_size[gone], sizes)]
    new = new[np.isin(joined.after_size[new], sizes)]
    before = np.concatenate((joined.before_node[maybe], joined.before_node[gone]))
    after = np.concatenate((joined.after_node[maybe], joined.after_node[new]))
    return [int(node) for node in before], [int(node) for node in after]


def settled(joined: Difference, before: Mapping[int, bytes], after: Mapping[int, bytes]) -> Difference:
    """Say what changed and what moved by the digests of bodies, by node. What has no digest stays as uncertain as it was."""
    change, partner = joined.change.copy(), joined.partner.copy()
    for row in joined.rows(Change.MAYBE):
        one = before.get(int(joined.before_node[row]))
        two = after.get(int(joined.after_node[row]))
        if one is not None and two is not None:
            change[row] = Change.SAME if one == two else Change.CHANGED
    moved = change == Change.MOVED
    change[moved & (joined.after_node < 0)] = Change.REMOVED
    change[moved & (joined.before_node < 0)] = Change.ADDED
    partner[:] = -1
    plain = replace(joined, change=change, partner=partner)
    gone, new = _movable(plain)
    waiting: dict[tuple[int, bytes], list[int]] = {}
    for row in map(int, gone):
        digest = before.get(int(joined.before_node[row]))
        if digest is not None:
            waiting.setdefault((int(joined.before_size[row]), digest), []).append(row)
    for named in (True, False):
        for row in map(int, new):
            digest = after.get(int(joined.after_node[row]))
            if digest is None or partner[row] >= 0:
                continue
            there = waiting.get((int(joined.after_size[row]), digest), [])
            name = joined.names[row]
            fits = [one for one in there if not named or joined.names[one] == name]
            if fits:
                there.remove(fits[0])
                partner[row], partner[fits[0]] = fits[0], row
                change[row] = change[fits[0]] = Change.MOVED
    return replace(joined, change=change, partner=partner, proven=True)


def _movable(joined: Difference) -> tuple[Column, Column]:
    """Rows of files with bytes that went, or came; those taken for moved belong to them."""
    import numpy as np

    def files(nodes: Column, table: FileTable, sizes: Column) -> Column:
        kinds = np.frombuffer(table.kind, dtype=np.uint8)
        open_to = (joined.change != Change.SAME) & (nodes >= 0) & (sizes > 0)
        rows = np.flatnonzero(open_to)
        found: Column = rows[kinds[nodes[rows]] == _FILE]
        return found

    gone = files(joined.before_node, joined.before.table, joined.before_size)
    new = files(joined.after_node, joined.after.table, joined.after_size)
    return gone[joined.after_node[gone] < 0], new[joined.before_node[new] < 0]


def _with_likely_moves(joined: Difference) -> Difference:
    """Take for moved what has the same name, size, mode and time as nothing else that went or came."""
    import numpy as np

    gone, new = _movable(joined)
    if not len(gone) or not len(new):
        return joined

    def marks(rows: Column, nodes: Column, table: FileTable) -> Column:
        at = nodes[rows]
        owner = np.frombuffer(table.owner, dtype=np.uint32)[at]
        mode = np.frombuffer(table.owner_mode, dtype=np.uint16)[owner]
        value = _mixed(
            joined.name_hashes[rows], np.frombuffer(table.size, dtype=np.int64)[at].view(np.uint64)
        )
        value = _mixed(value, np.frombuffer(table.mtime, dtype=np.int64)[at].view(np.uint64))
        return _mixed(value, mode.astype(np.uint64))

    # Names are looked at only where both sides have the size.
    sizes = np.intersect1d(joined.before_size[gone], joined.after_size[new])
    gone = gone[np.isin(joined.before_size[gone], sizes)]
    new = new[np.isin(joined.after_size[new], sizes)]
    one = marks(gone, joined.before_node, joined.before.table)
    two = marks(new, joined.after_node, joined.after.table)
    shared = np.intersect1d(_single(one), _single(two))
    change, partner = joined.change.copy(), joined.partner.copy()
    left = gone[np.isin(one, shared)][np.argsort(one[np.isin(one, shared)])]
    right = new[np.isin(two, shared)][np.argsort(two[np.isin(two, shared)])]
    change[left] = change[right] = Change.MOVED
    partner[left], partner[right] = right, left
    return replace(joined, change=change, partner=partner)


def _single(values: Column) -> Column:
    import numpy as np

    unique, counts = np.unique(values, return_counts=True)
    single: Column = unique[counts == 1]
    return single


# The difference as a tree of its own, for a treemap


@dataclass(frozen=True, slots=True, eq=False)
class DifferenceTree:
    """A FileTable whose sizes are bytes of difference, with the row of the difference and the change of each node.

    codes: Change of each node, folders too; for changed files CHANGED if they shrank and `LARGER` if they grew.
    """

    table: FileTable
    rows: array[int]
    codes: array[int]
    totals: dict[int, int]


LARGER = 6


def difference_tree(joined: Difference) -> DifferenceTree:
    """Return the paths whose bytes differ, with the folders around them. A moved file differs in nothing."""
    import numpy as np

    delta = joined.after_size - joined.before_size
    own = np.where(joined.change == Change.MOVED, 0, np.abs(delta))
    kept = _sums(own, joined.end) > 0
    kept[ROOT] = True
    rows = np.flatnonzero(kept)
    position = np.cumsum(kept) - 1
    running = np.concatenate(([0], np.cumsum(kept)))
    size = own[rows]
    end = running[joined.end[rows]]
    codes = joined.change[rows].copy()
    # A change of kind may leave a row unmarked that has bytes on one side alone.
    codes[(size > 0) & (delta[rows] > 0) & ((codes == Change.CHANGED) | (codes == Change.MAYBE))] = LARGER
    names = [joined.names[row] for row in rows.tolist()]
    starts = np.zeros(len(names) + 1, dtype=np.uint32)
    np.cumsum([len(name) for name in names], out=starts[1:])
    parents = np.where(rows > 0, position[np.maximum(joined.parent[rows], 0)], -1)
    folder = end > np.arange(len(rows)) + 1
    folder[0] = True
    totals = np.bincount(codes, weights=size, minlength=LARGER + 1)
    nothing = np.zeros(len(rows), dtype=np.int64)
    sums = _sums(size, end)
    table = FileTable(
        name_text=b"".join(names),
        name_starts=_array("I", starts),
        parent=_array("i", parents),
        end=_array("i", end),
        kind=_array("B", np.where(folder, _FOLDER, _FILE)),
        size=_array("q", size),
        mtime=_array("q", nothing),
        owner=_array("I", nothing),
        layer=_array("h", nothing),
        hidden_by=_array("h", nothing - 1),
        live=_array("q", sums),
        shadowed=_array("q", nothing),
        files=_array("i", _sums((~folder).astype(np.int64), end)),
        owner_mode=array("H", [0o644]),
        owner_uid=array("I", [0]),
        owner_gid=array("I", [0]),
        link_node=array("I"),
        link_starts=array("I", [0]),
        link_text=b"",
        twin_node=array("I"),
        twin_body=array("I"),
    )
    return DifferenceTree(
        table=table,
        rows=_array("i", rows),
        codes=_array("B", codes),
        totals={code: int(total) for code, total in enumerate(totals) if total},
    )


def _array(code: str, column: Column) -> array[int]:
    import numpy as np

    made = array(code)
    made.frombytes(np.ascontiguousarray(column, dtype=np.dtype(code)).tobytes())
    return made
