"""TOML lock files: reading one beside its manifest, and writing its packages' tables out or into other groups where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slimdesk.recipes.leave_out_locks.gone import Gone, mapping

BLOCK = re.compile(r"\n(?=\[\[package\]\]\n)")
_TAIL = re.compile(r"(?m)^\[(?:extras|metadata)\]\n")
_GROUPS = re.compile(r"(?m)^groups = (\[[^\n]*\])$")


@dataclass(frozen=True, slots=True)
class TomlLock:
    """What a lock file's [metadata] and its [[package]] tables say, and its pyproject.toml before and after."""

    about: dict[str, Any]
    tables: list[dict[str, Any]]
    before: dict[str, Any]
    after: dict[str, Any]


def read_lock(text: str, gone: Gone) -> TomlLock | None:
    """Read a lock file; None where it or a manifest is no TOML."""
    import tomllib

    try:
        lock = tomllib.loads(text)
        before, after = tomllib.loads(gone.before), tomllib.loads(gone.after)
    except (ValueError, RecursionError):
        return None
    stated = lock.get("package")
    tables = [one for one in stated if isinstance(one, dict)] if isinstance(stated, list) else []
    return TomlLock(mapping(lock, "metadata"), tables, before, after)


def rewritten(text: str, kept: Sequence[frozenset[str] | None], digest: tuple[str, str]) -> str | None:
    """Return the text with the packages' new groups (None: the package goes) and another digest; None where it is not plain.

    `kept` are as many as there are packages, in their order; where the file states no groups they are not written.
    """
    import tomllib

    head, *blocks = BLOCK.split(text)
    last = _TAIL.search(blocks[-1]) if blocks else None
    tail = ""
    if last is not None:
        tail, blocks[-1] = blocks[-1][last.start() :], blocks[-1][: last.start()]
    if len(blocks) != len(kept) or not any(kept) or (head + tail).count(digest[0]) != 1:
        return None
    written = [
        _regrouped(block, groups).rstrip("\n") + "\n"
        for block, groups in zip(blocks, kept, strict=True)
        if groups is not None
    ]
    head, tail = (one.replace(digest[0], digest[1]) for one in (head, tail))
    after = "\n".join((head, *written, *([tail] if tail else [])))
    expected = tomllib.loads(text)
    packages = zip(expected["package"], kept, strict=True)
    expected["package"] = [_with_groups(one, groups) for one, groups in packages if groups is not None]
    for key, value in expected["metadata"].items():
        if isinstance(value, str):
            expected["metadata"][key] = value.replace(digest[0], digest[1])
    try:
        return after if tomllib.loads(after) == expected else None
    except ValueError:
        return None


def _regrouped(block: str, groups: frozenset[str]) -> str:
    match = _GROUPS.search(block)
    if match is None:
        return block
    # Each is a plain word in quotes.
    stated = re.findall(r'"([^"]*)"', match[1])
    line = ", ".join(f'"{one}"' for one in stated if one in groups)
    return f"{block[: match.start()]}groups = [{line}]{block[match.end() :]}"


def _with_groups(package: dict[str, object], groups: frozenset[str]) -> dict[str, object]:
    stated = package.get("groups")
    return (
        {**package, "groups": [one for one in stated if one in groups]}
        if isinstance(stated, list)
        else package
    )
