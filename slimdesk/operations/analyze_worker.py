"""Reading an image in a process of its own: the parse would stall the window's loop, and a hostile image its memory.

The worker gets a request, sends progress and at last the image through a pipe: one small object, then the columns of
its table as plain bytes. It never outlives the program.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import ArchiveError, SlimDeskError, StreamBroken
from slimdesk.image.layer_reader import Watch
from slimdesk.image.model import Image
from slimdesk.image.pack import Shape, put_together, take_apart
from slimdesk.image.read import Wanted, read_known, read_path, read_stream
from slimdesk.operations.worker import MAX_MEMORY, Teller, Told, settle

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from slimdesk.engine.endpoint import Endpoint
    from slimdesk.workspace.analysis_cache import AnalysisCache

_END_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Request:
    """What to read: a path, or `name` (with its ID and roughly its size in bytes) from the engine at `endpoint`.

    config: the image's configuration as far as the engine tells it.
    """

    wanted: Wanted = field(default_factory=Wanted)
    path: Path | None = None
    endpoint: Endpoint | None = None
    name: str = ""
    image_id: str | None = None
    size: int | None = None
    config: dict[str, Any] | None = None


def read(request: Request, watch: Watch | None = None) -> Image:
    """Read the image here and now, or take it from the cache. Blocking.

    Raises what slimdesk.image.read raises, and EngineError.
    """
    if request.path is not None:
        return read_path(request.path, request.wanted, watch, layer_store(request.wanted))
    if request.endpoint is None:
        raise ValueError("a request names a path or an engine")
    store = layer_store(request.wanted)
    if store is not None and request.image_id:
        known = read_known(request.name, request.image_id, request.wanted, store, request.config)
        if known:
            return known
    from slimdesk.engine.save import open_save

    def with_size(label: str, done: int, _: int | None) -> None:
        if watch:
            watch(label, done, request.size)

    with open_save(request.endpoint, request.name, request.wanted.platform) as stream:
        return read_stream(stream, request.name, request.image_id, request.wanted, with_size, store=store)


def layer_store(wanted: Wanted) -> AnalysisCache | None:
    """Return the cache of layers; None where it would not be used, so that it is not even imported."""
    if wanted.fast:
        return None
    from slimdesk.workspace.analysis_cache import AnalysisCache

    return AnalysisCache()


class Worker:
    """One reading in a process of its own. `run` blocks, so it belongs in a thread; `stop` may come from any other."""

    def __init__(self, request: Request, told: Told) -> None:
        self._request = request
        self._told = told
        self._lock = threading.Lock()
        self._stopped = False
        self._kill: Callable[[], None] | None = None

    def run(self) -> Image:
        """Start the process, pass on what it tells, return the image. Raises what the reading raised, or SlimDeskError."""
        # Spawned, never forked: the program has threads and a window.
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=_work, args=(theirs, self._request), daemon=True, name="slimdesk-analyze"
        )
        try:
            with self._lock:
                if self._stopped:
                    raise SlimDeskError("The analysis was stopped")
                process.start()
                self._kill = process.kill
            theirs.close()
            return self._listen(ours)
        except (EOFError, ConnectionError) as error:
            process.join(_END_WITHIN)
            raise _died(self._request, process.exitcode) from error
        finally:
            with self._lock:
                self._kill = None
            if process.pid is not None:
                process.join(_END_WITHIN)
                if process.is_alive():
                    process.kill()
                    process.join()
                process.close()
            ours.close()

    def stop(self) -> None:
        """End the process at once; `run` then raises."""
        with self._lock:
            self._stopped = True
            if self._kill:
                self._kill()

    def _listen(self, connection: Connection) -> Image:
        while True:
            message = connection.recv()
            if message[0] == "progress":
                self._told(*message[1:])
            elif message[0] == "error":
                raise message[1]
            else:
                image: Image = message[1]
                shape: Shape = message[2]
                return put_together(image, shape, (connection.recv_bytes() for _ in shape))


def _work(connection: Connection, request: Request) -> None:
    """Run in the worker process."""
    settle()
    try:
        image = read(request, Teller(connection))
        bare, shape, buffers = take_apart(image)
        connection.send(("image", bare, shape))
        for buffer in buffers:
            connection.send_bytes(buffer)
    except SlimDeskError as error:
        connection.send(("error", error))
    except MemoryError:
        connection.send(("error", _too_large(request)))
    finally:
        with contextlib.suppress(OSError):
            connection.close()


def _name(request: Request) -> str:
    return request.path.name if request.path else request.name


def _too_large(request: Request) -> ArchiveError:
    return ArchiveError(
        f"{_name(request)} is too large to be read",
        f"it would take more than {MAX_MEMORY >> 20} MiB of memory",
        "Look at a smaller image",
    )


def _died(request: Request, exit_code: int | None) -> SlimDeskError:
    # -9: killed, most often by the system for want of memory.
    why = (
        "the system ended the analysis, most likely for want of memory"
        if exit_code == -9
        else "the analysis ended early"
    )
    return StreamBroken(
        f"{_name(request)} could not be read to its end", why, "Close other programs and try again"
    )
