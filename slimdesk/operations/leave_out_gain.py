"""What leaving something out of an image gains in bytes: the nodes that go with it, each counted once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from slimdesk.image.findings.survey import live_bytes
from slimdesk.image.model import Image
from slimdesk.image.table import ROOT, FileTable, Kind

_COMPILED = b"__pycache__"


@dataclass(frozen=True, slots=True)
class Gain:
    """live: bytes that are visible now and go. files: those of all layers, copies that a later layer hides included."""

    live: int = 0
    files: int = 0

    def __add__(self, other: Gain) -> Gain:
        return Gain(self.live + other.live, self.files + other.files)


NOTHING = Gain()


def gain_of_paths(image: Image, nodes: Iterable[int]) -> Gain:
    """Return what files and folders weigh, with the copies of them in other layers; each byte counts once."""
    table = image.table
    outer: list[int] = []
    for node in sorted(set(nodes)):
        if not outer or node >= table.end[outer[-1]]:
            outer.append(node)
    copies = {copy for node in outer for copy in _copies(table, node)}
    return Gain(live_bytes(table, outer), sum(table.total_bytes(one) for one in copies))


def gain_of_path(image: Image, node: int) -> Gain:
    """Return what a file or folder weighs, with the copies of it in other layers."""
    return gain_of_paths(image, (node,))


def _copies(table: FileTable, node: int) -> list[int]:
    name = table.name_bytes(node)
    above = max(ROOT, table.parent[node])
    return [one for one in table.children(above) if table.name_bytes(one) == name] or [node]


def gain_of_packages(image: Image, packages: Iterable[int]) -> Gain:
    """Return what packages weigh: their files, and what Python compiled of them."""
    nodes = nodes_of_packages(image, packages)
    table = image.table
    return Gain(sum(table.live[node] for node in nodes), sum(table.total_bytes(node) for node in nodes))


def nodes_of_packages(image: Image, packages: Iterable[int]) -> list[int]:
    """Return the files of packages; a compiled module belongs to the one that its source belongs to, stated or not."""
    wanted = set(packages)
    table, owner = image.table, image.package_of
    found = [node for node in _owned(image, wanted) if not table.is_folder(node)]
    for place in {table.parent[node] for node in found}:
        children = list(table.children(place))
        sources = {table.name_bytes(one) for one in children if owner[one] in wanted}
        for child in children:
            if table.name_bytes(child) == _COMPILED and table.is_folder(child):
                found += [
                    one
                    for one in table.children(child)
                    if owner[one] < 0 and table.name_bytes(one).split(b".")[0] + b".py" in sources
                ]
    # A jar inside a jar has no file of its own, and its size is known only packed.
    return sorted(set(found))


def gain_of_text(image: Image, name: str, before: str, after: str) -> Gain:
    """Return what a manifest that becomes shorter gains where the image holds that very file (by its name and length)."""
    import numpy as np

    size, less = len(_bytes(before)), len(_bytes(before)) - len(_bytes(after))
    table = image.table
    found = NOTHING
    for one in np.flatnonzero(np.frombuffer(table.size, dtype=np.int64) == size):
        node = int(one)
        if table.name(node) == name:
            found += Gain(less if table.hidden_by[node] < 0 else 0, less)
    return found


def owners_below(image: Image, node: int) -> dict[int, int]:
    """Return bytes by package (-1 for none) of what is visible in a subtree."""
    import numpy as np

    table = image.table
    part = slice(node, table.end[node])
    size = np.frombuffer(table.size, dtype=np.int64)[part]
    seen = np.frombuffer(table.hidden_by, dtype=np.int16)[part] < 0
    if not image.package_of:
        return {-1: int(size[seen].sum())}
    owner = np.frombuffer(image.package_of, dtype=np.int32)[part][seen]
    sums = np.bincount(owner + 1, weights=size[seen])
    return {int(index) - 1: int(sums[index]) for index in np.flatnonzero(sums)}


def layer_of(table: FileTable, node: int) -> int:
    """Return the layer that brought most of a subtree's bytes; the node's own, or -1, where there are none."""
    import numpy as np

    part = slice(node, table.end[node])
    layer = np.frombuffer(table.layer, dtype=np.int16)[part]
    files = (np.frombuffer(table.kind, dtype=np.uint8)[part] != Kind.FOLDER) & (layer >= 0)
    if not files.any():
        return table.layer[node]
    # An empty file is one, too.
    sums = np.bincount(layer[files], weights=np.frombuffer(table.size, dtype=np.int64)[part][files] + 1e-6)
    return int(sums.argmax())


def _owned(image: Image, packages: set[int]) -> list[int]:
    import numpy as np

    if not packages or not image.package_of:
        return []
    owner = np.frombuffer(image.package_of, dtype=np.int32)
    return [int(node) for node in np.flatnonzero(np.isin(owner, list(packages)))]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
