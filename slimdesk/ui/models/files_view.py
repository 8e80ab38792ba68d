"""What of an image's files is shown, and how many bytes that is per folder: whole columns at once, with numpy."""

from __future__ import annotations

import fnmatch
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slimdesk.image.table import ROOT, FileTable

if TYPE_CHECKING:
    import numpy as np

_SLICE = 4_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person wants to see.

    shadowed: also what a later layer hides. base_layers: how many of the lowest layers are left out. layer: only what this
    one adds. text: words or a glob that names must match, paths where it holds a slash. left_out: codes of a colouring.
    package: only what belongs to the package of this number.
    """

    shadowed: bool = True
    base_layers: int = 0
    layer: int | None = None
    text: str = ""
    left_out: frozenset[int] = frozenset()
    package: int | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing narrows it but, perhaps, the shadowed bytes."""
        alone = self.layer is not None or self.package is not None
        return not (self.base_layers or alone or self.text or self.left_out)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Per node: bytes shown in its subtree; how many entries of the subtree are shown, itself included."""

    weight: array[int]
    count: array[int]

    def __contains__(self, node: int) -> bool:
        return self.count[node] > 0


def shown_nodes(
    table: FileTable,
    wanted: Wanted,
    codes: array[int] | None = None,
    matched: bytearray | None = None,
    owner: array[int] | None = None,
) -> Shown:
    """Sum what is wanted over all folders. A million nodes take some 30 ms.

    codes: one byte per node, the colouring that `left_out` speaks of. matched: one byte per node, from `matching`.
    owner: the package's number per node.
    """
    import numpy as np

    layer = np.frombuffer(table.layer, dtype=np.int16)
    keep = np.ones(len(table), dtype=bool)
    if not wanted.shadowed:
        keep &= np.frombuffer(table.hidden_by, dtype=np.int16) < 0
    if wanted.base_layers:
        keep &= layer >= wanted.base_layers
    if wanted.layer is not None:
        keep &= layer == wanted.layer
    if wanted.package is not None and owner is not None:
        keep &= np.frombuffer(owner, dtype=np.int32) == wanted.package
    if matched is not None:
        keep &= np.frombuffer(matched, dtype=np.uint8) > 0
    if wanted.left_out and codes is not None:
        out = np.zeros(256, dtype=bool)
        out[list(wanted.left_out)] = True
        keep &= ~out[np.frombuffer(codes, dtype=np.uint8)] | (np.frombuffer(table.kind, dtype=np.uint8) == 0)
    size = np.where(keep, np.frombuffer(table.size, dtype=np.int64), 0)
    return Shown(_sums(table, size), _sums(table, keep.astype(np.int64)))


def _sums(table: FileTable, own: np.ndarray[Any, Any]) -> array[int]:
    """Add up each node's subtree: nodes stand in tree order, so it is a difference of two running sums."""
    import numpy as np

    running = np.zeros(len(own) + 1, dtype=np.int64)
    np.cumsum(own, out=running[1:])
    sums = running[np.frombuffer(table.end, dtype=np.int32)] - running[:-1]
    column = array("q")
    column.frombytes(sums.astype(np.int64).tobytes())
    return column


def matching(table: FileTable, text: str) -> Iterator[bytearray | None]:
    """Find what matches `text`, in slices: None while there is more to do, at last one byte per node.

    `*.so` and `[Tt]ests` are globs over names, `usr/*/pip` over paths; anything else is a part of a name, whatever its
    case. What stands in a folder that matches is matched too.
    """
    found = bytearray(len(table))
    test = _pattern(text)
    with_path = "/" in text.strip("/")
    paths: dict[int, bytes] = {ROOT: b""}
    end = table.end
    node, since = 1, 0
    while node < len(table):
        name = table.name_bytes(node)
        if with_path:
            name = paths[table.parent[node]] + b"/" + name
            if table.is_folder(node):
                paths[node] = name
        if test.search(name):
            stop = end[node]
            found[node:stop] = b"\x01" * (stop - node)
            node = stop
        else:
            node += 1
        since += 1
        if since >= _SLICE:
            since = 0
            yield None
    yield found


def _pattern(text: str) -> re.Pattern[bytes]:
    wanted = text.strip().strip("/") if "/" in text.strip("/") else text.strip().rstrip("/").lstrip("/")
    if not any(mark in wanted for mark in "*?["):
        return re.compile(re.escape(wanted.encode("utf-8", "surrogateescape")), re.IGNORECASE)
    glob = f"*/{wanted}" if "/" in text.strip("/") else wanted
    shaped = fnmatch.translate(glob)
    return re.compile(shaped.encode("utf-8", "surrogateescape"), re.IGNORECASE)
