"""Values of an image's variables and labels, without what looks like a secret: they go into reports and files."""

from __future__ import annotations

import re

HIDDEN = "(hidden)"
_SECRET = re.compile(
    r"password|passwd|passphrase|secret|(?:^|[_.-])(?:pass|pwd|token|api_?key|private_?key|access_?key|credentials?)(?:[_.-]|$)",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*(?=@)")


def harmless(name: str, value: str) -> str:
    """Return a value without its secret: hidden as a whole where its name says so, else a login in an address."""
    return HIDDEN if value and _SECRET.search(name) else _LOGIN.sub(HIDDEN, value)
