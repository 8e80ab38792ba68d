"""bun.lock without a dependency (bun.com/docs/pm/lockfile): JSON with commas at the end, a package to a line, by where it lies.

Bun lays packages out anew whenever it reads the file: what would come to lie elsewhere is not written here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from slimdesk.basics.graph import reached
from slimdesk.recipes.leave_out_locks.gone import GROUPS, Gone, mapping

_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_NEEDED = ("dependencies", "optionalDependencies", "peerDependencies")
_KNOWN = frozenset(("lockfileVersion", "configVersion", "workspaces", "packages"))
_TITLE = re.compile(r'("(?:[^"\\]|\\.)*"): ')


def without(text: str, gone: Gone) -> str | None:
    """Return the text without the dependency and what only it brought; None where that cannot be told from it."""
    try:
        lock: Any = json.loads(_COMMA.sub(lambda match: match[1] or "", text))
    except (ValueError, RecursionError):
        return None
    projects, packages = mapping(lock, "workspaces"), mapping(lock, "packages")
    if not isinstance(lock, dict) or not set(lock) <= _KNOWN or gone.member not in projects:
        return None
    tops = [(folder, name) for folder in projects for name in _of_project(projects[folder])]
    going = [(gone.member, gone.name)]
    if going[0] not in tops:
        return None
    names = {folder: str(mapping(projects, folder).get("name")) for folder in projects}

    def needs(key: str) -> Iterator[str]:
        for name in _needs(packages.get(key)):
            found = _place(packages, key, name)
            if found is not None:
                yield found

    def all_of(lines: list[tuple[str, str]]) -> set[str]:
        places = (_place(packages, names[folder] if folder else "", name) for folder, name in lines)
        return reached((one for one in places if one is not None), needs)

    kept = all_of([one for one in tops if one not in going])
    lost = all_of(going) - kept
    left = [key for key in packages if key not in lost]
    if _moves(packages, lost, left, gone.name):
        return None
    return _written(text, gone, lost)


def _of_project(project: Any) -> list[str]:
    return [name for group in GROUPS for name in mapping(project, group)]


def _about(package: Any) -> dict[str, Any]:
    """What a package says of itself: the object among its parts."""
    parts = package if isinstance(package, list) else []
    return next((one for one in parts if isinstance(one, dict)), {})


def _needs(package: Any) -> list[str]:
    about = _about(package)
    optional = about.get("optionalPeers")
    left_free = optional if isinstance(optional, list) else []
    return [
        name
        for group in _NEEDED
        for name in mapping(about, group)
        if group != "peerDependencies" or name not in left_free
    ]


def _place(packages: dict[str, Any], of: str, name: str) -> str | None:
    """Where a package finds another: below it, then beside each one above."""
    parts = _parts(of)
    while parts:
        found = "/".join((*parts, name))
        if found in packages:
            return found
        parts = parts[:-1]
    return name if name in packages else None


def _parts(key: str) -> list[str]:
    """The names that a place is made of: `a/@s/b` is `@s/b` in `a`."""
    parts: list[str] = []
    for part in key.split("/") if key else ():
        if parts and parts[-1].startswith("@") and "/" not in parts[-1]:
            parts[-1] += f"/{part}"
        else:
            parts.append(part)
    return parts


def _moves(packages: dict[str, Any], lost: set[str], left: list[str], name: str) -> bool:
    """Whether something that stays could come to lie elsewhere, or be resolved in another way."""
    parts = {key: _parts(key) for key in packages}
    copies: dict[str, int] = {}
    for key in left:
        copies[parts[key][-1]] = copies.get(parts[key][-1], 0) + 1
    gone = {parts[key][-1] for key in lost}
    wanted = {one for key in lost for one in _needs(packages[key])} | {name}
    peers = {one for key in left for one in mapping(_about(packages[key]), "peerDependencies")}
    return bool(
        any(_frees(parts[key], lost) for key in left if parts[key][-1] in gone)
        or any(copies.get(one, 0) > 1 for one in wanted)
        or (gone | {name}) & peers
    )


def _frees(parts: list[str], lost: set[str]) -> bool:
    """Whether a place of the same name, further up, becomes free."""
    return any("/".join((*parts[:depth], parts[-1])) in lost for depth in range(len(parts) - 1))


def _written(text: str, gone: Gone, lost: set[str]) -> str:
    lines: list[str] = []
    titles: dict[int, str] = {}
    cut = False
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(" "))
        match = _TITLE.match(line, depth)
        word = json.loads(match[1]) if match else ""
        if match:
            titles[depth] = word
        in_project = titles.get(2) == "workspaces" and titles.get(4) == gone.member
        if match and (
            (depth == 8 and in_project and word == gone.name and titles.get(6) in GROUPS)
            or (depth == 4 and titles.get(2) == "packages" and word in lost)
        ):
            cut = titles.get(2) == "packages"
            continue
        if cut and not line.strip():
            # The blank line below a package goes with it.
            cut = False
            continue
        cut = False
        if lines and depth == 6 and line.strip() == "}," and lines[-1].endswith("{"):
            lines.pop()
            continue
        lines.append(line)
    after = "\n".join(lines)
    # Above the last package stands a blank line, below it none.
    return re.sub(r",\n\n  \}", ",\n  }", after)
