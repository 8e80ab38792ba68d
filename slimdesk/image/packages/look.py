"""What a package reader sees of an image, and what it answers with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from slimdesk.image.bodies import Kept
from slimdesk.image.layer import clean_key
from slimdesk.image.table import ROOT, FileTable, Kind

_HOPS = 16


@dataclass(frozen=True, slots=True)
class Found:
    """A visible file that a rule looked at: its node, its path with a leading slash, and what the look kept."""

    node: int
    path: str
    value: object


@dataclass(slots=True)
class Claim:
    """A package and the files that it says are its own.

    nodes: files by node; trees: folders with all below. size: where it is no sum of files (a jar in a jar); `sized` False
    where it is not known. namespace, qualifiers: of the purl. requires, may_require: names of what it says it needs, or may need.
    """

    name: str
    version: str
    type: str
    path: str
    node: int
    namespace: str | None = None
    licence: str | None = None
    qualifiers: dict[str, str] = field(default_factory=dict)
    nodes: list[int] = field(default_factory=list)
    trees: list[int] = field(default_factory=list)
    size: int | None = None
    sized: bool = True
    less: int = 0
    requires: tuple[str, ...] = ()
    may_require: tuple[str, ...] = ()


class Paths:
    """Finds visible nodes by path, symbolic links on the way followed; each folder is read once, when first asked for."""

    def __init__(self, table: FileTable) -> None:
        self._table = table
        self._children: dict[int, dict[bytes, int]] = {}
        self._folders: dict[bytes, int | None] = {b"": ROOT}

    def find(self, key: bytes) -> int | None:
        """Return the visible node at a key (NUL for slash); the last part is not followed if it is a link."""
        folder, _, name = key.rpartition(b"\0")
        node = self.folder(folder)
        return None if node is None else self.below(node).get(name)

    def folder(self, key: bytes, hops: int = 0) -> int | None:
        """Return the visible folder that a key leads to, or None."""
        known = self._folders.get(key, -1)
        if known != -1:
            return known
        parent, _, name = key.rpartition(b"\0")
        above = self.folder(parent, hops)
        node = None if above is None else self.below(above).get(name)
        if node is not None and self._table.kind[node] == Kind.SYMLINK and above is not None:
            node = self._followed(node, above, hops)
        if node is not None and not self._table.is_folder(node):
            node = None
        self._folders[key] = node
        return node

    def below(self, folder: int) -> dict[bytes, int]:
        """Return the visible children of a folder by name."""
        known = self._children.get(folder)
        if known is None:
            table = self._table
            known = {
                table.name_bytes(child): child
                for child in table.children(folder)
                if table.hidden_by[child] < 0
            }
            self._children[folder] = known
        return known

    def file(self, key: bytes) -> int | None:
        """Return the visible node at a key, the last link followed as well."""
        for _ in range(_HOPS):
            node = self.find(key)
            if node is None or self._table.kind[node] != Kind.SYMLINK:
                return node
            key = self._target(node, self._table.parent[node])
        return None

    def _followed(self, node: int, above: int, hops: int) -> int | None:
        return None if hops >= _HOPS else self.folder(self._target(node, above), hops + 1)

    def _target(self, node: int, above: int) -> bytes:
        link = (self._table.link(node) or "").encode("utf-8", "surrogateescape")
        if not link.startswith(b"/"):
            link = self._table.path_bytes(above) + b"/" + link
        return clean_key(link)


class Look:
    """An image as readers see it: the tree, what was kept of bodies, the distribution, and notes for the person."""

    def __init__(self, table: FileTable, kept: Kept) -> None:
        self.table = table
        self.paths = Paths(table)
        self.notes: list[str] = []
        self._found: dict[str, list[Found]] = {}
        self._hidden: dict[str, list[Found]] = {}
        for node, (word, value) in sorted(kept.items()):
            into = self._found if table.hidden_by[node] < 0 else self._hidden
            into.setdefault(word, []).append(Found(node, table.path(node), value))
        self.release = self._release()

    def found(self, word: str) -> Iterator[Found]:
        """Yield what an interest kept, in tree order."""
        yield from self._found.get(word, ())

    def hidden(self, word: str) -> Iterator[Found]:
        """Yield what an interest kept of files that a later layer hides."""
        yield from self._hidden.get(word, ())

    def tree_files(self, node: int) -> Iterator[int]:
        """Yield the visible nodes below a folder that are no folders, or the file itself."""
        table = self.table
        for one in range(node, table.end[node]):
            if table.hidden_by[one] < 0 and table.kind[one] != Kind.FOLDER:
                yield one

    def _release(self) -> dict[str, str]:
        # /etc/os-release wins over /usr/lib/os-release (os-release(5)); it is a link to it where both are one.
        releases = sorted(self._found.get("os-release", ()), key=lambda found: found.path)
        value = releases[0].value if releases else None
        return value if isinstance(value, dict) else {}
