"""A layer's blob from its stored bytes: inflated, parsed, and where asked hashed and compressed to measure it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.bodies import Budget
from slimdesk.image.inflate import MAX_UNPACKED, Compression, compression_of, inflate
from slimdesk.image.layer import MAX_ENTRIES, MAX_NAME_BYTES, LayerColumns, LayerParser, too_many
from slimdesk.image.measure import BLOCK, Threads

PIECE = 1 << 20
# Headers alone are read in pieces of this size; a body that goes past it is jumped over.
_HEADERS_PIECE = 1 << 11

Watch = Callable[[str, int, int | None], None]
"""Told now and then: what is being read, bytes so far, bytes in all or None."""


@dataclass(frozen=True, slots=True, eq=False)
class ParsedLayer:
    """One layer blob as read. Bytes and digests that were not measured are None.

    stored: size of the blob. unpacked: size of its tar. compressed: what isal level 1 makes of a plain blob. left_out: a
    foreign layer that is not there.
    """

    columns: LayerColumns
    compression: Compression | None
    stored: int
    unpacked: int
    diff_id: str | None
    digest: str | None
    compressed: int | None
    left_out: bool = False


OnLayer = Callable[[ParsedLayer], None]
"""Told of each layer that has been read to its end, before anything uses its columns up."""


class LayerReader:
    """Reads layer blobs: inflates, parses, and where asked hashes, compresses, and looks at the bodies that matter."""

    def __init__(
        self,
        *,
        fast: bool,
        watch: Watch | None = None,
        total: int | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.fast = fast
        self.budget = None if fast else budget
        self.total = total
        self.threads: Threads | None = None if fast else Threads()
        self._watch = watch
        self._lock = threading.Lock()
        self._stopped = False
        self._entries = 0
        self._name_bytes = 0
        self._unpacked = 0
        self._seen = 0
        self._label = ""

    def close(self) -> None:
        """End the threads."""
        self.stop()
        if self.threads:
            self.threads.close()

    def stop(self) -> None:
        """What is being read in other threads ends with its next piece, in an ArchiveError."""
        self._stopped = True

    def count(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Pass pieces on, telling the watcher how many bytes came."""
        for piece in pieces:
            self.advance(len(piece))
            yield piece

    def advance(self, count: int) -> None:
        """Tell the watcher that so many bytes are done."""
        with self._lock:
            self._seen += count
            if self._watch:
                self._watch(self._label, self._seen, self.total)

    def read(self, pieces: Iterable[bytes], label: str) -> ParsedLayer:
        """Read one blob from its pieces. Raises ArchiveError."""
        self._label = label
        source = iter(pieces)
        start = next(source, b"")
        compression = compression_of(start)
        parser = LayerParser(label, MAX_ENTRIES, self.budget)
        share = _Share(self, label)
        plain_hash = blob_hash = measure = None
        if self.threads:
            plain_hash = self.threads.hasher()
            if compression:
                blob_hash = self.threads.hasher()
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
            share.count(len(parser.columns), parser.name_bytes, unpacked)
        # What follows the last compressed member still belongs to the blob and its digest.
        for piece in source:
            stored += len(piece)
            if blob_hash:
                blob_hash.feed(piece)
        columns = parser.finish()
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
        parser = LayerParser(label, MAX_ENTRIES)
        share = _Share(self, label)
        descriptor = file.fileno()
        told = 0

        def refill(offset: int) -> bytes:
            nonlocal told
            if offset - told > PIECE << 4:
                self.advance(offset - told)
                told = offset
                share.count(len(parser.columns), parser.name_bytes, 0)
            return (
                _read_at(descriptor, min(_HEADERS_PIECE, size - offset), start + offset)
                if offset < size
                else b""
            )

        parser.walk(refill, size)
        share.count(len(parser.columns), parser.name_bytes, 0)
        self.advance(size - told)
        columns = parser.finish()
        return ParsedLayer(columns, None, size, size, None, None, None)

    def add(self, label: str, entries: int, name_bytes: int, unpacked: int) -> None:
        """Count what one more piece of a layer brought. Raises ArchiveError where all layers together hold too much."""
        with self._lock:
            self._entries += entries
            self._name_bytes += name_bytes
            self._unpacked += unpacked
            if self._entries > MAX_ENTRIES or self._name_bytes > MAX_NAME_BYTES:
                raise too_many(label)
            if self._unpacked > MAX_UNPACKED:
                raise ArchiveError(
                    f"All layers unpack to more than {MAX_UNPACKED >> 30} GiB", "", "Do not trust this image"
                )
            if self._stopped:
                raise ArchiveError(f"{label} was not read to its end", "the reading was stopped", "Try again")


class _Share:
    """What one layer has of what the image may hold altogether."""

    def __init__(self, reader: LayerReader, label: str) -> None:
        self._reader = reader
        self._label = label
        self._counted = (0, 0, 0)

    def count(self, entries: int, name_bytes: int, unpacked: int) -> None:
        """Take the layer's totals so far. Raises ArchiveError."""
        before, self._counted = self._counted, (entries, name_bytes, unpacked)
        self._reader.add(self._label, entries - before[0], name_bytes - before[1], unpacked - before[2])


def _read_at_place(descriptor: int, count: int, position: int) -> bytes:
    os.lseek(descriptor, position, os.SEEK_SET)
    return os.read(descriptor, count)


_read_at: Callable[[int, int, int], bytes] = getattr(os, "pread", _read_at_place)


def read_part(reader: LayerReader, file: BinaryIO, start: int, size: int, label: str) -> ParsedLayer:
    """Read a layer that stands in a file: by headers alone where that is wanted and possible, else all of it."""
    file.seek(start)
    beginning = file.read(min(4, size))
    plain = compression_of(beginning) is None
    if reader.fast and plain:
        return reader.read_headers(file, start, size, label)
    # A plain layer comes in the blocks in which it is compressed to measure it, so that none must be put together.
    pieces = file_pieces(file, start, size, BLOCK if plain else PIECE)
    layer = reader.read(reader.count(pieces), label)
    return replace(layer, stored=size)


def digest_of(reader: LayerReader, file: BinaryIO, start: int, size: int) -> str:
    """Return the digest of a part of a file."""
    digest = hashlib.sha256()
    for piece in reader.count(file_pieces(file, start, size)):
        digest.update(piece)
    return f"sha256:{digest.hexdigest()}"


def file_pieces(
    file: BinaryIO, start: int = 0, size: int | None = None, length: int = PIECE
) -> Iterator[bytes]:
    """Yield a part of a file, or all of it, in pieces of that length."""
    file.seek(start)
    left = size
    while left is None or left > 0:
        piece = file.read(length if left is None else min(length, left))
        if not piece:
            return
        if left is not None:
            left -= len(piece)
        yield piece
