"""poetry.lock without a dependency of the project (Poetry 1.5 and later, lock-version 2): TOML, a package to a table.

Poetry refuses a lock file whose content-hash is not that of pyproject.toml's dependencies (its locker.py, _get_content_hash).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from slimdesk.recipes.leave_out_locks.gone import Gone, mapping
from slimdesk.recipes.leave_out_locks.python_groups import (
    Locked,
    Need,
    Root,
    added,
    groups_of,
    key_of,
    one_less,
    regrouped,
    requirement,
)
from slimdesk.recipes.leave_out_locks.toml_blocks import read_lock, rewritten

_LEGACY = ("dependencies", "source", "extras", "dev-dependencies")
_PROJECT = ("requires-python", "dependencies", "optional-dependencies")
_EXTRA = re.compile(r'extra == "([^"]+)"')
_ONLY_EXTRAS = re.compile(r'extra == "[^"]+"(?: or extra == "[^"]+")*')
_MAIN = "main"


def without(text: str, gone: Gone) -> str | None:
    """Return the text without the dependency and what only it brought; None where that cannot be told from it."""
    lock = read_lock(text, gone)
    if lock is None:
        return None
    version, known = str(lock.about.get("lock-version")), lock.about.get("content-hash")
    before, after, tables = lock.before, lock.after, lock.tables
    hashed = next((one for one in (True, False) if content_hash(before, with_groups=one) == known), None)
    if gone.member or version not in ("2.0", "2.1") or hashed is None or not tables:
        return None
    old, new = _roots(before), _roots(after)
    grouped = all(isinstance(one.get("groups"), list) for one in tables)
    if old is None or new is None or grouped == (version == "2.0"):
        return None
    if not grouped:
        # It states no groups: as if there were one.
        old, new = ([replace(root, group=_MAIN) for root in roots] for roots in (old, new))
    root = one_less(old, new, gone.name)
    packages = _packages(tables)
    if root is None:
        return None
    left = regrouped(packages, old, new, root)
    # A package's table says what its extras need as long as anything asks for them.
    was = groups_of(packages, old)
    if left is None or any(key not in left and key.partition("[")[0] in left for key in was):
        return None
    names = [key_of(str(one.get("name"))) for one in tables]
    return rewritten(
        text,
        [left.get(name) for name in names],
        (str(known), content_hash(after, with_groups=hashed)),
    )


def content_hash(document: dict[str, Any], *, with_groups: bool = True) -> str:
    """Return the digest of a pyproject.toml; before Poetry 2.3 its dependency groups were no part of it."""
    project, tool = mapping(document, "project"), mapping(mapping(document, "tool"), "poetry")
    groups = mapping(document, "dependency-groups") if with_groups else {}
    of_project = {key: project[key] for key in _PROJECT if project.get(key) is not None}
    of_tool = {
        key: tool.get(key)
        for key in (*_LEGACY, "group")
        if tool.get(key) is not None or (key in _LEGACY and not of_project and not groups)
    }
    relevant: dict[str, Any] = {
        **({"project": of_project} if of_project else {}),
        **({"dependency-groups": groups} if groups else {}),
    }
    relevant = {**relevant, "tool": {"poetry": of_tool}} if relevant else of_tool
    try:
        words = json.dumps(relevant, sort_keys=True)
    except TypeError:
        # A date, which no dependency is.
        return ""
    return hashlib.sha256(words.encode()).hexdigest()


def _roots(document: dict[str, Any]) -> list[Root] | None:
    """What pyproject.toml asks for; None for what is stated in ways that go beyond the plain ones."""
    project, tool = mapping(document, "project"), mapping(mapping(document, "tool"), "poetry")
    found: list[Root] = []
    lists: list[tuple[str, Any, bool]] = [(_MAIN, project.get("dependencies", []), False)]
    lists += [(_MAIN, one, True) for one in mapping(project, "optional-dependencies").values()]
    lists += [(key_of(group), one, False) for group, one in mapping(document, "dependency-groups").items()]
    for group, stated, optional in lists:
        for one in stated if isinstance(stated, list) else [None]:
            parts = requirement(one) if isinstance(one, str) else None
            if parts is None:
                return None
            name, extras, marked = parts
            found.append(_root(group, name, {"extras": extras, "optional": marked or optional}))
    tables = [(_MAIN, mapping(tool, "dependencies")), ("dev", mapping(tool, "dev-dependencies"))]
    for group, about in mapping(tool, "group").items():
        if not isinstance(about, dict) or "include-groups" in about:
            return None
        tables.append((key_of(group), mapping(about, "dependencies")))
    for group, asked in tables:
        found += [_root(group, name, how) for name, how in asked.items() if name.lower() != "python"]
    # Where both name a package, the second only says where it comes from.
    twice = project.get("dependencies") and set(mapping(tool, "dependencies")) - {"python"}
    return None if twice else found


def _root(group: str, name: str, how: Any) -> Root:
    return Root(group, key_of(name), tuple(_needs(name, how)))


def _packages(tables: list[dict[str, Any]]) -> dict[str, Locked]:
    """Return packages by key, and each of their extras by a key of its own."""
    found: dict[str, Locked] = {}
    for table in tables:
        key = key_of(str(table.get("name")))
        groups = table.get("groups")
        stated = frozenset(map(str, groups)) if isinstance(groups, list) else frozenset((_MAIN,))
        plain: list[Need] = []
        extras: dict[str, list[Need]] = {}
        for name, how in mapping(table, "dependencies").items():
            for one in how if isinstance(how, list) else [how]:
                marker = str(one.get("markers", "")) if isinstance(one, dict) else ""
                needs = list(_needs(name, one))
                if _ONLY_EXTRAS.fullmatch(marker):
                    needs = [Need(need.key) for need in needs]
                for extra in _EXTRA.findall(marker):
                    extras.setdefault(key_of(extra), []).extend(needs)
                if not _EXTRA.search(marker):
                    plain += needs
        bound = "markers" in table or table.get("optional") is True
        added(found, key, Locked(tuple(plain), stated, bound))
        for extra, needs in extras.items():
            added(found, f"{key}[{extra}]", Locked(tuple(needs), None))
    return found


def _needs(name: str, how: Any) -> Iterator[Need]:
    """The package, and each of the extras that are asked for."""
    for one in how if isinstance(how, list) else [how]:
        about = one if isinstance(one, dict) else {}
        conditional = isinstance(how, list) or bool(about.keys() & {"markers", "python", "platform"})
        conditional = conditional or about.get("optional") is True
        yield Need(key_of(name), conditional)
        extras = about.get("extras")
        for extra in extras if isinstance(extras, list) else ():
            yield Need(key_of(name, [str(extra)]), conditional)
