"""The difference of two images as a tree of its own, for a treemap: area is bytes that came or went."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from slimdesk.image.difference_model import Change, Difference, subtree_sums
from slimdesk.image.pack import empty_table
from slimdesk.image.table import ROOT, FileTable, Kind

if TYPE_CHECKING:
    import numpy as np

    Column = np.ndarray[Any, np.dtype[Any]]

_FOLDER, _FILE = int(Kind.FOLDER), int(Kind.FILE)


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
    kept = subtree_sums(own, joined.end) > 0
    kept[ROOT] = True
    rows = np.flatnonzero(kept)
    position = np.cumsum(kept) - 1
    running = np.concatenate(([0], np.cumsum(kept)))
    size = own[rows]
    end = running[joined.end[rows]]
    codes = joined.change[rows].copy()
    # A change of kind may leave a row unmarked that has bytes on one side alone.
    codes[(size > 0) & (delta[rows] > 0) & ((codes == Change.CHANGED) | (codes == Change.MAYBE))] = LARGER
    names = list(map(joined.names.__getitem__, rows.tolist()))
    starts = np.zeros(len(names) + 1, dtype=np.uint32)
    np.cumsum(np.fromiter(map(len, names), np.uint32, len(names)), out=starts[1:])
    parents = np.where(rows > 0, position[np.maximum(joined.parent[rows], 0)], -1)
    folder = end > np.arange(len(rows)) + 1
    folder[0] = True
    totals = np.bincount(codes, weights=size, minlength=LARGER + 1)
    nothing = np.zeros(len(rows), dtype=np.int64)
    sums = subtree_sums(size, end)
    table = replace(
        empty_table(),
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
        files=_array("i", subtree_sums((~folder).astype(np.int64), end)),
        owner_mode=array("H", [0o644]),
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
