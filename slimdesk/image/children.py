"""What stands directly in a folder of an image, also where that is a million files."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from slimdesk.image.table import FileTable, Kind

if TYPE_CHECKING:
    import numpy as np

# From here on columns are faster than steps from one child to the next.
MANY = 2_000
_FOLDER = int(Kind.FOLDER)


def has_many(table: FileTable, folder: int) -> bool:
    """Whether a folder has so many children that columns are faster than steps."""
    return _few(table, folder) is None


def sorted_columns(table: FileTable, folder: int, count: array[int], weight: array[int] | None) -> array[int]:
    """Return the children that `count` counts, the heaviest first; without weights folders first, by name.

    count, weight: a whole number per node.
    """
    import numpy as np

    nodes = _many(table, folder)
    nodes = nodes[np.frombuffer(count, dtype=np.int64)[nodes] > 0]
    if weight is not None:
        key = -np.frombuffer(weight, dtype=np.int64)[nodes]
    else:
        key = np.frombuffer(table.kind, dtype=np.uint8)[nodes] != Kind.FOLDER
    listed = array("i")
    listed.frombytes(nodes[np.argsort(key, kind="stable")].tobytes())
    return listed


def heaviest(table: FileTable, folder: int, weight: array[int], least: float) -> tuple[list[int], int]:
    """Return the children that weigh at least that much, heaviest first, and how many of the others weigh anything.

    weight: a whole number per node.
    """
    if holds_leaves(table, folder):
        return heaviest_leaves(table, folder, weight, least)
    few = _few(table, folder)
    if few is not None:
        weighty = [child for child in few if weight[child] > 0]
        chosen = [child for child in weighty if weight[child] >= least]
        chosen.sort(key=weight.__getitem__, reverse=True)
        return chosen, len(weighty) - len(chosen)
    import numpy as np

    nodes = _many(table, folder)
    weights = np.frombuffer(weight, dtype=np.int64)[nodes]
    some = weights > 0
    heavy = some & (weights >= least)
    nodes, weights = nodes[heavy], weights[heavy]
    ordered: list[int] = nodes[np.argsort(-weights, kind="stable")].tolist()
    return ordered, int(np.count_nonzero(some)) - len(ordered)


def all_light(table: FileTable, folder: int, weight: array[int], least: float) -> int:
    """Return how many children weigh anything if all weigh less than that; 0 if one weighs more, or they may be many."""
    end = table.end
    child, stop, found = folder + 1, end[folder], 0
    if stop - child > MANY:
        return 0
    while child < stop:
        one = weight[child]
        if one >= least:
            return 0
        if one > 0:
            found += 1
        child = end[child]
    return found


def heaviest_leaves(table: FileTable, folder: int, weight: array[int], least: float) -> tuple[list[int], int]:
    """Do as `heaviest` where `holds_leaves` has said yes."""
    first = folder + 1
    weights_here = weight[first : table.end[folder]]
    least = max(least, 1)
    chosen = [child for child, one in enumerate(weights_here, first) if one >= least]
    chosen.sort(key=weight.__getitem__, reverse=True)
    return chosen, len(weights_here) - weights_here.count(0) - len(chosen)


def holds_leaves(table: FileTable, folder: int) -> bool:
    """Whether a folder has few children, and none that could have any itself: its children are a range then."""
    first, stop = folder + 1, table.end[folder]
    return stop - first < MANY and _FOLDER not in table.kind[first:stop].tobytes()


def _few(table: FileTable, folder: int) -> list[int] | None:
    """Return the children, or None where there are many."""
    steps: Iterator[int] = table.children(folder)
    if table.end[folder] - folder <= MANY:
        return list(steps)
    first = list(islice(steps, MANY))
    return first if len(first) < MANY else None


def _many(table: FileTable, folder: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    import numpy as np

    first = folder + 1
    parents = np.frombuffer(table.parent, dtype=np.int32)[first : table.end[folder]]
    return (np.flatnonzero(parents == folder) + first).astype(np.int32)
