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


def gain_of_path(image: Image, node: int) -> Gain:
    """Return what a file or folder weighs, with the copies of it in other layers."""
    table = image.table
    name = table.name_bytes(node)
    copies = [
        one for one in table.children(max(ROOT, table.parent[node])) if table.name_bytes(one) == name
    ] or [node]
    return Gain(live_bytes(table, [node]), sum(table.total_bytes(one) for one in copies))


def gain_of_packages(image: Image, packages: Iterable[int]) -> Gain:
    """Return what packages weigh: their files, and what Python compiled of them."""
    nodes = nodes_of_packages(image, packages)
    table = image.table
    return Gain(sum(table.live[node] for node in nodes), sum(table.total_bytes(node) for node in nodes))


def nodes_of_packages(image: Image, packages: Iterable[int]) -> list[int]:
    """Return the files of packages; a compiled module belongs to the one that its source belongs to, stated or not."""
    wanted = set(packages)
    if not wanted or not image.package_of:
        return []
    table, owner = image.table, image.package_of
    folder, hidden = Kind.FOLDER, -1
    found = [node for node, index in enumerate(owner) if index in wanted and table.kind[node] != folder]
    places = {table.parent[node] for node in found}
    for place in places:
        for child in table.children(place):
            if table.name_bytes(child) == _COMPILED and table.is_folder(child):
                sources = {
                    table.name_bytes(one): owner[one] for one in table.children(place) if owner[one] in wanted
                }
                found += [
                    one
                    for one in table.children(child)
                    if owner[one] == hidden and table.name_bytes(one).split(b".")[0] + b".py" in sources
                ]
    # A jar inside a jar has no file of its own, and its size is known only packed.
    return sorted(set(found))


def gain_of_text(image: Image, name: str, before: str, after: str) -> Gain:
    """Return what a manifest that becomes shorter gains where the image holds that very file (by its name and length)."""
    size, less = len(before.encode()), len(before.encode()) - len(after.encode())
    wanted = name.encode()
    table = image.table
    found = Gain()
    for node in range(len(table)):
        if table.size[node] == size and table.name_bytes(node) == wanted:
            found += Gain(less if table.hidden_by[node] < 0 else 0, less)
    return found


def owners_below(image: Image, node: int) -> dict[int, int]:
    """Return bytes by package (-1 for none) of what is visible in a subtree."""
    table = image.table
    found: dict[int, int] = {}
    for one in range(node, table.end[node]):
        if table.hidden_by[one] < 0 and table.size[one]:
            index = image.package_of[one] if image.package_of else -1
            found[index] = found.get(index, 0) + table.size[one]
    return found


def layer_of(table: FileTable, node: int) -> int:
    """Return the layer that brought most of a subtree's bytes; the node's own, or -1, where there are none."""
    found: dict[int, int] = {}
    for one in range(node, table.end[node]):
        if table.layer[one] >= 0 and not table.is_folder(one):
            found[table.layer[one]] = found.get(table.layer[one], 0) + table.size[one]
    return max(found, key=lambda layer: (found[layer], layer)) if found else table.layer[node]
