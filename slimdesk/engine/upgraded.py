"""A connection to the engine that has become HTTP/2 (POST with `Upgrade: h2c`): bytes both ways, blocking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slimdesk.engine.client import open_client, release, request, shut
from slimdesk.engine.endpoint import Endpoint

_READ = 1 << 16


class Upgraded:
    """Read and released in one thread; `shut` may come from any other, and ends what the reader waits for."""

    def __init__(
        self,
        endpoint: Endpoint,
        path: str,
        headers: Mapping[str, str] | None = None,
        repeated: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Connect; `repeated` are headers whose names may come more than once. Raises what docker-py raises."""
        self._client: Any = open_client(endpoint, None)
        try:
            self._response = request(
                self._client,
                "POST",
                path,
                headers={"Connection": "Upgrade", "Upgrade": "h2c", **(headers or {})},
                repeated=repeated,
                stream=True,
                timeout=None,
            )
            # The engine may speak at once, and what it says may stand in the answer's buffer already: read from there.
            raw: Any = self._response.raw
            self._reader: Any = raw._fp.fp  # noqa: SLF001
            attached = self._client._get_raw_response_socket(self._response)  # noqa: SLF001
            self._socket: Any = getattr(attached, "_sock", attached)
        except BaseException:
            self._client.close()
            raise

    def read(self) -> bytes:
        """Return what is there, waiting for it; b"" at the end. Raises OSError."""
        try:
            return bytes(self._reader.read1(_READ))
        except ValueError as error:
            # What a buffer says whose socket was shut meanwhile.
            raise ConnectionAbortedError("the connection was ended") from error

    def write(self, data: bytes) -> None:
        """Send all of it. Raises OSError."""
        if data:
            self._socket.sendall(data)

    def shut(self) -> None:
        """End it at once."""
        shut(self._response)

    def release(self) -> None:
        """Give the connection back, in the thread that read it."""
        release(self._response)
        self._client.close()
