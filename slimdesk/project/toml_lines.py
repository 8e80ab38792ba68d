"""Where a key stands in TOML text, and the text with one key changed and every other character as it was."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.basics.errors import ProjectError
from slimdesk.project.model import Value

_HEADER = re.compile(r"^\s*\[(?!\[)(.*)\]\s*(?:#.*)?$")
_ARRAY_HEADER = re.compile(r"^\s*\[\[(.*)\]\]\s*(?:#.*)?$")
MAX_LINES = 2_000
MAX_VALUE_LINES = 60
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Place:
    """A table header or a key: its full path, its first line and the one after its last, from 0."""

    path: tuple[str, ...]
    start: int
    end: int
    header: bool


def line_of_key(text: str, path: Sequence[str]) -> int | None:
    """Return the line, from 1, of a key or table; that of the nearest table around it where it has no own line."""
    places = _places(text)
    wanted = tuple(path)
    while wanted:
        for place in places:
            if place.path == wanted:
                return place.start + 1
        below = next((place for place in places if place.path[: len(wanted)] == wanted), None)
        if below is not None:
            return below.start + 1
        wanted = wanted[:-1]
    return None


def with_key(text: str, table: Sequence[str], key: str, value: Value) -> str:
    """Return the text with `key` of `table` set to `value` (None removes it); the table is made where it is missing.

    Raises ProjectError if the text is not TOML, or writes the table in a form (inline, dotted) that cannot be changed line
    by line.
    """
    before = _parsed(text)
    lines = text.splitlines()
    places = _places(text)
    wanted = (*table, key)
    header = next((place for place in places if place.header and place.path == tuple(table)), None)
    old = next((place for place in places if not place.header and place.path == wanted), None)
    written = None if value is None else f"{_key(key)} = {toml_value(value)}"
    if old is not None:
        name = _assignment(lines[old.start])[0].rstrip()
        lines[old.start : old.end] = [] if value is None else [f"{name} = {toml_value(value)}"]
    elif written is not None and header is not None:
        lines.insert(_table_end(lines, places, header), written)
    elif written is not None:
        if lines and lines[-1].strip():
            lines.append("")
        lines += [f"[{'.'.join(_key(part) for part in table)}]", written]
    result = "\n".join(lines) + "\n" if lines else ""
    expected = _with(before, table, key, value)
    try:
        changed = tomllib.loads(result)
    except (ValueError, RecursionError):
        changed = None
    if changed != expected and not (value is None and _without_empty(changed) == _without_empty(expected)):
        raise ProjectError(
            "slimdesk.toml was not changed",
            f"{'.'.join(wanted)} is written in a form that cannot be changed line by line",
            "Change it in an editor",
        )
    return result


def toml_value(value: Value) -> str:
    """Return a value as TOML writes it, in ASCII."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(toml_value(word) for word in value) + "]"
    return '"' + "".join(_escaped(sign) for sign in str(value)) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return "\\" + sign
    code = ord(sign)
    if 32 <= code < 127:
        return sign
    if 0xD800 <= code < 0xE000:
        return "?"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _key(part: str) -> str:
    return part if _BARE.fullmatch(part) else toml_value(part)


def _parsed(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProjectError(
            "slimdesk.toml cannot be read", str(error), "Correct it in an editor first"
        ) from None


def _with(data: dict[str, object], table: Sequence[str], key: str, value: Value) -> dict[str, object]:
    copy = dict(data)
    if table:
        inner = copy.get(table[0], {})
        if not isinstance(inner, dict):
            raise ProjectError(
                "slimdesk.toml was not changed", f"{table[0]} is not a table", "Correct it in an editor"
            )
        copy[table[0]] = _with(inner, table[1:], key, value)
    elif value is None:
        copy.pop(key, None)
    else:
        copy[key] = list(value) if isinstance(value, tuple) else value
    return copy


def _without_empty(data: object) -> object:
    if not isinstance(data, dict):
        return data
    kept = {key: _without_empty(inner) for key, inner in data.items()}
    return {key: inner for key, inner in kept.items() if inner != {}}


def _table_end(lines: list[str], places: list[_Place], header: _Place) -> int:
    """Return the line after the last key of the table."""
    end = header.end
    for place in places:
        if place.start >= header.end:
            if place.header:
                break
            end = place.end
    return min(end, len(lines))


def _places(text: str) -> list[_Place]:
    """Every table header and every key at the start of a line; arrays of tables hide the keys below them."""
    lines = text.splitlines()[:MAX_LINES]
    places: list[_Place] = []
    table: tuple[str, ...] | None = ()
    at = 0
    while at < len(lines):
        line = lines[at]
        header = _HEADER.match(line)
        if _ARRAY_HEADER.match(line):
            table = None
        elif header:
            table = _dotted(header.group(1))
            if table is not None:
                places.append(_Place(table, at, at + 1, header=True))
        elif line.strip() and not line.lstrip().startswith("#"):
            name, sign, rest = _assignment(line)
            end = _value_end(lines, at, rest) if sign else at + 1
            path = _dotted(name) if sign else None
            if path is not None and table is not None:
                places.append(_Place((*table, *path), at, end, header=False))
            at = end
            continue
        at += 1
    return places


def _assignment(line: str) -> tuple[str, str, str]:
    """Split at the first = that stands outside of quotes."""
    quote = ""
    for at, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "=":
            return line[:at], "=", line[at + 1 :]
    return line, "", ""


def _value_end(lines: list[str], at: int, rest: str) -> int:
    """Return the line after a value, which may go over several: the shortest stretch that is TOML."""
    value = rest
    for end in range(at + 1, min(len(lines), at + MAX_VALUE_LINES) + 1):
        try:
            tomllib.loads(f"x = {value}")
        except (ValueError, RecursionError):
            if end < len(lines):
                value += "\n" + lines[end]
            continue
        return end
    return at + 1


def _dotted(name: str) -> tuple[str, ...] | None:
    """Return the parts of a possibly quoted, possibly dotted key."""
    if len(name) > 500:
        return None
    try:
        data: object = tomllib.loads(f"{name} = 0")
    except (ValueError, RecursionError):
        return None
    parts: list[str] = []
    while isinstance(data, dict) and len(data) == 1:
        part, data = next(iter(data.items()))
        parts.append(part)
    return tuple(parts) or None
