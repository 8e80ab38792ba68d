"""This terminal as the window of a remote shell: every key goes there, and it is as before afterwards, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from slimdesk.basics.errors import BadInput
from slimdesk.cli.output import warn

if TYPE_CHECKING:
    from slimdesk.operations.terminal_stream import ProgramStream, TerminalStream

_PIECE = 1 << 16


def is_terminal() -> bool:
    """Whether a person sits at both standard input and standard output."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def need_terminal(printed: str) -> None:
    """Raise BadInput where nobody sits at a terminal; `printed` is what --print shows instead."""
    if not is_terminal():
        raise BadInput(
            "A shell needs a terminal",
            "standard input or output is none",
            f"--print shows the equal {printed}",
        )


async def stay(shell: ProgramStream, words: Sequence[str]) -> None:
    """Say `words` and how to end it, carry the shell to this terminal until it ends, and close it."""
    try:
        for one in words:
            warn(one)
        warn("`exit` or Ctrl+D ends it; nothing of it is left then.")
        await talk(shell)
    finally:
        await shell.close()


def size() -> tuple[int, int]:
    """Return columns and rows as they are now: the variables COLUMNS and LINES do not follow a window."""
    try:
        found = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        return 80, 24
    return (found.columns, found.lines) if found.columns and found.lines else (80, 24)


async def talk(stream: TerminalStream) -> None:
    """Carry keys there and what it shows here, until it ends. The stream stays open. Raises BadInput on Windows."""
    if sys.platform == "win32":
        raise BadInput(
            "This terminal cannot be used for a shell",
            "it has no raw mode",
            "Open the shell in SlimDesk's window",
        )
    loop = asyncio.get_running_loop()
    typed: asyncio.Queue[bytes] = asyncio.Queue()
    out, keys = sys.stdout.fileno(), sys.stdin.fileno()
    resized = asyncio.Event()

    def key() -> None:
        with contextlib.suppress(OSError):
            data = os.read(keys, _PIECE)
            if data:
                typed.put_nowait(data)
                return
        # The terminal is gone.
        loop.remove_reader(keys)
        typed.put_nowait(b"\x04")

    async def send() -> None:
        while True:
            await stream.write(await typed.get())

    async def follow() -> None:
        while True:
            await resized.wait()
            resized.clear()
            await stream.resize(*size())

    me = asyncio.current_task()
    with _raw(keys) as screen:
        helpers = [asyncio.ensure_future(send()), asyncio.ensure_future(follow())]
        loop.add_reader(keys, key)
        loop.add_signal_handler(signal.SIGWINCH, resized.set)
        for ending in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(ending, lambda: me.cancel() if me else None)
        # The window may have changed since the shell was opened.
        resized.set()
        try:
            while data := await stream.read():
                screen.seen(data)
                await asyncio.to_thread(_show, out, data)
        finally:
            loop.remove_reader(keys)
            for watched in (signal.SIGWINCH, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(watched)
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)


def _show(out: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(out, left) :]


class _Screen:
    """Whether the other side uses the alternate screen, as editors and pagers do."""

    def __init__(self) -> None:
        self.alternate = False

    def seen(self, data: bytes) -> None:
        on, off = data.rfind(b"\x1b[?1049h"), data.rfind(b"\x1b[?1049l")
        if on != off:
            self.alternate = on > off


@contextlib.contextmanager
def _raw(keys: int) -> Iterator[_Screen]:
    import termios
    import tty

    before = termios.tcgetattr(keys)
    screen = _Screen()
    try:
        tty.setraw(keys)
        yield screen
    finally:
        # What a full-screen program left behind goes as well: its screen, its mouse, its hidden cursor.
        left = b"\x1b[?1049l" if screen.alternate else b""
        with contextlib.suppress(OSError):
            os.write(
                sys.stdout.fileno(),
                left + b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?2004l\x1b[?25h\x1b[0m\r\n",
            )
        termios.tcsetattr(keys, termios.TCSADRAIN, before)
