"""The merged file tree of an image as columns: a million entries in some 80 MB, entries as objects only on demand.

Nodes stand in tree order (a folder, then all below it; siblings by name), so that a subtree is a range and every sum
over it is one look-up. A copy that a later layer hides is a node too, with the layer that hides it in `hidden_by`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

ROOT = 0
_HOPS = 40


class Kind(IntEnum):
    """What a node is; WHITEOUT and OPAQUE stand in layers only, never in a merged tree."""

    FOLDER = 0
    FILE = 1
    SYMLINK = 2
    HARD_LINK = 3
    CHARACTER_DEVICE = 4
    BLOCK_DEVICE = 5
    FIFO = 6
    WHITEOUT = 7
    OPAQUE = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One node as an object. `path` begins with a slash; bytes that are not UTF-8 are surrogates (PEP 383).

    `size` is the bytes of the body that counts here; `target` is what a symbolic link says, or the path that a hard link
    shares its body with. `layer` is None for a folder that no layer states; `hidden_by` is None for what is visible.
    """

    node: int
    name: str
    path: str
    kind: Kind
    size: int
    mode: int
    uid: int
    gid: int
    mtime: int
    layer: int | None
    hidden_by: int | None
    target: str | None


@dataclass(slots=True, eq=False)
class FileTable:
    """Columns over nodes; node 0 is the root folder. Never changed once made.

    name_text, name_starts: the names' bytes, node i's from name_starts[i] to name_starts[i + 1]
    parent, end           : parent node (the root's is -1); first node after the subtree
    kind, size, mtime     : see Kind; own bytes; seconds since 1970
    owner                 : index into owner_mode, owner_uid, owner_gid
    layer, hidden_by      : the layer that added it, the layer that hides it; -1 = none
    live, shadowed, files : sums over the subtree: bytes visible, bytes hidden, entries visible that are no folders
    link_node, link_starts, link_text: nodes that are links (ascending) and what they point to, as bytes
    twin_node, twin_body  : hard links that resolve (ascending), and the node that first had the body
    """

    name_text: bytes
    name_starts: array[int]
    parent: array[int]
    end: array[int]
    kind: array[int]
    size: array[int]
    mtime: array[int]
    owner: array[int]
    layer: array[int]
    hidden_by: array[int]
    live: array[int]
    shadowed: array[int]
    files: array[int]
    owner_mode: array[int]
    owner_uid: array[int]
    owner_gid: array[int]
    link_node: array[int]
    link_starts: array[int]
    link_text: bytes
    twin_node: array[int]
    twin_body: array[int]

    def __len__(self) -> int:
        """Number of nodes, the root included."""
        return len(self.parent)

    def children(self, node: int = ROOT) -> Iterator[int]:
        """Nodes directly below, hidden ones included, by name."""
        end = self.end
        child, stop = node + 1, end[node]
        while child < stop:
            yield child
            child = end[child]

    def name_bytes(self, node: int) -> bytes:
        """Name as the archive spells it; empty for the root."""
        return self.name_text[self.name_starts[node] : self.name_starts[node + 1]]

    def name(self, node: int) -> str:
        """Name as text; bytes that are not UTF-8 become surrogates. Show it through basics.escaping.visible."""
        return self.name_bytes(node).decode("utf-8", "surrogateescape")

    def path_bytes(self, node: int) -> bytes:
        """Path from the root without a leading slash."""
        parts = []
        while node > ROOT:
            parts.append(self.name_bytes(node))
            node = self.parent[node]
        return b"/".join(reversed(parts))

    def path(self, node: int) -> str:
        """Path from the root with a leading slash, as text (see `name`)."""
        return "/" + self.path_bytes(node).decode("utf-8", "surrogateescape")

    def ancestors(self, node: int) -> list[int]:
        """Root first, the node itself last."""
        chain = [node]
        while node > ROOT:
            node = self.parent[node]
            chain.append(node)
        return chain[::-1]

    def find(self, path: str | bytes) -> int | None:
        """Node at a path, or None; where a path has several copies, the visible one, else the newest."""
        wanted = path.encode("utf-8", "surrogateescape") if isinstance(path, str) else path
        node = ROOT
        for part in wanted.split(b"/"):
            if part in (b"", b"."):
                continue
            best = -1
            for child in self.children(node):
                if self.name_bytes(child) != part:
                    continue
                if best < 0 or self._preferred(child) > self._preferred(best):
                    best = child
            if best < 0:
                return None
            node = best
        return node

    def find_through_links(self, path: str) -> int | None:
        """Node at a path whose folders may be symbolic links, as a container sees it: /bin/sh where /bin leads to usr/bin.

        A link at the very end is the node itself. None where the path leads to nothing or in a circle.
        """
        parts = [part for part in path.split("/") if part not in ("", ".")][::-1]
        seen: list[str] = []
        node, hops = ROOT, 0
        while parts:
            part = parts.pop()
            seen = seen[:-1] if part == ".." else [*seen, part]
            found = self.find("/".join(seen))
            if found is None:
                return None
            node = found
            if parts and self.kind[node] == Kind.SYMLINK:
                target = self.link(node) or ""
                hops += 1
                if hops > _HOPS:
                    return None
                seen = [] if target.startswith("/") else seen[:-1]
                parts += [one for one in target.split("/") if one not in ("", ".")][::-1]
        return node

    def _preferred(self, node: int) -> tuple[bool, bool, int]:
        # A hidden folder may still lead to something visible; then it is the better one.
        return self.hidden_by[node] < 0, self.files[node] > 0, self.layer[node]

    def is_folder(self, node: int) -> bool:
        """Whether it may have children."""
        return self.kind[node] == Kind.FOLDER

    def is_hidden(self, node: int) -> bool:
        """Whether a later layer hides it."""
        return self.hidden_by[node] >= 0

    def live_bytes(self, node: int = ROOT) -> int:
        """Bytes visible in the subtree, each hard-linked body once."""
        return self.live[node]

    def shadowed_bytes(self, node: int = ROOT) -> int:
        """Bytes in the subtree that a later layer hides."""
        return self.shadowed[node]

    def total_bytes(self, node: int = ROOT) -> int:
        """Live and shadowed."""
        return self.live[node] + self.shadowed[node]

    def mode(self, node: int) -> int:
        """Permission bits with set-uid, set-gid and sticky."""
        return self.owner_mode[self.owner[node]]

    def uid(self, node: int) -> int:
        """Number of the owner."""
        return self.owner_uid[self.owner[node]]

    def gid(self, node: int) -> int:
        """Number of the group."""
        return self.owner_gid[self.owner[node]]

    def link(self, node: int) -> str | None:
        """What a symbolic link says, or the path (with a leading slash) that a hard link names; None for others."""
        at = bisect_left(self.link_node, node)
        if at == len(self.link_node) or self.link_node[at] != node:
            return None
        return self.link_text[self.link_starts[at] : self.link_starts[at + 1]].decode(
            "utf-8", "surrogateescape"
        )

    def body(self, node: int) -> int:
        """Return the node that first had the body which a hard link shares; any other node itself."""
        at = bisect_left(self.twin_node, node)
        return self.twin_body[at] if at < len(self.twin_node) and self.twin_node[at] == node else node

    def entry(self, node: int) -> Entry:
        """All of one node as an object."""
        layer, hidden_by = self.layer[node], self.hidden_by[node]
        return Entry(
            node=node,
            name=self.name(node),
            path=self.path(node),
            kind=Kind(self.kind[node]),
            size=self.size[node],
            mode=self.mode(node),
            uid=self.uid(node),
            gid=self.gid(node),
            mtime=self.mtime[node],
            layer=None if layer < 0 else layer,
            hidden_by=None if hidden_by < 0 else hidden_by,
            target=self.link(node),
        )
