"""NuGet packages of a published .NET program: NAME.deps.json (github.com/dotnet/sdk, runtime-configuration-file.md)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from slimdesk.image.interests import Rule
from slimdesk.image.json_objects import json_object
from slimdesk.image.layer import clean_key
from slimdesk.image.packages.look import Claim, Found, Look
from slimdesk.image.packages.texts import body_of, whole

_WORD = "nuget"
_MAX_PACKAGES, _MAX_FILES = 5_000, 5_000
# Files lie beside the program by their last part; what is for one platform lies where it says.
_FLAT, _IN_PLACE = ("runtime", "native"), ("runtimeTargets",)


def _is_dependencies(key: bytes) -> bool:
    return key.endswith(b".deps.json")


RULES = (Rule(whole(_WORD, 16 << 20), endings=frozenset((b"json",)), fits=_is_dependencies),)


def read(look: Look) -> Iterator[Claim]:
    """Yield packages with their files beside the program."""
    for found in look.found(_WORD):
        document = json_object(body_of(found)) or {}
        libraries, targets = document.get("libraries"), document.get("targets")
        if not isinstance(libraries, dict):
            continue
        stated = (
            [one for one in targets.values() if isinstance(one, dict)] if isinstance(targets, dict) else []
        )
        for key, about in list(libraries.items())[:_MAX_PACKAGES]:
            name, _, version = key.partition("/")
            if isinstance(about, dict) and about.get("type") == "package" and name and version:
                used = [one[key] for one in stated if isinstance(one.get(key), dict)]
                needed = dict.fromkeys(word for one in used for word in _mapping(one, "dependencies"))
                yield Claim(
                    name, version, "nuget", found.path, found.node,
                    nodes=list(_files(used, found, look)), requires=tuple(needed),
                )  # fmt: skip


def _files(used: list[dict[str, Any]], found: Found, look: Look) -> Iterator[int]:
    folder = posixpath.dirname(found.path)
    for one in used:
        names = [posixpath.basename(path) for group in _FLAT for path in _mapping(one, group)]
        names += [path for group in _IN_PLACE for path in _mapping(one, group)]
        # A translation lies in a folder of its language.
        names += [
            f"{locale}/{posixpath.basename(path)}"
            for path, about in _mapping(one, "resources").items()
            if isinstance(about, dict) and isinstance(locale := about.get("locale"), str)
        ]
        for name in names[:_MAX_FILES]:
            node = look.paths.find(clean_key(f"{folder}/{name}".encode("utf-8", "surrogateescape")))
            if node is not None and not look.table.is_folder(node):
                yield node


def _mapping(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}
