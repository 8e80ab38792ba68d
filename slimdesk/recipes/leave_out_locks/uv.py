"""uv.lock without a dependency of the project (docs.astral.sh/uv, The lockfile): TOML, a package to a table.

Markers and extras of what stays may hang on what goes: then uv has to resolve anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from slimdesk.basics.graph import reached
from slimdesk.recipes.leave_out_locks.gone import Gone, mapping
from slimdesk.recipes.leave_out_locks.toml_blocks import BLOCK, read_lock

_GROUPS = ("optional-dependencies", "dev-dependencies")


def without(text: str, gone: Gone) -> str | None:
    """Return the text without the dependency and what only it brought; None where that cannot be told from it."""
    lock = read_lock(text, gone)
    if lock is None:
        return None
    packages = {str(one.get("name")): one for one in lock.tables}
    head, *blocks = BLOCK.split(text)
    root = next((name for name, one in packages.items() if _is_member(one, gone.member or ".")), None)
    if not _only_one_less(lock.before, lock.after) or len(packages) != len(blocks) or root is None:
        # Two versions of a package part the lock file by markers.
        return None
    own = [edge for edge in _edges(packages[root]) if edge.get("name") == gone.name]
    if len(own) != 1 or "extra" in own[0]:
        return None

    def needs(name: str) -> Iterator[str]:
        for edge in _edges(packages.get(name, {})):
            if name != root or edge is not own[0]:
                yield str(edge.get("name"))

    kept = reached((name for name, one in packages.items() if _is_local(one)), needs) & set(packages)
    lost = set(packages) - kept
    edges = [own[0], *(edge for name in lost for edge in _edges(packages[name]))]
    staying = [edge for name in kept for edge in _edges(packages[name]) if edge is not own[0]]
    for edge in edges:
        others = [one for one in staying if one.get("name") == edge.get("name")]
        if edge.get("name") in kept and ("extra" in edge or all("marker" in one for one in others)):
            return None
    written = []
    for name, block in zip((str(one.get("name")) for one in lock.tables), blocks, strict=True):
        if name in kept:
            block_after = _without_edge(block, gone.name) if name == root else block
            if block_after is None:
                return None
            written.append(block_after)
    return "\n".join((head, *written)).rstrip("\n") + "\n"


def _only_one_less(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether nothing but one of the project's dependencies is gone from the manifest."""
    old, new = mapping(before, "project"), mapping(after, "project")
    asked, still = old.get("dependencies"), new.get("dependencies")
    same = {**before, "project": {**old, "dependencies": still}} == after
    return same and isinstance(asked, list) and isinstance(still, list) and len(asked) == len(still) + 1


def _is_member(package: dict[str, Any], folder: str) -> bool:
    source = mapping(package, "source")
    return folder in (source.get("virtual"), source.get("editable"))


def _is_local(package: dict[str, Any]) -> bool:
    return not mapping(package, "source").keys() & {"registry", "git", "url", "path"}


def _edges(package: dict[str, Any]) -> list[dict[str, Any]]:
    groups = [package.get("dependencies")]
    groups += [one for key in _GROUPS for one in mapping(package, key).values()]
    return [edge for group in groups if isinstance(group, list) for edge in group if isinstance(edge, dict)]


def _without_edge(block: str, name: str) -> str | None:
    """The project's own table without the entry in `dependencies` and in `requires-dist`; None where either is not plain."""
    entry = rf'    \{{ name = "{re.escape(name)}"[^\n]*\}},\n'
    for key in ("dependencies", "requires-dist"):
        match = re.search(rf"(?m)^{key} = \[\n((?:    \{{[^\n]*\n)*)\]\n", block)
        if match is None or len(re.findall(entry, match[1])) != 1:
            return None
        rest = re.sub(entry, "", match[1])
        if key == "requires-dist" and rest.count("\n") == 1:
            new = f"{key} = [{rest.strip().removesuffix(',')}]\n"
        else:
            new = f"{key} = [\n{rest}]\n" if rest else ""
        if not rest and key == "requires-dist":
            return None
        block = block[: match.start()] + new + block[match.end() :]
    return block
