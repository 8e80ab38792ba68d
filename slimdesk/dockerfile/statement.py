"""From a statement to its keyword, flags and the rest, and the ways in which the rest is cut into words.

Rules of moby/buildkit frontend/dockerfile/parser/split_command.go and line_parsers.go (v0.33).
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from slimdesk.dockerfile.shellwords import GO_SPACE

BLANKS = re.compile(r"[\t\v\f\r ]+")


class Refused(ValueError):
    """BuildKit refuses this instruction; `why` is the cause, `todo` the way out."""

    def __init__(self, why: str, todo: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.todo = todo


def did_you_mean(word: str, known: Iterable[str], prefix: str = "") -> str:
    """Return a question that names the nearest of the known words, or nothing."""
    close = difflib.get_close_matches(word, list(known), 1)
    return f"Did you mean {prefix}{close[0]}?" if close else ""


@dataclass(frozen=True, slots=True)
class Split:
    """A statement taken apart; `rest_at` is where `rest` begins in the statement's text."""

    keyword: str
    flags: tuple[str, ...]
    rest: str
    rest_at: int


def split_statement(text: str, escape: str) -> Split:
    """Take the keyword and the flags off; flags lose their quotes."""
    stripped = text.strip(GO_SPACE)
    offset = len(text) - len(text.lstrip(GO_SPACE))
    blank = BLANKS.search(stripped)
    if blank is None:
        return Split(stripped, (), "", offset + len(stripped))
    flags, at = _take_flags(stripped, blank.end(), escape)
    left = stripped[at:].lstrip(GO_SPACE)
    return Split(stripped[: blank.start()], flags, left, offset + len(stripped) - len(left))


def _take_flags(line: str, at: int, escape: str) -> tuple[tuple[str, ...], int]:
    """The --words at the front, and where the rest begins."""
    flags: list[str] = []
    end = len(line)
    while True:
        while at < end and line[at] in GO_SPACE:
            at += 1
        if at >= end or not line.startswith("--", at):
            return tuple(flags), at
        word: list[str] = []
        quote = ""
        while at < end and (quote or line[at] not in GO_SPACE):
            char = line[at]
            at += 1
            if quote and char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote = char
            elif char == escape:
                # At the very end an escape character is dropped.
                word.append(line[at : at + 1])
                at += 1
            else:
                word.append(char)
        at = min(at, end)
        flag = "".join(word)
        if flag == "--":
            return tuple(flags), at
        flags.append(flag)


def quoted_words(text: str, escape: str) -> list[str]:
    """Words between blanks, where quotes and the escape character protect blanks; all of them stay in the word."""
    words: list[str] = []
    word: list[str] = []
    quote = ""
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if not quote and char in GO_SPACE:
            if word:
                words.append("".join(word))
                word.clear()
            continue
        if quote and char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == escape and quote != "'":
            if at == len(text):
                break
            word.append(char)
            char = text[at]
            at += 1
        word.append(char)
    if word:
        words.append("".join(word))
    return words


def json_list(text: str) -> tuple[str, ...] | None:
    """Return the strings of a JSON list; None if it is not one, which BuildKit takes as plain text.

    Raises Refused for a list that holds anything but strings.
    """
    start = text.lstrip(GO_SPACE)
    if not start.startswith("["):
        return None
    try:
        values = json.loads(start, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        # Go's reader gives up at 10 000 levels and takes the text as plain; what is nested is no string.
        if start.count("[") > 10_000:
            return None
        values = [None]
    except ValueError:
        return None
    if not all(isinstance(value, str) for value in values):
        raise Refused(
            "a list in square brackets may hold strings only", "Put every word between double quotes"
        )
    return tuple(re.sub("[\ud800-\udfff]", "\ufffd", value) for value in values)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(number)
    return value


def blank_words(text: str) -> tuple[str, ...]:
    """Words between blanks; quotes protect nothing."""
    return tuple(BLANKS.split(text)) if text else ()


def name_values(text: str, escape: str, keyword: str) -> tuple[str, ...]:
    """The words of ENV or LABEL: NAME=VALUE each, or the old form as the two words NAME and the rest.

    Raises Refused.
    """
    words = quoted_words(text, escape)
    if not words:
        raise Refused(f"{keyword} needs at least one NAME=VALUE")
    if "=" not in words[0]:
        parts = BLANKS.split(text, maxsplit=1)
        if len(parts) < 2:
            raise Refused(f"{keyword} {words[0]} has no value", f"Write {keyword} {words[0]}=VALUE")
        return tuple(parts)
    for word in words:
        name, equals, _ = word.partition("=")
        if not equals:
            raise Refused(
                f"{word} is not of the form NAME=VALUE", "Put quotes around a value that has blanks"
            )
        if not name:
            raise Refused(f"a name of {keyword} is empty", "Write NAME=VALUE without a blank before the =")
    return tuple(words)
