"""A report as blocks: headings, sentences, tables and bars, which HTML, PDF and Markdown each set in their own way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from slimdesk.basics.escaping import visible

Tone = Literal["plain", "good", "warn", "bad", "muted"]
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text. quoted: the words of an image, a project or an engine, never ours: no format may read marks in it."""

    text: str
    quoted: bool = False


Words = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title, 2 a section or a component, 3 and 4 parts of these."""

    words: Words
    level: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or two."""

    words: Words
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numeric ones stand to the right. help: what the figure is."""

    title: Words
    numeric: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; `sort` is what it is sorted by where its words are not."""

    words: Words
    sort: float | None = None
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `left_out` rows more exist than are shown."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, of parts in bytes that stand one behind the other. None = not known."""

    label: Words
    parts: tuple[int, ...] | None
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars on one scale from zero, in bytes; `parts` are the legend, empty where a bar is of one piece."""

    title: str
    bars: tuple[Bar, ...]
    parts: tuple[str, ...] = ()


Block = Heading | Paragraph | Table | Bars


def ours(text: str) -> Span:
    """Our own words."""
    return Span(text)


def theirs(text: str, limit: int = _LONGEST) -> Span:
    """Somebody else's words, on one line and without control characters."""
    return Span(visible(text, limit), quoted=True)


def words(*parts: str | Span) -> Words:
    """Put words together; plain text is ours."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def plain(some: Iterable[Span]) -> str:
    """Return the text alone."""
    return "".join(span.text for span in some)
