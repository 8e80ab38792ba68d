"""Finding what was meant by a few letters: words from their beginnings first, then letters in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Match:
    """How well it fits (lower is better), and which letters to make bold, as (from, to) pairs."""

    score: float
    spans: tuple[tuple[int, int], ...]


def match(query: str, text: str) -> Match | None:
    """Return how `query` is found in `text`, or None. Case does not count; every word of the query must be found."""
    low = text.casefold()
    if len(low) != len(text):
        low = text.lower() if len(text.lower()) == len(text) else text
    spans: list[tuple[int, int]] = []
    score = len(text) / 1000
    for word in query.casefold().split():
        found = _word(word, low)
        if found is None:
            return None
        cost, places = found
        score += cost
        spans += places
    return Match(score, tuple(sorted(spans)))


def best(
    query: str, items: Iterable[object], text: Callable[[object], str], limit: int
) -> list[tuple[object, Match]]:
    """Return the `limit` best items with their matches, best first; without a query the first ones, as they come."""
    found: list[tuple[float, int, object, Match]] = []
    for number, item in enumerate(items):
        hit = match(query, text(item))
        if hit is not None:
            found.append((hit.score if query else 0, number, item, hit))
            if not query and len(found) >= limit:
                break
    found.sort(key=lambda one: one[:2])
    return [(item, hit) for _, _, item, hit in found[:limit]]


def _word(word: str, low: str) -> tuple[float, list[tuple[int, int]]] | None:
    start = -1
    position = low.find(word)
    while position >= 0:
        if position == 0 or not low[position - 1].isalnum():
            start = position
            break
        position = low.find(word, position + 1)
    if start >= 0:
        return start / 100, [(start, start + len(word))]
    position = low.find(word)
    if position >= 0:
        return 1 + position / 100, [(position, position + len(word))]
    return _letters(word, low)


def _letters(word: str, low: str) -> tuple[float, list[tuple[int, int]]] | None:
    if len(word) < 3:
        return None
    spans: list[tuple[int, int]] = []
    position = -1
    for letter in word:
        position = low.find(letter, position + 1)
        if position < 0:
            return None
        if spans and spans[-1][1] == position:
            spans[-1] = (spans[-1][0], position + 1)
        else:
            spans.append((position, position + 1))
    # Scattered letters mean little: a few runs only.
    if len(spans) > max(2, len(word) // 2):
        return None
    return 3 + len(spans), spans
