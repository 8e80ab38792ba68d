"""Read an image: from a file, a folder or an engine, in a worker process with progress, stopped at once when cancelled."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from slimdesk.basics.errors import BadInput, EngineError, ImageNotFound
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.analyze_read import Request, layer_store, read

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from slimdesk.basics.job import Reporter
    from slimdesk.engine.engine import Engine
    from slimdesk.engine.model import HistoryEntry, ImageRecord
    from slimdesk.image.picture import OnPicture, Picture

ENGINE_PREFIX = "docker://"
_BASE_NAME = "org.opencontainers.image.base.name"
_BASE_DIGEST = "org.opencontainers.image.base.digest"


async def analyze(
    source: str | Path,
    *,
    engine: Engine | None = None,
    fast: bool = False,
    platform: str | None = None,
    ref: str | None = None,
    bases: tuple[tuple[str, ...], ...] = (),
    reporter: Reporter | None = None,
    on_picture: OnPicture | None = None,
) -> Image:
    """Read an image and return it.

    source: an existing path (docker-save archive, OCI layout), else an engine image's name or ID; `docker://NAME` forces
    the engine. engine: the one to ask; without it the one that the Docker CLI would use. fast: headers only, nothing is
    hashed. bases: diff IDs of base images it may stand on; for an engine image its own label says more. on_picture: hears on
    the event loop what is known so far, some three times a second; never of an image that is known already, and never after
    the image has been returned or the task cancelled.

    Raises ArchiveError, BadInput, ImageNotFound, EngineUnreachable, StreamBroken.
    """
    import asyncio

    from slimdesk.basics.job import Silent
    from slimdesk.engine.threads import in_thread
    from slimdesk.operations.analyze_recent import key_of, recent
    from slimdesk.operations.analyze_worker import Worker

    told = reporter or Silent()
    wanted = Wanted(fast=fast, platform=platform, ref=ref, bases=bases)
    request = await _request(source, engine, wanted)
    what = f"Reading {request.path.name if request.path else request.name}"
    told.progress(what)
    loop = asyncio.get_running_loop()

    def tell(label: str, done: int, total: int | None) -> None:
        loop.call_soon_threadsafe(told.progress, label or what, done, total, "bytes")

    with _Pictures(loop, on_picture) as pictures:
        worker = Worker(request, tell, pictures.take if on_picture else None)

        def look() -> Image:
            key = key_of(request)
            image = recent.get(key, request)
            if image is None:
                image = worker.run()
                recent.keep(key, image)
            return image

        return await in_thread(look, worker.stop, name="analyze")


class _Pictures:
    """Brings pictures from a thread to the event loop: the newest, where the loop has not come to one before it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_picture: OnPicture | None) -> None:
        self._loop = loop
        self._on_picture = on_picture
        self._newest: Picture | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._on_picture = None

    def take(self, picture: Picture) -> None:
        """Take the next picture, in any thread."""
        self._newest = picture
        # The loop may be gone: the program has ended meanwhile.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._show)

    def _show(self) -> None:
        picture, self._newest = self._newest, None
        if picture is not None and self._on_picture is not None:
            self._on_picture(picture)


def analyze_here(source: str | Path, wanted: Wanted, reporter: Reporter) -> Image:
    """Read an image in this process, for the command line: no worker to start, nothing to hand over. Blocking.

    Raises what `analyze` raises.
    """
    path = existing_path(source)
    if path is not None:
        # Neither an engine nor an event loop is needed, so neither is imported: they cost more than a fast reading.
        reporter.progress(f"Reading {path.name}")
        with _no_collections():
            return read_path(
                path,
                wanted,
                lambda label, done, total: reporter.progress(label, done, total, "bytes"),
                layer_store(wanted),
            )
    import asyncio

    request = asyncio.run(_request(source, None, wanted))
    reporter.progress(f"Reading {request.name}")
    return read(request, lambda label, done, total: reporter.progress(label, done, total, "bytes"))


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """Reading makes many objects and no cycles: looking for cycles would cost a tenth of the time."""
    import gc

    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def existing_path(source: str | Path) -> Path | None:
    """Return the path that a source names; None where it means an engine image."""
    if isinstance(source, Path):
        return source
    if not source or source.startswith(ENGINE_PREFIX):
        return None
    path = Path(source)
    try:
        if path.exists():
            return path
    except (OSError, ValueError):
        return None
    if source.startswith(("/", "./", "../", "~")) or source.endswith((".tar", ".tar.gz", ".tgz", ".tar.zst")):
        raise BadInput(f"There is no {source}", "", "Check the path, or give an image's name")
    return None


async def _request(source: str | Path, engine: Engine | None, wanted: Wanted) -> Request:
    path = existing_path(source)
    if path is not None:
        return Request(wanted, path=path)
    name = str(source).removeprefix(ENGINE_PREFIX)
    if not name:
        raise BadInput("No image was named", "", "Give a path or an image's name")
    if engine is None:
        from slimdesk.engine.engine import Engine

        engine = await Engine.connect()
    record = await engine.inspect(name)
    base = record.labels.get(_BASE_NAME)
    if base and not wanted.bases:
        wanted = replace(wanted, bases=await _diff_ids(engine, base, record.labels.get(_BASE_DIGEST, "")))
    # An engine holds one image under a name: what it has is what is meant, whatever this machine's platform.
    platform = wanted.platform or record.platform
    known = None if wanted.fast else await _history(engine, record)
    return Request(
        replace(wanted, platform=platform),
        endpoint=engine.settings,
        name=name,
        image_id=record.image_id,
        size=record.size or None,
        config=None if known is None else _config(record, known),
        stated=() if known is None else tuple(entry.size for entry in known if not entry.empty),
        engine_platform=engine.known.platform,
        tag=record.tags[0] if record.tags else None,
    )


async def _history(engine: Engine, record: ImageRecord) -> list[HistoryEntry] | None:
    try:
        return await engine.history(record.image_id)
    except (ImageNotFound, EngineError):
        return None


def _config(record: ImageRecord, history: list[HistoryEntry]) -> dict[str, Any]:
    """Put an image's configuration together from what the engine tells of it."""
    system, _, rest = (record.platform or "").partition("/")
    architecture, _, variant = rest.partition("/")
    return {
        "os": system,
        "architecture": architecture,
        "variant": variant,
        "created": record.created.isoformat() if record.created else None,
        "config": record.config,
        "rootfs": {"type": "layers", "diff_ids": list(record.diff_ids)},
        "history": [{"created_by": entry.created_by, "empty_layer": entry.empty} for entry in history],
    }


async def _diff_ids(engine: Engine, name: str, digest: str) -> tuple[tuple[str, ...], ...]:
    """Ask for the base by its name, and by its digest: what was fetched by that alone has no tag in the engine."""
    folder, slash, last = name.rpartition("/")
    names = [name, f"{folder}{slash}{last.partition(':')[0]}@{digest}"] if digest else [name]
    found = []
    for one in names:
        with contextlib.suppress(ImageNotFound, EngineError):
            found.append((await engine.inspect(one)).diff_ids)
    return tuple(found)
