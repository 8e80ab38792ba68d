"""PHP packages: vendor/composer/installed.json, which Composer 2 writes beside what it installs (getcomposer.org, Runtime utilities)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from slimdesk.image.interests import Rule
from slimdesk.image.json_objects import json_object
from slimdesk.image.layer import clean_key
from slimdesk.image.packages.look import Claim, Found, Look
from slimdesk.image.packages.texts import body_of, whole

_WORD = "composer"
_MAX_PACKAGES, _MAX_NEEDED = 5_000, 1_000


def _is_record(key: bytes) -> bool:
    return key.endswith(b"\0composer\0installed.json") or key == b"composer\0installed.json"


RULES = (Rule(whole(_WORD, 16 << 20), names=frozenset((b"installed.json",)), fits=_is_record),)


def read(look: Look) -> Iterator[Claim]:
    """Yield packages, each with the folder that it was installed into."""
    for found in look.found(_WORD):
        packages = (json_object(body_of(found)) or {}).get("packages")
        for one in packages[:_MAX_PACKAGES] if isinstance(packages, list) else ():
            claim = _claim(one, found, look)
            if claim is not None:
                yield claim


def _claim(one: Any, found: Found, look: Look) -> Claim | None:
    name = one.get("name") if isinstance(one, dict) else None
    version = one.get("version") if isinstance(one, dict) else None
    if not isinstance(name, str) or not isinstance(version, str) or not name or not version:
        return None
    licences = one.get("license")
    licence = (
        " OR ".join(part for part in licences[:8] if isinstance(part, str))
        if isinstance(licences, list)
        else ""
    )
    needed = one.get("require")
    claim = Claim(
        name.lower(), version.removeprefix("v"), "composer", found.path, found.node,
        licence=licence or None,
        requires=tuple(word.lower() for word in list(needed)[:_MAX_NEEDED] if "/" in word) if isinstance(needed, dict) else (),
    )  # fmt: skip
    place = one.get("install-path")
    if isinstance(place, str):
        vendor = posixpath.dirname(posixpath.dirname(found.path))
        path = posixpath.normpath(posixpath.join(vendor, "composer", place))
        # Some types go beside vendor; what lies outside of the project, or holds vendor itself, is no package.
        project = posixpath.dirname(vendor).rstrip("/") or vendor
        node = look.paths.folder(clean_key(path.encode("utf-8", "surrogateescape")))
        if node is not None and path.startswith(f"{project}/") and not f"{vendor}/".startswith(f"{path}/"):
            claim.trees.append(node)
    return claim
