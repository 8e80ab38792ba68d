"""The entries of all layers of an image behind one another, and their order by path."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.layer import LayerColumns
from slimdesk.image.table import Kind

_FOLDER = int(Kind.FOLDER)


@dataclass(slots=True, eq=False)
class Stack:
    """The entries of all layers behind one another, numbered from the lowest layer on, and their order by path.

    keys, kinds, sizes: by number; kinds and sizes have one more at the end, for a folder that no entry states.
    layer_of: by number, -1 for that last one; starts: each layer's first number; order: numbers sorted by path, then age;
    sorted_keys: the paths in that order.
    """

    keys: list[bytes]
    kinds: bytes
    sizes: array[int]
    layer_of: array[int]
    starts: list[int]
    order: array[int]
    sorted_keys: list[bytes]
    layers: Sequence[LayerColumns]


def stack(layers: Sequence[LayerColumns]) -> Stack:
    """Number and sort the entries of all layers. Raises ArchiveError where their sizes cannot be added up."""
    if sum(layer.files for layer in layers) >= 1 << 62 or len(layers) > 1 << 14:
        raise ArchiveError("This image states impossible sizes", "", "Do not trust this image")
    keys: list[bytes] = []
    kinds = bytearray()
    sizes = array("q")
    layer_of = array("h")
    starts = []
    for index, layer in enumerate(layers):
        starts.append(len(keys))
        keys += layer.keys
        kinds += layer.kinds
        sizes += layer.sizes
        layer_of += array("h", [index]) * len(layer)
    order = array("I", sorted(range(len(keys)), key=keys.__getitem__))
    kinds.append(_FOLDER)
    sizes.append(0)
    layer_of.append(-1)
    return Stack(
        keys=keys,
        kinds=bytes(kinds),
        sizes=sizes,
        layer_of=layer_of,
        starts=starts,
        order=order,
        sorted_keys=list(map(keys.__getitem__, order)),
        layers=layers,
    )


def is_below(key: bytes, folder: bytes) -> bool:
    """Whether a path lies below another."""
    length = len(folder)
    return len(key) > length and key[length] == 0 and key.startswith(folder)
