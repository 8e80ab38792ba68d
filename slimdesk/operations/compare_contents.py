"""Read the contents that settle a comparison: which files of the same size changed, and which were moved or renamed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from slimdesk.basics.errors import BadInput
from slimdesk.image.compare import Pair, Side
from slimdesk.image.difference_moves import doubtful, settled
from slimdesk.image.inside import Place, place_of
from slimdesk.image.model import Image
from slimdesk.image.tarheader import Header
from slimdesk.operations.image_bodies import Holder, bare, holder, read_bodies
from slimdesk.operations.worker import Told, in_worker

if TYPE_CHECKING:
    from slimdesk.basics.job import Reporter
    from slimdesk.engine.engine import Engine

# An engine gives a file of a container in some milliseconds; from here on its whole save stream is the faster way.
_ONE_BY_ONE = 40


async def with_contents(pair: Pair, context: str | None, reporter: Reporter) -> Pair:
    """Return the pair with all that contents tell. context: the Docker context of images that are in an engine.

    Bodies are read and hashed in a process of its own. Raises BadInput where a side is an analysis of earlier, and what
    reading an image raises.
    """
    for side in (pair.before, pair.after):
        _must_be_readable(side)
    before, after = doubtful(pair.files)
    async with _engine(pair, context) as engine:
        one = await _digests(pair.before.image, before, engine, reporter)
        two = await _digests(pair.after.image, after, engine, reporter)
    return _settled(pair, one, two)


def with_contents_here(pair: Pair, reporter: Reporter) -> Pair:
    """Do the same for the command line. Blocking."""
    return asyncio.run(with_contents(pair, None, reporter))


def _settled(pair: Pair, before: dict[int, bytes], after: dict[int, bytes]) -> Pair:
    made = Pair(pair.before, pair.after)
    made.files = settled(pair.files, before, after)
    return made


def _must_be_readable(side: Side) -> None:
    if side.earlier or not side.files_known:
        raise BadInput(
            f"The contents of {side.name} cannot be read",
            "it is an analysis of earlier, which holds none",
            "Name the image instead",
        )


@contextlib.asynccontextmanager
async def _engine(pair: Pair, context: str | None) -> AsyncIterator[Engine | None]:
    if all(side.image.source != "engine" for side in (pair.before, pair.after)):
        yield None
        return
    from slimdesk.operations.connect import connected

    async with connected(context) as engine:
        yield engine


async def _digests(
    image: Image, nodes: list[int], engine: Engine | None, reporter: Reporter
) -> dict[int, bytes]:
    places: dict[Place, int] = {}
    wanted: dict[Place, str] = {}
    for node in nodes:
        with contextlib.suppress(BadInput):
            place = place_of(image.table, node)
            places[place] = node
            wanted[place] = image.table.path(node)
    if not wanted:
        return {}
    async with holder(image, engine, layers=len(wanted) > _ONE_BY_ONE) as held:
        what = f"Reading contents of {image.name or image.location}"
        found: dict[Place, bytes] = await in_worker(
            what, _hash_all, held, bare(image), wanted, reporter=reporter
        )
    return {places[place]: digest for place, digest in found.items()}


def _hash_all(told: Told, held: Holder, image: Image, wanted: dict[Place, str]) -> dict[Place, bytes]:
    """Run in a worker."""
    return read_bodies(held, image, wanted, _hash, told)


def _hash(_: bytes, __: Header, body: Iterator[bytes]) -> bytes:
    digest = hashlib.sha256()
    for piece in body:
        digest.update(piece)
    return digest.digest()
