"""A container's log as it grows: both streams, with the engine's time stamps, over a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from slimdesk.basics.escaping import log_line
from slimdesk.engine.client import open_client, release, request, shut
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.frames import Frames, Stream
from slimdesk.engine.images import parse_time
from slimdesk.engine.pieces import Pieces, start

# A line without an end is cut here, in bytes.
LONGEST_LINE = 64 << 10
# So many bytes are read into lines at once: some two milliseconds' work.
_SLICE = 16 << 10


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, made harmless; `time` is the engine's, None where it gave none."""

    stream: Stream
    time: dt.datetime | None
    text: str


async def follow(
    endpoint: Endpoint,
    container: str,
    *,
    tail: int | None = 1000,
    since: dt.datetime | None = None,
    ongoing: bool = True,
    tty: bool = False,
) -> AsyncGenerator[tuple[LogLine, ...], None]:
    """Yield lines, as many at once as have come; ends with the container, or at once unless `ongoing`.

    `tail` None = from the beginning. `tty` says that the container has a terminal (its log has no frames then).
    Close it (`contextlib.aclosing`) to end its thread and its connection. Raises ImageNotFound, StreamBroken.
    """
    query = {
        "stdout": 1,
        "stderr": 1,
        "timestamps": 1,
        "follow": int(ongoing),
        "tail": "all" if tail is None else tail,
    }
    if since is not None:
        query["since"] = f"{since.timestamp():.9f}"
    reader = _Reader(endpoint, container, query)
    lines = Lines(tty=tty)
    start("logs", reader.run)
    try:
        while data := await reader.pieces.take():
            for place in range(0, len(data), _SLICE):
                found = lines.feed(data[place : place + _SLICE])
                if found:
                    yield found
                # Reading a megabyte at once would be felt where a window lives on the same loop.
                await asyncio.sleep(0)
        rest = lines.end()
        if rest:
            yield rest
    finally:
        reader.stop()


class Lines:
    """Puts a log's bytes together to lines, each stream by itself."""

    def __init__(self, *, tty: bool) -> None:
        self._frames = None if tty else Frames()
        self._rest: dict[Stream, bytes] = {"stdout": b"", "stderr": b""}

    def feed(self, data: bytes) -> tuple[LogLine, ...]:
        """Return the lines that `data` completes."""
        found: list[LogLine] = []
        pieces: list[tuple[Stream, bytes]] = self._frames.feed(data) if self._frames else [("stdout", data)]
        for stream, piece in pieces:
            *whole, rest = (self._rest[stream] + piece).split(b"\n")
            found += [parse_line(stream, line) for line in whole]
            if len(rest) > LONGEST_LINE:
                found.append(parse_line(stream, rest))
                rest = b""
            self._rest[stream] = rest
        return tuple(found)

    def end(self) -> tuple[LogLine, ...]:
        """Return what has no end of line."""
        rest = [(stream, line) for stream, line in self._rest.items() if line]
        self._rest = {"stdout": b"", "stderr": b""}
        return tuple(parse_line(stream, line) for stream, line in rest)


def parse_line(stream: Stream, line: bytes) -> LogLine:
    """Split the engine's time stamp off."""
    stamp, blank, text = line.partition(b" ")
    time = parse_time(stamp.decode("ascii", "replace")) if blank and stamp[:1].isdigit() else None
    return LogLine(stream, time, log_line((text if time is not None else line).decode("utf-8", "replace")))


class _Reader:
    def __init__(self, endpoint: Endpoint, container: str, query: dict[str, Any]) -> None:
        self.pieces = Pieces()
        self._endpoint = endpoint
        self._container = container
        self._query = query
        self._response: Any = None
        self._stopped = False

    def run(self) -> None:
        failure: Exception | None = None
        try:
            with engine_calls("The container's log ended early", self._endpoint, streaming=True):
                self._read()
        except Exception as error:  # noqa: BLE001 - handed to whoever takes the lines
            failure = error
        self.pieces.end(failure)

    def stop(self) -> None:
        self._stopped = True
        if self._response is not None:
            shut(self._response)
        self.pieces.close()

    def _read(self) -> None:
        opened = open_client(self._endpoint, None)
        try:
            path = f"/containers/{self._container}/logs"
            self._response = request(opened, "GET", path, parameters=self._query, stream=True, timeout=None)
            # Stopped before there was an answer to shut.
            if self._stopped:
                return
            raw = self._response.raw
            for piece in raw.read_chunked() if raw.chunked else raw.stream(1 << 16):
                if not self.pieces.put(piece):
                    return
        finally:
            release(self._response)
            with contextlib.suppress(Exception):
                opened.close()
