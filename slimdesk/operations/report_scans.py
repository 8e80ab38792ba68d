"""Scans for a report: of each image the kept one of its very layers, else a new one; why there is none is an answer, too."""

from __future__ import annotations

import contextlib

from slimdesk.basics.errors import ImageNotFound, SlimDeskError
from slimdesk.basics.job import Reporter
from slimdesk.engine.engine import Engine
from slimdesk.image.model import Image
from slimdesk.operations.analyze import analyze
from slimdesk.operations.connect import connected
from slimdesk.operations.report import with_parts, with_scans
from slimdesk.operations.scan_kept import known_or_scanned
from slimdesk.report.model import Report, Subject
from slimdesk.scan import AUTO
from slimdesk.scan.model import NotScanned
from slimdesk.scan.scanned import Scanned


async def scanned_report(
    report: Report, reporter: Reporter, *, scanner: str = AUTO, network: bool = False
) -> Report:
    """Return the report with a scan of every image in it, or why there is none."""
    async with contextlib.AsyncExitStack() as stack:
        asked = _Asked(stack, reporter, scanner, network=network)
        if report.parts:
            return with_parts(report, [await _with_scans(part, asked) for part in report.parts])
        return await _with_scans(report, asked)


async def _with_scans(report: Report, asked: _Asked) -> Report:
    return with_scans(report, [await asked.of(one) for one in report.subjects])


class _Asked:
    """One round of scans; the engine is connected to when it is needed, once."""

    def __init__(
        self, stack: contextlib.AsyncExitStack, reporter: Reporter, scanner: str, *, network: bool
    ) -> None:
        self._stack = stack
        self._reporter = reporter
        self._scanner = scanner
        self._network = network
        self._engine: Engine | None = None

    async def of(self, subject: Subject) -> Scanned | None:
        """Scan one; None for what has no image."""
        if subject.sizes is None:
            return None
        try:
            image = await self._image(subject)
            if image is None:
                return _refused(
                    subject, "an analysis of earlier has no layers to look through", "Name the image itself"
                )
            engine = await self._connected() if image.source == "engine" else None
            return await known_or_scanned(
                image, scanner=self._scanner, engine=engine, network=self._network, reporter=self._reporter
            )
        except ImageNotFound:
            return _refused(subject, "its image is not in the engine any more", "Build it again")
        except SlimDeskError as error:
            # A report on several images does not end with one that is gone.
            return _refused(subject, ": ".join(part for part in (error.what, error.why) if part), error.todo)

    async def _image(self, subject: Subject) -> Image | None:
        if subject.side is not None:
            return None if subject.side.earlier else subject.side.image
        name = subject.image_id or subject.image
        if name is None:
            return None
        return await analyze(f"docker://{name}", engine=await self._connected(), reporter=self._reporter)

    async def _connected(self) -> Engine:
        if self._engine is None:
            self._engine = await self._stack.enter_async_context(connected())
        return self._engine


def _refused(subject: Subject, reason: str, todo: str) -> Scanned:
    return Scanned(subject.image_id, subject.name, NotScanned("", reason, todo))
