"""The first bytes of an ELF file: for which processor it is made, and what loads it (System V ABI, gABI 4; elf(5))."""

from __future__ import annotations

import struct
from dataclasses import dataclass

# So much is enough: linkers put the program headers and the loader's name first.
HEAD = 64 << 10
_MAGIC = b"\x7fELF"
_PT_INTERP = 3
_MOST_SEGMENTS = 512
# e_machine -> the name that image platforms have for it, of 64 and of 32 bits.
_MACHINES = {
    3: ("386", "386"),
    8: ("mips64", "mips"),
    21: ("ppc64le", "ppc64le"),
    22: ("s390x", "s390x"),
    40: ("arm", "arm"),
    62: ("amd64", "amd64"),
    183: ("arm64", "arm64"),
    243: ("riscv64", "riscv32"),
    258: ("loong64", "loong64"),
}


@dataclass(frozen=True, slots=True)
class ElfHead:
    """`architecture` as image platforms name it, "" for one that is not known; `loader` is PT_INTERP, "" where there is none."""

    architecture: str
    loader: str


def read_head(data: bytes) -> ElfHead | None:
    """Read the first bytes (HEAD of them are enough); None where they are no ELF file's, or damaged."""
    if data[:4] != _MAGIC or len(data) < 6 or data[4] not in (1, 2) or data[5] not in (1, 2):
        return None
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    try:
        (machine,) = struct.unpack_from(f"{order}H", data, 18)
        (table,) = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", data, 32 if wide else 28)
        size, count = struct.unpack_from(f"{order}HH", data, 54 if wide else 42)
        loader = ""
        for number in range(min(count, _MOST_SEGMENTS)):
            at = table + number * size
            (kind,) = struct.unpack_from(f"{order}I", data, at)
            if kind == _PT_INTERP:
                form, first, length = ("Q", 8, 32) if wide else ("I", 4, 16)
                (begin,) = struct.unpack_from(f"{order}{form}", data, at + first)
                (room,) = struct.unpack_from(f"{order}{form}", data, at + length)
                loader = data[begin : begin + room].split(b"\0", 1)[0].decode("utf-8", "replace")
                break
    except struct.error:
        return None
    names = _MACHINES.get(machine)
    return ElfHead(names[0 if wide else 1] if names else "", loader)
