"""The distribution, from os-release(5)."""

from __future__ import annotations

import re

from slimdesk.image.bodies import Interest
from slimdesk.image.interests import Rule

_LINE = re.compile(r"^([A-Z_][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def _look(_: bytes, body: bytes, __: int) -> dict[str, str]:
    pairs = _LINE.findall(body.decode("utf-8", "replace")[:16384])
    return {key: value.strip().strip("\"'") for key, value in pairs}


def _fits(key: bytes) -> bool:
    return key in (b"etc\0os-release", b"usr\0lib\0os-release")


RULES = (Rule(Interest("os-release", _look, 64 << 10), names=frozenset((b"os-release",)), fits=_fits),)
