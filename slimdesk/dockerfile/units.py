"""A Dockerfile's text in units: an instruction with all its lines, or one line that is no instruction.

A merge works on units, so that an instruction is never torn. `keys` make units comparable: what changes by itself (digests,
SlimDesk's own version, white space at the end of a line) does not count.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse

_VOLATILE = re.compile(r'@?sha256:[0-9a-f]{64}|(?<="io\.slimdesk\.version"=)"[^"]*"')
# 24 bits for each line: with a hundred lines on either side, one mistaken pair in 1600 files.
MARK_LENGTH = 4

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines without their ends; `keyword` is empty for comments, directives and empty lines. `line` counts from 1."""

    lines: tuple[str, ...]
    keyword: str = ""
    line: int = 0

    @property
    def key(self) -> Key:
        """One short mark per line; an empty line has the mark of an empty text, so its key is ("",)."""
        return tuple(mark(line) for line in self.lines)


def mark(line: str) -> str:
    """Return four letters that stand for a line; nothing for one without text."""
    plain = _VOLATILE.sub("", line.rstrip())
    if not plain:
        return ""
    digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:3]).decode()


def units(text: str, name: str = "Dockerfile") -> tuple[Unit, ...]:
    """Split a Dockerfile. Raises DockerfileError for one that cannot be read; `name` stands in it."""
    return units_of(text, parse(text, name))


def units_of(text: str, dockerfile: Dockerfile) -> tuple[Unit, ...]:
    """Split the text that `dockerfile` was read from."""
    lines = lines_of(text)
    found: list[Unit] = []
    at = 0
    for instruction in sorted(dockerfile.instructions(), key=lambda one: one.line):
        found += (Unit((lines[number],), "", number + 1) for number in range(at, instruction.line - 1))
        found.append(
            Unit(
                tuple(lines[instruction.line - 1 : instruction.end_line]),
                instruction.keyword,
                instruction.line,
            )
        )
        at = instruction.end_line
    found += (Unit((lines[number],), "", number + 1) for number in range(at, len(lines)))
    return tuple(found)


def lines_of(text: str) -> list[str]:
    """Return the lines as BuildKit counts them: only a line feed ends one."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def encoded(keys: Sequence[Key]) -> str:
    """Return the keys as one word: units are separated by dots, the marks of a unit have none between them."""
    return ".".join("".join(key) for key in keys)


def decoded(word: str) -> tuple[Key, ...]:
    """Return the keys that `encoded` wrote. Raises ValueError."""
    if not word:
        return ()
    found: list[Key] = []
    for part in word.split("."):
        if len(part) % MARK_LENGTH or not re.fullmatch(r"[A-Za-z0-9_-]*", part, re.ASCII):
            raise ValueError(f"{part[:40]!r} is not made of marks")
        marks = tuple(part[at : at + MARK_LENGTH] for at in range(0, len(part), MARK_LENGTH))
        found.append(marks or ("",))
    return tuple(found)
