"""One tar header of 512 bytes, read as Go's archive/tar reads it, and the long-name records that go before one.

Formats: POSIX ustar and pax (IEEE Std 1003.1-2017, pax), GNU (long names, base-256 numbers, sparse), v7.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import adler32

from slimdesk.image.table import Kind

BLOCK = 512
ZERO_BLOCK = bytes(BLOCK)
# Records that carry names are small; Go's archive/tar refuses more than a MiB as well.
MAX_RECORD = 1 << 20
# Linux takes paths of 4 096 bytes, and an engine unpacks an image below a folder of its own.
MAX_NAME = 1 << 13
MAX_SIZE = 1 << 60

PAX_TYPES = b"xX"
GLOBAL_TYPE = ord("g")
LONG_NAME, LONG_LINK, SPARSE = ord("L"), ord("K"), ord("S")
RECORD_TYPES = frozenset(b"xXgLK")

KIND_OF_TYPE = {
    ord("0"): Kind.FILE,
    0: Kind.FILE,
    ord("7"): Kind.FILE,
    SPARSE: Kind.FILE,
    ord("1"): Kind.HARD_LINK,
    ord("2"): Kind.SYMLINK,
    ord("3"): Kind.CHARACTER_DEVICE,
    ord("4"): Kind.BLOCK_DEVICE,
    ord("5"): Kind.FOLDER,
    ord("6"): Kind.FIFO,
}


class TarError(ValueError):
    """These bytes are no tar header, or a header that lies."""


@dataclass(frozen=True, slots=True)
class Header:
    """`size` is the size of the file; `stored` the bytes of its body in the archive (less for a sparse file)."""

    name: bytes
    type: int
    kind: Kind
    size: int
    stored: int
    mode: int
    uid: int
    gid: int
    mtime: int
    link: bytes


@dataclass(slots=True)
class Overrides:
    """What the records before a header say about it: pax keys, GNU long name and long link."""

    pax: dict[bytes, bytes] | None = None
    name: bytes | None = None
    link: bytes | None = None

    def take(self, type_: int, body: bytes) -> None:
        """Note one record. Raises TarError."""
        if type_ in PAX_TYPES:
            self.pax = {**(self.pax or {}), **parse_pax(body)}
        elif type_ == LONG_NAME:
            self.name = body.split(b"\0", 1)[0]
        elif type_ == LONG_LINK:
            self.link = body.split(b"\0", 1)[0]
        # A global pax header ("g") holds comments; container engines ignore it.

    def __bool__(self) -> bool:
        return self.pax is not None or self.name is not None or self.link is not None

    def clear(self) -> None:
        """Forget all, after the header they were meant for."""
        self.pax = self.name = self.link = None


def parse_number(field: bytes) -> int:
    """Octal text, or GNU's base-256 where the first bit is set. Raises TarError."""
    if field and field[0] & 0x80:
        if field[0] == 0xFF:
            return int.from_bytes(field, "big", signed=True)
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    text = field.split(b"\0", 1)[0].strip(b" ")
    if not text:
        return 0
    if not text.isdigit():
        raise TarError("a number in a header is not octal")
    try:
        return int(text, 8)
    except ValueError:
        raise TarError("a number in a header is not octal") from None


def parse_pax(body: bytes) -> dict[bytes, bytes]:
    """Read records, each a length, a blank, KEY=VALUE and an end of line (pax, Extended Header). Raises TarError."""
    records: dict[bytes, bytes] = {}
    position = 0
    while position < len(body) and body[position] != 0:
        blank = body.find(b" ", position, position + 20)
        digits = body[position:blank]
        if blank < 0 or not digits.isdigit():
            raise TarError("an extended header is damaged")
        stop = position + int(digits)
        key, equals, value = body[blank + 1 : stop - 1].partition(b"=")
        if stop > len(body) or stop <= blank + 1 or not equals or body[stop - 1 : stop] != b"\n":
            raise TarError("an extended header is damaged")
        records[key] = value
        position = stop
    return records


def checksum_holds(block: bytes) -> bool:
    """Whether the header's sum is right, taken over unsigned or (as very old tars did) signed bytes."""
    try:
        stated = parse_number(block[148:156])
    except TarError:
        return False
    # Adler-32's low half is 1 + the sum of the bytes modulo 65521: the sum at the speed of C.
    total = (adler32(block) & 0xFFFF) - (adler32(block[148:156], 0) & 0xFFFF) + 255
    if (total - stated) % 65521 == 0:
        return True
    signed = sum(byte - 256 if byte > 127 else byte for byte in block[:148] + block[156:]) + 256
    return signed == stated


def decode(block: bytes, overrides: Overrides | None = None) -> Header:
    """Read one header; what `overrides` says wins. Raises TarError."""
    if len(block) != BLOCK or not checksum_holds(block):
        raise TarError("there is no tar header")
    type_ = block[156]
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0" and block[345]:
        name = block[345:500].split(b"\0", 1)[0] + b"/" + name
    link = block[157:257].split(b"\0", 1)[0]
    stored = parse_number(block[124:136])
    size = parse_number(block[483:495]) if type_ == SPARSE else stored
    numbers = [
        parse_number(block[start:stop]) for start, stop in ((100, 108), (108, 116), (116, 124), (136, 148))
    ]
    if overrides:
        name = name if overrides.name is None else overrides.name
        link = link if overrides.link is None else overrides.link
        if overrides.pax:
            name, link, size, stored = _with_pax(overrides.pax, name, link, size, stored)
            numbers = _numbers_with_pax(overrides.pax, numbers)
    kind = KIND_OF_TYPE.get(type_, Kind.FILE)
    if kind == Kind.FILE and type_ in (0, ord("0")) and name.endswith(b"/"):
        kind = Kind.FOLDER
        stored = 0
    elif kind != Kind.FILE:
        stored = size if type_ in RECORD_TYPES else 0
    if not 0 <= stored < MAX_SIZE or not 0 <= size < MAX_SIZE:
        raise TarError("a header states an impossible size")
    if len(name) > MAX_NAME or len(link) > MAX_NAME:
        raise TarError("a name is longer than any file system allows")
    if type_ in RECORD_TYPES and stored > MAX_RECORD:
        raise TarError("an extended header is too large")
    mode, uid, gid, mtime = numbers
    return Header(
        name=name,
        type=type_,
        kind=kind,
        size=size if kind == Kind.FILE else 0,
        stored=stored,
        mode=mode & 0o7777,
        uid=_within(uid, 32),
        gid=_within(gid, 32),
        mtime=mtime if -(1 << 62) < mtime < 1 << 62 else 0,
        link=link,
    )


def owner_numbers(fields: bytes) -> tuple[int, int, int]:
    """Return mode, user and group from the 24 bytes that hold them. Raises TarError."""
    mode, user, group = (parse_number(fields[start : start + 8]) for start in (0, 8, 16))
    return mode & 0o7777, _within(user, 32), _within(group, 32)


def _within(number: int, bits: int) -> int:
    return number if 0 <= number < 1 << bits else (1 << bits) - 1


def _with_pax(
    pax: dict[bytes, bytes], name: bytes, link: bytes, size: int, stored: int
) -> tuple[bytes, bytes, int, int]:
    # GNU.sparse.*: GNU tar manual, appendix D.2; versions 0.0 and 0.1 say size, 1.0 realsize and name.
    name = pax.get(b"GNU.sparse.name") or pax.get(b"path") or name
    link = pax.get(b"linkpath") or link
    if b"size" in pax:
        size = stored = _decimal(pax[b"size"])
    for key in (b"GNU.sparse.size", b"GNU.sparse.realsize"):
        if key in pax:
            size = _decimal(pax[key])
    return name.split(b"\0", 1)[0], link.split(b"\0", 1)[0], size, stored


def _numbers_with_pax(pax: dict[bytes, bytes], numbers: list[int]) -> list[int]:
    mode, uid, gid, mtime = numbers
    if b"uid" in pax:
        uid = _decimal(pax[b"uid"])
    if b"gid" in pax:
        gid = _decimal(pax[b"gid"])
    if b"mtime" in pax:
        whole = pax[b"mtime"].split(b".", 1)[0]
        mtime = -_decimal(whole[1:]) if whole.startswith(b"-") else _decimal(whole)
    return [mode, uid, gid, mtime]


def _decimal(text: bytes) -> int:
    if not text.isdigit() or len(text) > 20:
        raise TarError("a number in an extended header is not a number")
    return int(text)
