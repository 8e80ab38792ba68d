"""Reading an image here and now: from a path, from what is known of it, or from the engine's stream."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk.image.layer_reader import Watch
from slimdesk.image.model import Image, SourceKind
from slimdesk.image.read import Wanted, read_known, read_path, read_stream

if TYPE_CHECKING:
    from slimdesk.engine.endpoint import Endpoint
    from slimdesk.image.painter import Painter
    from slimdesk.image.picture import OnPicture
    from slimdesk.workspace.analysis_cache import AnalysisCache

# A smaller image has flowed by before a listing of it would be there, in bytes.
LISTED_FROM = 150_000_000
# An engine that has the image unpacked lists it in two or three seconds; to unpack it takes as long as reading it does, and
# from the same disk.
LISTING_PATIENCE = 8.0
# So long the stream waits for the list: beside it, which keeps an engine's processors and disk busy, a list takes several times
# as long.
LISTING_ALONE = 3.0
_LISTING_ENDS_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Request:
    """What to read: a path, or `name` (with its ID and roughly its size in bytes) from the engine at `endpoint`.

    config: the image's configuration as far as the engine tells it. stated: the size of each layer in bytes, lowest first, as
    the engine tells it. engine_platform: what the engine runs, None = not known. tag: a name that the engine gives the image.
    """

    wanted: Wanted = field(default_factory=Wanted)
    path: Path | None = None
    endpoint: Endpoint | None = None
    name: str = ""
    image_id: str | None = None
    size: int | None = None
    config: dict[str, Any] | None = None
    stated: tuple[int | None, ...] = ()
    engine_platform: str | None = None
    tag: str | None = None


def read(request: Request, watch: Watch | None = None, on_picture: OnPicture | None = None) -> Image:
    """Read the image here and now, or take it from the cache. Blocking.

    on_picture: hears what is known so far, from several threads but one at a time; nothing of an image that is known.
    Raises what slimdesk.image.read raises, and EngineError.
    """
    store = layer_store(request.wanted)
    if request.path is not None:
        painter = _painter(request, on_picture)
        return read_path(request.path, request.wanted, _both(watch, painter), store, painter)
    if request.endpoint is None:
        raise ValueError("a request names a path or an engine")
    if store is not None and request.image_id:
        known = read_known(request.name, request.image_id, request.wanted, store, request.config)
        if known:
            return known
    from slimdesk.engine.save import open_save

    painter = _painter(request, on_picture)
    if painter and store is not None and request.config:
        _known_layers(painter, store, request.config)
    both = _both(watch, painter)

    def with_size(label: str, done: int, _: int | None) -> None:
        if both:
            both(label, done, request.size)

    with (
        _listing(request, painter),
        open_save(request.endpoint, request.name, request.wanted.platform) as stream,
    ):
        return read_stream(
            stream, request.name, request.image_id, request.wanted, with_size, store=store, painter=painter
        )


def _painter(request: Request, on_picture: OnPicture | None) -> Painter | None:
    if on_picture is None or request.wanted.fast:
        return None
    from slimdesk.image.painter import Painter

    bases, size = request.wanted.bases, request.size
    if request.path is not None:
        source: SourceKind = "oci-layout" if request.path.is_dir() else "docker-archive"
        return Painter(on_picture, request.path.name, source, bases, size)
    painter = Painter(on_picture, request.name, "engine", bases, size)
    if request.config:
        painter.image(request.config, request.stated)
    return painter


def _known_layers(painter: Painter, store: AnalysisCache, config: dict[str, Any]) -> None:
    """Show the layers that other images have brought already; the stream brings them again all the same."""
    from slimdesk.image.known import cached_layer
    from slimdesk.image.manifest import diff_ids_of

    for diff_id in dict.fromkeys(diff_ids_of(config)):
        digest = store.newest(diff_id)
        layer = cached_layer(store, digest) if digest else None
        if layer is not None and layer.diff_id == diff_id:
            painter.layer(layer)


def _both(watch: Watch | None, painter: Painter | None) -> Watch | None:
    if painter is None:
        return watch

    def told(label: str, done: int, total: int | None) -> None:
        painter.progress(done, total)
        if watch:
            watch(label, done, total)

    return told


@contextlib.contextmanager
def _listing(request: Request, painter: Painter | None) -> Iterator[None]:
    """Let the engine list the image beside the stream, where it can and where that is sooner."""
    from slimdesk.engine.listing import Listing, can_list

    endpoint, platform, tag = request.endpoint, request.engine_platform, request.tag
    if painter is None or endpoint is None or platform is None or (request.size or 0) < LISTED_FROM:
        yield
        return
    if tag is None or not can_list(tag, request.wanted.platform, platform):
        painter.no_listing()
        yield
        return
    listing = Listing(endpoint, tag, platform)
    settled = threading.Event()
    patience = threading.Timer(LISTING_PATIENCE, listing.stop)
    patience.daemon = True

    def make() -> None:
        from slimdesk.basics.errors import SlimDeskError
        from slimdesk.image.listed import listed_tree

        try:
            painter.listing(listed_tree(listing.run(), request.name))
        except (SlimDeskError, OSError, MemoryError):
            # The layers bring the same, later.
            painter.no_listing()
            return
        finally:
            settled.set()
            patience.cancel()
        listing.tidy()

    patience.start()
    thread = threading.Thread(target=make, name="slimdesk-listing", daemon=True)
    thread.start()
    try:
        settled.wait(LISTING_ALONE)
        yield
    finally:
        patience.cancel()
        if thread.is_alive():
            listing.stop()
            thread.join(_LISTING_ENDS_WITHIN)


def layer_store(wanted: Wanted) -> AnalysisCache | None:
    """Return the cache of layers; None where it would not be used, so that it is not even imported."""
    if wanted.fast:
        return None
    from slimdesk.workspace.analysis_cache import AnalysisCache

    return AnalysisCache()
