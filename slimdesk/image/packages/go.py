"""Go programs: the module list that the linker writes into every binary (Go's debug/buildinfo)."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.image.interests import Rule
from slimdesk.image.packages.elf import Elf
from slimdesk.image.packages.look import Claim, Look
from slimdesk.image.packages.program_facts import WORD, BuildInfo, Program

_MAGIC = b"\xff Go buildinf:"
_INLINE = 2
_MAX_TEXT = 1 << 20
# What the go command puts around the module list (cmd/go/internal/modload, infoStart and infoEnd).
_START = bytes.fromhex("3077af0c9274080241e1c107e6d618e6")
_STOP = bytes.fromhex("f932433186182072008242104116d8f2")

RULES: tuple[Rule, ...] = ()


def build_info(elf: Elf) -> BuildInfo | None:
    """Return what a binary says it was built from; None if it is not Go's."""
    section = elf.section(b".go.buildinfo")
    if section is None or not section.startswith(_MAGIC):
        return None
    if len(section) > 32 and section[15] & _INLINE:
        version, position = _string(section, 32)
        modules, _ = _string(section, position)
        if len(modules) >= 33 and modules[-17:-16] == b"\n":
            modules = modules[16:-16]
        return BuildInfo(version.decode("utf-8", "replace"), modules.decode("utf-8", "replace"))
    # Before Go 1.18 the section holds pointers; the list itself stands between its marks.
    start = elf.body.find(_START)
    stop = elf.body.find(_STOP, start, start + _MAX_TEXT) if start >= 0 else -1
    modules = elf.body[start + 16 : stop] if stop > 0 else b""
    return BuildInfo("", modules.decode("utf-8", "replace"))


def _string(data: bytes, position: int) -> tuple[bytes, int]:
    """Read a length (LEB128) and so many bytes."""
    length = shift = 0
    while position < len(data) and shift < 35:
        byte = data[position]
        position += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    length = min(length, _MAX_TEXT)
    return data[position : position + length], position + length


def read(look: Look) -> Iterator[Claim]:
    """Yield the main module with the binary as its own, then the standard library and the modules compiled in."""
    for found in look.found(WORD):
        info = found.value.go if isinstance(found.value, Program) else None
        if info is None:
            continue
        main: tuple[str, str] | None = None
        modules: list[tuple[str, str]] = []
        program = ""
        for line in info.modules.split("\n"):
            words = line.split("\t")
            if words[0] == "path" and len(words) > 1:
                program = words[1]
            elif words[0] == "mod" and len(words) > 2:
                main = words[1], words[2]
            elif words[0] == "dep" and len(words) > 2:
                modules.append((words[1], words[2]))
            elif words[0] == "=>" and len(words) > 2 and modules:
                # A replaced module: what was compiled is what it was replaced with.
                modules[-1] = words[1], words[2]
        if main is None:
            main = program or found.path.rpartition("/")[2], info.go.removeprefix("go") or "unknown"
        name, version = main
        own = Claim(name, version, "golang", found.path, found.node, nodes=[found.node])
        yield own
        if info.go.startswith("go"):
            release = info.go.removeprefix("go").split()[0]
            yield Claim(
                "stdlib", release, "golang", found.path, found.node, licence="BSD-3-Clause", sized=False
            )
        for name, version in modules[:5000]:
            yield Claim(name, version, "golang", found.path, found.node, sized=False)
