"""Programs started inside a running container: with a terminal for a person, or run to their end for an inspection."""

from __future__ import annotations

import asyncio
import contextlib
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from slimdesk.basics.errors import EngineError
from slimdesk.engine.client import client
from slimdesk.engine.duplex import Duplex, connect
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.frames import Frames
from slimdesk.engine.threads import in_thread

OUTPUT_LIMIT = 16 << 20
# How often an engine is asked how a program ended, twenty times a second.
_SETTLING = 40
_WHAT = "The program could not be started in the container"


@dataclass(frozen=True, slots=True)
class ExecRequest:
    """A program in a running container. `user` is "", a name or "uid:gid"; `environment` goes over the container's own."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    user: str = ""
    working_dir: str | None = None
    tty: bool = False


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What it wrote, each stream cut at OUTPUT_LIMIT bytes; `exit_code` None: it was stopped at the time limit."""

    exit_code: int | None
    out: bytes
    error: bytes


class Exec:
    """A program that runs, and the connection to it."""

    def __init__(self, endpoint: Endpoint, identity: str, duplex: Duplex) -> None:
        self._endpoint = endpoint
        self._identity = identity
        self._duplex = duplex

    async def read(self) -> bytes:
        """Return what it wrote, b"" at its end. Raises StreamBroken."""
        return await self._duplex.read()

    async def write(self, data: bytes) -> None:
        """Send bytes to it. Raises StreamBroken."""
        await self._duplex.write(data)

    async def resize(self, columns: int, rows: int) -> None:
        """Tell its terminal how large the window is; one that has ended is no error."""
        with contextlib.suppress(EngineError):
            await in_thread(partial(_resize, self._endpoint, self._identity, columns, rows), name="resize")

    async def exit_code(self) -> int | None:
        """Return its exit code; None while it runs, or where the engine no longer knows it."""
        with contextlib.suppress(EngineError):
            return await in_thread(partial(_exit_code, self._endpoint, self._identity))
        return None

    def hang_up(self) -> None:
        """End the connection; what it wrote so far can still be read, then comes the end."""
        self._duplex.hang_up()

    async def close(self) -> None:
        """End the connection; the program itself ends with its container, or when its terminal hangs up."""
        await self._duplex.close()


async def start(endpoint: Endpoint, container: str, wanted: ExecRequest) -> Exec:
    """Start a program. Raises EngineError (a missing program is told by its output and exit code), ImageNotFound."""
    identity = await in_thread(partial(_create, endpoint, container, wanted), name="exec")
    duplex = await connect(
        endpoint,
        _WHAT,
        f"/exec/{urllib.parse.quote(identity, safe='')}/start",
        {"Detach": False, "Tty": wanted.tty},
    )
    return Exec(endpoint, identity, duplex)


async def run(
    endpoint: Endpoint, container: str, wanted: ExecRequest, seconds: float = 20.0, limit: int = OUTPUT_LIMIT
) -> ExecResult:
    """Run a program to its end, at most `seconds`, and return what it wrote. Raises EngineError."""
    program = await start(endpoint, container, wanted)
    frames, kept = Frames(), {"stdout": bytearray(), "stderr": bytearray()}
    ended = False
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while data := await program.read():
                    for stream, piece in frames.feed(data):
                        kept[stream] += piece[: limit - len(kept[stream])]
                ended = True
    finally:
        await program.close()
    code = await _ended_with(program) if ended else None
    return ExecResult(code, bytes(kept["stdout"]), bytes(kept["stderr"]))


async def _ended_with(program: Exec) -> int | None:
    """Its output may end a moment before the engine knows how it ended."""
    for _ in range(_SETTLING):
        code = await program.exit_code()
        if code is not None:
            return code
        await asyncio.sleep(0.05)
    return None


def _create(endpoint: Endpoint, container: str, wanted: ExecRequest) -> str:
    with engine_calls(_WHAT, endpoint), client(endpoint) as opened:
        made = opened.exec_create(
            container,
            list(wanted.command),
            stdin=wanted.tty,
            tty=wanted.tty,
            user=wanted.user,
            workdir=wanted.working_dir,
            environment=dict(wanted.environment),
        )
    return str(made["Id"])


def _resize(endpoint: Endpoint, identity: str, columns: int, rows: int) -> None:
    with engine_calls("The terminal could not be resized", endpoint), client(endpoint) as opened:
        opened.exec_resize(identity, height=max(1, rows), width=max(1, columns))


def _exit_code(endpoint: Endpoint, identity: str) -> int | None:
    with engine_calls("The program's end could not be read", endpoint), client(endpoint) as opened:
        code = opened.exec_inspect(identity).get("ExitCode")
    return None if code is None else int(code)
