"""The files of an image whose tree has been read."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator

from slimdesk.basics.errors import BadInput
from slimdesk.image.doctor.patient import MAX_BODY, Choice, FileNode
from slimdesk.image.inside import Place, place_of
from slimdesk.image.layer import clean_key
from slimdesk.image.packages.look import Paths
from slimdesk.image.table import FileTable, Kind

_MODES = {
    Kind.FOLDER: stat.S_IFDIR,
    Kind.FILE: stat.S_IFREG,
    Kind.HARD_LINK: stat.S_IFREG,
    Kind.SYMLINK: stat.S_IFLNK,
    Kind.CHARACTER_DEVICE: stat.S_IFCHR,
    Kind.BLOCK_DEVICE: stat.S_IFBLK,
    Kind.FIFO: stat.S_IFIFO,
}


class TreeFiles:
    """`read` gets places with their paths and returns bodies; one call is one pass over the image."""

    def __init__(self, table: FileTable, read: Callable[[dict[Place, str], int], dict[Place, bytes]]) -> None:
        self._table = table
        self._paths = Paths(table)
        self._read = read

    def stat(self, path: str) -> FileNode | None:
        """Return what stands there, a last link not followed."""
        node = self._node(path)
        if node is None:
            return None
        table = self._table
        mode = _MODES.get(Kind(table.kind[node]), 0) | table.mode(table.body(node))
        return FileNode(
            mode,
            table.size[table.body(node)],
            table.link(node) or "" if table.kind[node] == Kind.SYMLINK else "",
        )

    def owner(self, path: str) -> tuple[int, int] | None:
        """Return uid and gid of what stands there."""
        node = self._node(path)
        return None if node is None else (self._table.uid(node), self._table.gid(node))

    def bodies(self, paths: Iterable[str], limit: int) -> dict[str, bytes]:
        """Return the bodies of files."""
        wanted: dict[str, Place] = {}
        for path in paths:
            node = self._node(path)
            if node is None or self._table.size[self._table.body(node)] > limit:
                continue
            try:
                wanted[path] = place_of(self._table, node)
            except BadInput:
                # A folder, a device, a hard link to nothing.
                continue
        found = self._read({place: path for path, place in wanted.items()}, limit) if wanted else {}
        return {path: found[place] for path, place in wanted.items() if place in found}

    def matching(self, places: tuple[str, ...], wanted: Choice) -> Iterator[tuple[str, bytes]]:
        """Yield (path, body) of the files at and below some places that are wanted; one pass over the image."""
        table = self._table
        paths: dict[str, None] = {}
        for start in (node for place in places if (node := self._node(place)) is not None):
            for one in range(start, max(start + 1, table.end[start])):
                if table.hidden_by[one] < 0 and table.kind[one] in (Kind.FILE, Kind.HARD_LINK):
                    path = table.path(one)
                    if path not in paths and wanted(path, table.size[table.body(one)]):
                        paths[path] = None
        yield from self.bodies(paths, MAX_BODY).items()

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder."""
        node = self._paths.folder(clean_key(folder.encode("utf-8", "surrogateescape")))
        if node is None:
            return ()
        return tuple(name.decode("utf-8", "surrogateescape") for name in self._paths.below(node))

    def _node(self, path: str) -> int | None:
        key = clean_key(path.encode("utf-8", "surrogateescape"))
        return self._paths.find(key) if key else 0
