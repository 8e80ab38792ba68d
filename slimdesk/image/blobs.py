"""Where an image's documents and layers come from: a plain tar file, a folder, or a stream that flows only once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from slimdesk.basics.errors import ArchiveError
from slimdesk.basics.escaping import visible
from slimdesk.image.inflate import compression_of
from slimdesk.image.layer import clean_key
from slimdesk.image.layer_reader import LayerReader, OnLayer, ParsedLayer, digest_of, read_part
from slimdesk.image.table import Kind
from slimdesk.image.tarheader import BLOCK, RECORD_TYPES, ZERO_BLOCK, Header, Overrides, TarError, decode
from slimdesk.image.tarstream import TarStream, cut_off, decoded, not_an_image

MAX_DOCUMENT = 16 << 20
MAX_DOCUMENTS = 64 << 20
MAX_MEMBERS = 200_000
_LINK_HOPS = 8
_START = 4


class Blobs(Protocol):
    """Documents and layers by name; names are paths in the archive with `/`, links resolved.

    folder: an OCI layout that stands as a folder. seekable: layers are read when asked for, by several threads if need be.
    """

    folder: bool
    seekable: bool

    def document(self, name: str) -> bytes | None:
        """Return a small file whole; None if there is none of that name."""

    def layer(self, name: str, stated: str | None = None) -> ParsedLayer | None:
        """Return a layer; None if there is none of that name. stated: the digest it is said to have. Raises ArchiveError."""

    def start(self, name: str) -> bytes:
        """Return the first bytes of a file; nothing if there is none."""

    def digest(self, name: str) -> str | None:
        """Hash a file as it is stored; None where that cannot be done without reading it as a layer."""

    def stop(self) -> None:
        """End what other threads are reading."""

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def close(self) -> None:
        """Free what it holds."""


class TarBlobs:
    """A plain tar file: its members are listed first (bodies jumped over), then read when asked for."""

    folder = False
    seekable = True

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

    def layer(self, name: str, stated: str | None = None) -> ParsedLayer | None:  # noqa: ARG002
        """Return a layer, read now unless it was before."""
        name = _resolved(name, self._links)
        member = self._members.get(name)
        if member is None:
            return None
        if name not in self._layers:
            with self._path.open("rb") as file:
                self._layers[name] = read_part(self._reader, file, *member, _label(name))
        return self._layers[name]

    def start(self, name: str) -> bytes:
        """Return the first bytes of a file."""
        member = self._members.get(_resolved(name, self._links))
        if member is None:
            return b""
        self._file.seek(member[0])
        return self._file.read(min(_START, member[1]))

    def digest(self, name: str) -> str | None:
        """Hash a file as it is stored."""
        member = self._members.get(_resolved(name, self._links))
        if member is None:
            return None
        with self._path.open("rb") as file:
            return digest_of(self._reader, file, *member)

    def stop(self) -> None:
        """End what other threads are reading."""
        self._reader.stop()

    def _list(self, length: int) -> None:
        position = 0
        overrides = Overrides()
        while position + BLOCK <= length:
            self._file.seek(position)
            block = self._file.read(BLOCK)
            if block == ZERO_BLOCK:
                return
            header = decoded(block, overrides, self._path.name, first=position == 0)
            position += BLOCK
            if position + header.stored > length:
                raise cut_off(self._path.name)
            if header.type in RECORD_TYPES:
                overrides.take(header.type, self._file.read(header.stored))
            else:
                overrides.clear()
                self._add(header, position)
            position += (header.stored + 511) & -512
        if position < length and length - position < BLOCK:
            raise cut_off(self._path.name)

    def _add(self, header: Header, position: int) -> None:
        name = _text(clean_key(header.name))
        if header.kind == Kind.FILE:
            self._members[name] = (position, header.stored)
            self._links.pop(name, None)
        elif header.kind in (Kind.SYMLINK, Kind.HARD_LINK):
            self._links[name] = _link_target(name, header)
            self._members.pop(name, None)
        if len(self._members) + len(self._links) > MAX_MEMBERS:
            raise not_an_image(self._path.name)


class FolderBlobs:
    """An OCI layout that stands as a folder."""

    folder = True
    seekable = True

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

    def layer(self, name: str, stated: str | None = None) -> ParsedLayer | None:  # noqa: ARG002
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

    def start(self, name: str) -> bytes:
        """Return the first bytes of a file."""
        path = self._file(name)
        if path is None:
            return b""
        try:
            with path.open("rb") as file:
                return file.read(_START)
        except OSError as error:
            raise _unreadable(path, error) from error

    def digest(self, name: str) -> str | None:
        """Hash a file as it is stored."""
        path = self._file(name)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                return digest_of(self._reader, file, 0, path.stat().st_size)
        except OSError as error:
            raise _unreadable(path, error) from error

    def stop(self) -> None:
        """End what other threads are reading."""
        self._reader.stop()

    def _file(self, name: str) -> Path | None:
        # The name comes from a manifest: it must not lead out of the folder.
        path = self._path / name
        try:
            if not path.resolve().is_relative_to(self._path.resolve()):
                return None
            return path if stat.S_ISREG(path.stat().st_mode) else None
        except PermissionError as error:
            raise _unreadable(path, error) from error
        except (OSError, ValueError):
            return None


class StreamBlobs:
    """A tar that flows by once (an engine's save, a compressed archive): every layer is read as it comes."""

    folder = False
    seekable = False

    def __init__(
        self, pieces: Iterable[bytes], label: str, reader: LayerReader, on_layer: OnLayer | None = None
    ) -> None:
        self._documents: dict[str, bytes] = {}
        self._layers: dict[str, ParsedLayer] = {}
        self._links: dict[str, str] = {}
        self._broken: dict[str, ArchiveError] = {}
        self._others: set[str] = set()
        self._reader = reader
        self._on_layer = on_layer
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

    def start(self, name: str) -> bytes:  # noqa: ARG002
        """Return nothing: it has flown by."""
        return b""

    def digest(self, name: str) -> str | None:  # noqa: ARG002
        """Return None: it has flown by."""
        return None

    def stop(self) -> None:
        """Nothing is being read."""

    def layer(self, name: str, stated: str | None = None) -> ParsedLayer | None:  # noqa: ARG002
        """Return a layer that came by."""
        name = _resolved(name, self._links)
        if name in self._broken:
            raise self._broken[name]
        return self._layers.get(name)

    def _read(self, stream: TarStream) -> None:
        for count, header in enumerate(stream):
            name = _text(clean_key(header.name))
            if count > MAX_MEMBERS:
                raise not_an_image(self._label)
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
                self._layers[name] = layer = self._reader.read(whole, _label(name))
                if self._on_layer:
                    self._on_layer(layer)
            except ArchiveError as error:
                # It may be no layer of the image that is wanted; that is known when the manifest comes.
                if stream.broken:
                    raise
                self._broken[name] = error
        elif start.lstrip()[:1] in (b"{", b"[") and header.stored <= MAX_DOCUMENT:
            document = b"".join(whole)
            self._document_bytes += len(document)
            if self._document_bytes > MAX_DOCUMENTS:
                raise not_an_image(self._label)
            self._documents[name] = document
        else:
            self._others.add(name)


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
    try:
        encoded = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # JSON can state half a character; no file has such a name.
        return name
    name = _text(clean_key(encoded))
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


def _unreadable(path: Path, error: OSError) -> ArchiveError:
    return ArchiveError(f"{path.name} cannot be read", error.strerror or str(error), "Check its permissions")
