"""What a terminal shows and types into, and what every shell in a container does of it."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from typing import Protocol

from slimdesk.basics.errors import EngineError, StreamBroken
from slimdesk.engine.exec import Exec
from slimdesk.verify.run import finished


class TerminalStream(Protocol):
    """What a terminal shows and types into: bytes both ways, and the size of the window."""

    async def read(self) -> bytes:
        """Return what came, b"" at the end."""
        ...

    async def write(self, data: bytes) -> None:
        """Send what was typed."""
        ...

    async def resize(self, columns: int, rows: int) -> None:
        """Tell how large the window is."""
        ...

    async def close(self) -> None:
        """End it; nothing of it is left. May be called more than once."""
        ...


class ProgramStream(ABC):
    """A program with a terminal in a container that goes with it.

    After `read` returned b"", `ending` says in a sentence why there is no more; "" while it lives.
    """

    def __init__(self, program: Exec) -> None:
        self.exit_code: int | None = None
        self.ending = ""
        self._program = program
        self._closed = False

    async def read(self) -> bytes:
        """Return all that came, b"" at the end (`ending` says of what)."""
        try:
            data = await self._program.read()
        except (StreamBroken, EngineError):
            data = b""
        if not data and not self.ending:
            self.ending = await self._why()
        return data

    async def write(self, data: bytes) -> None:
        """Send what was typed, in the order of the calls; what comes too late is dropped."""
        # `read` tells that it has ended, and why.
        with contextlib.suppress(StreamBroken):
            await self._program.write(data)

    async def resize(self, columns: int, rows: int) -> None:
        """Tell the program's terminal how large the window is."""
        await self._program.resize(columns, rows)

    async def close(self) -> None:
        """End the program and remove its container; done when nothing of it is left."""
        if self._closed:
            return
        self._closed = True
        self.ending = self.ending or "It was closed."
        await finished(self._put_away())

    @abstractmethod
    async def _why(self) -> str:
        """Return why there is no more, and set `exit_code` where the program ended by itself."""

    @abstractmethod
    async def _put_away(self) -> None:
        """End the program and remove its container."""
