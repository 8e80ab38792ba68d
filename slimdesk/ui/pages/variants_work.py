"""Building and verifying from the page: each variant is a job; what goes wrong is told once, with its log at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from slimdesk.basics.errors import EngineError, SlimDeskError
from slimdesk.basics.job import JobState
from slimdesk.image.model import Image
from slimdesk.operations.variant_matrix import keep_now
from slimdesk.operations.variants import Variants
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.history_budget import watch_budgets
from slimdesk.ui.pages.scan_window import open_scan


class VariantsWork:
    """One per page; `show_log` opens the log of a family."""

    def __init__(self, desk: Desk, variants: Variants, show_log: Callable[[str], object]) -> None:
        self._desk = desk
        self._variants = variants
        self._show_log = show_log
        self._checks: asyncio.Task[None] | None = None
        watch_budgets(desk)

    def build(self, families: Sequence[str]) -> None:
        """Build these variants, each as a job of its own; what fails is told once, with its log at hand."""
        self._desk.spawn(self._build_all(families))

    async def _build_all(self, families: Sequence[str]) -> None:
        variants = [self._variants.variant(family) for family in families]
        try:
            await self._variants.build(families)
        except EngineError as no_engine:
            self._tell_no_engine(no_engine)
            return
        await self._keep_matrix()
        jobs = [(variant.family, self._variants.job_of(variant)) for variant in variants]
        failed = [(family, job) for family, job in jobs if job is not None and job.state is JobState.FAILED]
        if not failed:
            return
        family, job = failed[0]
        error = job.error
        what = error.what if isinstance(error, SlimDeskError) else f"{family} did not build"
        if len(failed) > 1:
            what = f"{len(failed)} of {len(jobs)} did not get to their end: {', '.join(one for one, _ in failed)}"
        why = error.why or error.what if isinstance(error, SlimDeskError) else str(error)
        self._desk.notify(
            "bad", f"{what}.", why, actions=(("Show log", partial(self._show_log, family)),),
            details="\n".join([str(error), "", *list(job.lines)[-50:]]),
        )  # fmt: skip

    def keep(self) -> None:
        """Keep what stands there now for reports."""
        self._desk.spawn(self._keep_matrix())

    async def _keep_matrix(self) -> None:
        """Keep what stands there now for reports: also what was stopped or failed is part of it."""
        problem = await keep_now(self._variants)
        if problem:
            self._desk.notify("warn", "The results were not kept for reports.", problem)

    def verify(self, families: Sequence[str]) -> None:
        """Verify these built variants."""
        self._desk.spawn(self._verify_all(families))

    async def _verify_all(self, families: Sequence[str]) -> None:
        try:
            await self._variants.verify(families)
        except EngineError as error:
            self._tell_no_engine(error)
            return
        await self._keep_matrix()

    def check(self, families: Sequence[str], chosen: str, told: Callable[[], object]) -> None:
        """Ask all checkers about these texts, the chosen one first, one after the other; `told` is called after each."""
        if families and (self._checks is None or self._checks.done()):
            wanted = sorted(families, key=lambda family: family != chosen)
            self._checks = self._desk.spawn(self._check_all(wanted, told))

    async def _check_all(self, families: Sequence[str], told: Callable[[], object]) -> None:
        for family in families:
            if await self._variants.check(family) is not None:
                told()

    def scan(self, image: Image | None) -> None:
        """Open a window on an image's known vulnerabilities, against those of the reference."""
        known = self._desk.workspace.results(self._variants.reference()).analysis
        open_scan(self._desk, image, known.value if known is not None else None)

    def _tell_no_engine(self, error: EngineError) -> None:
        opener = self._desk.opener
        actions = (("Try again", opener.ask_engine),) if opener is not None else ()
        self._desk.notify(
            "bad",
            _sentence(error.what),
            " ".join(_sentence(part) for part in (error.why, error.todo) if part),
            actions=actions,
        )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"
