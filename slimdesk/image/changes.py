"""What each layer did to the files of an image: which it added, which it replaced, which a later one removed.

A copy is replaced where the layer that hides it brings the same path itself; where it does not, it was removed.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Literal

from slimdesk.image.table import FileTable, Kind

if TYPE_CHECKING:
    import numpy as np

    Column = np.ndarray[Any, np.dtype[Any]]

Change = Literal["added", "modified", "removed", "overwritten"]
BITS: dict[Change, int] = {"added": 1, "modified": 2, "removed": 4, "overwritten": 8}
"""The bit of each change in the column that `file_changes` returns."""

# A path has as many copies as layers touched it; beyond this many the rest count as removed.
_MOST_COPIES = 200
_SLICE = 100_000


def file_changes(table: FileTable) -> array[int]:
    """Return one byte per node, BITS added up: what its own layer did (added or modified) and what became of it later.

    Of folders that no layer states nothing is said. A million nodes take some 50 ms.
    """
    import numpy as np

    layer = np.frombuffer(table.layer, dtype=np.int16)
    hidden_by = np.frombuffer(table.hidden_by, dtype=np.int16)
    bits = np.where(layer >= 0, BITS["added"], 0).astype(np.uint8)
    bits[hidden_by >= 0] |= BITS["removed"]
    for old, new in _copies(table):
        # Either may stand first: copies of one path are siblings, in no order that matters here.
        for before, after in ((old, new), (new, old)):
            replaced = (hidden_by[before] == layer[after]) & (layer[before] < layer[after])
            bits[before[replaced]] = (bits[before[replaced]] & (255 - BITS["removed"])) | BITS["overwritten"]
            bits[after[replaced]] = (bits[after[replaced]] & (255 - BITS["added"])) | BITS["modified"]
    folders = np.frombuffer(table.kind, dtype=np.uint8) == Kind.FOLDER
    bits[folders & (hidden_by < 0)] &= 255 - BITS["modified"]
    column = array("B")
    column.frombytes(bits.tobytes())
    return column


def _copies(table: FileTable) -> list[tuple[Column, Column]]:
    """Return pairs of nodes that are copies of one path, at least one of them hidden."""
    import numpy as np

    parent = np.frombuffer(table.parent, dtype=np.int32)
    end = np.frombuffer(table.end, dtype=np.int32)
    hidden = np.frombuffer(table.hidden_by, dtype=np.int16) >= 0
    starts = np.frombuffer(table.name_starts, dtype=f"i{table.name_starts.itemsize}")
    lengths = starts[1:] - starts[:-1]
    text = np.frombuffer(table.name_text, dtype=np.uint8)
    first = np.arange(len(table), dtype=np.int64)
    first = first[end < len(table)]
    last = end[first].astype(np.int64)
    found: list[tuple[Column, Column]] = []
    for _ in range(_MOST_COPIES):
        alike = (parent[first] == parent[last]) & (lengths[first] == lengths[last])
        alike &= hidden[first] | hidden[last] if not found else alike
        first, last = first[alike], last[alike]
        same = _same_names(text, starts, lengths, first, last)
        first, last = first[same], last[same]
        if not len(first):
            break
        found.append((first, last))
        further = end[last] < len(table)
        first, last = first[further], end[last[further]].astype(np.int64)
    return found


def _same_names(text: Column, starts: Column, lengths: Column, first: Column, last: Column) -> Column:
    """Tell for each pair of nodes whose names are of one length whether they are the same."""
    import numpy as np

    same = np.ones(len(first), dtype=bool)
    for begin in range(0, len(first), _SLICE):
        left, right = first[begin : begin + _SLICE], last[begin : begin + _SLICE]
        size = lengths[left].astype(np.int64)
        at = np.cumsum(size) - size
        step = np.arange(int(size.sum()), dtype=np.int64) - np.repeat(at, size)
        equal = text[np.repeat(starts[left], size) + step] == text[np.repeat(starts[right], size) + step]
        if len(equal):
            # Every name but the root's has letters, so that no slice of `reduceat` is empty.
            same[begin : begin + _SLICE] = np.logical_and.reduceat(equal, at)
    return same
