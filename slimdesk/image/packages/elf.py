"""What little of an ELF file matters: its loader, and sections by name (System V ABI, chapters 4 and 5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC = b"\x7fELF"
_PT_INTERP = 3
_MAX_SECTIONS = 4096
# What unpack_from raises for a place that is not in the file, or is past any file.
_OUTSIDE = (struct.error, OverflowError)


@dataclass(frozen=True, slots=True)
class Elf:
    """A file's bytes (or their beginning) with where its tables are; order: `<` or `>`."""

    body: bytes
    order: str
    wide: bool
    segments: tuple[int, int, int]
    sections: tuple[int, int, int]
    names: int

    @property
    def loader(self) -> str | None:
        """Path of the program loader (PT_INTERP); None for a static program."""
        start, width, count = self.segments
        shape = self.order + ("I4xQ16xQ" if self.wide else "II8xI")
        for number in range(min(count, 512)):
            try:
                kind, offset, length = struct.unpack_from(shape, self.body, start + number * width)
            except _OUTSIDE:
                return None
            if kind == _PT_INTERP and length <= 4096:
                return self.body[offset : offset + length].rstrip(b"\0").decode("utf-8", "replace") or None
        return None

    def section(self, name: bytes) -> bytes | None:
        """Return a section's bytes; None if there is none of that name."""
        if self.sections[0] == 0:
            return None
        try:
            table, _ = self._place(self.names)[1:]
            for number in range(min(self.sections[2], _MAX_SECTIONS)):
                word, offset, length = self._place(number)
                at = table + word
                if self.body[at : at + len(name) + 1] == name + b"\0":
                    return self.body[offset : offset + length]
        except _OUTSIDE:
            return None
        return None

    def _place(self, number: int) -> tuple[int, int, int]:
        """Section header: offset of the name, offset and length of the section."""
        start, width, _ = self.sections
        shape = self.order + ("I20xQQ" if self.wide else "I12xII")
        word, offset, length = struct.unpack_from(shape, self.body, start + number * width)
        return word, offset, length


def read_elf(body: bytes) -> Elf | None:
    """Read the file header; None if it is no ELF."""
    if body[:4] != MAGIC or len(body) < 52 or body[4] not in (1, 2) or body[5] not in (1, 2):
        return None
    wide, order = body[4] == 2, "<" if body[5] == 1 else ">"
    try:
        if wide:
            segments_at, sections_at = struct.unpack_from(order + "QQ", body, 32)
            counts = struct.unpack_from(order + "HHHHH", body, 54)
        else:
            segments_at, sections_at = struct.unpack_from(order + "II", body, 28)
            counts = struct.unpack_from(order + "HHHHH", body, 42)
    except struct.error:
        return None
    return Elf(
        body,
        order,
        wide,
        (segments_at, counts[0], counts[1]),
        (sections_at, counts[2], counts[3]),
        counts[4],
    )
