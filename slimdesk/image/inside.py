"""The bodies of chosen files of an image, each as the layer that brought it holds it; read in one pass over what holds them.

The same readers as for the image itself find the layers, so every form of archive that can be read can be looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from slimdesk.basics.errors import ArchiveError, BadInput
from slimdesk.basics.escaping import visible
from slimdesk.image.blobs import Blobs, FolderBlobs, StreamBlobs, TarBlobs, looks_like_tar
from slimdesk.image.inflate import compression_of, inflate
from slimdesk.image.layer import LayerColumns, clean_key
from slimdesk.image.layer_reader import LayerReader, ParsedLayer, Watch, file_pieces
from slimdesk.image.manifest import choose
from slimdesk.image.model import Image
from slimdesk.image.packages.look import Paths
from slimdesk.image.table import FileTable, Kind
from slimdesk.image.tarheader import (
    BLOCK,
    RECORD_TYPES,
    SPARSE,
    ZERO_BLOCK,
    Header,
    Overrides,
    TarError,
    decode,
)
from slimdesk.image.tarstream import cut_off, damaged, not_an_image

_MAP_GOES_ON = (482, 504)

Place = tuple[int, bytes]
"""Layer, and key of the path in it (no slash in front, NUL for slash)."""

T = TypeVar("T")
Take = Callable[[bytes, Header, Iterator[bytes]], T]
"""Gets a body: its key, its header, its bytes in pieces (it need not take all). What it returns is kept."""


@dataclass(frozen=True, slots=True)
class Version:
    """One copy of a file: the node, the layer that brought it, its bytes, the layer that hides it (None = visible)."""

    node: int
    layer: int
    size: int
    hidden_by: int | None


def versions(table: FileTable, path: str) -> tuple[Version, ...]:
    """Return all copies of a file, oldest first; empty if there is no such file. A link in the path is not followed."""
    nodes = [0]
    for part in clean_key(path.encode("utf-8", "surrogateescape")).split(b"\0"):
        nodes = [one for node in nodes for one in table.children(node) if table.name_bytes(one) == part]
    files = [node for node in nodes if table.kind[node] in (Kind.FILE, Kind.HARD_LINK)]
    found = [
        Version(
            node,
            table.layer[node],
            table.size[table.body(node)],
            table.hidden_by[node] if table.hidden_by[node] >= 0 else None,
        )
        for node in files
    ]
    return tuple(sorted(found, key=lambda one: (one.layer, one.hidden_by is None)))


def file_at(table: FileTable, path: str, layer: int | None = None) -> int:
    """Return the node of a file: the visible one, links followed, or the copy that `layer` brought. Raises BadInput."""
    name = visible(path, 200)
    if layer is not None:
        found = [one.node for one in versions(table, path) if one.layer == layer]
        if not found:
            raise BadInput(f"Layer {layer} has no file {name}", "", "Choose another layer")
        return found[-1]
    node = Paths(table).file(clean_key(path.encode("utf-8", "surrogateescape")))
    if node is None:
        copies = versions(table, path)
        if not copies:
            raise BadInput(
                f"There is no file {name} in the image",
                "it is not there, or a link to nowhere",
                "Choose another",
            )
        node = copies[-1].node
    kind = Kind(table.kind[node])
    if kind not in (Kind.FILE, Kind.HARD_LINK):
        raise BadInput(f"{name} is no file", f"it is a {_KIND_WORDS.get(kind, 'folder')}", "Choose a file")
    return node


_KIND_WORDS = {
    Kind.SYMLINK: "link that leads to itself",
    Kind.CHARACTER_DEVICE: "device",
    Kind.BLOCK_DEVICE: "device",
    Kind.FIFO: "pipe",
}


def place_of(table: FileTable, node: int) -> Place:
    """Return where a file's bytes stand; of a hard link those that it shares. Raises BadInput where they are not there."""
    body = table.body(node)
    if table.kind[body] != Kind.FILE or table.layer[body] < 0:
        name = visible(table.path(node), 200)
        raise BadInput(f"{name} has no bytes of its own", "what it is linked to is not in the image", "")
    return table.layer[body], table.path_bytes(body).replace(b"/", b"\0")


def catch(
    path: Path, image: Image, wanted: Collection[Place], take: Take[T], watch: Watch | None = None
) -> dict[Place, T]:
    """Read bodies from an archive or a layout; those that are not where the image says are missing from the answer.

    Blocking. Raises ArchiveError where it has changed since the image was read, or is damaged.
    """
    label = visible(path.name)
    try:
        if path.is_dir():
            reader = _Catcher(take, watch)
            with closing(FolderBlobs(path, reader)) as blobs:
                return _caught(blobs, label, image, wanted, reader)
        with path.open("rb") as file:
            start = file.read(BLOCK)
            how = compression_of(start)
            reader = _Catcher(take, watch, path.stat().st_size)
            if how is not None:
                pieces = inflate(reader.count(file_pieces(file)), how, label)
                reader.wanted = frozenset(key for _, key in wanted)
                return _caught(StreamBlobs(pieces, label, reader), label, image, wanted, reader)
        if not looks_like_tar(start):
            raise not_an_image(label)
        with closing(TarBlobs(path, reader)) as tar:
            return _caught(tar, label, image, wanted, reader)
    except OSError as error:
        raise ArchiveError(
            f"{label} cannot be read", error.strerror or str(error), "Check the path and its permissions"
        ) from error


def catch_stream(
    pieces: Iterable[bytes],
    image: Image,
    wanted: Collection[Place],
    take: Take[T],
    watch: Watch | None = None,
) -> dict[Place, T]:
    """Read bodies from what an engine sends for `docker save`. Blocking. Raises ArchiveError, and what `pieces` raises."""
    reader = _Catcher(take, watch)
    reader.wanted = frozenset(key for _, key in wanted)
    label = visible(image.name or image.location)
    return _caught(StreamBlobs(reader.count(pieces), label, reader), label, image, wanted, reader)


def _caught(
    blobs: Blobs, label: str, image: Image, wanted: Collection[Place], reader: _Catcher
) -> dict[Place, Any]:
    chosen, _ = choose(blobs, label, image.platform, None if image.source == "engine" else image.name)
    same = image.source == "engine" or chosen.image_id == image.image_id
    if not same or len(chosen.layers) != len(image.layers):
        raise ArchiveError(
            f"{label} is another image than the one that was read", "it has changed since", "Read it again"
        )
    by_name: dict[str, list[int]] = {}
    for index in sorted({layer for layer, _ in wanted}):
        by_name.setdefault(chosen.layers[index].name, []).append(index)
    found: dict[Place, Any] = {}
    for name, indexes in by_name.items():
        if blobs.seekable:
            reader.wanted = frozenset(key for layer, key in wanted if layer in indexes)
        layer = blobs.layer(name)
        bodies = layer.bodies if isinstance(layer, _CaughtLayer) else {}
        for index in indexes:
            found.update({(index, key): body for key, body in bodies.items() if (index, key) in wanted})
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _CaughtLayer(ParsedLayer):
    """A layer of which only the wanted bodies were read."""

    bodies: Mapping[bytes, object] = field(default_factory=dict)


class _Catcher(LayerReader):
    """Reads layers for the bodies of `wanted` alone. Of several entries of one path the last counts, as when unpacking."""

    def __init__(self, take: Take[Any], watch: Watch | None, total: int | None = None) -> None:
        super().__init__(fast=True, watch=watch, total=total)
        self.wanted: frozenset[bytes] = frozenset()
        self._take = take

    def read(self, pieces: Iterable[bytes], label: str) -> ParsedLayer:
        """Read a blob that flows by, compressed or not."""
        source = iter(pieces)
        start = next(source, b"")
        how = compression_of(start)
        whole = chain((start,), source)
        return self._caught(_Flow(inflate(whole, how, label) if how else whole), label)

    def read_headers(self, file: BinaryIO, start: int, size: int, label: str) -> ParsedLayer:
        """Read a plain blob that stands in a file, jumping over what is not wanted."""
        return self._caught(_Part(file, start, size), label)

    def _caught(self, source: _Flow | _Part, label: str) -> ParsedLayer:
        names = frozenset(key.rsplit(b"\0", 1)[-1] for key in self.wanted)
        bodies: dict[bytes, object] = {}
        for header in _headers(source, label):
            name = header.name
            # Most entries are told apart by their last part alone.
            if header.kind != Kind.FILE or name[name.rfind(b"/") + 1 :] not in names:
                continue
            key = clean_key(name)
            if key not in self.wanted:
                continue
            if header.stored != header.size or header.type == SPARSE:
                raise BadInput(
                    f"{visible(name.decode('utf-8', 'replace'), 200)} is stored in parts",
                    "the archive leaves its empty stretches out (a sparse file)",
                    "Run the image to read it",
                )
            bodies[key] = self._take(key, header, source.body())
        return _CaughtLayer(LayerColumns(), None, 0, 0, None, None, None, bodies=bodies)


class _Source:
    """Bytes one after the other; `left` of the present body are still to come, and are passed over by `next_header`."""

    def __init__(self) -> None:
        self.left = 0

    def exactly(self, count: int) -> bytes:
        """Return so many bytes; fewer where it ends."""
        parts = []
        while count:
            piece = self.some(count)
            if not piece:
                break
            parts.append(piece)
            count -= len(piece)
        return b"".join(parts)

    def some(self, most: int) -> bytes:
        """Return some bytes, none at the end."""
        raise NotImplementedError

    def skip(self, count: int) -> None:
        """Pass over so many bytes."""
        raise NotImplementedError

    def body(self) -> Iterator[bytes]:
        """Yield what is left of the present body. Raises ArchiveError where it is cut off."""
        while self.left:
            piece = self.some(self.left)
            if not piece:
                raise cut_off("The layer")
            self.left -= len(piece)
            yield piece


class _Flow(_Source):
    """Pieces of any length."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._rest = b""
        self._at = 0

    def some(self, most: int) -> bytes:
        """Return some bytes, none at the end."""
        while self._at >= len(self._rest):
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest, self._at = piece, 0
        found = self._rest[self._at : self._at + most]
        self._at += len(found)
        return found

    def skip(self, count: int) -> None:
        """Pass over so many bytes."""
        while count:
            there = len(self._rest) - self._at
            if there > count:
                self._at += count
                return
            count -= there
            self._rest, self._at = next(self._pieces, b""), 0
            if not self._rest and count:
                # An empty piece is no end, but a second look tells.
                self._rest = next(self._pieces, b"")
                if not self._rest:
                    return


class _Part(_Source):
    """A part of a file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._file = file
        self._position = start
        self._stop = start + size
        file.seek(start)

    def some(self, most: int) -> bytes:
        """Return some bytes, none at the end."""
        data = self._file.read(min(most, self._stop - self._position, 1 << 20))
        self._position += len(data)
        return data

    def skip(self, count: int) -> None:
        """Pass over so many bytes."""
        self._position = min(self._stop, self._position + count)
        self._file.seek(self._position)


def _headers(source: _Source, label: str) -> Iterator[Header]:
    """Yield the headers of a layer's tar; the body of each can be taken from `source` until the next is asked for."""
    overrides = Overrides()
    while True:
        block = source.exactly(BLOCK)
        if not block or block == ZERO_BLOCK:
            return
        try:
            if len(block) < BLOCK:
                raise cut_off(label)
            header = decode(block, overrides)
            if header.type in RECORD_TYPES:
                padded = source.exactly(header.stored + -header.stored % BLOCK)
                overrides.take(header.type, padded[: header.stored])
                continue
        except TarError as error:
            raise damaged(label) from error
        overrides.clear()
        if header.type == SPARSE and block[_MAP_GOES_ON[0]]:
            more = source.exactly(BLOCK)
            while len(more) == BLOCK and more[_MAP_GOES_ON[1]]:
                more = source.exactly(BLOCK)
        source.left = header.stored
        yield header
        source.skip(source.left + -header.stored % BLOCK)
        source.left = 0
