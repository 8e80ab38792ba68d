"""Layers stacked into one file tree, as a container sees it, with every hidden copy kept and marked.

Order of the rules (OCI image-spec, layer.md): an opaque mark hides what lower layers have below its folder, a whiteout
what they have at and below its path; both leave what their own layer brings, wherever in its tar that stands. Anything
that is no folder hides all that was at its path or below; a folder hides a file, and joins a folder.

All entries of all layers are sorted by path once and then swept: a path's ancestors are on a stack, each with its
"cuts", the moments from which on everything older below it is hidden. A moment is an entry's number, counted through
all layers from the lowest.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from operator import sub

from slimdesk.image.bodies import Kept
from slimdesk.image.layer import MAX_ENTRIES, too_many
from slimdesk.image.stack import Stack, is_below
from slimdesk.image.table import FileTable, Kind

_FOLDER, _FILE, _HARD_LINK = int(Kind.FOLDER), int(Kind.FILE), int(Kind.HARD_LINK)
_WHITEOUT, _OPAQUE = int(Kind.WHITEOUT), int(Kind.OPAQUE)
_UNKNOWN = -2
# By kind, whether a node counts as a file.
_COUNTED = bytes(kind != _FOLDER for kind in range(256))
# A name of 4 000 characters may lead through 2 000 folders that no layer states; a hundred thousand of these are a trap.
MAX_IMPLIED = MAX_ENTRIES


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """The tree, what each layer adds that is hidden in the end, and what was kept of files' bodies, by node."""

    table: FileTable
    shadowed: tuple[int, ...]
    kept: Kept = field(default_factory=dict)


@dataclass(slots=True)
class _Frame:
    """A folder whose entries are being read: its cuts (moment and layer, ascending).

    file_node: a file of the same path that nothing has hidden so far, and its number; replaced_at: the first entry below
    that is younger, so that the file must have gone. node: -1 for a folder that no entry states, until it is needed.
    """

    key: bytes
    node: int
    cut_at: list[int]
    cut_by: list[int]
    hidden: bool
    file_node: int = -1
    file_number: int = -1
    replaced_at: int = -1
    name: bytes = b""


def merge(stacked: Stack) -> Merged:
    """Stack the layers into one tree. The stack is used up: of a million entries the paths are most of the memory."""
    sweep = _Sweep(stacked)
    sweep.run()
    stacked.keys.clear()
    stacked.sorted_keys.clear()
    for columns in stacked.layers:
        columns.keys.clear()
    del stacked.order[:]
    hidden_by, source, end = sweep.hidden_by, sweep.source, sweep.end
    for node in reversed(sweep.implied):
        if hidden_by[node] == _UNKNOWN:
            # A folder that no layer states is hidden as the first thing in it is.
            hidden_by[node] = hidden_by[node + 1]
    kind = array("B", map(stacked.kinds.__getitem__, source))
    size = array("q", map(stacked.sizes.__getitem__, source))
    layer = array("h", map(stacked.layer_of.__getitem__, source))
    twin_node, twin_body = _twins(stacked, sweep, kind, size)
    live_own = array("q", size)
    counted = bytearray(kind.tobytes().translate(_COUNTED))
    shadowed = [0] * len(stacked.layers)
    for node in [node for node, by in enumerate(hidden_by) if by >= 0]:
        counted[node] = 0
        if size[node]:
            live_own[node] = 0
            shadowed[layer[node]] += size[node]
    live = _subtree_sums(live_own, end)
    total = _subtree_sums(size, end) if any(shadowed) else live
    link_node, link_starts, link_text = _links(stacked, kind, source)
    owner, modes, uids, gids = _owners(stacked, source)
    table = FileTable(
        name_text=bytes(sweep.names),
        name_starts=sweep.name_starts,
        parent=sweep.parent,
        end=end,
        kind=kind,
        size=size,
        mtime=_times(stacked, source),
        owner=owner,
        layer=layer,
        hidden_by=hidden_by,
        live=live,
        shadowed=array("q", map(sub, total, live)),
        files=array("i", _subtree_sums(counted, end)),
        owner_mode=modes,
        owner_uid=uids,
        owner_gid=gids,
        link_node=link_node,
        link_starts=link_starts,
        link_text=link_text,
        twin_node=twin_node,
        twin_body=twin_body,
    )
    return Merged(table, tuple(shadowed), _kept(stacked, source))


class _Sweep:
    """One pass over the sorted entries, filling the columns; `source` is the number of the entry that a node shows."""

    def __init__(self, stacked: Stack) -> None:
        self.names = bytearray()
        self.name_starts = array("I", [0])
        self.parent = array("i")
        self.end = array("i")
        self.source = array("i")
        self.hidden_by = array("h")
        self.implied: list[int] = []
        self.copies: dict[bytes, list[tuple[int, int]]] = {}
        self._stacked = stacked
        self._nothing = len(stacked.keys)
        self._implied_folders = 0
        self._targets = _hard_link_targets(stacked)
        self._files_above: list[_Frame] = []
        self._frames = [_Frame(b"", self._node(b"", -1, self._nothing, -1), [], [], hidden=False)]

    def run(self) -> None:
        """Read all entries, path by path."""
        stacked, frames = self._stacked, self._frames
        paths, kinds, layer_of, order = stacked.sorted_keys, stacked.kinds, stacked.layer_of, stacked.order
        targets = self._targets
        # _node, without a call: most entries are files and folders of which there is one.
        names, ends = self.names, self.end
        add_start, add_parent, add_source = self.name_starts.append, self.parent.append, self.source.append
        add_hidden, add_end = self.hidden_by.append, ends.append
        top = frames[0]
        position, count = 0, len(order)
        while position < count and not paths[position]:
            self._root_entry(order[position])
            position += 1
        while position < count:
            number = order[position]
            key = paths[position]
            position += 1
            last = position
            while last < count and paths[last] == key:
                last += 1
            parent, _, name = key.rpartition(b"\0")
            if parent != top.key:
                top = self._enter(parent)
            kind = kinds[number]
            if last == position and kind < _WHITEOUT:
                hidden = -1
                if top.cut_at:
                    cut = bisect_right(top.cut_at, number)
                    if cut < len(top.cut_at):
                        hidden = top.cut_by[cut]
                if top.node < 0:
                    self._make_implied()
                if hidden < 0 and top.hidden:
                    self._unhide()
                if self._files_above:
                    self._replace_files((number,))
                this = len(ends)
                names += name
                add_start(len(names))
                add_parent(top.node)
                add_source(number)
                add_hidden(hidden)
                add_end(this + 1)
                if kind == _FOLDER:
                    top = _Frame(key, this, top.cut_at, top.cut_by, hidden >= 0)
                    frames.append(top)
                elif position < count and paths[position].startswith(key) and is_below(paths[position], key):
                    # One entry calls it a file, others use it as a folder.
                    cuts = _with_cuts(top, [(number, layer_of[number])])
                    top = self._imply(name, key, cuts)
                    self._watch_file(top, this, number, hidden)
                if targets and kind != _FOLDER and key in targets:
                    self.copies.setdefault(key, []).append((number, this))
                continue
            group = order[position - 1 : last]
            position = last
            below = position < count and is_below(paths[position], key)
            made = self._path_with_copies(group, name, below=below)
            if targets and key in targets:
                self.copies.setdefault(key, []).extend(made)
            top = frames[-1]
        while frames:
            self._leave()

    def _node(self, name: bytes, parent: int, source: int, hidden_by: int) -> int:
        self.names += name
        self.name_starts.append(len(self.names))
        self.parent.append(parent)
        self.source.append(source)
        self.hidden_by.append(hidden_by)
        number = len(self.end)
        self.end.append(number + 1)
        return number

    def _imply(self, name: bytes, key: bytes, cuts: tuple[list[int], list[int]]) -> _Frame:
        """Enter a folder that no entry states; it becomes a node when something turns up in it, not for mere marks."""
        self._implied_folders += 1
        if self._implied_folders > MAX_IMPLIED:
            raise too_many("This image")
        frame = _Frame(key, -1, *cuts, hidden=True, name=name)
        self._frames.append(frame)
        return frame

    def _make_implied(self) -> None:
        for outer, frame in pairwise(self._frames):
            if frame.node < 0:
                frame.node = self._node(frame.name, outer.node, self._nothing, _UNKNOWN)
                self.implied.append(frame.node)

    def _enter(self, parent: bytes) -> _Frame:
        """Leave the folders that are done and enter those that lead to `parent`."""
        frames = self._frames
        while frames[-1].key and frames[-1].key != parent and not is_below(parent, frames[-1].key):
            self._leave()
        top = frames[-1]
        if top.key == parent:
            return top
        rest = parent[len(top.key) + 1 :] if top.key else parent
        key = top.key
        for name in rest.split(b"\0"):
            key = key + b"\0" + name if key else name
            top = self._imply(name, key, (top.cut_at, top.cut_by))
        return top

    def _leave(self) -> None:
        """End the innermost folder."""
        frame = self._frames.pop()
        if frame.node >= 0:
            self.end[frame.node] = len(self.end)
        if frame.file_node >= 0:
            self._files_above.remove(frame)
            if frame.replaced_at >= 0:
                self.hidden_by[frame.file_node] = self._stacked.layer_of[frame.replaced_at]

    def _unhide(self) -> None:
        """Something visible stands below: so are the folders that lead to it."""
        for frame in self._frames:
            if frame.hidden:
                frame.hidden = False
                self.hidden_by[frame.node] = -1

    def _watch_file(self, frame: _Frame, node: int, number: int, hidden_by: int) -> None:
        if hidden_by < 0:
            frame.file_node, frame.file_number = node, number
            self._files_above.append(frame)

    def _replace_files(self, numbers: Sequence[int]) -> None:
        """Entries that stand below a path called a file: a file that is older than them is gone."""
        for frame in self._files_above:
            for number in numbers:
                if number > frame.file_number and (frame.replaced_at < 0 or number < frame.replaced_at):
                    frame.replaced_at = number

    def _root_entry(self, number: int) -> None:
        kind, layer = self._stacked.kinds[number], self._stacked.layer_of[number]
        root = self._frames[0]
        if kind == _OPAQUE:
            root.cut_at.append(self._stacked.starts[layer])
            root.cut_by.append(layer)
        elif kind == _FOLDER:
            self.source[0] = number

    def _path_with_copies(self, group: array[int], name: bytes, *, below: bool) -> list[tuple[int, int]]:
        """Add a node for each file of one path, oldest first, and one for the folder, if it ever was one; enter that."""
        kinds, layer_of, starts = self._stacked.kinds, self._stacked.layer_of, self._stacked.starts
        top = self._frames[-1]
        removals: list[tuple[int, int]] = []
        below_cuts: list[tuple[int, int]] = []
        entries: list[int] = []
        for number in group:
            layer, kind = layer_of[number], kinds[number]
            if kind == _WHITEOUT:
                removals.append((starts[layer], layer))
            elif kind == _OPAQUE:
                below_cuts.append((starts[layer], layer))
            else:
                entries.append(number)
                if kind != _FOLDER:
                    below_cuts.append((number, layer))
        files, folder, folder_hidden = self._verdicts(entries, *_with_cuts(top, removals))
        shown = [number for number, by in files if by < 0]
        if folder >= 0 and folder_hidden < 0:
            shown.append(folder)
        if top.node < 0 and entries:
            self._make_implied()
        if shown and top.hidden:
            self._unhide()
        if self._files_above:
            self._replace_files(entries)
        made = []
        file_node, file_number, file_hidden = -1, -1, 0
        for number, by in files:
            this = self._node(name, top.node, number, by)
            made.append((number, this))
            if by < 0:
                file_node, file_number, file_hidden = this, number, by
        key = self._stacked.keys[group[0]]
        cuts = _with_cuts(top, removals + below_cuts)
        if folder >= 0:
            this = self._node(name, top.node, folder, folder_hidden)
            self._frames.append(_Frame(key, this, *cuts, hidden=folder_hidden >= 0))
        elif below:
            self._imply(name, key, cuts)
        if folder >= 0 or below:
            self._watch_file(self._frames[-1], file_node, file_number, file_hidden)
        return made

    def _verdicts(
        self, entries: list[int], cut_at: list[int], cut_by: list[int]
    ) -> tuple[list[tuple[int, int]], int, int]:
        """Say of one path's entries what hides each: the files with theirs, oldest first; the folder; what hides it."""
        kinds, layer_of = self._stacked.kinds, self._stacked.layer_of
        files: list[tuple[int, int]] = []
        folder, folder_hidden = -1, -1
        newer: int | None = None
        newer_file: int | None = None
        for number in reversed(entries):
            cut = bisect_right(cut_at, number)
            moment, by = (cut_at[cut], cut_by[cut]) if cut < len(cut_at) else (self._nothing, -1)
            if kinds[number] == _FOLDER:
                # The newest folder entry speaks for the folder; older ones are the same folder.
                if folder < 0:
                    if newer_file is not None and newer_file < moment:
                        by = layer_of[newer_file]
                    folder, folder_hidden = number, by
            else:
                if newer is not None and newer < moment:
                    by = layer_of[newer]
                files.append((number, by))
                newer_file = number
            newer = number
        return files[::-1], folder, folder_hidden


def _with_cuts(top: _Frame, cuts: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    if not cuts:
        return top.cut_at, top.cut_by
    both = sorted({*cuts, *zip(top.cut_at, top.cut_by, strict=True)})
    return [at for at, _ in both], [by for _, by in both]


def _hard_link_targets(stacked: Stack) -> set[bytes]:
    return {
        target
        for layer in stacked.layers
        for entry, target in layer.links.items()
        if layer.kinds[entry] == _HARD_LINK
    }


def _twins(
    stacked: Stack, sweep: _Sweep, kind: array[int], size: array[int]
) -> tuple[array[int], array[int]]:
    """Find what each hard link shares its body with; where only links to a body stay visible, one of them takes it over."""
    if _HARD_LINK not in kind:
        return array("I"), array("I")
    node_of = {number: node for node, number in enumerate(sweep.source) if kind[node] == _HARD_LINK}
    body_of: dict[int, int] = {}
    sharing: dict[int, list[int]] = {}
    for number in sorted(node_of):
        node = node_of[number]
        layer = stacked.layer_of[number]
        target = stacked.layers[layer].links[number - stacked.starts[layer]]
        older = [copy for copy in sweep.copies.get(target, ()) if copy[0] < number]
        if not older:
            continue
        first = max(older)[1]
        body = body_of.get(first, first)
        if kind[body] == _FILE:
            body_of[node] = body
            sharing.setdefault(body, []).append(node)
    for body, links in sharing.items():
        if sweep.hidden_by[body] < 0:
            continue
        heir = next((link for link in links if sweep.hidden_by[link] < 0), None)
        if heir is not None:
            size[heir], size[body] = size[body], 0
    nodes = sorted(body_of)
    return array("I", nodes), array("I", map(body_of.__getitem__, nodes))


def _kept(stacked: Stack, source: array[int]) -> Kept:
    """Collect what layers kept of bodies, by node."""
    by_number = {
        start + entry: kept
        for start, layer in zip(stacked.starts, stacked.layers, strict=True)
        for entry, kept in layer.kept.items()
    }
    if not by_number:
        return {}
    return {node: by_number[number] for node, number in enumerate(source) if number in by_number}


def _subtree_sums(own: array[int] | bytearray, end: array[int]) -> array[int]:
    before = array("q", accumulate(own, initial=0))
    return array("q", map(sub, map(before.__getitem__, end), before))


def _links(stacked: Stack, kind: array[int], source: array[int]) -> tuple[array[int], array[int], bytes]:
    nodes, starts, text = array("I"), array("I", [0]), bytearray()
    for node, what in enumerate(kind):
        if what not in (int(Kind.SYMLINK), _HARD_LINK):
            continue
        number = source[node]
        layer = stacked.layer_of[number]
        link = stacked.layers[layer].links.get(number - stacked.starts[layer], b"")
        text += b"/" + link.replace(b"\0", b"/") if what == _HARD_LINK else link
        nodes.append(node)
        starts.append(len(text))
    return nodes, starts, bytes(text)


def _owners(stacked: Stack, source: array[int]) -> tuple[array[int], array[int], array[int], array[int]]:
    modes, uids, gids = array("H"), array("I"), array("I")
    owners = array("I")
    for layer in stacked.layers:
        base = len(modes)
        owners += array("I", [owner + base for owner in layer.owners]) if base else layer.owners
        modes += layer.owner_mode
        uids += layer.owner_uid
        gids += layer.owner_gid
    # A folder that no layer states is made as engines make it.
    owners.append(len(modes))
    modes.append(0o755)
    uids.append(0)
    gids.append(0)
    return array("I", map(owners.__getitem__, source)), modes, uids, gids


def _times(stacked: Stack, source: array[int]) -> array[int]:
    times = array("q")
    for layer in stacked.layers:
        times += layer.mtimes
    times.append(0)
    return array("q", map(times.__getitem__, source))
