"""Node packages: what stands directly in a node_modules folder, or in a scope (@name) in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from slimdesk.image.bodies import Interest
from slimdesk.image.interests import Rule
from slimdesk.image.json_objects import json_object
from slimdesk.image.packages.look import Claim, Look

_WORD = "node"
_MAX_NEEDED, _MAX_NAME = 1_000, 214
_PLACE = re.compile(rb"(?:^|\0)node_modules\0(?:@[^\0]+\0)?[^\0@.][^\0]*\0package\.json$")


def _is_installed(key: bytes) -> bool:
    return _PLACE.search(key) is not None


_Names = tuple[str, ...]


def _look(_: bytes, body: bytes, __: int) -> tuple[str, str, str | None, _Names, _Names] | None:
    """Keep name, version, licence, and the names of what it needs and of its peers."""
    document = json_object(body)
    if document is None:
        return None
    name, version = document.get("name"), document.get("version")
    if not isinstance(name, str) or not isinstance(version, str) or not name or not version:
        return None
    licence = _licence(document.get("license", document.get("licenses")))
    return (
        name[:256],
        version[:256],
        licence,
        _needs(document, "dependencies", "optionalDependencies"),
        _needs(document, "peerDependencies"),
    )


def _needs(document: dict[str, Any], *groups: str) -> _Names:
    """Names in groups of dependencies; npm installs peers too since version 7, unless they are optional."""
    found = (document.get(key) for key in groups)
    names = (name for group in found if isinstance(group, dict) for name in list(group)[:_MAX_NEEDED])
    return tuple(name for name in names if 0 < len(name) <= _MAX_NAME)


def _weight(value: object) -> int:
    return 512 + 64 * sum(len(part) for part in value[3:]) if isinstance(value, tuple) else 512


def _licence(stated: Any) -> str | None:
    # {"type": "MIT"} and lists of such are old forms that npm still accepts.
    if isinstance(stated, list):
        parts = [part for part in map(_licence, stated[:8]) if part]
        return " OR ".join(parts) or None
    if isinstance(stated, dict):
        stated = stated.get("type")
    return stated[:256] if isinstance(stated, str) and stated else None


RULES = (
    Rule(
        Interest(_WORD, _look, 2 << 20, weighs=_weight),
        names=frozenset((b"package.json",)),
        fits=_is_installed,
    ),
)


def read(look: Look) -> Iterator[Claim]:
    """Yield packages, an outer one before those inside it, each with its folder."""
    # In tree order an inner package.json comes before the outer one; by folder it comes after.
    for found in sorted(look.found(_WORD), key=lambda one: look.table.parent[one.node]):
        if isinstance(found.value, tuple):
            name, version, licence, requires, may_require = found.value
            folder = look.table.parent[found.node]
            yield Claim(
                name, version, "npm", found.path, found.node,
                licence=licence, trees=[folder], requires=requires, may_require=may_require,
            )  # fmt: skip
