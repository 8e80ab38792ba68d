"""Reading what a scanner wrote: its JSON is as untrusted as the image that it is about."""

from __future__ import annotations

import json
from typing import Any

from slimdesk.basics.escaping import visible
from slimdesk.scan.model import Unreadable

MAX_ANSWER = 512_000_000
MAX_FOUND = 100_000
_TEXT = 300


def document(data: bytes) -> dict[str, Any]:
    """Return the object that the answer is. Raises Unreadable."""
    if len(data) > MAX_ANSWER:
        raise Unreadable("its answer is longer than 512 MB")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable("its answer is no JSON") from error
    if not isinstance(found, dict):
        raise Unreadable("its answer is not what it documents")
    return found


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; anything else counts as none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def object_of(value: object) -> dict[str, Any]:
    """Return it if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: object, limit: int = _TEXT) -> str:
    """Return a text made harmless; empty for anything else."""
    return visible(value, limit) if isinstance(value, str) else ""


def web_address(value: object) -> str:
    """Return a web address; empty for anything that a browser should not be sent to."""
    found = text(value, 500)
    return found if found.startswith(("https://", "http://")) else ""


def digest(value: object) -> str | None:
    """Return a SHA-256 digest; None for anything else."""
    return value if isinstance(value, str) and value.startswith("sha256:") and len(value) == 71 else None


def last_words(said: str, lines: int = 3) -> str:
    """Return the last lines that a program said, in one."""
    kept = [line.strip() for line in said.strip().splitlines() if line.strip()][-lines:]
    return visible(" ".join(kept), 300)
