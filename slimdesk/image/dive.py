"""dive's three figures, exactly as dive 0.13 computes them, so that people can keep their CI thresholds.

Source: wagoodman/dive, dive/filetree/{efficiency,file_tree,file_node}.go and dive/image/analysis.go. In its words: every
layer's tree is walked, leaves alone (a folder with nothing below it in that layer is one); a whiteout stands for the path
that it removes and weighs what dive's own stack of the lower layers has below that path, if that is a folder. Efficiency
is the sum of each path's smallest sighting over the sum of all; wasted is the sum over paths seen twice or more, the copy
that stays included. dive knows no opaque marks. A whiteout of something that is not there ends its walk of that layer; the path has been noted by
then, and where nothing else is seen at it, it weighs -1 in the sum of the smallest.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, count, islice

from slimdesk.image.model import DiveFigures
from slimdesk.image.stack import Stack, is_below
from slimdesk.image.table import Kind

_FOLDER, _FILE = int(Kind.FOLDER), int(Kind.FILE)
_WHITEOUT, _OPAQUE = int(Kind.WHITEOUT), int(Kind.OPAQUE)


@dataclass(slots=True, eq=False)
class _Node:
    """A node of dive's stacked tree; `total` is the size of all below and its own."""

    parent: _Node | None
    size: int = 0
    total: int = 0
    folder: bool = False
    children: dict[bytes, _Node] = field(default_factory=dict)


def dive_figures(stacked: Stack) -> DiveFigures:
    """Compute the three figures from the sorted entries of all layers."""
    whiteouts, stops = _whiteouts(stacked)
    # A path seen once, in a layer that is walked to its end, counts the same in both sums: only the others are looked at.
    everything = sum(layer.files for layer in stacked.layers)
    smallest = everything
    wasted = 0
    seen = _Sightings(stacked, whiteouts, stops)
    smallest -= sum(1 for key in {stop.key for stop in stops.values()} if not seen.of(key))
    for own, sizes in seen:
        total = sum(sizes)
        everything += total - own
        smallest += min(sizes, default=0) - own
        if len(sizes) > 1:
            wasted += total
    user_bytes = sum(layer.files for layer in stacked.layers[1:])
    return DiveFigures(
        efficiency=smallest / everything if everything else 1.0,
        wasted_bytes=wasted,
        user_wasted_percent=wasted / user_bytes if user_bytes else None,
    )


class _Sightings:
    """What dive sees of the paths that are no file seen once: of each the bytes of its entries, and the sizes it is seen with."""

    def __init__(self, stacked: Stack, whiteouts: dict[int, int], stops: dict[int, _Step]) -> None:
        self._stacked = stacked
        self._whiteouts = whiteouts
        self._stops = stops
        self._leaves = _Leaves(stacked)

    def __iter__(self) -> Iterator[tuple[int, Sequence[int]]]:
        """Yield path by path; paths that weigh nothing may be left out."""
        stacked = self._stacked
        kinds, sizes, order, paths = stacked.kinds, stacked.sizes, stacked.order, stacked.sorted_keys
        done, end = 0, len(order)
        for position in self._unusual():
            if position < done:
                continue
            key = paths[position]
            first, done = position, position + 1
            while first and paths[first - 1] == key:
                first -= 1
            while done < end and paths[done] == key:
                done += 1
            group = order[first:done]
            # Folders and links weigh nothing: they matter only beside something that does.
            if any(kinds[number] in (_FILE, _WHITEOUT) for number in group):
                yield sum(map(sizes.__getitem__, group)), self._of_one_path(group, key)

    def of(self, key: bytes) -> list[int]:
        """Return the sizes with which one path is seen."""
        paths = self._stacked.sorted_keys
        first = bisect_left(paths, key)
        return self._of_one_path(self._stacked.order[first : bisect_right(paths, key, first)], key)

    def _unusual(self) -> Iterable[int]:
        """Positions in path order: whiteouts, paths that come again, and files that have something below them."""
        paths = self._stacked.sorted_keys
        if self._stops:
            return range(len(paths))
        # What begins with a path is that path again, lies below it, or has a longer name.
        begun = list(compress(count(), map(bytes.startswith, islice(paths, 1, None), paths)))
        kinds, order = self._stacked.kinds, self._stacked.order
        # A folder that comes again as a folder weighs nothing.
        found = {
            position
            for position in begun
            if (kinds[order[position]] != _FOLDER or kinds[order[position + 1]] != _FOLDER)
            and (
                paths[position + 1] == paths[position]
                or (kinds[order[position]] == _FILE and is_below(paths[position + 1], paths[position]))
            )
        }
        found.update(bisect_left(paths, path) for path in _whiteout_paths(self._stacked))
        return sorted(found)

    def _of_one_path(self, group: Sequence[int], key: bytes) -> list[int]:
        kinds, layer_of = self._stacked.kinds, self._stacked.layer_of
        # One node per layer and spelling: the last entry of a path speaks for it.
        nodes: dict[tuple[int, bool], int] = {}
        for number in group:
            kind = kinds[number]
            spot = (layer_of[number], kind == _WHITEOUT)
            if kind != _OPAQUE or spot not in nodes:
                nodes[spot] = number
        found = []
        for (layer, whiteout), number in nodes.items():
            if layer in self._stops and _walk_key(key, whiteout=whiteout) >= self._stops[layer].place:
                continue
            if whiteout:
                found.append(self._whiteouts[nodes[layer, True]])
            elif self._leaves.is_leaf(layer, key):
                found.append(self._stacked.sizes[number])
        return found


class _Leaves:
    """Whether a path has anything below it in one layer; each layer's paths are sorted when first asked for."""

    def __init__(self, stacked: Stack) -> None:
        self._stacked = stacked
        self._sorted: dict[int, list[bytes]] = {}

    def is_leaf(self, layer: int, key: bytes) -> bool:
        paths = self._sorted.get(layer)
        if paths is None:
            paths = self._sorted[layer] = sorted(self._stacked.layers[layer].keys)
        at = bisect_left(paths, key + b"\0")
        return at == len(paths) or not paths[at].startswith(key + b"\0")


def _whiteouts(stacked: Stack) -> tuple[dict[int, int], dict[int, _Step]]:
    """Replay dive's stacking where whiteouts reach; return the weight of each whiteout, and where walks of layers stop.

    A walk stops at a whiteout of something that dive's stack does not have.
    """
    weights: dict[int, int] = {}
    stops: dict[int, _Step] = {}
    by_layer = _reached_by_whiteouts(stacked)
    root = _Node(None)
    for layer in sorted(by_layer):
        steps = _steps(stacked, by_layer[layer])
        if layer == 0:
            # dive compares the first layer with a copy of itself.
            for step in steps:
                if not step.removes:
                    _add(root, stacked, step)
        for step in steps:
            if not step.removes:
                continue
            node = _find(root, step.key)
            if node is None:
                stops.setdefault(layer, step)
            else:
                weights[step.number] = node.total if node.folder else 0
        for step in steps:
            if step.removes:
                _remove(root, step.key)
            else:
                _add(root, stacked, step)
    return weights, stops


def _reached_by_whiteouts(stacked: Stack) -> dict[int, list[int]]:
    """Numbers of the entries at or below any whiteout's path, by layer."""
    keys, order = stacked.keys, stacked.order
    paths = sorted(_whiteout_paths(stacked))
    reached: dict[int, list[int]] = {}
    outer = None
    for path in paths:
        if outer is not None and is_below(path, outer):
            continue
        outer = path
        position = bisect_left(order, path, key=keys.__getitem__)
        while position < len(order):
            number = order[position]
            if keys[number] != path and not is_below(keys[number], path):
                break
            reached.setdefault(stacked.layer_of[number], []).append(number)
            position += 1
    return reached


def _whiteout_paths(stacked: Stack) -> set[bytes]:
    found = set()
    number = stacked.kinds.find(_WHITEOUT)
    while number >= 0:
        found.add(stacked.keys[number])
        number = stacked.kinds.find(_WHITEOUT, number + 1)
    return found


@dataclass(frozen=True, slots=True)
class _Step:
    """One node of a layer's tree in dive's walk: the entry that it shows, -1 for a folder that no entry states."""

    place: tuple[bytes, ...]
    key: bytes
    number: int
    removes: bool


def _steps(stacked: Stack, numbers: Sequence[int]) -> list[_Step]:
    """All nodes that dive makes of these entries, folders on the way included, in the order of its walk."""
    shown: dict[tuple[bytes, bool], int] = {}
    for number in numbers:
        key, kind = stacked.keys[number], stacked.kinds[number]
        if kind == _OPAQUE:
            shown.setdefault((key, False), -1)
        else:
            shown[key, kind == _WHITEOUT] = number
    for key, _ in list(shown):
        parent = key.rpartition(b"\0")[0]
        while parent and (parent, False) not in shown:
            shown[parent, False] = -1
            parent = parent.rpartition(b"\0")[0]
    return sorted(
        (
            _Step(_walk_key(key, whiteout=removes), key, number, removes)
            for (key, removes), number in shown.items()
        ),
        key=lambda step: step.place,
    )


def _walk_key(key: bytes, *, whiteout: bool) -> tuple[bytes, ...]:
    """The place of a leaf in dive's walk: children by name, a whiteout under its own spelling."""
    parts = key.split(b"\0")
    if whiteout:
        parts[-1] = b".wh." + parts[-1]
    return tuple(parts)


def _find(root: _Node, key: bytes) -> _Node | None:
    node: _Node | None = root
    for part in key.split(b"\0"):
        if node is None:
            return None
        node = node.children.get(part)
    return node


def _add(root: _Node, stacked: Stack, step: _Step) -> None:
    node = root
    for part in step.key.split(b"\0"):
        child = node.children.get(part)
        if child is None:
            child = node.children[part] = _Node(node)
        node = child
    # A folder that its layer does not state overwrites what lower layers said of it, too.
    node.folder = step.number >= 0 and stacked.kinds[step.number] == _FOLDER
    size = stacked.sizes[step.number] if step.number >= 0 else 0
    _grow(node, size - node.size)
    node.size = size


def _remove(root: _Node, key: bytes) -> None:
    node = _find(root, key)
    if node is None or node.parent is None:
        return
    parent = node.parent
    del parent.children[key.rsplit(b"\0", 1)[-1]]
    _grow(parent, -node.total)


def _grow(node: _Node | None, by: int) -> None:
    while by and node is not None:
        node.total += by
        node = node.parent
