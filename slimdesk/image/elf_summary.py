"""What an ELF file is: for which machine, what it needs to start, how much of it only debuggers read (System V ABI, gABI 4 and 5).

Read with pyelftools, which is pure Python: for a worker process.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from slimdesk.image.packages import go
from slimdesk.image.packages.elf import MAGIC, read_elf

_MOST_NEEDED = 1000
# libLLVM of 117 MB takes 350 000 reads, a program mostly a few hundred; two million are over in some seconds.
_MOST_READS = 2_000_000
_MOST_READ = 256 << 20
_GLIBC = re.compile(r"GLIBC_\d{1,4}(\.\d{1,4}){1,3}", re.ASCII)
_MACHINES = {
    "EM_X86_64": "amd64",
    "EM_AARCH64": "arm64",
    "EM_386": "386",
    "EM_ARM": "arm",
    "EM_PPC64": "ppc64le",
    "EM_S390": "s390x",
    "EM_RISCV": "riscv64",
    "EM_MIPS": "mips",
    "EM_LOONGARCH": "loong64",
}
_TYPES = {"ET_EXEC": "program", "ET_DYN": "library", "ET_REL": "object file", "ET_CORE": "memory dump"}


@dataclass(frozen=True, slots=True)
class ElfSummary:
    """architecture: as image platforms name it. kind: program, library, object file or memory dump.

    interpreter: the loader that starts it (PT_INTERP), None for a static one. needed: sonames (DT_NEEDED); run_path: where they
    are looked for first (DT_RUNPATH); old_run_path: DT_RPATH. glibc: the newest symbol version of glibc that it asks for;
    defines_glibc: the newest that it offers.
    linked: whether it has a dynamic section. stripped: no symbol table. debug_bytes: of sections that only debuggers read.
    go, go_module: as Go's build information says. build_id in hex.
    """

    architecture: str
    bits: int
    kind: str
    interpreter: str | None
    needed: tuple[str, ...]
    soname: str | None
    run_path: tuple[str, ...]
    old_run_path: tuple[str, ...]
    linked: bool
    stripped: bool
    debug_bytes: int
    symbol_bytes: int
    glibc: str | None
    defines_glibc: str | None
    go: str | None
    go_module: str | None
    build_id: str | None
    relocatable: bool


def summarise(body: bytes) -> ElfSummary | None:
    """Read a whole ELF file; None if it is none, or so damaged that nothing can be said."""
    if body[:4] != MAGIC:
        return None
    from elftools.elf.elffile import ELFFile

    try:
        return _summary(ELFFile(_Bounded(body)), body)
    # The library meets damage with whatever its parsers happen to raise.
    except Exception:  # noqa: BLE001
        return None


class _Bounded(io.BytesIO):
    """Ends a reading that goes on and on: tables may state four thousand million entries, names may have no end."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self._left = _MOST_READS
        self._bytes_left = _MOST_READ

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, as long as there is something left to be read in all."""
        data = super().read(size)
        self._left -= 1
        self._bytes_left -= len(data)
        if self._left < 0 or self._bytes_left < 0:
            raise ValueError("it goes on and on")
        return data


def _summary(elf: Any, body: bytes) -> ElfSummary:
    interpreter, dynamic = None, None
    for number in range(min(elf.num_segments(), 512)):
        segment = elf.get_segment(number)
        kind = segment.header.p_type
        if kind == "PT_INTERP":
            interpreter = str(segment.get_interp_name())
        elif kind == "PT_DYNAMIC":
            dynamic = segment
    needed: list[str] = []
    words: dict[str, str] = {}
    for number, tag in enumerate(dynamic.iter_tags() if dynamic is not None else ()):
        if number > _MOST_NEEDED * 10:
            break
        if tag.entry.d_tag == "DT_NEEDED" and len(needed) < _MOST_NEEDED:
            needed.append(str(tag.needed))
        for name in ("soname", "runpath", "rpath"):
            if tag.entry.d_tag == f"DT_{name.upper()}":
                words[name] = str(getattr(tag, name))
    debug = symbols = 0
    stripped, glibc, defines = True, None, None
    for number in range(min(elf.num_sections(), 65536)):
        section = elf.get_section(number)
        name, kind = section.name, section.header.sh_type
        if name.startswith((".debug", ".zdebug")):
            debug += section.header.sh_size
        elif kind == "SHT_SYMTAB":
            stripped = False
            symbols += section.header.sh_size
        elif name == ".strtab":
            symbols += section.header.sh_size
        elif kind == "SHT_GNU_verneed":
            glibc = _newest_glibc(version for _, versions in section.iter_versions() for version in versions)
        elif kind == "SHT_GNU_verdef":
            defines = _newest_glibc(
                version for _, versions in section.iter_versions() for version in versions
            )
    read = read_elf(body)
    built = go.build_info(read) if read else None
    kind = elf.header.e_type
    loaded = _TYPES.get(kind, "file")
    position_free = kind == "ET_DYN"
    if position_free and interpreter:
        loaded = "program"
    return ElfSummary(
        architecture=_MACHINES.get(
            elf.header.e_machine, str(elf.header.e_machine).removeprefix("EM_").lower()
        ),
        bits=elf.elfclass,
        kind=loaded,
        interpreter=interpreter,
        needed=tuple(needed),
        soname=words.get("soname"),
        run_path=_folders(words.get("runpath")),
        old_run_path=_folders(words.get("rpath")),
        linked=dynamic is not None,
        stripped=stripped,
        debug_bytes=debug,
        symbol_bytes=symbols,
        glibc=glibc,
        defines_glibc=defines,
        go=built.go if built else None,
        go_module=_go_module(built.modules) if built else None,
        build_id=_build_id(elf),
        relocatable=position_free,
    )


def _folders(text: str | None) -> tuple[str, ...]:
    return tuple(part for part in text.split(":") if part) if text else ()


def _newest_glibc(versions: Iterable[Any]) -> str | None:
    newest: tuple[int, ...] = ()
    for version in versions:
        word = str(version.name)
        if _GLIBC.fullmatch(word):
            newest = max(newest, tuple(map(int, word[6:].split("."))))
    return ".".join(map(str, newest)) or None


def _build_id(elf: Any) -> str | None:
    section = elf.get_section_by_name(".note.gnu.build-id")
    if section is None:
        return None
    return next(
        (str(note["n_desc"]) for note in section.iter_notes() if note["n_type"] == "NT_GNU_BUILD_ID"), None
    )


def _go_module(modules: str) -> str | None:
    return next((line.split("\t")[1] for line in modules.splitlines() if line.startswith("path\t")), None)
