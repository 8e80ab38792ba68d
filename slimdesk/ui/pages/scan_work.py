"""Scanning images from the window: each is a job, what came of it goes into the workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slimdesk.basics.job import Job
from slimdesk.image.model import Image
from slimdesk.operations.scan_kept import scan_and_keep
from slimdesk.scan.model import NotScanned
from slimdesk.scan.scanned import Scanned
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.image_inside_save import engine_of


async def scan_now(
    desk: Desk,
    image: Image,
    *,
    scanner: str | None = None,
    network: bool = False,
    update: bool = False,
    started: Callable[[Job], object] = lambda _job: None,
) -> Scanned:
    """Scan an image as a job and keep what came of it. Raises SlimDeskError."""

    async def work(job: Job) -> Scanned:
        started(job)
        async with engine_of(desk, image) as engine:
            found = await scan_and_keep(
                image, scanner=scanner, engine=engine, network=network, update=update, reporter=job,
                history=desk.workspace.history,
            )  # fmt: skip
        job.summary = found.words
        return found

    scanned = await desk.job(f"Scan {image.name or image.location}", "scan", work)
    desk.workspace.keep_scan(image, scanned)
    return scanned


async def scan_all(desk: Desk, images: Sequence[Image]) -> None:
    """Scan several images one after the other; why one was not scanned is told once. Raises SlimDeskError."""
    told: list[NotScanned] = []
    for image in images:
        found = await scan_now(desk, image)
        if isinstance(found.result, NotScanned):
            told.append(found.result)
            # The same holds for the others: a scanner that is missing, a database that is not there.
            break
    if told:
        desk.notify("info", f"Not scanned: {told[0].reason}.", f"{told[0].todo}." if told[0].todo else "")
