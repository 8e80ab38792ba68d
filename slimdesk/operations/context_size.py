"""How much a build sends to the engine, how much .dockerignore leaves out, and where in the folder it is."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from slimdesk.dockerfile.ignore import Ignore
from slimdesk.image.pack import Shape, empty_table, table_from, table_parts
from slimdesk.image.table import FileTable, Kind
from slimdesk.operations.generate import own_ignore
from slimdesk.project.model import Component, Project
from slimdesk.recipes.ignore import dockerignore

MAX_FILES = 200_000
SENT, LEFT_OUT = 0, 1
_TELL_EVERY = 2_000
_KEEP = 0o755


@dataclass(frozen=True, slots=True)
class ContextSize:
    """Bytes and files that are sent, and bytes that are left out; `whole` is False where counting stopped early."""

    sent: int
    left_out: int
    files: int
    whole: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class ContextFiles:
    """A build context as a tree of files. The `layer` of each node is SENT or LEFT_OUT; a folder is left out with all below it."""

    size: ContextSize
    table: FileTable


def context_size(project: Project, component: Component) -> ContextSize:
    """Count the component's build context under the .dockerignore that SlimDesk writes; blocking.

    Raises BadInput for a .dockerignore that Docker refuses.
    """
    return _walked(os.fspath(project.root / component.context), ignored_by(project, component)).size()


async def context_files(project: Project, component: Component) -> ContextFiles:
    """Read the build context in a process of its own. Raises BadInput for a .dockerignore that Docker refuses."""
    from slimdesk.operations.worker import in_worker

    text = ignored_by(project, component)
    Ignore.parse(text)
    size, shape, buffers = await in_worker(
        "Reading the build context", read_context, os.fspath(project.root / component.context), text
    )
    return ContextFiles(size, table_from(shape, buffers))


def ignored_by(project: Project, component: Component) -> str:
    """Return the .dockerignore that is in force for what SlimDesk generates."""
    return dockerignore(component, (), own_ignore(project, component))


def read_context(
    told: Callable[[str, int, int | None], None], root: str, ignore: str
) -> tuple[ContextSize, Shape, list[bytes]]:
    """Read a folder under a .dockerignore; the table as columns, for another process to put together."""
    found = _walked(root, ignore, told)
    shape, buffers = table_parts(found.table())
    return found.size(), shape, [bytes(buffer) for buffer in buffers]


def _walked(root: str, ignore: str, told: Callable[[str, int, int | None], None] | None = None) -> _Walk:
    walk = _Walk(root, Ignore.parse(ignore), told)
    walk.run()
    return walk


class _Walk:
    """One pass over a folder, in tree order: a folder, then all below it, siblings by name."""

    def __init__(
        self, root: str, ignore: Ignore, told: Callable[[str, int, int | None], None] | None = None
    ) -> None:
        self._root = root
        self._ignore = ignore
        self._told = told
        self.whole = True
        self._names: list[bytes] = [b""]
        self._parent = array("i", [-1])
        self._kind = array("B", [int(Kind.FOLDER)])
        self._size = array("q", [0])
        self._mtime = array("q", [0])
        self._out = array("h", [SENT])

    def run(self) -> None:
        """Walk; symbolic links are not followed, and what cannot be read holds nothing."""
        waiting = [(0, "", False, self._listed(self._root))]
        while waiting:
            node, prefix, out, listing = waiting[-1]
            entry = next(listing, None)
            if entry is None:
                waiting.pop()
                continue
            if len(self._names) > MAX_FILES:
                self.whole = False
                return
            path = prefix + entry.name
            folder = entry.is_dir(follow_symlinks=False)
            left = out or (self._ignore.prunes(path) if folder else self._ignore.excludes(path))
            child = self._add(node, entry, folder=folder, left=left)
            if folder:
                waiting.append((child, f"{path}/", left, self._listed(entry.path)))

    @staticmethod
    def _listed(folder: str) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as listing:
                return iter(sorted(listing, key=lambda one: os.fsencode(one.name)))
        except (OSError, ValueError):
            return iter(())

    def _add(self, parent: int, entry: os.DirEntry[str], *, folder: bool, left: bool) -> int:
        try:
            about = entry.stat(follow_symlinks=False)
            size, mtime = (0 if folder else about.st_size), int(about.st_mtime)
        except OSError:
            size = mtime = 0
        kind = Kind.FOLDER if folder else Kind.SYMLINK if entry.is_symlink() else Kind.FILE
        self._names.append(os.fsencode(entry.name))
        self._parent.append(parent)
        self._kind.append(int(kind))
        self._size.append(size)
        self._mtime.append(mtime)
        self._out.append(LEFT_OUT if left else SENT)
        if self._told is not None and len(self._names) % _TELL_EVERY == 0:
            self._told(f"{len(self._names)} files and folders", 0, None)
        return len(self._names) - 1

    def size(self) -> ContextSize:
        """Sum it up."""
        sums, files = [0, 0], 0
        for size, out, kind in zip(self._size, self._out, self._kind, strict=True):
            sums[out] += size
            files += out == SENT and kind != Kind.FOLDER
        return ContextSize(sums[SENT], sums[LEFT_OUT], files, whole=self.whole)

    def table(self) -> FileTable:
        """Return it as the tree that a treemap shows."""
        count = len(self._names)
        starts = array("I", [0])
        for name in self._names:
            starts.append(starts[-1] + len(name))
        end = array("i", range(1, count + 1))
        live = array("q", self._size)
        files = array("i", (int(kind != Kind.FOLDER) for kind in self._kind))
        # Children come after their parents, so that from the back each is whole when it is added.
        for node in range(count - 1, 0, -1):
            above = self._parent[node]
            live[above] += live[node]
            files[above] += files[node]
            end[above] = max(end[above], end[node])
        return replace(
            empty_table(),
            name_text=b"".join(self._names),
            name_starts=starts,
            parent=self._parent,
            end=end,
            kind=self._kind,
            size=self._size,
            mtime=self._mtime,
            owner=array("I", bytes(4 * count)),
            layer=self._out,
            hidden_by=array("h", [-1]) * count,
            live=live,
            shadowed=array("q", bytes(8 * count)),
            files=files,
            owner_mode=array("H", [_KEEP]),
        )


def context_of(root: Path, ignore: str) -> ContextFiles:
    """Return a folder under a .dockerignore, read here and now. Raises BadInput."""
    walk = _walked(os.fspath(root), ignore)
    return ContextFiles(walk.size(), walk.table())
