"""Two images joined: which paths both have, which one alone, and what became of each. Whole columns, one row per path."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from slimdesk.image.model import Image
from slimdesk.image.table import FileTable, Kind

if TYPE_CHECKING:
    import numpy as np

    Column = np.ndarray[Any, np.dtype[Any]]

_SYMLINK = int(Kind.SYMLINK)
_KINDS = ("folder", "file", "link", "hard link", "device", "device", "pipe")


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

    def what_changed(self, row: int) -> list[str]:
        """Return what of a changed path is not as before, beside its bytes: "mode 0644 → 0600", "link a → b"."""
        one, two = int(self.before_node[row]), int(self.after_node[row])
        if one < 0 or two < 0:
            return []
        before, after = self.before.table, self.after.table
        if before.kind[one] != after.kind[two]:
            return [f"{_KINDS[before.kind[one]]} → {_KINDS[after.kind[two]]}"]
        found = []
        if before.link(one) != after.link(two):
            found.append(f"link {before.link(one)} → {after.link(two)}")
        if before.kind[one] != _SYMLINK and before.mode(one) != after.mode(two):
            found.append(f"mode {before.mode(one):04o} → {after.mode(two):04o}")
        owners = [f"{table.uid(node)}:{table.gid(node)}" for table, node in ((before, one), (after, two))]
        if owners[0] != owners[1]:
            found.append(f"owner {owners[0]} → {owners[1]}")
        if not found and self.before_size[row] == self.after_size[row]:
            found.append("contents")
        return found


def names_of(table: FileTable) -> list[bytes]:
    """Return the names of all nodes; what asks for many of them is faster so."""
    text = table.name_text
    return [text[start:stop] for start, stop in pairwise(table.name_starts)]


def subtree_sums(own: Column, end: Column) -> Column:
    """Sum over each subtree: rows stand in tree order, so it is a difference of two running sums."""
    import numpy as np

    running = np.zeros(len(own) + 1, dtype=np.int64)
    np.cumsum(own, out=running[1:])
    sums: Column = running[end] - running[:-1]
    return sums


def mixed(above: Column, name: Column) -> Column:
    """Hash of a path from its folder's and its name's (the finaliser of splitmix64, Steele and others, 2014)."""
    import numpy as np

    value = (above + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xD1342543DE82EF95) + name
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    made: Column = value ^ (value >> np.uint64(31))
    return made
