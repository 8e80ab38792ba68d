"""Records of `Key: value` lines, as dpkg, apk and Python's metadata have them."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.image.bodies import Interest
from slimdesk.image.packages.look import Found


def text(body: bytes) -> str:
    """Return a body as text; what is no UTF-8 becomes replacement marks."""
    return body.decode("utf-8", "replace")


def keep(_: bytes, body: bytes, __: int) -> bytes:
    """Look that keeps the whole body."""
    return body


def body_of(found: Found) -> bytes:
    """Return a kept body; empty if a look kept something else."""
    return found.value if isinstance(found.value, bytes) else b""


def whole(word: str, limit: int = 16 << 20) -> Interest:
    """Return an interest that keeps whole bodies."""
    return Interest(word, keep, limit)


def paragraphs(content: str) -> Iterator[dict[str, str]]:
    """Yield paragraphs of `Key: value` lines; the first line of a value alone, the first of two equal keys."""
    fields: dict[str, str] = {}
    for line in content.split("\n"):
        if not line.strip():
            if fields:
                yield fields
                fields = {}
        elif line[0] not in " \t":
            key, colon, value = line.partition(":")
            if colon:
                fields.setdefault(key.strip(), value.strip())
    if fields:
        yield fields
