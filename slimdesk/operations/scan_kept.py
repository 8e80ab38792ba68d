"""Scans that outlive the program: one is kept when it is made, and taken instead of a new one where the layers are the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from slimdesk.basics.errors import OutputError
from slimdesk.basics.job import Reporter, Silent
from slimdesk.image.model import Image
from slimdesk.operations.scan import known_scanner, scan_image
from slimdesk.scan import AUTO
from slimdesk.scan.scanned import Scanned
from slimdesk.workspace.history import History

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine


async def scan_and_keep(
    image: Image,
    *,
    scanner: str | None = None,
    engine: Engine | None = None,
    network: bool = False,
    update: bool = False,
    reporter: Reporter | None = None,
    history: History | None = None,
) -> Scanned:
    """Scan an image as `scan_image` does and keep what came of it; that it could not be kept is told, and no failure."""
    told = reporter or Silent()
    found = await scan_image(
        image, scanner=scanner, engine=engine, network=network, update=update, reporter=told
    )
    try:
        await asyncio.to_thread((history or History()).scans.keep, image, found)
    except OutputError as error:
        told.log(f"The scan is not kept: {error}")
    return found


async def known_or_scanned(
    image: Image,
    *,
    scanner: str = AUTO,
    engine: Engine | None = None,
    network: bool = False,
    reporter: Reporter | None = None,
    history: History | None = None,
) -> Scanned:
    """Return the kept scan of these very layers, else scan them. `auto`: the newest answer of whichever scanner.

    Raises BadInput for an unknown scanner, and what `scan_image` raises.
    """
    name = None if scanner == AUTO else scanner
    known = None if name is None else known_scanner(name)
    past = history or History()
    try:
        before = await asyncio.to_thread(past.scans.of, image, None if known is None else known.title)
    except OutputError:
        before = None
    if before is not None:
        return before
    return await scan_and_keep(
        image, scanner=name, engine=engine, network=network, reporter=reporter, history=past
    )
