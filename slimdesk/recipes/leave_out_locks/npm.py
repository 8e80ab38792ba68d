"""Take a dependency out of npm's lock file, with all that nothing else needs: npm ci refuses one that does not fit package.json.

Format: docs.npmjs.com, package-lock.json, lockfileVersion 2 and 3: `packages` by their place, "" the project itself.
"""

from __future__ import annotations

import json
from typing import Any

from slimdesk.recipes.leave_out_locks.gone import Gone, mapping

_GROUPS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_MODULES = "node_modules/"


def without(text: str, gone: Gone) -> str | None:
    """Return the text without the dependency and what only it brought; None for a lock file of npm 6 or earlier."""
    after = without_in_lock(text, gone.name, gone.member)
    return None if after == text else after


def without_in_lock(text: str, name: str, member: str = "") -> str:
    """Return the lock file's text without a dependency of the project, or of a workspace's `member`, by its folder.

    It stays as it was where it does not name the dependency, or is older than npm 7.
    """
    try:
        lock: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    packages = lock.get("packages") if isinstance(lock, dict) else None
    root = packages.get(member) if isinstance(packages, dict) else None
    if not isinstance(packages, dict) or not isinstance(root, dict):
        return text
    gone = False
    for group in _GROUPS:
        if name in mapping(root, group):
            del root[group][name]
            gone = True
            if not root[group]:
                del root[group]
    if not gone:
        return text
    before = _reached(packages, [member], name)
    kept = _reached(packages, _tops(packages))
    # What nothing asked for before either is not this change's business.
    for place in before - kept:
        packages.pop(place, None)
    old = lock.get("dependencies")
    if isinstance(old, dict):
        # Version 2 repeats all for npm 6, by name.
        for place in before - kept:
            if place.count(_MODULES) == 1:
                old.pop(place.removeprefix(_MODULES), None)
    return json.dumps(lock, indent=_indent(text), ensure_ascii=False) + "\n"


def _tops(packages: dict[str, Any]) -> list[str]:
    """The project itself and the members of its workspaces, which stand in no node_modules."""
    return [place for place in packages if _MODULES not in place]


def _reached(packages: dict[str, Any], tops: list[str], only: str | None = None) -> set[str]:
    """Places that are needed from `tops`; with `only` from that one dependency of theirs, itself included."""
    waiting = list(tops)
    seen: set[str] = set()
    if only is not None:
        found = _place(packages, tops[0], only)
        waiting = [found] if found else []
        seen.update(waiting)
    while waiting:
        place = waiting.pop()
        package = packages.get(place)
        if not isinstance(package, dict):
            continue
        if package.get("link") is True and isinstance(package.get("resolved"), str):
            target = str(package["resolved"])
            if target in packages and target not in seen:
                seen.add(target)
                waiting.append(target)
        groups = _GROUPS if _MODULES not in place else (*_GROUPS[:1], *_GROUPS[2:])
        for group in groups:
            for name in mapping(package, group):
                found = _place(packages, place, name)
                if found is not None and found not in seen:
                    seen.add(found)
                    waiting.append(found)
    return seen


def _place(packages: dict[str, Any], of: str, name: str) -> str | None:
    """Where Node.js finds a package from a place: below it, then beside each folder above."""
    folder = of
    while True:
        found = f"{folder}/{_MODULES}{name}" if folder else f"{_MODULES}{name}"
        if found in packages:
            return found
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def _indent(text: str) -> int | str:
    """As the file is indented now."""
    second = text.split("\n", 2)[1] if "\n" in text else "  "
    white = second[: len(second) - len(second.lstrip())]
    return "\t" if white.startswith("\t") else max(1, len(white) or 2)
