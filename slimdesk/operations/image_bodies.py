"""Where the bytes of an image's files are, and reading them from there: an archive, a layout, or an engine's image."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.image.inside import Place, catch, catch_stream
from slimdesk.image.layer_reader import Watch
from slimdesk.image.model import Image
from slimdesk.image.pack import empty_table
from slimdesk.image.tarheader import Header

if TYPE_CHECKING:
    from slimdesk.engine.endpoint import Endpoint
    from slimdesk.engine.engine import Engine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Holder:
    """Where an image's bytes are: an archive or layout at `path`, or the engine at `endpoint`.

    container: one of that image that was never started; with it the visible files are read, without it the whole image.
    """

    path: Path | None = None
    endpoint: Endpoint | None = None
    name: str = ""
    platform: str | None = None
    container: str | None = None


@contextlib.asynccontextmanager
async def holder(image: Image, engine: Engine | None, *, layers: bool) -> AsyncIterator[Holder]:
    """Give the place that an image can be read from again; `layers`: with what is hidden in the end.

    For visible files of an engine's image a container is made, never started, and removed at the end, come what may.
    """
    if image.source != "engine":
        yield Holder(path=Path(image.location))
        return
    if engine is None:
        raise BadInput("The image's engine is not known", "", "Open the image again")
    name = image.image_id or image.location
    if layers:
        yield Holder(endpoint=engine.settings, name=image.location, platform=image.platform)
        return
    async with never_started(engine, name, image.platform) as held:
        yield held


@contextlib.asynccontextmanager
async def never_started(engine: Engine, image: str, platform: str | None) -> AsyncIterator[Holder]:
    """Give a container of an engine's image (a name or an ID) that is not started, and removed at the end, come what may.

    Raises ImageNotFound, EngineError.
    """
    import asyncio
    from functools import partial

    from slimdesk.engine import file_out
    from slimdesk.engine.threads import in_thread

    # Shielded: a container whose making is interrupted could not be removed, for nobody knew its name.
    making = asyncio.ensure_future(in_thread(partial(file_out.make, engine.settings, image), name="look"))
    try:
        container = await asyncio.shield(making)
    except asyncio.CancelledError:
        making.add_done_callback(partial(_remove_later, engine))
        raise
    try:
        yield Holder(endpoint=engine.settings, name=image, platform=platform, container=container)
    finally:
        await asyncio.shield(engine.remove(container))


def _remove_later(engine: Engine, making: object) -> None:
    import asyncio

    if isinstance(making, asyncio.Future) and not making.cancelled() and making.exception() is None:
        task = asyncio.ensure_future(engine.remove(making.result()))
        _removing.add(task)
        task.add_done_callback(_removing.discard)


_removing: set[object] = set()


def read_bodies(
    held: Holder,
    image: Image,
    wanted: Mapping[Place, str],
    take: Callable[[bytes, Header, Iterator[bytes]], T],
    told: Watch,
) -> dict[Place, T]:
    """Read bodies by layer and key, `wanted` with the path of each, and return what `take` made of them. Blocking.

    See `slimdesk.image.inside.catch`; raises what that raises, and EngineError.
    """
    if held.path is not None:
        return catch(held.path, image, wanted.keys(), take, told)
    if held.endpoint is None:
        raise BadInput("The image's engine is not known", "", "Open the image again")
    if held.container is not None:
        return {place: body for place, path in wanted.items() for body in _copied(held, path, take)}
    from slimdesk.engine.save import open_save

    with open_save(held.endpoint, held.name, held.platform) as stream:
        return catch_stream(stream, image, wanted.keys(), take, told)


def _copied(held: Holder, path: str, take: Callable[[bytes, Header, Iterator[bytes]], T]) -> Iterator[T]:
    """Yield what `take` makes of a container's file: once, or not at all."""
    from slimdesk.engine.file_out import ContainerFiles
    from slimdesk.image.table import Kind
    from slimdesk.image.tarstream import TarStream

    if held.endpoint is None or held.container is None:
        return
    with ContainerFiles(held.endpoint, held.container) as files, files.tar(path) as pieces:
        stream = TarStream(pieces, visible(path, 80))
        for header in stream:
            if header.kind == Kind.FILE:
                yield take(path.encode("utf-8", "surrogateescape"), header, stream.body())
                return


def read_folder(
    held: Holder,
    image: Image,
    folder: str,
    wanted: Mapping[bytes, Place],
    take: Callable[[bytes, Header, Iterator[bytes]], T],
    *,
    told: Watch,
) -> dict[Place, T]:
    """Read the bodies of a folder's visible files, `wanted` by their path (no slash in front), as `read_bodies` does."""
    if held.endpoint is None or held.container is None:
        return read_bodies(held, image, dict.fromkeys(wanted.values(), folder), take, told)
    from slimdesk.engine.file_out import ContainerFiles
    from slimdesk.image.table import Kind
    from slimdesk.image.tarstream import TarStream

    found: dict[Place, T] = {}
    above = folder.rstrip("/").rpartition("/")[0].strip("/").encode("utf-8", "surrogateescape")
    done = 0
    whole = image.sizes.live if folder == "/" else None
    with ContainerFiles(held.endpoint, held.container) as files, files.tar(folder) as pieces:
        stream = TarStream(pieces, visible(folder, 80))
        for header in stream:
            if header.kind != Kind.FILE:
                continue
            # The engine names what it sends after the folder's own last part; the root has none.
            name = b"/".join(part for part in (above, *header.name.split(b"/")) if part not in (b"", b"."))
            place = wanted.get(name)
            if place is not None and place not in found:
                found[place] = take(name, header, stream.body())
            done += header.size
            told("", done, whole)
    return found


def bare(image: Image) -> Image:
    """Return the image without what is large: a worker that reads bodies needs none of it."""
    return replace(image, table=empty_table(), packages=None, package_of=array("i"), findings=())


def gone(path: str) -> BadInput:
    """A file is not where the image had it."""
    return BadInput(f"{visible(path, 200)} was not found again", "the image has changed", "Read it again")
