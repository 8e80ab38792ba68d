"""Files that were moved, and what only reading both sides tells: told by name, size, mode and time, or by contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slimdesk.image.difference_model import Change, Difference, mixed
from slimdesk.image.table import FileTable, Kind

if TYPE_CHECKING:
    import numpy as np

    Column = np.ndarray[Any, np.dtype[Any]]

_FILE = int(Kind.FILE)


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


def with_likely_moves(joined: Difference) -> Difference:
    """Take for moved what has the same name, size, mode and time as nothing else that went or came."""
    import numpy as np

    gone, new = _movable(joined)
    if not len(gone) or not len(new):
        return joined

    def marks(rows: Column, nodes: Column, table: FileTable) -> Column:
        at = nodes[rows]
        owner = np.frombuffer(table.owner, dtype=np.uint32)[at]
        mode = np.frombuffer(table.owner_mode, dtype=np.uint16)[owner]
        value = mixed(joined.name_hashes[rows], np.frombuffer(table.size, dtype=np.int64)[at].view(np.uint64))
        value = mixed(value, np.frombuffer(table.mtime, dtype=np.int64)[at].view(np.uint64))
        return mixed(value, mode.astype(np.uint64))

    one = marks(gone, joined.before_node, joined.before.table)
    two = marks(new, joined.after_node, joined.after.table)
    first, second = _couples(np.concatenate((one, two)))
    of_both = (first < len(one)) & (second >= len(one))
    left, right = gone[first[of_both]], new[second[of_both] - len(one)]
    change, partner = joined.change.copy(), joined.partner.copy()
    change[left] = change[right] = Change.MOVED
    partner[left], partner[right] = right, left
    return replace(joined, change=change, partner=partner)


def _couples(values: Column) -> tuple[Column, Column]:
    """Return the places of values that occur exactly twice: those of the first, and of the second of each."""
    import numpy as np

    order = np.argsort(values)
    ranked = values[order]
    same = np.concatenate(([False], ranked[1:] == ranked[:-1], [False]))
    # As the one before and not as the one before that, nor as the one after.
    at = np.flatnonzero(same[1:-1] & ~same[:-2] & ~same[2:])
    one, two = order[at], order[at + 1]
    return np.minimum(one, two), np.maximum(one, two)
