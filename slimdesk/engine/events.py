"""What happens at the engine, as it happens: an endless stream that is ended by shutting it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import EngineError, StreamBroken
from slimdesk.engine.client import json_lines, open_client, release, request, shut
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import START_AGAIN, engine_calls
from slimdesk.engine.images import parse_time
from slimdesk.engine.model import EngineEvent

if TYPE_CHECKING:
    from requests import Response

KINDS = ("image", "container")


async def events(
    endpoint: Endpoint,
    kinds: tuple[str, ...] = KINDS,
    listening: asyncio.Event | None = None,
    since: dt.datetime | None = None,
) -> AsyncGenerator[EngineEvent, None]:
    """Every event of these kinds from now on, or those of the past since then first, as far as the engine keeps them.

    Raises StreamBroken when the engine goes away.

    `listening` is set when the engine has begun to tell: what happens later is not missed. Close it (`aclose`, or `contextlib.aclosing`) to end its thread and its connection.
    """
    queue: asyncio.Queue[EngineEvent | EngineError] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def in_loop(work: Callable[..., object], *arguments: object) -> None:
        # The loop may be gone by now.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(work, *arguments)

    reader = _Reader(endpoint, kinds, lambda one: in_loop(queue.put_nowait, one), since)
    if listening is not None:
        reader.listening = lambda: in_loop(listening.set)
    thread = threading.Thread(target=reader.run, name="events", daemon=True)
    thread.start()
    try:
        while True:
            one = await queue.get()
            if isinstance(one, EngineError):
                raise one
            yield one
    finally:
        reader.stop()


class _Reader:
    def __init__(
        self,
        endpoint: Endpoint,
        kinds: tuple[str, ...],
        tell: Callable[[EngineEvent | EngineError], object],
        since: dt.datetime | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._kinds = kinds
        self._tell = tell
        self._since = since
        self.listening: Callable[[], object] | None = None
        self._response: Response | None = None
        self._stopped = threading.Event()

    def run(self) -> None:
        error: EngineError
        try:
            with engine_calls("The engine's events have ended", self._endpoint, streaming=True):
                self._read()
            error = StreamBroken("The engine's events have ended", "it closed the connection", START_AGAIN)
        except EngineError as failure:
            error = failure
        if not self._stopped.is_set():
            self._tell(error)

    def stop(self) -> None:
        self._stopped.set()
        if self._response is not None:
            shut(self._response)

    def _read(self) -> None:
        opened = open_client(self._endpoint, None)
        try:
            asked = {"filters": json.dumps({"type": list(self._kinds)})}
            if self._since is not None:
                asked["since"] = f"{self._since.timestamp():.9f}"
            self._response = request(opened, "GET", "/events", parameters=asked, stream=True, timeout=None)
            # Stopped before there was an answer to shut: an engine that nothing happens at would be listened to for ever.
            if self._stopped.is_set():
                return
            if self.listening is not None:
                self.listening()
            for line in json_lines(self._response):
                if self._stopped.is_set():
                    return
                self._tell(_event(line))
        finally:
            release(self._response)
            opened.close()


def _event(line: Mapping[str, Any]) -> EngineEvent:
    actor = line.get("Actor") or {}
    attributes = {str(key): str(value) for key, value in (actor.get("Attributes") or {}).items()}
    return EngineEvent(
        kind=str(line.get("Type", "")),
        action=str(line.get("Action", "")),
        subject=str(actor.get("ID", "")),
        attributes=attributes,
        time=_time(line),
    )


def _time(line: Mapping[str, Any]) -> dt.datetime | None:
    nanoseconds = line.get("timeNano")
    if not isinstance(nanoseconds, int):
        return parse_time(line.get("time"))
    return dt.datetime.fromtimestamp(nanoseconds / 1e9, dt.UTC)
