"""An image as the engine saves it: a tar archive that flows. Blocking, for a worker process or a thread."""

from __future__ import annotations

import contextlib
import json
import urllib.parse
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from slimdesk.engine.client import CHUNK, open_client, release, request, shut
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls

if TYPE_CHECKING:
    from requests import Response

# The first API whose save can leave out other platforms (Docker 28).
_PLATFORM_API = (1, 48)


class SaveStream:
    """The archive in pieces of 1 MiB; `close` ends it from any thread, its reader then gets StreamBroken."""

    def __init__(self, endpoint: Endpoint, name: str, platform: str | None = None) -> None:
        self._endpoint = endpoint
        self._name = name
        self._platform = platform
        self._client: Any = None
        self._response: Response | None = None

    def __enter__(self) -> Self:
        """Ask for the image. Raises ImageNotFound, EngineUnreachable."""
        with engine_calls(f"The engine has no image {self._name}", self._endpoint):
            self._client = open_client(self._endpoint, None)
            path = f"/images/{urllib.parse.quote(self._name, safe='/:@')}/get"
            parameters = {"platform": self._wanted()} if self._wanted() else None
            try:
                self._response = request(
                    self._client, "GET", path, parameters=parameters, stream=True, timeout=None
                )
            except BaseException:
                self._client.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, read to the end or not."""
        release(self._response)
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        """Return the archive in pieces; each has 1 MiB but the last. Raises StreamBroken if the engine goes away."""
        if self._response is None:
            return
        with engine_calls(f"{self._name} could not be read to its end", self._endpoint, streaming=True):
            while piece := self._response.raw.read(CHUNK, decode_content=False):
                yield piece

    def close(self) -> None:
        """End it at once; may be called from another thread and more than once."""
        if self._response is not None:
            shut(self._response)
        if self._client is not None:
            with contextlib.suppress(Exception):
                self._client.close()

    def _wanted(self) -> str | None:
        version = self._endpoint.api_version
        if not self._platform or version is None:
            return None
        if tuple(int(part) for part in version.split(".")) < _PLATFORM_API:
            return None
        system, architecture, *variant = self._platform.split("/")
        named = {"os": system, "architecture": architecture}
        return json.dumps({**named, "variant": variant[0]} if variant else named)


def open_save(settings: Endpoint, name: str, platform: str | None = None) -> SaveStream:
    """Return the stream to be used in a `with`; `settings` (`engine.settings`) may come from another process."""
    return SaveStream(settings, name, platform)
