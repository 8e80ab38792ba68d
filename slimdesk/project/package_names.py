"""Names of packages of Debian, Alpine and Wolfi, as a person or slimdesk.toml writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimdesk.basics.escaping import visible

MAX_PACKAGES = 100
# Debian policy 5.6.7, and what Alpine and Wolfi add to it; no version, no architecture.
_NAME = re.compile(r"[a-z0-9][a-z0-9+._-]{1,127}", re.ASCII)


def wrong_package(names: Iterable[str]) -> str | None:
    """Return why these cannot be packages, as a part of a sentence; None if they can."""
    found = tuple(names)
    wrong = next((name for name in found if not _NAME.fullmatch(name)), None)
    if wrong is not None:
        return (
            f"{visible(wrong, 80) or 'an empty word'} is not the name of a package: "
            "these have small letters, digits and + . - alone, and no version"
        )
    if len(found) > MAX_PACKAGES:
        return f"{len(found)} packages are too many: at most {MAX_PACKAGES} are added"
    return None
