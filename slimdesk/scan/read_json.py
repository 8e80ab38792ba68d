"""Reading what a scanner wrote: its JSON is as untrusted as the image that it is about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from slimdesk.basics.escaping import visible
from slimdesk.scan.model import Unreadable, Vulnerability, package_key, severity_of

T = TypeVar("T")

MAX_ANSWER = 512_000_000
MAX_FOUND = 100_000
_TEXT = 300
# What a URI may be made of (RFC 3986, appendix A), without a user's name in front of the host.
_ADDRESS = re.compile(
    r"https?://[\w.\-]+(?::\d+)?(?:[/?#](?:[\w.\-~!$&'()*+,;=:@/?#\[\]]|%[0-9A-Fa-f]{2})*)?", re.ASCII
)


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
    found = value if isinstance(value, str) and len(value) <= 500 else ""
    return found if _ADDRESS.fullmatch(found) else ""


def digest(value: object) -> str | None:
    """Return a SHA-256 digest; None for anything else."""
    return value if isinstance(value, str) and value.startswith("sha256:") and len(value) == 71 else None


def bounded(found: Iterable[T]) -> Iterator[T]:
    """Yield what was found. Raises Unreadable where that is more than any image can have."""
    for number, one in enumerate(found):
        if number >= MAX_FOUND:
            raise Unreadable("it found more than 100 000 faults")
        yield one


def purl_key(value: object) -> tuple[str, str] | None:
    """Return what `package_key` makes of a purl; None for anything else."""
    return package_key(value) if isinstance(value, str) else None


def fault(
    number: object,
    severity: object,
    package: object,
    version: object,
    *,
    purl: object = None,
    kind: str = "",
    fixed: str = "",
    path: object = None,
    layer: object = None,
    title: object = None,
    url: object = None,
) -> Vulnerability:
    """Return a fault of values as a scanner wrote them, of whatever type, each made harmless.

    kind: its package's type where the purl does not say it.
    """
    key = purl_key(purl)
    return Vulnerability(
        id=text(number, 80) or "no number",
        severity=severity_of(severity),
        package=text(package),
        version=text(version, 100),
        type=text(key[0], 40) if key else kind,
        fixed=text(fixed, 200) or None,
        path=text(path, 4096) or None,
        layer=digest(layer),
        title=text(title),
        url=web_address(url),
    )


def last_words(said: str, lines: int = 3) -> str:
    """Return the last lines that a program said, in one."""
    kept = [line.strip() for line in said.strip().splitlines() if line.strip()][-lines:]
    return visible(" ".join(kept), 300)
