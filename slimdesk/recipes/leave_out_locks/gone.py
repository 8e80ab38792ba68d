"""What a lock file is to lose, and how the JSON and TOML of manifests are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

GROUPS = ("dependencies", "devDependencies", "optionalDependencies")
"""What package.json asks for and a lock file holds."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A dependency that a manifest no longer asks for.

    member: the manifest's folder from the lock file's, "" for the same. before, after: the manifest's text.
    """

    name: str
    member: str
    before: str
    after: str


def mapping(data: Any, key: str) -> dict[str, Any]:
    """Return an object's member that is an object; an empty one where it is none."""
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def asked_for(manifest: str) -> dict[str, str] | None:
    """Return name -> range of a package.json; None where it cannot be read, or replaces what others ask for."""
    try:
        document: Any = json.loads(manifest)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("resolutions") or document.get("overrides"):
        return None
    return {
        name: wanted
        for group in GROUPS
        for name, wanted in mapping(document, group).items()
        if isinstance(wanted, str)
    }
