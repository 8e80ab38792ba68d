"""A person's Dockerfile and a newly generated one become one: what the person wrote stays, what the project changed comes in.

Works on units (an instruction with all its lines), then on the lines of an instruction that both sides changed. What cannot be
decided stands in the result as both versions, between marks that editors know from git.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.basics.errors import DockerfileError
from slimdesk.basics.merge3 import Piece, merge
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.units import Mark, Unit, mark_of

YOURS, BETWEEN, THEIRS = "<<<<<<< yours", "=======", ">>>>>>> generated now"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Lines that both sides changed; `line` is where its first mark stands in the merged text, from 1."""

    line: int
    yours: tuple[str, ...]
    generated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged lines without their ends. With conflicts they are no Dockerfile until somebody has chosen."""

    lines: tuple[str, ...]
    conflicts: tuple[Conflict, ...] = ()


def merge_units(old: Sequence[Mark], yours: Sequence[Unit], generated: Sequence[Unit]) -> Merged:
    """Merge the units of a saved Dockerfile with those generated now; `old` marks what was generated when it was saved."""
    pieces = merge(old, [unit.mark for unit in yours], [unit.mark for unit in generated], _letter)
    lines: list[str] = []
    conflicts: list[Conflict] = []
    for piece in pieces:
        mine, other = yours[slice(*piece.yours)], generated[slice(*piece.theirs)]
        found = _decided(piece, old, mine, other)
        if found is None:
            conflict = Conflict(len(lines) + 1, _lines(mine), _lines(other))
            conflicts.append(conflict)
            found = (YOURS, *conflict.yours, BETWEEN, *conflict.generated, THEIRS)
        lines += found
    return Merged(tuple(lines), tuple(conflicts))


def _letter(mark: object) -> str:
    return mark.letter if isinstance(mark, Mark) else ""


def _decided(
    piece: Piece, old: Sequence[Mark], mine: Sequence[Unit], other: Sequence[Unit]
) -> tuple[str, ...] | None:
    """Return the lines of a piece; None where neither side can be preferred."""
    if piece.take == "same":
        return tuple(
            line for one, new in zip(mine, other, strict=True) for line in _with_digests(one, new).lines
        )
    if piece.take in ("yours", "theirs"):
        return _lines(mine if piece.take == "yours" else other)
    if piece.take == "both":
        return _both(mine, other)
    before = old[slice(*piece.old)]
    if len(before) == len(mine) == len(other) == 1:
        return _by_lines(before[0], mine[0], other[0])
    return None


def _both(mine: Sequence[Unit], other: Sequence[Unit]) -> tuple[str, ...] | None:
    """What both inserted at one place; a new stage comes after what still belongs to the stage before."""
    stages = [any(unit.keyword == "FROM" for unit in side) for side in (mine, other)]
    if all(stages):
        return None
    return (*_lines(mine), *_lines(other)) if stages[1] else (*_lines(other), *_lines(mine))


def _with_digests(mine: Unit, other: Unit) -> Unit:
    """Of two units that mean the same, the newer one, but for a pin that it does not have."""
    pinned = any("@sha256:" in line for line in mine.lines)
    return mine if pinned and not any("@sha256:" in line for line in other.lines) else other


def _by_lines(old: Mark, mine: Unit, other: Unit) -> tuple[str, ...] | None:
    """Merge the lines of one instruction; None if that does not make one instruction of the same kind."""
    if not mine.keyword or mine.keyword != other.keyword:
        return None
    pieces = merge(old.lines, [mark_of(line) for line in mine.lines], [mark_of(line) for line in other.lines])
    lines: list[str] = []
    for piece in pieces:
        yours, theirs = mine.lines[slice(*piece.yours)], other.lines[slice(*piece.theirs)]
        if piece.take == "clash":
            return None
        lines += {"yours": yours, "theirs": theirs, "same": theirs}.get(piece.take, (*theirs, *yours))
    return tuple(lines) if _is_one(mine.keyword, lines) else None


def _is_one(keyword: str, lines: Sequence[str]) -> bool:
    head = "" if keyword == "FROM" else "FROM scratch\n"
    try:
        found = tuple(parse(head + "\n".join(lines) + "\n").instructions())
    except DockerfileError:
        return False
    return len(found) == (1 if keyword == "FROM" else 2) and found[-1].keyword == keyword


def _lines(units: Sequence[Unit]) -> tuple[str, ...]:
    return tuple(line for unit in units for line in unit.lines)
