"""pdm.lock without a dependency of the project (PDM 2.14 and later, lock_version 4): TOML, a package to a table.

A package with extras has a table beside its own. PDM refuses a lock file whose content_hash is not that of pyproject.toml (its project_file.py, content_hash).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from slimdesk.recipes.leave_out_locks.gone import Gone, mapping
from slimdesk.recipes.leave_out_locks.python_groups import (
    Locked,
    Need,
    Root,
    added,
    key_of,
    one_less,
    regrouped,
    requirement,
)
from slimdesk.recipes.leave_out_locks.toml_blocks import read_lock, rewritten

_ALGORITHM = "sha256:"


def without(text: str, gone: Gone) -> str | None:
    """Return the text without the dependency and what only it brought; None where that cannot be told from it."""
    lock = read_lock(text, gone)
    if lock is None:
        return None
    known, strategy = content_hash(lock.before), lock.about.get("strategy")
    if (
        gone.member
        or not str(lock.about.get("lock_version")).startswith("4.")
        or not isinstance(strategy, list)
        or "inherit_metadata" not in strategy
        or lock.about.get("content_hash") != f"{_ALGORITHM}{known}"
        or mapping(mapping(mapping(lock.before, "tool"), "pdm"), "resolution")
    ):
        return None
    old, new = _roots(lock.before), _roots(lock.after)
    root = one_less(old, new, gone.name) if old is not None and new is not None else None
    packages = _packages(lock.tables)
    if old is None or new is None or root is None or packages is None:
        return None
    left = regrouped(packages, old, new, root)
    if left is None:
        return None
    return rewritten(text, [left.get(_key(one)) for one in lock.tables], (known, content_hash(lock.after)))


def content_hash(document: dict[str, Any]) -> str:
    """Return the digest of what a pyproject.toml says to PDM's resolver."""
    project, settings = mapping(document, "project"), mapping(mapping(document, "tool"), "pdm")
    data = {
        "sources": settings.get("source", []),
        "dependencies": project.get("dependencies", []),
        "dev-dependencies": _development(document),
        "optional-dependencies": project.get("optional-dependencies", {}),
        "requires-python": project.get("requires-python", ""),
        "resolution": settings.get("resolution", {}),
    }
    try:
        words = json.dumps(data, sort_keys=True)
    except TypeError:
        # A date, which no dependency is.
        return ""
    return hashlib.sha256(words.encode()).hexdigest()


def _development(document: dict[str, Any]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    tables = (
        mapping(document, "dependency-groups"),
        mapping(mapping(mapping(document, "tool"), "pdm"), "dev-dependencies"),
    )
    for table in tables:
        for name, stated in table.items():
            if isinstance(stated, list):
                groups[key_of(name)] = [*groups.get(key_of(name), []), *stated]
    return groups


def _roots(document: dict[str, Any]) -> list[Root] | None:
    """What pyproject.toml asks for; None for what is stated in ways that go beyond the plain ones."""
    project = mapping(document, "project")
    lists = [("default", project.get("dependencies", [])), *_development(document).items()]
    lists += [(key_of(group), one) for group, one in mapping(project, "optional-dependencies").items()]
    found: list[Root] = []
    for group, stated in lists:
        for one in stated if isinstance(stated, list) else [None]:
            need = _need(one) if isinstance(one, str) else None
            if need is None:
                return None
            found.append(Root(group, need.key.partition("[")[0], (need,)))
    return found


def _need(text: str) -> Need | None:
    parts = requirement(text)
    return Need(key_of(parts[0], parts[1]), parts[2]) if parts is not None else None


def _key(table: dict[str, Any]) -> str:
    extras = table.get("extras")
    return key_of(str(table.get("name")), [str(one) for one in extras] if isinstance(extras, list) else ())


def _packages(tables: list[dict[str, Any]]) -> dict[str, Locked] | None:
    """Return packages by key; None if one says nothing of its groups."""
    found: dict[str, Locked] = {}
    for table in tables:
        key, groups, needed = _key(table), table.get("groups"), table.get("dependencies", [])
        if not isinstance(groups, list) or not isinstance(needed, list):
            return None
        needs = [need for one in needed if (need := _need(str(one))) is not None]
        added(found, key, Locked(tuple(needs), frozenset(map(str, groups)), "marker" in table))
    return found
