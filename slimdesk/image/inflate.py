"""Compressed blobs as a stream of plain bytes; the format is told by the first bytes, never by a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from slimdesk.basics.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable

Compression = Literal["gzip", "zstd"]

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
PIECE = 1 << 20
# estargz has one gzip member per file: what follows a member is copied each time, so small pieces cost less.
_SMALL_PIECE = 1 << 16
_ZSTD_INPUT = 1 << 12
# Real images stay far below; a bomb of some MB would go on for hours.
MAX_UNPACKED = 256 << 30
# Deflate cannot pack tighter than 1 : 1032, zstd can, and files of zeros are real: only what is large as well is a bomb.
MAX_RATIO = 200
RATIO_MATTERS = 8 << 30


def compression_of(start: bytes) -> Compression | None:
    """Tell the compression from the first bytes; None for a format that is not compressed (or not known)."""
    if start.startswith(GZIP_MAGIC):
        return "gzip"
    # A zstd:chunked blob may begin with a skippable frame (RFC 8878, 3.1.2).
    if start.startswith(ZSTD_MAGIC) or (
        len(start) >= 4 and start[1:4] == b"\x2a\x4d\x18" and start[0] >> 4 == 5
    ):
        return "zstd"
    return None


def inflate(pieces: Iterable[bytes], how: Compression, label: str) -> Iterator[bytes]:
    """Yield plain bytes, at most some MiB at a time. Raises ArchiveError if they are damaged or never end."""
    stored = total = 0

    def counted() -> Iterator[bytes]:
        nonlocal stored
        for piece in pieces:
            stored += len(piece)
            yield piece

    plain = _gunzip(counted(), label) if how == "gzip" else _unzstd(counted(), label)
    for piece in plain:
        total += len(piece)
        if total > RATIO_MATTERS and (total > MAX_UNPACKED or total > stored * MAX_RATIO):
            raise ArchiveError(
                f"{label} unpacks to more than {total >> 30} GiB",
                f"that is {total // max(stored, 1)} times what is stored, as in a file that was made to fill disks",
                "Do not trust this image",
            )
        yield piece


def _gunzip(pieces: Iterable[bytes], label: str) -> Iterator[bytes]:
    from isal import igzip_lib

    member = None
    members = 0
    try:
        for piece in pieces:
            rest = piece
            while rest:
                if member is None:
                    if members and not rest.strip(b"\0"):
                        break
                    if members and not GZIP_MAGIC.startswith(rest[:2]) and not rest.startswith(GZIP_MAGIC):
                        # Go's reader refuses this too, but gzip itself only warns of trailing rubbish.
                        return
                    member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
                now, rest = (rest[:_SMALL_PIECE], rest[_SMALL_PIECE:]) if members else (rest, b"")
                plain = member.decompress(now, PIECE)
                if plain:
                    yield plain
                while not member.eof and not member.needs_input:
                    plain = member.decompress(b"", PIECE)
                    if not plain:
                        break
                    yield plain
                if member.eof:
                    rest = member.unused_data + rest
                    member = None
                    members += 1
    except igzip_lib.error as error:  # type: ignore[misc]
        raise _damaged(label, "gzip") from error
    if member is not None:
        raise _cut_off(label)


def _unzstd(pieces: Iterable[bytes], label: str) -> Iterator[bytes]:
    import zstandard

    # A block of a few bytes may stand for 128 KiB, and one call gives all that its input holds: small inputs bound it.
    decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    frame = None
    gathered: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            for start in range(0, len(piece), _ZSTD_INPUT):
                rest = piece[start : start + _ZSTD_INPUT]
                while rest:
                    frame = frame or decompressor.decompressobj()
                    plain = frame.decompress(rest)
                    rest = frame.unused_data
                    if frame.eof:
                        frame = None
                    gathered.append(plain)
                    size += len(plain)
                if size >= _SMALL_PIECE:
                    yield b"".join(gathered)
                    gathered, size = [], 0
    except zstandard.ZstdError as error:
        raise _damaged(label, "zstd") from error
    if size:
        yield b"".join(gathered)
    if frame is not None:
        raise _cut_off(label)


def _cut_off(label: str) -> ArchiveError:
    return ArchiveError(f"{label} is cut off", "its compressed data stops early", "Save or download it again")


def _damaged(label: str, how: str) -> ArchiveError:
    return ArchiveError(
        f"{label} is damaged", f"its {how} data cannot be unpacked", "Save or download it again"
    )
