"""One call in a process of its own: what takes the processor for long would stall the window, what is hostile its memory.

The call gets a `told(label, done, total)` as its first argument. The process never outlives the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.job import Reporter, Silent

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# What a worker may hold in memory. An image at the bound of entries needs some 750 MB.
MAX_MEMORY = 1536 << 20
_TELL_EVERY = 0.1
_END_WITHIN = 2.0
_NICE = 5

T = TypeVar("T")
Told = Callable[[str, int, int | None], None]
"""What is being done, how many bytes of it so far, and of how many (None = not known)."""


async def in_worker(
    what: str, work: Callable[..., T], *arguments: Any, reporter: Reporter | None = None
) -> T:
    """Run `work(told, *arguments)` in a process of its own and return what it returns. `what` names it for people.

    `work` is a function of a module; it, its arguments and its result are pickled. Cancelling ends the process at once.
    Raises what `work` raises of ours, SlimDeskError where the process died or ran out of memory.
    """
    from slimdesk.engine.threads import in_thread

    told = reporter or Silent()
    told.progress(what)
    loop = asyncio.get_running_loop()

    def tell(label: str, done: int, total: int | None) -> None:
        loop.call_soon_threadsafe(told.progress, label or what, done, total, "bytes")

    call = _Call(what, partial(_call, work, arguments), tell)
    result: T = await in_thread(call.run, call.stop, name="worker")
    return result


def _call(work: Callable[..., T], arguments: tuple[Any, ...], told: Told) -> T:
    return work(told, *arguments)


class _Call:
    """`run` blocks, so it belongs in a thread; `stop` may come from any other."""

    def __init__(self, what: str, work: Callable[[Told], Any], told: Told) -> None:
        self._what = what
        self._work = work
        self._told = told
        self._lock = threading.Lock()
        self._stopped = False
        self._kill: Callable[[], None] | None = None

    def run(self) -> Any:
        """Start the process, pass on what it tells, return its result."""
        # Spawned, never forked: the program has threads and a window.
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=_work, args=(theirs, self._what, self._work), daemon=True, name="slimdesk-worker"
        )
        try:
            with self._lock:
                if self._stopped:
                    raise SlimDeskError(f"{self._what} was stopped")
                process.start()
                self._kill = process.kill
            theirs.close()
            return self._listen(ours)
        except (EOFError, ConnectionError) as error:
            process.join(_END_WITHIN)
            # -9: killed, most often by the system for want of memory.
            why = "the system ended it, most likely for want of memory" if process.exitcode == -9 else ""
            raise SlimDeskError(
                f"{self._what} ended early", why, "Close other programs and try again"
            ) from error
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

    def _listen(self, connection: Connection) -> Any:
        while True:
            message = connection.recv()
            if message[0] == "progress":
                self._told(*message[1:])
            elif message[0] == "error":
                raise message[1]
            else:
                return message[1]


def _work(connection: Connection, what: str, work: Callable[[Told], Any]) -> None:
    """Run in the worker process."""
    settle()
    try:
        connection.send(("result", work(Teller(connection))))
    except SlimDeskError as error:
        connection.send(("error", error))
    except MemoryError:
        why = f"it would take more than {MAX_MEMORY >> 20} MiB of memory"
        connection.send(("error", SlimDeskError(f"{what} was given up", why, "Choose something smaller")))
    finally:
        with contextlib.suppress(OSError):
            connection.close()


class Teller:
    """Sends progress, at most ten times a second and whenever the label changes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._label = ""
        self._next = 0.0

    def __call__(self, label: str, done: int, total: int | None) -> None:
        """Send it if it is time."""
        now = time.monotonic()
        if label == self._label and now < self._next:
            return
        self._label, self._next = label, now + _TELL_EVERY
        self._connection.send(("progress", label, done, total))


def settle() -> None:
    """Make the present process a worker: it ends with the program, has a memory bound, and leaves the window its share."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_the_program()
    _bound_memory()
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.nice(_NICE)


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


def _bound_memory() -> None:
    # RLIMIT_DATA counts private writable memory on Linux; elsewhere the bounds on what is read must do.
    if not sys.platform.startswith("linux"):
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = MAX_MEMORY if hard == resource.RLIM_INFINITY else min(MAX_MEMORY, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
