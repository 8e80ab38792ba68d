"""yarn.lock without a dependency: that of Yarn 1, and Berry's (2 and later). Both are blocks that blank lines part.

A block is known by what asks for it (`name@range`, several parted by commas); one that nothing asks for any longer goes.
Formats: yarnpkg.com/features/lockfile; @yarnpkg/lockfile's stringify.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from slimdesk.basics.graph import reached
from slimdesk.recipes.leave_out_locks.gone import Gone, asked_for

_CLASSIC_KEY = re.compile(r'"(?:[^"\\]|\\.)*"|[^,\s"][^,]*')
_CLASSIC_NEED = re.compile(r'    ("[^"]+"|[^\s"]+) ("[^"]*"|\S+)$')
_BERRY_NEED = re.compile(r'    ("[^"]+"|[^\s":]+): ("[^"]*"|\S+)$')
_GROUP = re.compile(r"  (\w+):$")
_NEEDED = ("dependencies", "optionalDependencies")
_WORKSPACE, _PATCH, _NPM = "@workspace:", "@patch:", "npm:"


@dataclass(frozen=True, slots=True)
class _Block:
    """keys: what asks for it. needs: name and range. lines: its text."""

    keys: tuple[str, ...]
    needs: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]


def without(text: str, gone: Gone) -> str | None:
    """Return the text without the dependency and what only it brought; None where that cannot be told from it."""
    return _berry(text, gone) if "\n__metadata:" in f"\n{text}" else _classic(text, gone)


def _classic(text: str, gone: Gone) -> str | None:
    asked = asked_for(gone.after)
    # The members of a workspace ask in manifests of their own, which the lock file does not name.
    if gone.member or asked is None or '"workspaces"' in gone.after:
        return None
    head, blocks = _read(text, berry=False)
    by_key = {key: block for block in blocks for key in block.keys}
    start = [f"{name}@{wanted}" for name, wanted in asked.items()]
    return _written(head, blocks, start, by_key, lambda name, wanted: [f"{name}@{wanted}"])


def _berry(text: str, gone: Gone) -> str | None:
    if "resolutions" in gone.after and asked_for(gone.after) is None:
        return None
    head, blocks = _read(text, berry=True)
    place = f"{_WORKSPACE}{gone.member or '.'}"
    changed = [
        _without_need(block, gone.name) if any(key.endswith(place) for key in block.keys) else block
        for block in blocks
    ]
    if changed == blocks:
        return None
    by_key = {key: block for block in changed for key in block.keys}
    patched: dict[str, list[str]] = {}
    for key in by_key:
        if _PATCH in key:
            patched.setdefault(_unpatched(key), []).append(key)

    def names(name: str, wanted: str) -> list[str]:
        key = f"{name}@{wanted}"
        # Before Yarn 4 a range stands without its protocol.
        key = key if key in by_key else f"{name}@{_NPM}{wanted}"
        inner = [_unpatched(key)] if _PATCH in key else []
        return [key, *(one for one in inner if one in by_key), *patched.get(key, ())]

    tops = [
        key for block in changed for key in block.keys if f'resolution: "{key}"' in "\n".join(block.lines)
    ]
    return _written(head, changed, [key for key in tops if _WORKSPACE in key], by_key, names)


def _written(
    head: str,
    blocks: list[_Block],
    start: list[str],
    by_key: dict[str, _Block],
    names: Callable[[str, str], list[str]],
) -> str | None:
    """Write the blocks that are asked for, each with the keys that still do; None where one is asked for that is not there."""
    missing: list[str] = []

    def needs(key: str) -> Iterator[str]:
        block = by_key.get(key)
        if block is None:
            missing.append(key)
            return
        for name, wanted in block.needs:
            yield from names(name, wanted)

    kept = reached(start, needs)
    if missing:
        return None
    found = []
    for block in blocks:
        keys = [key for key in block.keys if key in kept]
        if keys:
            found.append("\n".join((_head_line(block, keys), *block.lines[1:])))
    return "\n\n".join((head, *found)) + "\n"


def _head_line(block: _Block, keys: list[str]) -> str:
    if len(keys) == len(block.keys):
        return block.lines[0]
    # Yarn 1 quotes each key that needs it, Berry all of them together.
    quoted = _CLASSIC_KEY.findall(block.lines[0].rstrip(":"))
    if len(quoted) == len(block.keys):
        return ", ".join(one for one, key in zip(quoted, block.keys, strict=True) if key in keys) + ":"
    return f'"{", ".join(keys)}":'


def _read(text: str, *, berry: bool) -> tuple[str, list[_Block]]:
    """Return what stands before the first block, and the blocks."""
    parts = text.rstrip("\n").split("\n\n")
    first = next(
        (
            number
            for number, part in enumerate(parts)
            if not part.lstrip("\n").startswith(("#", "__metadata:"))
        ),
        len(parts),
    )
    head = "\n\n".join(parts[:first])
    blocks = []
    for number, part in enumerate(parts[first:]):
        # Yarn 1 leaves two blank lines above the first block.
        head += "\n" if number == 0 and part.startswith("\n") else ""
        blocks.append(_block(part.strip("\n").split("\n"), berry=berry))
    return head, blocks


def _block(lines: list[str], *, berry: bool) -> _Block:
    key = lines[0].rstrip(":")
    if berry:
        keys = key.strip('"').split(", ")
    else:
        keys = [one.strip().strip('"') for one in _CLASSIC_KEY.findall(key)]
    needs: list[tuple[str, str]] = []
    group = ""
    for line in lines[1:]:
        title = _GROUP.fullmatch(line)
        if title is not None:
            group = title[1]
        elif not line.startswith("    "):
            group = ""
        elif group in _NEEDED:
            match = (_BERRY_NEED if berry else _CLASSIC_NEED).match(line)
            if match is not None:
                needs.append((match[1].strip('"'), match[2].strip('"')))
    return _Block(tuple(keys), tuple(needs), tuple(lines))


def _without_need(block: _Block, name: str) -> _Block:
    """A workspace's block without one of its dependencies, and without the group that this leaves empty."""
    lines: list[str] = []
    group = ""
    for line in block.lines:
        title = _GROUP.fullmatch(line)
        if title is not None:
            group = title[1]
        match = _BERRY_NEED.match(line) if group in _NEEDED else None
        if match is None or match[1].strip('"') != name:
            lines.append(line)
    kept = [
        line
        for number, line in enumerate(lines)
        if not (
            (title := _GROUP.fullmatch(line))
            and title[1] in _NEEDED
            and not (number + 1 < len(lines) and lines[number + 1].startswith("    "))
        )
    ]
    needs = tuple(one for one in block.needs if one[0] != name)
    return replace(block, lines=tuple(kept), needs=needs)


def _unpatched(key: str) -> str:
    """`a@patch:a@npm%3A^1#optional!builtin<x>` is made of `a@npm:^1`."""
    return unquote(key.partition(_PATCH)[2].partition("#")[0])
