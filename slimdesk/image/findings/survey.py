"""An image as findings see it: one pass over its tree collects what any rule asks for."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes
from slimdesk.image.layer import clean_key
from slimdesk.image.model import Image, Package
from slimdesk.image.packages.look import Look
from slimdesk.image.table import FileTable, Kind

_BIN = frozenset(
    (
        b"bin",
        b"sbin",
        b"usr\0bin",
        b"usr\0sbin",
        b"usr\0local\0bin",
        b"usr\0local\0sbin",
        b"opt\0java\0openjdk\0bin",
        b"usr\0local\0go\0bin",
        b"usr\0local\0cargo\0bin",
        b"busybox",
    )
)
# As many places are kept with a finding.
_MOST_PLACES = 100
# Of ten parts one is worth a word.
_WORTH_A_WORD = 10
_SET_ID, _OTHERS_WRITE, _STICKY = 0o6000, 0o002, 0o1000


@dataclass(frozen=True, slots=True)
class Hint:
    """A finding, and the nodes (files, or folders with all below) that following it would remove."""

    finding: Finding
    nodes: tuple[int, ...] = ()


@dataclass(slots=True)
class Survey:
    """names, endings: visible nodes by a last part, or by what follows its last dot, where a rule asked for it.

    set_id: files that run as their owner or group; open_folders: folders that all may write into, without the sticky bit.
    """

    image: Image
    look: Look
    names: dict[bytes, list[int]]
    endings: dict[bytes, list[int]]
    set_id: list[int] = field(default_factory=list)
    open_folders: list[int] = field(default_factory=list)
    _owned: dict[int, list[int]] | None = None

    @property
    def table(self) -> FileTable:
        """The image's tree."""
        return self.look.table

    def named(self, *names: bytes) -> Iterator[int]:
        """Yield the visible nodes of these names."""
        for name in names:
            yield from self.names.get(name, ())

    def at(self, path: str) -> int | None:
        """Return the visible node at a path, links followed."""
        return self.look.paths.file(clean_key(path.encode("utf-8", "surrogateescape")))

    def program(self, name: str) -> int | None:
        """Return the file that a command's name stands for in the usual folders, links followed."""
        for folder in _BIN:
            node = self.look.paths.file(folder + b"\0" + name.encode())
            if node is not None and self.table.kind[node] in (Kind.FILE, Kind.HARD_LINK):
                return node
        return None

    def package(self, node: int) -> Package | None:
        """Return the package that owns a node."""
        index = self.package_index(node)
        packages = self.image.packages
        return packages[index] if packages and index >= 0 else None

    def package_index(self, node: int) -> int:
        """Return the index of the package that owns a node, -1 for none."""
        return self.image.package_of[node] if self.image.package_of else -1

    def owned(self, package: int) -> list[int]:
        """Return all nodes of a package."""
        if self._owned is None:
            self._owned = {}
            for node, index in enumerate(self.image.package_of):
                if index >= 0:
                    self._owned.setdefault(index, []).append(node)
        return self._owned.get(package, [])

    def path(self, node: int) -> str:
        """Return a path to show."""
        return visible(self.table.path(node), 300)

    def places(self, nodes: Iterable[int]) -> tuple[str, ...]:
        """Return the paths of a finding with several places, the heaviest first; none for a single one."""
        live = self.table.live
        heaviest = sorted(set(nodes), key=lambda node: -live[node])[:_MOST_PLACES]
        return tuple(self.table.path(node) for node in heaviest) if len(heaviest) > 1 else ()

    def bytes(self, nodes: Iterable[int]) -> int:
        """Return the live bytes of files and folders, each counted once."""
        return live_bytes(self.table, nodes)

    def from_base(self, nodes: Iterable[int]) -> bool:
        """Whether the base image brought most of these bytes; False where that is not known."""
        # Each path weighs a byte more, so that empty files count.
        ours, brought = self._shares(nodes, 1)
        return brought > ours

    def also_from_base(self, nodes: Iterable[int]) -> str:
        """Return the words that tell of the smaller part that the base image brought, which a change above it leaves; "" for none worth a word."""
        ours, brought = self._shares(nodes, 0)
        if not brought or brought > ours or brought * _WORTH_A_WORD < ours:
            return ""
        return f"; {format_bytes(brought)} of it came with the base image"

    def _shares(self, nodes: Iterable[int], more: int) -> tuple[int, int]:
        """Bytes above the base image, and in it, with as many more for each path; 0 and 0 where the base is not known."""
        base = self.image.base_layers
        ours = brought = 0
        for node in nodes if base else ():
            for one in range(node, self.table.end[node]):
                layer = self.table.layer[one]
                if layer >= 0 and self.table.hidden_by[one] < 0:
                    size = self.table.size[one] + more
                    brought += size if layer < (base or 0) else 0
                    ours += size if layer >= (base or 0) else 0
        return ours, brought


def survey(image: Image, look: Look, names: Iterable[bytes], endings: Iterable[bytes]) -> Survey:
    """Walk the tree once."""
    table = look.table
    by_name: dict[bytes, list[int]] = {name: [] for name in names}
    by_ending: dict[bytes, list[int]] = {ending: [] for ending in endings}
    seen = Survey(image, look, by_name, by_ending)
    set_id, open_ = _modes(table.owner_mode)
    special = set_id | open_
    text, starts, kinds, hidden, owner = (
        table.name_text,
        table.name_starts,
        table.kind,
        table.hidden_by,
        table.owner,
    )
    start = 0
    for node in range(len(table)):
        stop = starts[node + 1]
        if hidden[node] < 0:
            name = text[start:stop]
            if name in by_name:
                by_name[name].append(node)
            dot = name.rfind(b".")
            if dot > 0:
                ending = name[dot + 1 :]
                if ending in by_ending:
                    by_ending[ending].append(node)
            if owner[node] in special:
                if kinds[node] == Kind.FILE and owner[node] in set_id:
                    seen.set_id.append(node)
                elif kinds[node] == Kind.FOLDER and owner[node] in open_:
                    seen.open_folders.append(node)
        start = stop
    return seen


def _modes(modes: array[int]) -> tuple[set[int], set[int]]:
    set_id = {number for number, mode in enumerate(modes) if mode & _SET_ID}
    open_ = {number for number, mode in enumerate(modes) if mode & _OTHERS_WRITE and not mode & _STICKY}
    return set_id, open_


def live_bytes(table: FileTable, nodes: Iterable[int]) -> int:
    """Return the live bytes of files and folders; what lies in another of them is not counted again."""
    total, done = 0, -1
    for node in sorted(set(nodes)):
        if node >= done:
            total += table.live[node]
            done = table.end[node]
    return total
