"""A tree of very many files as an image has them, made in memory: what the window must cope with."""

from __future__ import annotations

import random
from array import array
from dataclasses import replace

from slimdesk.image.model import DiveFigures, Image, ImageConfig, Layer, Sizes
from slimdesk.image.pack import empty_table
from slimdesk.image.table import FileTable, Kind

LAYERS = 8
_SUFFIXES = (b".py", b".so", b".js", b".json", b".txt", b".pyc", b"", b".h")


def table_of(files: int, seed: int = 1) -> FileTable:
    """Return a tree with that many files in folders of some 50, four levels deep; every tenth is hidden by a later layer."""
    chance = random.Random(seed)
    parent, end, kind, size, layer, hidden = array("i", [-1]), array("i", [0]), array("B", [0]), array("q", [0]), array("h", [-1]), array("h", [-1])  # fmt: skip
    names, starts = bytearray(), array("I", [0, 0])

    def node(above: int, name: bytes, what: Kind, bytes_: int, of: int, by: int) -> int:
        parent.append(above)
        kind.append(int(what))
        size.append(bytes_)
        layer.append(of)
        hidden.append(by)
        end.append(len(parent))
        names.extend(name)
        starts.append(len(names))
        return len(parent) - 1

    left = files
    top = 0
    while left > 0:
        first = node(0, b"top%03d" % top, Kind.FOLDER, 0, 0, -1)
        for second_number in range(100):
            if left <= 0:
                break
            of = chance.randrange(LAYERS)
            second = node(first, b"package_%02d" % second_number, Kind.FOLDER, 0, of, -1)
            for third_number in range(10):
                if left <= 0:
                    break
                third = node(second, b"m%d" % third_number, Kind.FOLDER, 0, of, -1)
                for number in range(min(50, left)):
                    by = LAYERS - 1 if chance.random() < 0.1 and of < LAYERS - 1 else -1
                    length = int(200 * 2 ** (chance.random() * 14))
                    name = b"file_%d%s" % (number, _SUFFIXES[number % 8])
                    node(third, name, Kind.FILE, length, of, by)
                left -= 50
                end[third] = len(parent)
            end[second] = len(parent)
        end[first] = len(parent)
        top += 1
    end[0] = len(parent)
    count = len(parent)
    live, shadowed, visible = array("q", bytes(8 * count)), array("q", bytes(8 * count)), array("i", bytes(4 * count))  # fmt: skip
    for one in range(count - 1, -1, -1):
        if kind[one] != Kind.FOLDER:
            (live if hidden[one] < 0 else shadowed)[one] += size[one]
            visible[one] += hidden[one] < 0
        if one:
            live[parent[one]] += live[one]
            shadowed[parent[one]] += shadowed[one]
            visible[parent[one]] += visible[one]
    return replace(
        empty_table(),
        name_text=bytes(names), name_starts=starts, parent=parent, end=end, kind=kind, size=size, layer=layer,
        hidden_by=hidden, live=live, shadowed=shadowed, files=visible, mtime=array("q", bytes(8 * count)),
        owner=array("I", bytes(4 * count)),
    )  # fmt: skip


def flat_table(files: int) -> FileTable:
    """Return a tree with that many files in one folder."""
    chance = random.Random(2)
    count = files + 1
    names = b"".join(b"file_%07d" % number for number in range(files))
    size = array("q", [0, *(chance.randrange(100_000) for _ in range(files))])
    live = array("q", size)
    live[0] = sum(size)
    ones = array("i", [1]) * count
    ones[0] = files
    return replace(
        empty_table(),
        name_text=names, name_starts=array("I", [0, *range(0, 12 * files + 1, 12)]), parent=array("i", [-1]) + array("i", [0]) * files,
        end=array("i", [count, *range(2, count + 1)]), kind=array("B", [0]) + array("B", [1]) * files, size=size,
        layer=array("h", [0]) * count, hidden_by=array("h", [-1]) * count, live=live, shadowed=array("q", [0]) * count,
        files=ones, mtime=array("q", [0]) * count, owner=array("I", [0]) * count,
    )  # fmt: skip


def image_of(table: FileTable) -> Image:
    """Return an image that holds the tree."""
    files, live = table.total_bytes(), table.live_bytes()
    sums = [0] * LAYERS
    for of, bytes_ in zip(table.layer, table.size, strict=True):
        sums[of] += bytes_
    layers = tuple(
        Layer(number, None, None, None, f"RUN step {number}", f"RUN step {number}", number < 1, 1, Sizes(None, sums[number], sums[number]), 0)
        for number in range(LAYERS)
    )  # fmt: skip
    return Image(
        "docker-archive", "/many.tar", "many:1", None, "linux/amd64", False, ImageConfig(), layers,
        Sizes(None, files, files, live), files - live, live / files, DiveFigures(1.0, 0, None), table,
    )  # fmt: skip
