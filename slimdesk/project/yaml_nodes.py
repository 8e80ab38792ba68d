"""YAML with the line of each value: for files whose every entry is shown with its place.

Bounds are those of `manifests`: nesting, aliases and size. Wrong types give nothing, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slimdesk.basics.escaping import without_controls
from slimdesk.project.manifests import Unreadable, check_yaml

MAX_DOCUMENTS = 100
MAX_ITEMS = 200
MAX_VALUE = 20_000
MAX_MERGES = 5
_NEXT = re.compile(r"^---(?=[ \t\r\n]|$)[^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Yaml:
    """One value of a document, or nothing; `line` counts from 1."""

    node: Any
    line: int

    def get(self, *keys: str) -> Yaml:
        """Return the value below the keys; a merge (`<<`) is looked through. Nothing where there is none."""
        found = self
        for key in keys:
            found = next((value for name, value in found.items() if name == key), Yaml(None, found.line))
        return found

    def items(self) -> Iterator[tuple[str, Yaml]]:
        """Every key and value of a mapping, its own before those that are merged into it."""
        return _items(self.node, 0)

    def entries(self) -> list[Yaml]:
        """Return the values of a sequence; empty for anything else."""
        if not _is(self.node, "sequence"):
            return []
        return [Yaml(value, _line(value)) for value in self.node.value[:MAX_ITEMS]]

    def text(self) -> str | None:
        """Return a scalar's text as it stands; None for anything else, for null and for what is too long."""
        if (
            not _is(self.node, "scalar")
            or self.node.tag.endswith(":null")
            or len(self.node.value) > MAX_VALUE
        ):
            return None
        return str(self.node.value)

    def word(self) -> str | None:
        """Return a scalar as one harmless line, as `text` otherwise."""
        text = self.text()
        return None if text is None else without_controls(text).strip()[:1000] or None

    def words(self) -> tuple[str, ...] | None:
        """Return a sequence of scalars; None for anything else, or if one of them is something else."""
        if not _is(self.node, "sequence"):
            return None
        texts = [one.text() for one in self.entries()]
        return tuple(text for text in texts if text is not None) if None not in texts else None

    def __bool__(self) -> bool:
        return self.node is not None


def _items(node: Any, depth: int) -> Iterator[tuple[str, Yaml]]:
    if not _is(node, "mapping") or depth > MAX_MERGES:
        return
    merged: list[Any] = []
    for key, value in node.value[:MAX_ITEMS]:
        if not _is(key, "scalar"):
            continue
        if key.value == "<<":
            merged += value.value[:MAX_ITEMS] if _is(value, "sequence") else [value]
        else:
            yield key.value, Yaml(value, _line(key))
    for one in merged[:20]:
        yield from _items(one, depth + 1)


def _is(node: Any, kind: str) -> bool:
    return node is not None and getattr(node, "id", None) == kind


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def yaml_documents(text: str) -> Iterator[Yaml]:
    """Read every document of a text that can be read; one that is damaged is left out, the others stay."""
    import yaml

    start = 0
    for number, match in enumerate([*_NEXT.finditer(text), None]):
        if number > MAX_DOCUMENTS:
            return
        piece = text[start : match.start() if match else len(text)]
        before = text.count("\n", 0, start)
        start = match.end() if match else len(text)
        if not piece.strip():
            continue
        try:
            check_yaml(piece)
            # Empty lines in front keep the numbers of the whole file.
            node = yaml.compose("\n" * before + piece, Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, Unreadable, ValueError, TypeError, RecursionError):
            continue
        if node is not None:
            yield Yaml(node, node.start_mark.line + 1)
