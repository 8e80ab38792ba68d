"""What an app or a service was given is not repeated: values of variables are masked in all that is read back.

An app prints its own settings more often than people think. Names stay, so that the log still says which variable it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from slimdesk.verify.model import Verification

MASK = "•••"
# A shorter value is a switch or a number: masking it would tear holes into every line.
LONG = 8
SHORT = 3
_SECRET_NAME = re.compile(
    r"(?i)pass|pwd|secret|token|credential|auth|api_?key|private|salt|dsn|(?:^|_)key(?:$|_)"
)
# Where something is: an address with a port, a path, a number. A person needs to read these.
_PLAIN = re.compile(r"(?i)[\w-]+(?:\.[\w-]+)*:\d{1,5}|/[\w./-]*|[\d.,:+-]+|true|false")


def secrets_of(environments: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Return the texts that must not be repeated, the longest first.

    That is every value of at least 8 characters that is no plain place or number, every value of a variable that is named
    like a secret, and the password in an address, each also as it stands without percent signs.
    """
    found: set[str] = set()
    for environment in environments:
        for name, value in environment.items():
            for line in (value, *value.splitlines()):
                text = line.strip()
                named = _SECRET_NAME.search(name) is not None
                if len(text) >= (SHORT if named else LONG) and (named or not _is_plain(text)):
                    found.add(text)
            found.update(password for password in _passwords(value) if len(password) >= SHORT)
    return tuple(sorted(found | {unquote(one) for one in found}, key=lambda text: (-len(text), text)))


def masker(environments: Iterable[Mapping[str, str]]) -> Callable[[str], str]:
    """Return what masks these variables' values in a text."""
    secrets = secrets_of(environments)
    if not secrets:
        return lambda text: text
    pattern = re.compile("|".join(re.escape(secret) for secret in secrets))
    return lambda text: pattern.sub(MASK, text)


def hidden(found: Verification, hide: Callable[[str], str]) -> Verification:
    """Return the verification with all that it says masked."""
    fault = found.fault
    if fault is not None:
        fault = replace(fault, message=hide(fault.message), subject=hide(fault.subject))
    return replace(
        found,
        reason=hide(found.reason),
        checks=tuple(replace(check, message=hide(check.message)) for check in found.checks),
        log=tuple(map(hide, found.log)),
        fault=fault,
    )


def _is_plain(text: str) -> bool:
    if "://" in text:
        try:
            parts = urlsplit(text)
        except ValueError:
            return False
        return not (parts.username or parts.password or parts.query or parts.fragment)
    return _PLAIN.fullmatch(text) is not None


def _passwords(value: str) -> tuple[str, ...]:
    if "://" not in value:
        return ()
    try:
        parts = urlsplit(value)
        found = parts.password or ""
    except ValueError:
        return ()
    # redis://secret@host: a name without a password is one often enough.
    return tuple(one for one in (found, parts.username or "" if not found else "") if one)
