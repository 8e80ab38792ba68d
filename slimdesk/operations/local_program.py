"""A command of this machine in a terminal of its own, such as kubectl, for the embedded terminal to show."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

from slimdesk.basics.errors import BadInput, OutputError
from slimdesk.engine.threads import in_thread
from slimdesk.verify.run import finished

# The first program opens its terminal by name, as the leader of a session of its own: that makes it the controlling one.
_OWN_TERMINAL = 'exec <>"$0" >&0 2>&1; eval "$1"'
_PIECE = 1 << 16
# How long a program that was hung up on may take to end, in seconds.
_GRACE = 1.0


class LocalProgram:
    """A line of a POSIX shell that runs, and its terminal. It ends with `close`, or when this program is gone.

    After `read` returned b"", `ending` says in a sentence why there is no more.
    """

    def __init__(self, process: subprocess.Popen[bytes], ours: int, folder: str) -> None:
        self.ending = ""
        self.exit_code: int | None = None
        self._process = process
        self._ours = ours
        self._folder = folder
        self._wakes, self._wake = os.pipe()
        self._reading = threading.Lock()
        self._closed = False

    async def read(self) -> bytes:
        """Return what it wrote, b"" at its end."""
        data = b"" if self._closed else await in_thread(self._read, self._wake_up, name="program")
        if not data and not self.ending:
            self.exit_code = await in_thread(self._ended, name="program-end")
            code = f" with exit code {self.exit_code}" if self.exit_code else ""
            self.ending = f"The command ended{code}."
        return data

    async def write(self, data: bytes) -> None:
        """Send what was typed; what comes too late is dropped."""
        with contextlib.suppress(OSError):
            await in_thread(lambda: self._write(data), name="program-write")

    async def resize(self, columns: int, rows: int) -> None:
        """Tell its terminal how large the window is."""
        if sys.platform != "win32" and not self._closed:
            import fcntl
            import struct
            import termios

            size = struct.pack("HHHH", max(1, rows), max(1, columns), 0, 0)
            with contextlib.suppress(OSError):
                fcntl.ioctl(self._ours, termios.TIOCSWINSZ, size)

    async def close(self) -> None:
        """End it and what it has started; done when nothing of it is left. May be called more than once."""
        if self._closed:
            return
        self._closed = True
        self.ending = self.ending or "It was closed."
        await finished(in_thread(self._put_away, name="program-close"))

    def _read(self) -> bytes:
        with self._reading:
            if self._closed:
                return b""
            ready, _, _ = select.select([self._ours, self._wakes], [], [])
            if self._wakes in ready:
                return b""
            try:
                return os.read(self._ours, _PIECE)
            except OSError:
                # Linux says so where the last program that had the terminal is gone (EIO).
                return b""

    def _write(self, data: bytes) -> None:
        while data and not self._closed:
            data = data[os.write(self._ours, data) :]

    def _wake_up(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._wake, b".")

    def _ended(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(_GRACE)
        return None

    def _put_away(self) -> None:
        self._signal(signal.SIGHUP if sys.platform != "win32" else signal.SIGTERM)
        if self._ended() is None:
            self._signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
            self._process.wait()
        self._wake_up()
        with self._reading:
            for number in (self._ours, self._wakes, self._wake):
                os.close(number)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def why_not(program: str) -> str:
    """Return why a program of this machine cannot be run in a terminal here, "" where it can."""
    if sys.platform == "win32":
        return "Windows has no such terminals for other programs: open the system's own"
    return "" if shutil.which(program) else f"{program} is not on PATH"


async def run_line(line: str, *, columns: int = 80, rows: int = 24) -> LocalProgram:
    """Run a POSIX shell's line in a terminal, in an empty folder of its own; the caller closes it.

    Raises BadInput where this system has no such terminals, OutputError where it cannot be started.
    """
    if sys.platform == "win32":
        raise BadInput(
            "The command cannot run here", why_not(""), "Copy it, or open it in the system's terminal"
        )
    starting = asyncio.ensure_future(in_thread(lambda: _start(line), name="program-start"))
    try:
        # Shielded: one whose start was cancelled half-way is ended, not lost.
        program = await asyncio.shield(starting)
    except asyncio.CancelledError:
        await finished(_never_mind(starting))
        raise
    await program.resize(columns, rows)
    return program


async def _never_mind(starting: asyncio.Future[LocalProgram]) -> None:
    with contextlib.suppress(OutputError):
        await (await starting).close()


def _start(line: str) -> LocalProgram:
    import pty

    folder = tempfile.mkdtemp(prefix="slimdesk-")
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            ["sh", "-c", _OWN_TERMINAL, os.ttyname(theirs), line],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )
    except OSError as error:
        os.close(ours)
        shutil.rmtree(folder, ignore_errors=True)
        raise OutputError(
            "The command could not be started", error.strerror or "", "Copy it instead"
        ) from error
    finally:
        os.close(theirs)
    return LocalProgram(process, ours, folder)
