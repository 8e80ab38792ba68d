"""A three-way merge of sequences that can be compared, and of nothing else: the old sequence may be marks without a text.

An insertion and a change that only touch each other are both taken; what both sides changed in different ways is a clash.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Span:
    """Items `start` to `end` (not included) of the old sequence became `mine_start` to `mine_end` of another."""

    start: int
    end: int
    mine_start: int
    mine_end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the result: `old`, `yours` and `theirs` are (start, end) of the three sequences.

    `take` says which side it comes from; "clash" that neither can be preferred. Of what both have as it was, `take` is
    "same"; of what both inserted at one place "both".
    """

    take: str
    old: tuple[int, int]
    yours: tuple[int, int]
    theirs: tuple[int, int]


def merge(
    old: Sequence[Hashable],
    yours: Sequence[Hashable],
    theirs: Sequence[Hashable],
    kind: Callable[[Hashable], Hashable] | None = None,
) -> tuple[Piece, ...]:
    """Return the pieces of the result in order. `kind` says which items of changed parts belong together."""
    mine, other = _spans(old, yours, kind), _spans(old, theirs, kind)
    pieces: list[Piece] = []
    at = at_yours = at_theirs = 0
    while mine or other:
        region = _region(mine, other)
        start = min(span.start for span in (*region[0], *region[1]))
        end = max(span.end for span in (*region[0], *region[1]))
        if start > at:
            count = start - at
            pieces.append(
                Piece("same", (at, start), (at_yours, at_yours + count), (at_theirs, at_theirs + count))
            )
            at_yours, at_theirs = at_yours + count, at_theirs + count
        del mine[: len(region[0])], other[: len(region[1])]
        yours_end = at_yours + (end - start) + sum(map(_growth, region[0]))
        theirs_end = at_theirs + (end - start) + sum(map(_growth, region[1]))
        piece = Piece("", (start, end), (at_yours, yours_end), (at_theirs, theirs_end))
        pieces.append(_judged(piece, region, yours, theirs))
        at, at_yours, at_theirs = end, yours_end, theirs_end
    if at < len(old):
        count = len(old) - at
        pieces.append(
            Piece("same", (at, len(old)), (at_yours, at_yours + count), (at_theirs, at_theirs + count))
        )
    return tuple(pieces)


def _judged(
    piece: Piece,
    region: tuple[list[Span], list[Span]],
    yours: Sequence[Hashable],
    theirs: Sequence[Hashable],
) -> Piece:
    same = list(yours[slice(*piece.yours)]) == list(theirs[slice(*piece.theirs)])
    inserted = piece.old[0] == piece.old[1]
    take = "clash"
    if not region[1]:
        take = "yours"
    elif not region[0] or same:
        take = "theirs"
    elif inserted:
        take = "both"
    return Piece(take, piece.old, piece.yours, piece.theirs)


def _growth(span: Span) -> int:
    return (span.mine_end - span.mine_start) - (span.end - span.start)


def _region(mine: list[Span], other: list[Span]) -> tuple[list[Span], list[Span]]:
    """Take the first span of either side and all that overlap with it, directly or through one another."""
    first = min((*mine[:1], *other[:1]), key=lambda span: (span.start, span.end))
    start, end = first.start, first.end
    counts = [0, 0]
    grown = True
    while grown:
        grown = False
        for side, spans in enumerate((mine, other)):
            while counts[side] < len(spans) and _touches(spans[counts[side]], start, end):
                span = spans[counts[side]]
                start, end = min(start, span.start), max(end, span.end)
                counts[side] += 1
                grown = True
    return mine[: counts[0]], other[: counts[1]]


def _touches(span: Span, start: int, end: int) -> bool:
    """Whether they share an item, are inserted at the same place, or one is inserted strictly inside of the other."""
    if span.start == span.end:
        return (start == end == span.start) or start < span.start < end
    if start == end:
        return span.start < start < span.end
    return span.start < end and start < span.end


def _spans(
    old: Sequence[Hashable], new: Sequence[Hashable], kind: Callable[[Hashable], Hashable] | None
) -> list[Span]:
    """The changes from `old` to `new`, as small as they can be told apart."""
    found: list[Span] = []
    for verb, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if verb == "equal":
            continue
        if verb == "replace":
            found += _paired(old, new, Span(a, b, c, d), kind)
        else:
            found.append(Span(a, b, c, d))
    return found


def _paired(
    old: Sequence[Hashable],
    new: Sequence[Hashable],
    span: Span,
    kind: Callable[[Hashable], Hashable] | None,
) -> list[Span]:
    """Split a changed part into changed items, as far as it is clear which became which."""
    a, b, c, d = span.start, span.end, span.mine_start, span.mine_end
    if kind is None:
        pairs = [(a + step, c + step) for step in range(b - a)] if b - a == d - c else []
    else:
        kinds = SequenceMatcher(
            None,
            [kind(item) for item in old[a:b]],
            [kind(item) for item in new[c:d]],
            autojunk=False,
        )
        pairs = [
            (a + block.a + step, c + block.b + step)
            for block in kinds.get_matching_blocks()
            for step in range(block.size)
        ]
    found: list[Span] = []
    for one, other in (*pairs, (b, d)):
        found += _left(a, one, c, other)
        if (one, other) != (b, d):
            found.append(Span(one, one + 1, other, other + 1))
        a, c = one + 1, other + 1
    return found


def _left(a: int, b: int, c: int, d: int) -> list[Span]:
    """What is left between two pairs: removed and inserted items, or a part that cannot be told apart."""
    return [Span(a, b, c, d)] if a < b or c < d else []
