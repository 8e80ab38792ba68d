"""Compare images: read each side, from an engine, a file, or an analysis of earlier, and put them against the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.image.compare import LEAST, MOST, Pair, Side
from slimdesk.image.earlier import is_json, read_earlier
from slimdesk.image.findings import findings
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted

if TYPE_CHECKING:
    from slimdesk.basics.job import Reporter


def side_of(image: Image, name: str | None = None, start_seconds: float | None = None) -> Side:
    """Return an image that was read as one side of a comparison."""
    called = name or image.name or Path(image.location).name or image.location
    return Side(visible(called), image, findings(image), start_seconds=start_seconds)


def sides_here(sources: Sequence[str], wanted: Wanted, reporter: Reporter) -> list[Side]:
    """Read all sides in this process, for the command line. Blocking. A source that comes twice is read once.

    Raises BadInput for too few or too many, and what reading an image or an analysis raises.
    """
    if not LEAST <= len(sources) <= MOST:
        raise BadInput(
            f"{plural(len(sources), 'image')} cannot be compared", f"it takes {LEAST} to {MOST}", "Name the ones that matter"
        )  # fmt: skip
    read: dict[str, Side] = {}
    for source in sources:
        if source not in read:
            read[source] = read_side(source, wanted, reporter)
    return distinct([read[source] for source in sources])


def read_side(source: str, wanted: Wanted, reporter: Reporter) -> Side:
    """Read one image, archive, or analysis of earlier. Blocking."""
    from slimdesk.operations.analyze import analyze_here, existing_path

    path = existing_path(source)
    if path is not None and is_json(path):
        reporter.progress(f"Reading {path.name}")
        return read_earlier(path)
    return side_of(analyze_here(source, wanted, reporter))


def distinct(sides: Sequence[Side]) -> list[Side]:
    """Give names to sides that are called the same: by what tells them all apart, platform or file, else by a number."""
    named: list[Side] = []
    for side in sides:
        same = [other for other in sides if other.name == side.name]
        marks = next((marks for marks in (_platforms(same), _files(same)) if marks), None)
        name = side.name if marks is None else f"{side.name} ({marks[id(side)]})"
        number = 2
        while any(other.name == name for other in named):
            name = f"{side.name} ({number})"
            number += 1
        named.append(side if name == side.name else renamed(side, name))
    return named


def _platforms(same: Sequence[Side]) -> dict[int, str] | None:
    return _telling(same, [visible(side.image.platform or "") for side in same])


def _files(same: Sequence[Side]) -> dict[int, str] | None:
    marks = ["engine" if side.image.source == "engine" else Path(side.image.location).name for side in same]
    return _telling(same, [visible(mark) for mark in marks])


def _telling(same: Sequence[Side], marks: Sequence[str]) -> dict[int, str] | None:
    """Return the mark of each side if there are several, all have one and no two share it."""
    if len(same) < 2 or not all(marks) or len(set(marks)) < len(same):
        return None
    return {id(side): mark for side, mark in zip(same, marks, strict=True)}


def renamed(side: Side, name: str) -> Side:
    """Return a side under another name."""
    return replace(side, name=name)


def pairs_of(sides: Sequence[Side]) -> list[Pair]:
    """Put every side but the first against the first."""
    return [Pair(sides[0], side) for side in sides[1:]]
