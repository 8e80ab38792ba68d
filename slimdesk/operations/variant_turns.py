"""Whose turn it is: so many builds side by side as the machine can take."""

from __future__ import annotations

import asyncio
import os

# Each build compiles with all processors that it finds, and takes a gigabyte or two.
LEAST_AT_ONCE, MOST_AT_ONCE = 2, 4


class Turn:
    """One place among so many; it is given back when the block ends, or earlier by `end`."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._held = False

    async def __aenter__(self) -> None:
        await self._places.acquire()
        self._held = True

    async def __aexit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Give the place back now."""
        if self._held:
            self._held = False
            self._places.release()


def sensible_at_once() -> int:
    """Return how many builds run side by side: half as many as there are processors, at least two, at most four."""
    return max(LEAST_AT_ONCE, min(MOST_AT_ONCE, (os.cpu_count() or 1) // 2))
