"""Rust programs: the crate list that cargo-auditable writes into a binary (its PARSING.md: section .dep-v0, zlib, JSON)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from slimdesk.image.interests import Rule
from slimdesk.image.json_objects import json_object
from slimdesk.image.packages.elf import Elf
from slimdesk.image.packages.look import Claim, Found, Look
from slimdesk.image.packages.program_facts import WORD, Program

_MAX_JSON = 8 << 20

RULES: tuple[Rule, ...] = ()


def audit_data(elf: Elf) -> bytes | None:
    """Return the JSON; None if the binary has none."""
    section = elf.section(b".dep-v0")
    if not section:
        return None
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(section, _MAX_JSON)
    except zlib.error:
        return None
    return plain if unpacker.eof else None


def read(look: Look) -> Iterator[Claim]:
    """Yield the program's own crate with the binary as its own, then the crates compiled in (not those of the build)."""
    for found in look.found(WORD):
        data = found.value.rust if isinstance(found.value, Program) else None
        if data is not None:
            yield from _crates(data, found)


def _crates(data: bytes, found: Found) -> Iterator[Claim]:
    crates = (json_object(data) or {}).get("packages")
    if not isinstance(crates, list):
        return
    for crate in crates[:10_000]:
        if not isinstance(crate, dict) or crate.get("kind", "runtime") != "runtime":
            continue
        name, version = crate.get("name"), crate.get("version")
        if not isinstance(name, str) or not isinstance(version, str) or not name:
            continue
        root = crate.get("root") is True
        claim = Claim(
            name, version, "cargo", found.path, found.node, sized=root, requires=_needs(crate, crates)
        )
        if root:
            claim.nodes = [found.node]
        yield claim


def _needs(crate: dict[str, object], crates: list[object]) -> tuple[str, ...]:
    """Names of the crates that one states by their numbers in the list."""
    numbers = crate.get("dependencies")
    found: dict[str, None] = {}
    for number in numbers if isinstance(numbers, list) else ():
        # True is no number here.
        other = crates[number] if type(number) is int and 0 <= number < len(crates) else None
        name = other.get("name") if isinstance(other, dict) else None
        if isinstance(name, str):
            found[name] = None
    return tuple(found)
