"""Where an image's documents and layers come from: a plain tar file, a folder, or a stream that flows only once."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol

from slimdesk.basics.errors import ArchiveError
from slimdesk.basics.escaping import visible
from slimdesk.image.inflate import Compression, compression_of, inflate
from slimdesk.image.layer import MAX_ENTRIES, LayerColumns, LayerParser, clean_key
from slimdesk.image.measure import Threads
from slimdesk.image.table import Kind
from slimdesk.image.tarheader import (
    BLOCK,
    MAX_RECORD,
    RECORD_TYPES,
    ZERO_BLOCK,
    Header,
    Overrides,
    TarError,
    decode,
)

PIECE = 1 << 20
MAX_DOCUMENT = 16 << 20
MAX_DOCUMENTS = 64 << 20
MAX_MEMBERS = 200_000
# Headers alone are read in pieces of this size; a body that goes past it is jumped over.
_HEADERS_PIECE = 1 << 15
_LINK_HOPS = 8

Watch = Callable[[str, int, int | None], None]
"""Told now and then: what is being read, bytes so far, bytes in all or None."""


@dataclass(frozen=True, slots=True, eq=False)
class ParsedLayer:
    """One layer blob as read. Bytes and digests that were not measured are None.

    stored: size of the blob. unpacked: size of its tar. compressed: what isal level 1 makes of a plain blob.
    """

    columns: LayerColumns
    compression: Compression | None
    stored: int
    unpacked: int
    diff_id: str | None
    digest: str | None
    compressed: int | None


class CutOff(ArchiveError):
    """The bytes stop before the archive does."""


class Blobs(Protocol):
    """Documents and layers by name; names are paths in the archive with `/`, links resolved."""

    def document(self, name: str) -> bytes | None:
        """Return a small file whole; None if there is none of that name."""

    def layer(self, name: str) -> ParsedLayer | None:
        """Return a layer; None if there is none of that name. Raises ArchiveError."""

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def close(self) -> None:
        """Free what it holds."""


class LayerReader:
    """Reads layer blobs: inflates, parses, and where asked hashes and compresses."""

    def __init__(self, *, fast: bool, watch: Watch | None = None, total: int | None = None) -> None:
        self.fast = fast
        self.total = total
        self.threads: Threads | None = None if fast else Threads()
        self._watch = watch
        self._entries_left = MAX_ENTRIES
        self._seen = 0
        self._label = ""

    def close(self) -> None:
        """End the threads."""
        if self.threads:
            self.threads.close()

    def count(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Pass pieces on, telling the watcher how many bytes came."""
        for piece in pieces:
            self.advance(len(piece))
            yield piece

    def advance(self, count: int) -> None:
        """Tell the watcher that so many bytes are done."""
        self._seen += count
        if self._watch:
            self._watch(self._label, self._seen, self.total)

    def read(self, pieces: Iterable[bytes], label: str) -> ParsedLayer:
        """Read one blob from its pieces. Raises ArchiveError."""
        self._label = label
        source = iter(pieces)
        start = next(source, b"")
        compression = compression_of(start)
        parser = LayerParser(label, self._entries_left)
        plain_hash = blob_hash = measure = None
        if self.threads:
            plain_hash = self.threads.hasher()
            if compression:
                blob_hash = self.threads.hasher(blob=True)
            else:
                measure = self.threads.compressor()
        stored = unpacked = 0

        def stored_pieces() -> Iterator[bytes]:
            nonlocal stored
            piece: bytes | None = start
            while piece is not None:
                stored += len(piece)
                if blob_hash:
                    blob_hash.feed(piece)
                yield piece
                piece = next(source, None)

        plain = inflate(stored_pieces(), compression, label) if compression else stored_pieces()
        for piece in plain:
            unpacked += len(piece)
            if plain_hash:
                plain_hash.feed(piece)
            if measure:
                measure.feed(piece)
            parser.feed(piece)
        # What follows the last compressed member still belongs to the blob and its digest.
        for piece in source:
            stored += len(piece)
            if blob_hash:
                blob_hash.feed(piece)
        columns = parser.finish()
        self._entries_left -= len(columns)
        diff_id = plain_hash.digest() if plain_hash else None
        return ParsedLayer(
            columns=columns,
            compression=compression,
            stored=stored,
            unpacked=unpacked,
            diff_id=diff_id,
            digest=blob_hash.digest() if blob_hash else diff_id,
            compressed=measure.size() if measure else None,
        )

    def read_headers(self, file: BinaryIO, start: int, size: int, label: str) -> ParsedLayer:
        """Read a plain tar that stands in a file by its headers alone, jumping over the bodies. Raises ArchiveError."""
        self._label = label
        parser = LayerParser(label, self._entries_left)
        position, stop = start, start + size
        told = start
        descriptor = file.fileno()
        while position < stop and not parser.ended:
            piece = _read_at(descriptor, min(_HEADERS_PIECE, stop - position), position)
            if not piece:
                break
            parser.feed(piece)
            position += len(piece)
            if parser.skip and position + parser.skip <= stop:
                position += parser.skip
                parser.skip = 0
            if position - told > PIECE << 4:
                self.advance(position - told)
                told = position
        self.advance(stop - told)
        columns = parser.finish()
        self._entries_left -= len(columns)
        return ParsedLayer(columns, None, size, size, None, None, None)


def _read_at(descriptor: int, count: int, position: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, count, position)
    os.lseek(descriptor, position, os.SEEK_SET)
    return os.read(descriptor, count)


class TarBlobs:
    """A plain tar file: its members are listed first (bodies jumped over), then read when asked for."""

    def __init__(self, path: Path, reader: LayerReader) -> None:
        self._path = path
        self._reader = reader
        self._file = path.open("rb")
        self._members: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        self._layers: dict[str, ParsedLayer] = {}
        try:
            self._list(self._file.seek(0, os.SEEK_END))
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return _resolved(name, self._links) in self._members

    def document(self, name: str) -> bytes | None:
        """Return a small file whole."""
        member = self._members.get(_resolved(name, self._links))
        if member is None or member[1] > MAX_DOCUMENT:
            return None
        self._file.seek(member[0])
        return self._file.read(member[1])

    def layer(self, name: str) -> ParsedLayer | None:
        """Return a layer, read now unless it was before."""
        name = _resolved(name, self._links)
        member = self._members.get(name)
        if member is None:
            return None
        if name not in self._layers:
            self._layers[name] = read_part(self._reader, self._file, *member, _label(name))
        return self._layers[name]

    def _list(self, length: int) -> None:
        position = 0
        overrides = Overrides()
        while position + BLOCK <= length:
            self._file.seek(position)
            block = self._file.read(BLOCK)
            if block == ZERO_BLOCK:
                return
            header = _decoded(block, overrides, self._path.name, first=position == 0)
            position += BLOCK
            if position + header.stored > length:
                raise _cut_off(self._path.name)
            if header.type in RECORD_TYPES:
                overrides.take(header.type, self._file.read(header.stored))
            else:
                overrides.clear()
                self._add(header, position)
            position += (header.stored + 511) & -512
        if position < length and length - position < BLOCK:
            raise _cut_off(self._path.name)

    def _add(self, header: Header, position: int) -> None:
        name = _text(clean_key(header.name))
        if header.kind == Kind.FILE:
            self._members[name] = (position, header.stored)
            self._links.pop(name, None)
        elif header.kind in (Kind.SYMLINK, Kind.HARD_LINK):
            self._links[name] = _link_target(name, header)
            self._members.pop(name, None)
        if len(self._members) + len(self._links) > MAX_MEMBERS:
            raise _not_an_image(self._path.name)


class FolderBlobs:
    """An OCI layout that stands as a folder."""

    def __init__(self, path: Path, reader: LayerReader) -> None:
        self._path = path
        self._reader = reader
        self._layers: dict[str, ParsedLayer] = {}

    def close(self) -> None:
        """Nothing is held open."""

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return self._file(name) is not None

    def document(self, name: str) -> bytes | None:
        """Return a small file whole."""
        file = self._file(name)
        if file is None:
            return None
        try:
            return file.read_bytes() if file.stat().st_size <= MAX_DOCUMENT else None
        except OSError as error:
            raise _unreadable(file, error) from error

    def layer(self, name: str) -> ParsedLayer | None:
        """Return a layer, read now unless it was before."""
        path = self._file(name)
        if path is None:
            return None
        if name not in self._layers:
            try:
                with path.open("rb") as file:
                    size = file.seek(0, os.SEEK_END)
                    self._layers[name] = read_part(self._reader, file, 0, size, _label(name))
            except OSError as error:
                raise _unreadable(path, error) from error
        return self._layers[name]

    def _file(self, name: str) -> Path | None:
        # The name comes from a manifest: it must not lead out of the folder.
        path = self._path / name
        try:
            if not path.resolve().is_relative_to(self._path.resolve()):
                return None
            return path if stat.S_ISREG(path.stat().st_mode) else None
        except (OSError, ValueError):
            return None


class StreamBlobs:
    """A tar that flows by once (an engine's save, a compressed archive): every layer is read as it comes."""

    def __init__(self, pieces: Iterable[bytes], label: str, reader: LayerReader) -> None:
        self._documents: dict[str, bytes] = {}
        self._layers: dict[str, ParsedLayer] = {}
        self._links: dict[str, str] = {}
        self._broken: dict[str, ArchiveError] = {}
        self._others: set[str] = set()
        self._reader = reader
        self._label = label
        self._document_bytes = 0
        self._read(TarStream(pieces, label))

    def close(self) -> None:
        """Nothing is held open."""

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        name = _resolved(name, self._links)
        return name in self._documents or name in self._layers or name in self._broken or name in self._others

    def document(self, name: str) -> bytes | None:
        """Return a small file whole."""
        return self._documents.get(_resolved(name, self._links))

    def layer(self, name: str) -> ParsedLayer | None:
        """Return a layer that came by."""
        name = _resolved(name, self._links)
        if name in self._broken:
            raise self._broken[name]
        return self._layers.get(name)

    def _read(self, stream: TarStream) -> None:
        for count, header in enumerate(stream):
            name = _text(clean_key(header.name))
            if count > MAX_MEMBERS:
                raise _not_an_image(self._label)
            if header.kind in (Kind.SYMLINK, Kind.HARD_LINK):
                self._links[name] = _link_target(name, header)
            elif header.kind == Kind.FILE:
                self._take(name, header, stream)

    def _take(self, name: str, header: Header, stream: TarStream) -> None:
        body = stream.body()
        # Enough to tell what it is, whatever the lengths in which the stream comes.
        start = b""
        while len(start) < min(BLOCK, header.stored):
            start += next(body, b"")
        whole = _chain(start, body)
        if _may_be_layer(start, header.stored):
            try:
                self._layers[name] = self._reader.read(whole, _label(name))
            except ArchiveError as error:
                # It may be no layer of the image that is wanted; that is known when the manifest comes.
                if stream.broken:
                    raise
                self._broken[name] = error
        elif start.lstrip()[:1] in (b"{", b"[") and header.stored <= MAX_DOCUMENT:
            document = b"".join(whole)
            self._document_bytes += len(document)
            if self._document_bytes > MAX_DOCUMENTS:
                raise _not_an_image(self._label)
            self._documents[name] = document
        else:
            self._others.add(name)


class TarStream:
    """Members of a tar that flows by: iterate the headers, take `body()` of the ones that matter."""

    def __init__(self, pieces: Iterable[bytes], label: str) -> None:
        self._pieces = iter(pieces)
        self._label = label
        self._rest = b""
        self._left = 0
        self._padding = 0
        self.broken = False

    def __iter__(self) -> Iterator[Header]:
        """Yield headers with what the records before them say."""
        overrides = Overrides()
        first = True
        while True:
            for _ in self.body():
                pass
            self._exactly(self._padding)
            self._padding = 0
            block = self._first_block() if first else self._exactly(BLOCK, may_end=True)
            if not block or block == ZERO_BLOCK:
                # The end mark is read up to the end, so that the sender is not stopped in the middle.
                for _ in self._pieces:
                    pass
                return
            header = _decoded(block, overrides, self._label, first=first)
            first = False
            padding = -header.stored % BLOCK
            if header.type in RECORD_TYPES:
                if header.stored > MAX_RECORD:
                    raise _damaged(self._label)
                overrides.take(header.type, self._exactly(header.stored))
                self._exactly(padding)
                continue
            overrides.clear()
            self._left, self._padding = header.stored, padding
            yield header

    def body(self) -> Iterator[bytes]:
        """Yield what is left of the present member's bytes."""
        while self._left:
            piece = self._rest or next(self._pieces, b"")
            if not piece:
                piece = self._next()
            if len(piece) > self._left:
                self._rest = piece[self._left :]
                piece = piece[: self._left]
            else:
                self._rest = b""
            self._left -= len(piece)
            yield piece

    def _next(self) -> bytes:
        for piece in self._pieces:
            if piece:
                return piece
        self.broken = True
        raise _cut_off(self._label)

    def _first_block(self) -> bytes:
        try:
            return self._exactly(BLOCK)
        except CutOff:
            raise _not_an_image(self._label) from None

    def _exactly(self, count: int, *, may_end: bool = False) -> bytes:
        data = self._rest
        while len(data) < count:
            piece = next(self._pieces, None)
            if piece is None:
                if may_end and not data:
                    return b""
                self.broken = True
                raise _cut_off(self._label)
            data += piece
        self._rest = data[count:]
        return data[:count]


def read_part(reader: LayerReader, file: BinaryIO, start: int, size: int, label: str) -> ParsedLayer:
    """Read a layer that stands in a file: by headers alone where that is wanted and possible, else all of it."""
    file.seek(start)
    beginning = file.read(min(4, size))
    if reader.fast and compression_of(beginning) is None:
        return reader.read_headers(file, start, size, label)
    layer = reader.read(reader.count(file_pieces(file, start, size)), label)
    return replace(layer, stored=size)


def file_pieces(file: BinaryIO, start: int = 0, size: int | None = None) -> Iterator[bytes]:
    """Yield a part of a file, or all of it, a MiB at a time."""
    file.seek(start)
    left = size
    while left is None or left > 0:
        piece = file.read(PIECE if left is None else min(PIECE, left))
        if not piece:
            return
        if left is not None:
            left -= len(piece)
        yield piece


def looks_like_tar(start: bytes) -> bool:
    """Whether the first 512 bytes are a tar header."""
    if start[:BLOCK] == ZERO_BLOCK:
        return True
    try:
        decode(start[:BLOCK])
    except TarError:
        return False
    return True


def _may_be_layer(start: bytes, size: int) -> bool:
    return size == 0 or compression_of(start) is not None or looks_like_tar(start)


def _decoded(block: bytes, overrides: Overrides, label: str, *, first: bool) -> Header:
    try:
        return decode(block, overrides)
    except TarError as error:
        raise (_not_an_image(label) if first else _damaged(label)) from error


def _chain(start: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if start:
        yield start
    yield from rest


def _text(key: bytes) -> str:
    return key.replace(b"\0", b"/").decode("utf-8", "surrogateescape")


def _link_target(name: str, header: Header) -> str:
    link = header.link
    if header.kind == Kind.SYMLINK and not link.startswith(b"/"):
        folder = name.encode("utf-8", "surrogateescape").rpartition(b"/")[0]
        link = folder + b"/" + link
    return _text(clean_key(link))


def _resolved(name: str, links: dict[str, str]) -> str:
    name = _text(clean_key(name.encode("utf-8", "surrogateescape")))
    for _ in range(_LINK_HOPS):
        if name not in links:
            break
        name = links[name]
    return name


def _label(name: str) -> str:
    """Name a layer for people: the first characters of its digest or ID."""
    word = name.removesuffix("/layer.tar").rsplit("/", 1)[-1].removeprefix("sha256:")
    for suffix in (".tar.gz", ".tar.zst", ".tgz", ".tar"):
        word = word.removesuffix(suffix)
    return f"Layer {visible(word[:12])}"


def _cut_off(label: str) -> ArchiveError:
    return CutOff(f"{label} is cut off", "it ends in the middle of a file", "Save or download it again")


def _damaged(label: str) -> ArchiveError:
    return ArchiveError(f"{label} is damaged", "a tar header in it is not one", "Save or download it again")


def _not_an_image(label: str) -> ArchiveError:
    return ArchiveError(
        f"{label} is not an image",
        "it is neither what docker save writes nor an OCI layout",
        "Choose an archive made by docker save, podman save, skopeo or buildx",
    )


def _unreadable(path: Path, error: OSError) -> ArchiveError:
    return ArchiveError(f"{path.name} cannot be read", error.strerror or str(error), "Check its permissions")
