"""RPM packages: the SQLite database of rpm 4.16 and later, its header blobs read for the few tags that matter.

Format: rpm's docs/manual/format_header.md: counts of index entries and of data bytes, entries of tag, type, offset and
count (all big-endian 32 bits), then the data. Berkeley DB and ndb are older or rarer and are said not to be readable.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from slimdesk.image.bodies import Interest
from slimdesk.image.interests import Rule
from slimdesk.image.layer import clean_key
from slimdesk.image.packages.look import Claim, Look

_WORD, _OTHER = "rpm", "rpm-other"
_NAME, _VERSION, _RELEASE, _EPOCH, _LICENCE, _ARCH = 1000, 1001, 1002, 1003, 1014, 1022
_FOLDER_OF, _BASE_NAMES, _FOLDERS = 1116, 1117, 1118
_PROVIDES, _REQUIRES = 1047, 1049
_INT32, _STRING, _STRING_ARRAY, _I18N = 4, 6, 8, 9
_MAX_FILES = 500_000
_MAX_ROWS = 20_000
_MAX_WORDS = 20_000
# Where /bin is a link, packages still ask for files in it, and own them in /usr.
_LINKED = (b"/bin/", b"/sbin/", b"/lib/", b"/lib64/")


@dataclass(frozen=True, slots=True)
class Header:
    """What is read of one package; files are paths as bytes. provides, requires: names of packages, libraries and files."""

    name: str
    version: str
    architecture: str
    epoch: int | None
    licence: str | None
    files: tuple[bytes, ...]
    provides: tuple[bytes, ...] = ()
    requires: tuple[bytes, ...] = ()


def _in_database(key: bytes) -> bool:
    return key.startswith((b"var\0lib\0rpm\0", b"usr\0lib\0sysimage\0rpm\0", b"usr\0share\0rpm\0"))


def _look(_: bytes, body: bytes, __: int) -> tuple[Header, ...] | None:
    import sqlite3

    if not body.startswith(b"SQLite format 3\0"):
        return None
    # A database in WAL mode cannot be opened from memory; all that was written is in this file anyway.
    if body[18:20] == b"\2\2":
        body = body[:18] + b"\1\1" + body[20:]
    headers = []
    try:
        connection = sqlite3.connect(":memory:")
        try:
            connection.deserialize(body)
            rows = connection.execute("SELECT blob FROM Packages LIMIT ?", (_MAX_ROWS,))
            for (blob,) in rows:
                header = parse_header(blob) if isinstance(blob, bytes) else None
                if header and header.name != "gpg-pubkey":
                    headers.append(header)
        finally:
            connection.close()
    except (sqlite3.Error, MemoryError):
        return tuple(headers) or None
    return tuple(headers)


def _look_other(_: bytes, __: bytes, ___: int) -> bool:
    return True


RULES = (
    Rule(
        Interest(_WORD, _look, 96 << 20, weighs=8 << 20),
        names=frozenset((b"rpmdb.sqlite",)),
        fits=_in_database,
    ),
    Rule(
        Interest(_OTHER, _look_other, wanted=lambda _, size: min(4, size), weighs=0),
        names=frozenset((b"Packages", b"Packages.db")),
        fits=_in_database,
    ),
)


def read(look: Look) -> Iterator[Claim]:
    """Yield installed packages with their files."""
    known = False
    for found in look.found(_WORD):
        known = True
        headers = found.value if isinstance(found.value, tuple) else ()
        distribution = look.release.get("ID") or "redhat"
        release = look.release.get("VERSION_ID")
        provided = _provided(headers)
        for header in headers:
            qualifiers = {"arch": header.architecture}
            if header.epoch:
                qualifiers["epoch"] = str(header.epoch)
            if release:
                qualifiers["distro"] = f"{distribution}-{release}"
            nodes: dict[int, None] = {}
            for path in header.files:
                node = look.paths.find(clean_key(path))
                if node is not None and not look.table.is_folder(node):
                    nodes[node] = None
            yield Claim(
                header.name,
                header.version,
                "rpm",
                found.path,
                found.node,
                namespace=distribution,
                licence=header.licence,
                qualifiers=qualifiers,
                nodes=list(nodes),
                requires=_needs(header, provided),
            )
    if not known and any(True for _ in look.found(_OTHER)):
        look.notes.append(
            "The RPM packages were not read: their database is in an old format (Berkeley DB or ndb) that SlimDesk cannot read."
        )


def _provided(headers: tuple[Header, ...]) -> dict[bytes, str]:
    """What stands for which package: its name, what it provides, and those of its files that others ask for."""
    found: dict[bytes, str] = {header.name.encode(): header.name for header in headers}
    files = {
        place for header in headers for word in header.requires if word[:1] == b"/" for place in _places(word)
    }
    for header in headers:
        for word in (*header.provides, *(path for path in header.files if path in files)):
            found.setdefault(word, header.name)
    return found


def _places(path: bytes) -> tuple[bytes, ...]:
    return (path, b"/usr" + path) if path.startswith(_LINKED) else (path,)


def _needs(header: Header, provided: dict[bytes, str]) -> tuple[str, ...]:
    # rpmlib(…) is rpm itself; what stands in brackets is asked for under a condition.
    words = [word for word in header.requires if not word.startswith((b"rpmlib(", b"("))]
    names = (next(filter(None, map(provided.get, _places(word))), None) for word in words)
    return tuple(dict.fromkeys(one for one in names if one is not None and one != header.name))


def parse_header(blob: bytes) -> Header | None:
    """Read a header blob; None if it is none."""
    try:
        count, length = struct.unpack_from(">II", blob)
        start = 8 + 16 * count
        if count > 65_536 or start + length > len(blob):
            return None
        index = {
            tag: (kind, offset, number)
            for tag, kind, offset, number in struct.iter_unpack(">IIII", blob[8:start])
        }
        data = blob[start : start + length]
        name, version = _text(index, data, _NAME), _text(index, data, _VERSION)
        if not name or not version:
            return None
        release = _text(index, data, _RELEASE)
        epoch = _numbers(index, data, _EPOCH)
        return Header(
            name,
            f"{version}-{release}" if release else version,
            _text(index, data, _ARCH) or "",
            epoch[0] if epoch else None,
            _text(index, data, _LICENCE),
            _files(index, data),
            tuple(_texts(index, data, _PROVIDES)[:_MAX_WORDS]),
            tuple(_texts(index, data, _REQUIRES)[:_MAX_WORDS]),
        )
    except (struct.error, IndexError, ValueError):
        return None


Index = dict[int, tuple[int, int, int]]


def _texts(index: Index, data: bytes, tag: int) -> list[bytes]:
    kind, offset, number = index.get(tag, (0, 0, 0))
    if kind not in (_STRING, _STRING_ARRAY, _I18N) or offset > len(data):
        return []
    wanted = min(1 if kind == _STRING else number, _MAX_FILES)
    texts = []
    for _ in range(wanted):
        stop = data.find(b"\0", offset)
        if stop < 0:
            break
        texts.append(data[offset:stop])
        offset = stop + 1
    return texts


def _text(index: Index, data: bytes, tag: int) -> str | None:
    texts = _texts(index, data, tag)
    return texts[0].decode("utf-8", "replace") if texts else None


def _numbers(index: Index, data: bytes, tag: int) -> tuple[int, ...]:
    kind, offset, number = index.get(tag, (0, 0, 0))
    if kind != _INT32 or number > _MAX_FILES or offset + 4 * number > len(data):
        return ()
    return struct.unpack_from(f">{number}I", data, offset)


def _files(index: Index, data: bytes) -> tuple[bytes, ...]:
    folders = _texts(index, data, _FOLDERS)
    names = _texts(index, data, _BASE_NAMES)
    places = _numbers(index, data, _FOLDER_OF)
    return tuple(
        folders[place] + name for name, place in zip(names, places, strict=False) if place < len(folders)
    )
