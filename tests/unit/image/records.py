"""Package records for the tests: ELF files with sections, RPM databases, jars."""

from __future__ import annotations

import io
import sqlite3
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

GO_MAGIC = b"\xff Go buildinf:"


def elf(
    sections: Mapping[bytes, bytes] | None = None, loader: bytes | None = None, *, wide: bool = True
) -> bytes:
    """A little-endian ELF file with the given sections and loader, and nothing to run."""
    head, entry, segment = (64, 64, 56) if wide else (52, 40, 32)
    body = bytearray(head + segment)
    segments = 0
    if loader is not None:
        segments = 1
        text = loader + b"\0"
        shape = "<IIQQQQQQ" if wide else "<IIIIIIII"
        at = len(body)
        fields = (3, 0, at, 0, 0, len(text), 0, 0) if wide else (3, at, 0, 0, len(text), 0, 0, 0)
        struct.pack_into(shape, body, head, *fields)
        body += text
    names = b"\0"
    rows = [(0, 0, 0)]
    for name, data in {**(sections or {}), b".shstrtab": b""}.items():
        place = len(names)
        names += name + b"\0"
        written = names if name == b".shstrtab" else data
        rows.append((place, len(body), len(written)))
        body += written
    table = len(body)
    for place, offset, length in rows:
        if wide:
            body += struct.pack("<IIQQQQIIQQ", place, 1, 0, 0, offset, length, 0, 0, 1, 0)
        else:
            body += struct.pack("<IIIIIIIIII", place, 1, 0, 0, offset, length, 0, 0, 1, 0)
    body[:6] = b"\x7fELF" + bytes((2 if wide else 1, 1))
    if wide:
        struct.pack_into("<QQ", body, 32, head, table)
        struct.pack_into("<HHHHH", body, 54, segment, segments, entry, len(rows), len(rows) - 1)
    else:
        struct.pack_into("<II", body, 28, head, table)
        struct.pack_into("<HHHHH", body, 42, segment, segments, entry, len(rows), len(rows) - 1)
    return bytes(body)


def go_info(version: str, modules: str) -> bytes:
    """The section .go.buildinfo as Go writes it since 1.18."""

    def text(data: bytes) -> bytes:
        length, out = len(data), b""
        while length >= 0x80:
            out += bytes((length & 0x7F | 0x80,))
            length >>= 7
        return out + bytes((length,)) + data

    framed = b"s" * 16 + modules.encode() + b"e" * 16
    return GO_MAGIC + bytes((8, 2)) + bytes(16) + text(version.encode()) + text(framed)


def rpm_header(tags: Sequence[tuple[int, int, list[bytes] | list[int]]]) -> bytes:
    """An RPM header blob of (tag, type, values)."""
    index, data = b"", b""
    for tag, kind, values in tags:
        index += struct.pack(">IIII", tag, kind, len(data), len(values))
        for value in values:
            data += struct.pack(">I", value) if isinstance(value, int) else value + b"\0"
    return struct.pack(">II", len(tags), len(data)) + index + data


def rpm_database(folder: Path, blobs: Sequence[bytes]) -> bytes:
    path = folder / "rpmdb.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
    connection.commit()
    connection.close()
    return path.read_bytes()


def jar(files: Mapping[str, bytes | str], *, stored: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()
