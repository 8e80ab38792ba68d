"""From a thread that reads an engine's stream to the event loop: what waits between them is bounded."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable

# What may wait for its reader, in bytes; the thread stops reading until there is room again.
WAITING = 4 << 20


class Pieces:
    """Bytes that one thread gives (`put`, `end`) and one task takes (`take`).

    Whoever takes gets all that waits at once: a flood costs few turns of the loop. The loop is the running one.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._room = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._held = 0
        self._told = False
        self._ended = False
        self._closed = False
        self._error: Exception | None = None

    def put(self, data: bytes) -> bool:
        """Give a piece; waits while there is no room. False: nobody takes them any more."""
        with self._room:
            while self._held >= WAITING and not self._closed:
                self._room.wait()
            if self._closed:
                return False
            self._waiting.append(data)
            self._held += len(data)
        self._tell()
        return True

    def end(self, error: Exception | None = None) -> None:
        """Say that nothing more comes, and why."""
        with self._room:
            self._ended = True
            self._error = error
        self._tell()

    def close(self) -> None:
        """Let nothing more in; whoever waits to give goes on, whoever takes gets the end."""
        with self._room:
            self._closed = True
            self._waiting.clear()
            self._held = 0
            self._room.notify_all()
        self._tell()

    async def take(self) -> bytes:
        """Return all that waits, b"" at the end. Raises what ended it."""
        while True:
            with self._room:
                self._told = False
                if self._waiting:
                    data = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
                    self._waiting.clear()
                    self._held = 0
                    self._room.notify_all()
                    return data
                if self._closed:
                    return b""
                if self._ended:
                    if self._error is not None:
                        raise self._error
                    return b""
                self._arrived.clear()
            await self._arrived.wait()

    def _tell(self) -> None:
        with self._room:
            if self._told:
                return
            self._told = True
        # The loop may be gone: the program has ended meanwhile.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._arrived.set)


def start(name: str, work: Callable[[], None]) -> threading.Thread:
    """Run `work` in a thread that never keeps the program from ending."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread
