"""What variants that fail for a known cause are mended with, one after the other, each cause once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from slimdesk.basics.job import Reporter
from slimdesk.operations.fix_variant import Fixes, Outcome
from slimdesk.operations.matrix import Repair
from slimdesk.operations.variants import Variants
from slimdesk.recipes.fixes_model import Mend


class Repairs:
    """One per matrix: what was mended, and what could be."""

    def __init__(self, variants: Variants) -> None:
        self._fixes = Fixes(variants)
        self._made: dict[str, list[Repair]] = {}

    async def mend(self, families: Sequence[str], reporter: Reporter) -> None:
        """Mend all of these that fail for a known cause, and prove them again. Raises EngineError, CatalogError."""
        await asyncio.gather(*(self._mend(family, reporter) for family in families))

    def of(self, family: str) -> tuple[Repair, ...]:
        """Return what was tried, in order, then what could be tried next."""
        tried, offer = self._made.get(family, []), self._fixes.offer(family)
        more = [] if offer is None or _cause(offer) in map(_cause, tried) else [_repair(offer)]
        return (*tried, *more)

    async def _mend(self, family: str, reporter: Reporter) -> None:
        tried = self._made.setdefault(family, [])
        while (offer := self._fixes.offer(family)) is not None and _cause(offer) not in map(_cause, tried):
            outcome = await self._fixes.fix(family)
            tried.append(_repair(offer, outcome))
            reporter.progress(f"{family}: {outcome.words}")
            if not outcome.kept:
                return


def _cause(one: Mend | Repair) -> tuple[str, str]:
    return (one.kind, one.subject)


def _repair(mend: Mend, outcome: Outcome | None = None) -> Repair:
    kept = None if outcome is None else outcome.kept
    cost = outcome.cost if outcome is not None and outcome.kept else None
    return Repair(mend.kind, mend.subject, mend.title, mend.reason, mend.lines, cost, kept)
