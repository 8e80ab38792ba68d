"""A docker-py client for one thread, and the one place that uses its HTTP session where it has no call of its own.

A client is `Any`: docker-py's stubs know half of its calls.
"""

from __future__ import annotations

import contextlib
import functools
import json
import socket
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import EngineUnreachable
from slimdesk.engine.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from requests import PreparedRequest, Response

CHUNK = 1 << 20
TIMEOUT = 60.0


@contextlib.contextmanager
def client(endpoint: Endpoint, timeout: float | None = TIMEOUT) -> Iterator[Any]:
    """Open a client, and close it with all its connections. `timeout` is in seconds; None = a stream may be silent."""
    opened = open_client(endpoint, timeout)
    try:
        yield opened
    finally:
        opened.close()


def open_client(endpoint: Endpoint, timeout: float | None = TIMEOUT) -> Any:
    """Open a client that the caller closes. Raises EngineUnreachable for ssh, else what docker-py raises."""
    if endpoint.host.startswith("ssh://"):
        raise EngineUnreachable(
            f"The engine at {endpoint.host} cannot be used directly",
            "streams over ssh cannot be cancelled",
            f"Forward its socket, `ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock {endpoint.host[6:]}`, "
            "and set DOCKER_HOST=unix:///tmp/docker.sock",
        )
    _knock(endpoint)
    from docker.tls import TLSConfig

    tls: TLSConfig | bool = False
    if endpoint.tls:
        files = endpoint.tls
        pair = (files.certificate, files.key) if files.certificate and files.key else None
        tls = TLSConfig(client_cert=pair, ca_cert=files.ca if files.verify else None, verify=files.verify)
    return _client_class()(
        base_url=endpoint.host,
        version=endpoint.api_version or "auto",
        timeout=timeout,
        tls=tls,
    )


@functools.cache
def _client_class() -> Any:
    import docker

    class Client(docker.APIClient):
        """Trusts the authority that was named for its engine, whatever REQUESTS_CA_BUNDLE names for the web."""

        def merge_environment_settings(
            self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
        ) -> Any:
            own = self.verify if verify is None else verify
            return super().merge_environment_settings(url, proxies, stream, own, cert)

    return Client


def _knock(endpoint: Endpoint) -> None:
    """Fail with the system's own error where nobody listens; docker-py would leave its socket open then."""
    if endpoint.socket_path is None or not hasattr(socket, "AF_UNIX"):
        return
    with socket.socket(socket.AF_UNIX) as tried:
        tried.settimeout(TIMEOUT)
        tried.connect(str(endpoint.socket_path))


def request(
    opened: Any,
    method: str,
    path: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    repeated: Sequence[tuple[str, str]] = (),
    body: Iterable[bytes] | bytes | None = None,
    stream: bool = False,
    timeout: float | None = TIMEOUT,
) -> Response:
    """Call the engine where docker-py has no call. Raises docker.errors.APIError for an HTTP error.

    repeated: further headers, whose names may come more than once.
    """
    response: Response = opened.request(
        method,
        opened._url(path),  # noqa: SLF001
        params=parameters,
        headers=headers,
        data=body,
        stream=stream,
        timeout=timeout,
        auth=_repeating(repeated) if repeated else None,
    )
    opened._raise_for_status(response)  # noqa: SLF001
    return response


def _repeating(more: Sequence[tuple[str, str]]) -> Callable[[PreparedRequest], PreparedRequest]:
    """Requests keeps one value for each name; what it calls last before it sends may put others there."""
    from urllib3 import HTTPHeaderDict

    def add(prepared: PreparedRequest) -> PreparedRequest:
        headers = HTTPHeaderDict(prepared.headers)
        for name, value in more:
            headers.add(name, value)
        prepared.headers = headers  # type: ignore[assignment] # a mapping like its own
        return prepared

    return add


def shut(response: Response) -> None:
    """End a stream that another thread reads; its reader gets an error at once.

    `response.close()` would wait for that reader: only shutting the socket does not.
    """
    from docker.types import CancellableStream

    with contextlib.suppress(Exception):
        CancellableStream(iter(()), response).close()


def release(response: Response | None) -> None:
    """Give back a stream's socket; only in the thread that read it, `shut` or read to its end before."""
    if response is not None:
        shut(response)
        # What it buffers refers to a socket that may be closed by now.
        with contextlib.suppress(OSError, ValueError):
            response.close()


def json_lines(response: Response) -> Iterator[dict[str, Any]]:
    """Return the objects of a stream of JSON values, one per line; anything else in it is left out."""
    rest = b""
    # Chunk by chunk as they come; reading by size would hold lines back until so many bytes are there.
    raw = response.raw
    pieces = raw.read_chunked() if raw.chunked else raw.stream()
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield from _object(line)
    yield from _object(rest)


def _object(line: bytes) -> Iterator[dict[str, Any]]:
    with contextlib.suppress(ValueError):
        value = json.loads(line) if line.strip() else None
        if isinstance(value, dict):
            yield value
