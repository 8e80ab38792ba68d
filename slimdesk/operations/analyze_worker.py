"""Reading an image in a process of its own: the parse would stall the window's loop, and a hostile image its memory.

The worker gets a request, sends progress and at last the image through a pipe: one small object, then the columns of
its table as plain bytes. It never outlives the program.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import ArchiveError, SlimDeskError, StreamBroken
from slimdesk.image.layer_reader import Watch
from slimdesk.image.model import Image
from slimdesk.image.pack import Shape, put_together, take_apart
from slimdesk.image.read import Wanted, read_known, read_path, read_stream

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from slimdesk.engine.endpoint import Endpoint
    from slimdesk.workspace.analysis_cache import AnalysisCache

# What a worker may hold in memory. An image at the bound of entries needs some 750 MB.
MAX_MEMORY = 1536 << 20
_TELL_EVERY = 0.1
_END_WITHIN = 2.0
_NICE = 5

Told = Callable[[str, int, int | None], None]


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
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_the_program()
    _bound_memory()
    _step_back()
    try:
        image = read(request, _Teller(connection))
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


class _Teller:
    """Sends progress, at most ten times a second and whenever the layer changes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._label = ""
        self._next = 0.0

    def __call__(self, label: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if label == self._label and now < self._next:
            return
        self._label, self._next = label, now + _TELL_EVERY
        self._connection.send(("progress", label, done, total))


def _die_with_the_program() -> None:
    import multiprocessing
    from multiprocessing.connection import wait

    program = multiprocessing.parent_process()
    if program is None:
        return

    def watch() -> None:
        wait([program.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="slimdesk-program-gone", daemon=True).start()


def _step_back() -> None:
    """Leave the window its share of a machine with few cores."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.nice(_NICE)


def _bound_memory() -> None:
    # RLIMIT_DATA counts private writable memory on Linux; elsewhere the bounds on entries and names must do.
    if not sys.platform.startswith("linux"):
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = MAX_MEMORY if hard == resource.RLIM_INFINITY else min(MAX_MEMORY, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))


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
