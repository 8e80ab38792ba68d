"""A Dockerfile's text in units: an instruction with all its lines, or one line that is no instruction.

A merge works on units, so that an instruction is never torn. A `Mark` stands for a unit without its text: what changes by
itself (digests, SlimDesk's own version, white space at the end of a line) does not count in it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse

_VOLATILE = re.compile(r'@?sha256:[0-9a-f]{64}|(?<="io\.slimdesk\.version"=)"[^"]*"')
# 24 bits for each line: with a hundred lines on either side, one mistaken pair in 1600 files.
MARK_LENGTH = 4
_LETTERS = {
    "ADD": "D", "ARG": "A", "CMD": "M", "COPY": "C", "ENTRYPOINT": "E", "ENV": "V", "EXPOSE": "P", "FROM": "F",
    "HEALTHCHECK": "H", "LABEL": "L", "ONBUILD": "O", "RUN": "R", "SHELL": "S", "STOPSIGNAL": "T", "USER": "U",
    "VOLUME": "W", "WORKDIR": "K",
}  # fmt: skip
_OTHER = "-"


@dataclass(frozen=True, slots=True)
class Mark:
    """Stands for a unit: a letter for its keyword, and four letters per line. An empty line has neither."""

    letter: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines without their ends; `keyword` is empty for comments, directives and empty lines. `line` counts from 1."""

    lines: tuple[str, ...]
    keyword: str = ""
    line: int = 0

    @property
    def mark(self) -> Mark:
        """What stands for it in a comparison."""
        lines = tuple(mark_of(line) for line in self.lines)
        if not self.keyword and not any(lines):
            return Mark()
        return Mark(_LETTERS.get(self.keyword, _OTHER), tuple(line or "-" * MARK_LENGTH for line in lines))


def mark_of(line: str) -> str:
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
    for one in sorted(dockerfile.instructions(), key=lambda instruction: instruction.line):
        found += (Unit((lines[number],), "", number + 1) for number in range(at, one.line - 1))
        found.append(Unit(tuple(lines[one.line - 1 : one.end_line]), one.keyword, one.line))
        at = one.end_line
    found += (Unit((lines[number],), "", number + 1) for number in range(at, len(lines)))
    return tuple(found)


def lines_of(text: str) -> list[str]:
    """Return the lines as BuildKit counts them: only a line feed ends one."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def encoded(marks: Iterable[Mark]) -> str:
    """Return the marks as one word: a unit's letter, its lines' letters, and a dot between units."""
    return ".".join(mark.letter + "".join(mark.lines) for mark in marks)


def decoded(word: str) -> tuple[Mark, ...]:
    """Return the marks that `encoded` wrote; none for an empty word. Raises ValueError."""
    if not word:
        return ()
    found: list[Mark] = []
    for part in word.split("."):
        if not re.fullmatch(r"(?:[A-Z-](?:[A-Za-z0-9_-]{4})+)?", part, re.ASCII):
            raise ValueError(f"{part[:40]!r} is no mark of a line")
        lines = tuple(part[at : at + MARK_LENGTH] for at in range(1, len(part), MARK_LENGTH))
        found.append(Mark(part[:1], lines))
    return tuple(found)
