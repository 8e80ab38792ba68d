"""Files of an image that hold the same bytes under several paths, told by their hash. Read on demand, in a worker."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter
from slimdesk.image.inside import Place, place_of
from slimdesk.image.model import Image
from slimdesk.image.table import FileTable, Kind
from slimdesk.image.tarheader import Header
from slimdesk.operations.image_bodies import Holder, bare, holder, read_folder
from slimdesk.operations.worker import Told, in_worker

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine


@dataclass(frozen=True, slots=True)
class SameContent:
    """One body at several paths: its bytes, the paths in order, and the bytes that all copies but one take."""

    size: int
    paths: tuple[str, ...]
    nodes: tuple[int, ...]

    @property
    def wasted(self) -> int:
        """Bytes that one copy in place of all would gain."""
        return self.size * (len(self.paths) - 1)

    def to_json(self) -> dict[str, Any]:
        """All keys of it in the command line's JSON."""
        return {"size": self.size, "paths": list(self.paths), "wasted": self.wasted}


async def same_content(
    image: Image, *, engine: Engine | None = None, reporter: Reporter | None = None
) -> tuple[SameContent, ...]:
    """Return the groups of visible files that hold the same, the most wasted bytes first; hard links count as one file.

    Only files of equal size are hashed (SHA-256). engine: for an image of an engine.
    Raises ArchiveError, EngineError, StreamBroken.
    """
    nodes = _of_equal_size(image.table)
    if not nodes:
        return ()
    table = image.table
    wanted = {table.path_bytes(node): place_of(table, node) for node in nodes}
    async with holder(image, engine, layers=False) as held:
        what = f"Comparing the files of {visible(image.name or image.location, 80)}"
        found: dict[Place, bytes] = await in_worker(
            what, _hashes, held, bare(image), wanted, reporter=reporter
        )
    groups: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for node in nodes:
        digest = found.get(place_of(table, node))
        if digest is not None:
            groups[table.size[node], digest].append(node)
    same = [
        SameContent(size, tuple(table.path(node) for node in group), tuple(group))
        for (size, _), group in groups.items()
        if len(group) > 1
    ]
    return tuple(sorted(same, key=lambda one: (-one.wasted, one.paths)))


def _of_equal_size(table: FileTable) -> list[int]:
    """Return the visible files that are not alone with their size."""
    import numpy as np

    size = np.frombuffer(table.size, dtype=np.int64)
    files = np.frombuffer(table.kind, dtype=np.uint8) == Kind.FILE
    seen = np.frombuffer(table.hidden_by, dtype=np.int16) < 0
    nodes = np.flatnonzero(files & seen & (size > 0))
    _, which, counts = np.unique(size[nodes], return_inverse=True, return_counts=True)
    found: list[int] = nodes[counts[which] > 1].tolist()
    return found


def _hashes(told: Told, held: Holder, image: Image, wanted: dict[bytes, Place]) -> dict[Place, bytes]:
    """Run in the worker."""

    def take(_: bytes, __: Header, pieces: Iterator[bytes]) -> bytes:
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        return digest.digest()

    return read_folder(held, image, "/", wanted, take, told=told)
