"""What a zip, a jar or a tar inside an image holds: names and sizes, nothing unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from slimdesk.basics.errors import ArchiveError
from slimdesk.basics.escaping import visible
from slimdesk.image.blobs import looks_like_tar
from slimdesk.image.inflate import PIECE, compression_of, inflate
from slimdesk.image.packages import zips
from slimdesk.image.table import Kind
from slimdesk.image.tarstream import TarStream

MAX_LISTED = 20_000
_MAX_UNPACKED = 2 << 30
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name made harmless, its bytes unpacked, and as stored (None = the same)."""

    name: str
    size: int
    stored: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """form: zip or tar, with its compression. more: files beyond those listed are there. note: why the list ends early."""

    form: str
    members: tuple[Member, ...]
    more: bool = False
    note: str = ""


def list_archive(body: bytes) -> Listing | None:
    """List a whole archive; None if it is none."""
    if _ZIP in body[:4] or (body[:2] == b"#!" and body.rfind(b"PK\x05\x06") > 0):
        return _zip(body)
    how = compression_of(body)
    if how is None:
        return _tar(iter((body,)), "tar") if len(body) >= 512 and body[257:262] == b"ustar" else None
    plain = _bounded(
        inflate((body[at : at + PIECE] for at in range(0, len(body), PIECE)), how, "The archive")
    )
    start = b""
    try:
        while len(start) < 512:
            start += next(plain)
    except (StopIteration, ArchiveError, zlib.error):
        return None
    if start[257:262] != b"ustar" or not looks_like_tar(start[:512]):
        return None

    def whole() -> Iterator[bytes]:
        yield start
        yield from plain

    return _tar(whole(), f"tar, {how}")


def _zip(body: bytes) -> Listing | None:
    members: list[Member] = []
    more = False
    for entry in zips.entries(body):
        if entry.name.endswith(b"/"):
            continue
        if len(members) == MAX_LISTED:
            more = True
            break
        members.append(Member(_name(entry.name), entry.size, entry.stored))
    return Listing("zip", tuple(members), more) if members else None


def _tar(pieces: Iterator[bytes], form: str) -> Listing:
    members: list[Member] = []
    try:
        for header in TarStream(pieces, "The archive"):
            if len(members) == MAX_LISTED:
                return Listing(form, tuple(members), more=True)
            if header.kind == Kind.FILE:
                members.append(Member(_name(header.name), header.size, None))
    except ArchiveError as error:
        return Listing(form, tuple(members), note=str(error))
    return Listing(form, tuple(members))


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > _MAX_UNPACKED:
            raise ArchiveError("The archive goes on", f"beyond {_MAX_UNPACKED >> 30} GiB it was not read", "")
        yield piece


def _name(name: bytes) -> str:
    return visible(name.decode("utf-8", "replace"), 400)
