"""What hangs on what."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def reached(start: Iterable[T], needs: Callable[[T], Iterable[T]]) -> set[T]:
    """Return what is needed from `start`, directly or through others, itself included."""
    seen = set(start)
    waiting = list(seen)
    while waiting:
        for one in needs(waiting.pop()):
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return seen
