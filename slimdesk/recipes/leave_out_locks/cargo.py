"""Cargo.lock without a crate (doc.rust-lang.org/cargo, Cargo.toml vs Cargo.lock): blocks of packages, each with what it needs.

A crate that goes may have switched on features of one that stays, and with them what that one needs: Cargo knows, the lock
file does not say. Only where nothing of that kind can be is the text written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slimdesk.basics.graph import reached
from slimdesk.recipes.leave_out_locks.gone import Gone, mapping

_NEED = re.compile(r'^ "([^" ]+)(?: ([^" ]+))?(?: \([^"]*\))?",$')
_GROUPS = ("dependencies", "dev-dependencies", "build-dependencies")
_PACKAGE = "[[package]]\n"


@dataclass(frozen=True, slots=True)
class _Crate:
    """name, version: of the crate. needs: name, and version where there are several. own: it is of this workspace."""

    name: str
    version: str
    needs: tuple[tuple[str, str], ...]
    own: bool
    text: str


def without(text: str, gone: Gone) -> str | None:
    """Return the text without the crate and what only it brought; None where that cannot be told from it."""
    member, still = _manifest(gone.before), _manifest(gone.after)
    if member is None or still is None:
        return None
    if gone.name in still[1]:
        # Another table of the manifest asks for it too, perhaps for less of it.
        return None
    head, *parts = re.split(r"\n(?=\[\[?)", text.rstrip("\n"))
    if not parts or any(not part.startswith(_PACKAGE) for part in parts):
        return None
    crates = [_crate(part.rstrip("\n")) for part in parts]
    names: dict[str, list[int]] = {}
    for number, one in enumerate(crates):
        names.setdefault(one.name, []).append(number)

    def places(need: tuple[str, str]) -> list[int]:
        return [one for one in names.get(need[0], ()) if not need[1] or crates[one].version == need[1]]

    root = next((number for number, one in enumerate(crates) if one.own and one.name == member[0]), None)
    going = [need for need in crates[root].needs if need[0] == gone.name] if root is not None else []
    if root is None or len(going) != 1:
        return None

    def needs(number: int) -> Iterator[int]:
        for need in crates[number].needs:
            if number != root or need != going[0]:
                yield from places(need)

    kept = reached((number for number, one in enumerate(crates) if one.own), needs)
    lost = set(range(len(crates))) - kept
    touched = {place for number in lost for need in crates[number].needs for place in places(need)}
    touched.update(places(going[0]))
    if any(crates[place].needs or crates[place].own for place in touched & kept):
        return None
    left = {one.name: sum(crates[number].name == one.name for number in kept) for one in crates}
    blocks = [
        _written(crates[number], going[0] if number == root else None, names, left) for number in sorted(kept)
    ]
    return "\n\n".join((head.rstrip("\n"), *blocks)) + "\n"


def _manifest(text: str) -> tuple[str, set[str]] | None:
    """Return the package's name, and the crates that any table asks for."""
    import tomllib

    try:
        document: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    tables = [document, *mapping(document, "target").values()]
    asked = {
        str(how.get("package", name)) if isinstance(how, dict) else name
        for table in tables
        for group in _GROUPS
        for name, how in mapping(table, group).items()
    }
    name = mapping(document, "package").get("name")
    return (name, asked) if isinstance(name, str) else None


def _crate(text: str) -> _Crate:
    lines = text.split("\n")
    fields = dict(line.split(" = ", 1) for line in lines if " = " in line)
    needs = tuple((match[1], match[2] or "") for line in lines if (match := _NEED.match(line)))
    own = "source" not in fields
    return _Crate(fields.get("name", "").strip('"'), fields.get("version", "").strip('"'), needs, own, text)


def _written(
    crate: _Crate, going: tuple[str, str] | None, names: dict[str, list[int]], left: dict[str, int]
) -> str:
    lines = []
    for line in crate.text.split("\n"):
        match = _NEED.match(line)
        if match is not None and going is not None and (match[1], match[2] or "") == going:
            continue
        # A version stands behind a name as long as there are several.
        alone = match is not None and len(names.get(match[1], ())) > 1 and left.get(match[1]) == 1
        lines.append(f' "{match[1]}",' if match is not None and alone else line)
    return "\n".join(lines).replace("\ndependencies = [\n]", "")
