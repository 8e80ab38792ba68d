"""A connection to a container that goes both ways: what is typed there, what it writes back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import Any

from slimdesk.basics.errors import StreamBroken
from slimdesk.engine.client import open_client, request
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.pieces import Pieces, start
from slimdesk.engine.threads import in_thread

_PIECE = 1 << 18


class Connection:
    """An upgraded connection, blocking. Made in one thread, it may be read in one and written in another."""

    def __init__(
        self, endpoint: Endpoint, path: str, body: Mapping[str, Any] | None, query: Mapping[str, Any]
    ) -> None:
        import json

        self._client: Any = open_client(endpoint, None)
        try:
            self._response: Any = request(
                self._client,
                "POST",
                path,
                parameters=query,
                headers={"Connection": "Upgrade", "Upgrade": "tcp", "Content-Type": "application/json"},
                # Nothing where nothing is asked for: Podman hands a body to the program, as its first input.
                body=None if body is None else json.dumps(body).encode(),
                stream=True,
                timeout=None,
            )
            # docker-py knows where its transports (a socket, TLS, a named pipe) keep the connection.
            found: Any = self._client._get_raw_response_socket(self._response)  # noqa: SLF001
            self._socket: Any = getattr(found, "_sock", found)
            # The answer's own reader: the first bytes may be in it already.
            self._reader: Any = getattr(getattr(self._response.raw, "_fp", None), "fp", None)
        except BaseException:
            self._client.close()
            raise

    def read(self) -> bytes:
        """Return what is there, waiting for it; b"" at the end. Raises OSError."""
        if self._reader is not None:
            return bytes(self._reader.read1(_PIECE))
        return bytes(self._socket.recv(_PIECE))

    def write(self, data: bytes) -> None:
        """Send all of it. Raises OSError."""
        self._socket.sendall(data)

    def shut(self) -> None:
        """End it at once; from any thread, its reader gets the end."""
        with contextlib.suppress(Exception):
            self._socket.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Give everything back; only in the thread that read it."""
        self.shut()
        for part in (self._reader, self._socket, self._response, self._client):
            # Each may have been closed along with another.
            with contextlib.suppress(Exception):
                part.close()


class Duplex:
    """A connection for the event loop: `read` and `write` wait without blocking it; `close` ends it and its thread."""

    def __init__(self, endpoint: Endpoint, connection: Connection) -> None:
        self._endpoint = endpoint
        self._connection = connection
        self._pieces = Pieces()
        self._writing = asyncio.Lock()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        start("duplex", self._run)

    async def read(self) -> bytes:
        """Return all that has come, b"" at the end. Raises StreamBroken if the engine goes away."""
        return await self._pieces.take()

    async def write(self, data: bytes) -> None:
        """Send bytes, in the order of the calls; waits while the other side takes none. Raises StreamBroken."""
        async with self._writing:
            if self._closed:
                raise StreamBroken("The connection to the container has ended", "it was closed", "")
            await in_thread(lambda: self._send(data), self._connection.shut, name="duplex-write")

    def hang_up(self) -> None:
        """End it; what has come already can still be read, then comes the end."""
        self._connection.shut()

    async def close(self) -> None:
        """End it and wait for its thread. May be called more than once."""
        self._closed = True
        self._connection.shut()
        self._pieces.close()
        await asyncio.wait([self._over], timeout=2.0)

    def _send(self, data: bytes) -> None:
        try:
            self._connection.write(data)
        except (OSError, ValueError) as error:
            raise StreamBroken(
                "The connection to the container has ended", "nobody reads there any more", ""
            ) from error

    def _run(self) -> None:
        failure: Exception | None = None
        try:
            with engine_calls("The connection to the container broke", self._endpoint, streaming=True):
                while data := self._connection.read():
                    if not self._pieces.put(data):
                        break
        except Exception as error:  # noqa: BLE001 - handed to whoever reads
            failure = error
        self._connection.release()
        self._pieces.end(failure)
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        if not self._over.done():
            self._over.set_result(None)


async def connect(
    endpoint: Endpoint,
    what: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
) -> Duplex:
    """Open a connection; `what` begins the sentence of a failure. Raises EngineError, ImageNotFound."""
    turn, made, left = threading.Lock(), list[Connection](), threading.Event()

    def opened() -> Connection:
        with engine_calls(what, endpoint):
            connection = Connection(endpoint, path, body, query or {})
        with turn:
            made.append(connection)
            if left.is_set():
                connection.release()
        return connection

    try:
        return Duplex(endpoint, await in_thread(opened, name="duplex-open"))
    except asyncio.CancelledError:
        # Its thread goes on until the engine answers; what it gets then is for nobody.
        with turn:
            left.set()
            for connection in made:
                connection.release()
        raise
