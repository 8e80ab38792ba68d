"""The reference's runs, which many variants are held against: each way of running it is tried once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slimdesk.verify.compose import Beside
from slimdesk.verify.model import RunProfile
from slimdesk.verify.run import Run


@dataclass(frozen=True, slots=True)
class ControlKey:
    """What a control's run depends on: the image by its ID, how it is run, and what is started with it."""

    image_id: str
    profile: RunProfile
    beside: tuple[Beside, ...] = ()


class Controls:
    """One per matrix: a run of the reference counts for every variant that is run in the same way.

    It holds environments, in memory only.
    """

    def __init__(self) -> None:
        self._known: list[tuple[ControlKey, Run]] = []
        self._running = asyncio.Lock()

    def keep(self, key: ControlKey, run: Run) -> None:
        """Keep a run of the reference itself."""
        if self._find(key) is None:
            self._known.append((key, run))

    async def run(self, key: ControlKey, run_it: Callable[[], Awaitable[Run]]) -> Run:
        """Return the known run, else run it. Raises what `run_it` raises; then nothing is kept."""
        async with self._running:
            found = self._find(key)
            if found is None:
                found = await run_it()
                self._known.append((key, found))
            return found

    def _find(self, key: ControlKey) -> Run | None:
        return next((run for known, run in self._known if known == key), None)
