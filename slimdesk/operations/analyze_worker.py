"""Reading an image in a process of its own: the parse would stall the window's loop, and a hostile image its memory.

The process gets a request, sends progress, pictures and at last the image through a pipe: one small object, then the columns
of its table as plain bytes. Afterwards it waits for the next request, so that an image which is known is there at once; one
that was stopped, died, or holds much memory is not used again. It never outlives the program.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from slimdesk.basics.errors import ArchiveError, SlimDeskError, StreamBroken
from slimdesk.image.model import Image
from slimdesk.image.pack import Shape, put_together, table_from, table_parts, take_apart
from slimdesk.image.picture import OnPicture, Picture
from slimdesk.image.table import FileTable
from slimdesk.operations.analyze_read import Request, read
from slimdesk.operations.worker import MAX_MEMORY, Teller, Told, settle

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

# A process that waits for its next request may hold this much memory, in bytes.
MAX_IDLE_MEMORY = 256 << 20
_END_WITHIN = 2.0
# As many nodes may its last image have had where the system does not tell how much memory a process holds.
MAX_IDLE_NODES = 300_000
# The main one, and the one that waits for the program's end.
_OWN_THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Process:
    """A running worker; `surroundings` are the environment and the folder that it was started in."""

    process: SpawnProcess
    connection: Connection
    surroundings: tuple[object, ...]

    def is_ready(self) -> bool:
        """Whether it takes a request; waits until it runs, and has put away the request before."""
        try:
            return bool(self.connection.recv())
        except (EOFError, OSError):
            return False

    def kill(self) -> None:
        """End it at once; its connection breaks."""
        self.process.kill()

    def end(self) -> int | None:
        """Close the connection, which ends a process that waits; returns its exit code."""
        self.connection.close()
        self.process.join(_END_WITHIN)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        code = self.process.exitcode
        self.process.close()
        return code


class _Spare:
    """The one process that waits for its next request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: _Process | None = None

    def take(self) -> tuple[_Process, bool]:
        """Return a process that is ready; else one that is only starting, and True."""
        with self._lock:
            found, self._waiting = self._waiting, None
        if found is not None:
            if found.surroundings == _surroundings() and found.is_ready():
                return found, False
            found.end()
        return _started(), True

    def fill(self) -> None:
        """Start a process that waits, unless there is one."""
        with self._lock:
            if self._waiting is None:
                self._waiting = _started()

    def give_back(self, process: _Process) -> None:
        """Keep a process that has answered; end it where another one waits already."""
        with self._lock:
            if self._waiting is None:
                self._waiting = process
                return
        process.end()

    @property
    def number(self) -> int | None:
        """Return the number of the process that waits."""
        with self._lock:
            return self._waiting.process.pid if self._waiting else None

    def end(self) -> None:
        """End the process that waits."""
        with self._lock:
            found, self._waiting = self._waiting, None
        if found is not None:
            found.end()


_spare = _Spare()


def warm_up() -> None:
    """Start a process that waits for its first request, unless one waits. Blocking, for a thread."""
    _spare.fill()


def end_spare() -> None:
    """End the process that waits for its next request; it would end with the program anyway."""
    _spare.end()


def spare_process() -> int | None:
    """Return the number of the process that waits for its next request; None where none waits."""
    return _spare.number


def _started() -> _Process:
    # Spawned, never forked: the program has threads and a window.
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True, name="slimdesk-analyze")
    process.start()
    theirs.close()
    return _Process(process, ours, _surroundings())


def _surroundings() -> tuple[object, ...]:
    """What a process inherits when it starts: paths and settings that it was given mean the same only in the same ones."""
    try:
        return dict(os.environ), Path.cwd()
    except OSError:
        return (dict(os.environ),)


class Worker:
    """One reading in another process. `run` blocks, so it belongs in a thread; `stop` may come from any other."""

    def __init__(self, request: Request, told: Told, on_picture: OnPicture | None = None) -> None:
        self._request = request
        self._told = told
        self._on_picture = on_picture
        self._lock = threading.Lock()
        self._stopped = False
        self._process: _Process | None = None
        self._table: FileTable | None = None

    def run(self) -> Image:
        """Pass on what the process tells, return the image. Raises what the reading raised, or SlimDeskError."""
        process, fresh = _spare.take()
        with self._lock:
            self._process = process
            if self._stopped:
                process.kill()
        try:
            if fresh and not process.is_ready():
                raise EOFError  # noqa: TRY301 - told like any other end
            process.connection.send((self._request, self._on_picture is not None))
            answer = self._listen(process.connection)
        except (EOFError, OSError) as broken:
            with self._lock:
                self._process = None
            raise _died(self._request, process.end()) from broken
        with self._lock:
            self._process = None
            stopped = self._stopped
        if stopped:
            process.end()
        else:
            _spare.give_back(process)
        if isinstance(answer, SlimDeskError):
            raise answer
        return answer

    def stop(self) -> None:
        """End the process at once; `run` then raises."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def _listen(self, connection: Connection) -> Image | SlimDeskError:
        while True:
            message = connection.recv()
            what = message[0]
            if what == "progress":
                self._told(*message[1:])
            elif what == "error":
                error: SlimDeskError = message[1]
                return error
            elif what == "picture":
                self._show(message[1], message[2], connection)
            else:
                image: Image = message[1]
                shape: Shape = message[2]
                return put_together(image, shape, (connection.recv_bytes() for _ in shape))

    def _show(self, picture: Picture, shape: Shape | None, connection: Connection) -> None:
        # No columns follow where the tree is the one that was sent before.
        if shape is not None:
            self._table = table_from(shape, (connection.recv_bytes() for _ in shape))
        if self._on_picture:
            self._on_picture(replace(picture, table=self._table))


def _work(connection: Connection) -> None:
    """Run in the worker process."""
    settle()
    # Reading makes many objects and hardly a cycle; those that there are go after each image.
    gc.disable()
    sending = _Sending(connection)
    # A program that has closed the connection wants nothing more.
    with contextlib.suppress(EOFError, OSError):
        ready = True
        while ready:
            sending.send(True)
            request, with_pictures = connection.recv()
            nodes = _answer(sending, request, sending.picture if with_pictures else None)
            gc.collect()
            held = memory_held()
            small = nodes <= MAX_IDLE_NODES if held is None else held <= MAX_IDLE_MEMORY
            ready = small and threading.active_count() <= _OWN_THREADS
        sending.send(False)


def _answer(sending: _Sending, request: Request, on_picture: OnPicture | None) -> int:
    """Read and send it; return how many nodes its tree has."""
    sending.forget()
    try:
        image = read(request, Teller(cast("Connection", sending)), on_picture)
    except SlimDeskError as error:
        sending.send(("error", error))
        return 0
    except MemoryError:
        sending.send(("error", _too_large(request)))
        return MAX_IDLE_NODES + 1
    bare, shape, buffers = take_apart(image)
    sending.send(("image", bare, shape), buffers)
    return len(image.table)


class _Sending:
    """The way back to the program, for several threads; used like a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._table: FileTable | None = None

    def forget(self) -> None:
        """Another image begins."""
        self._table = None

    def send(self, message: object, buffers: Iterable[memoryview] = ()) -> None:
        """Send an object, then buffers as they are."""
        with self._lock:
            self._connection.send(message)
            for buffer in buffers:
                self._connection.send_bytes(buffer)

    def picture(self, picture: Picture) -> None:
        """Send a picture; its tree only where it is another one than before."""
        table = picture.table
        if table is None or table is self._table:
            self.send(("picture", picture.without_table(), None))
            return
        self._table = table
        shape, buffers = table_parts(table)
        self.send(("picture", picture.without_table(), shape), buffers)


def memory_held() -> int | None:
    """Return the bytes of memory that this process holds now; None where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return None


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
