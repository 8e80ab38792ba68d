"""Does something answer? One question over HTTP or TCP, asked of an address on this machine's network."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass

from slimdesk.basics.escaping import without_controls

CONNECT_TIMEOUT = 1.0  # seconds
ANSWER_TIMEOUT = 5.0
# How long a connection must stay open to count: an engine's proxy accepts for a container that does not listen, and hangs up.
HELD = 0.3
BODY_LIMIT = 1 << 20
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: |\r|\n|$)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `status` and `body` of HTTP; both empty where it accepted but did not speak HTTP."""

    status: int | None = None
    body: bytes = b""


async def ask_http(
    host: str,
    port: int,
    path: str,
    seconds: float = ANSWER_TIMEOUT,
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer | None:
    """GET `path`; None if nobody listens there, an Answer without status if what listens does not speak HTTP in time.

    `headers` are sent besides; one that would break its line loses what breaks it.
    """
    streams = await _connected(host, port)
    if streams is None:
        return None
    reader, writer = streams
    try:
        async with asyncio.timeout(seconds):
            sent = {"Host": f"localhost:{port}", "User-Agent": "SlimDesk", "Accept": "*/*", **dict(headers)}
            lines = [
                f"GET {path} HTTP/1.1",
                *(f"{name}: {value}" for name, value in sent.items()),
                "Connection: close",
            ]
            request = "".join(f"{without_controls(line)}\r\n" for line in (*lines, ""))
            writer.write(request.encode("ascii", "replace"))
            await writer.drain()
            return await _read_answer(reader)
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
        return Answer()
    finally:
        await _close(writer)


async def ask_tcp(host: str, port: int) -> bool:
    """Whether a connection is accepted and kept: it says something, or stays open for a moment."""
    streams = await _connected(host, port)
    if streams is None:
        return False
    reader, writer = streams
    try:
        async with asyncio.timeout(HELD):
            return bool(await reader.read(1))
    except TimeoutError:
        return True
    except OSError:
        return False
    finally:
        await _close(writer)


async def _connected(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            return await asyncio.open_connection(host, port, limit=BODY_LIMIT)
    except (OSError, TimeoutError):
        return None


async def _read_answer(reader: asyncio.StreamReader) -> Answer:
    first = await reader.readline()
    match = _STATUS.match(first)
    if match is None:
        return Answer()
    status = int(match.group(1))
    length, chunked = None, False
    while line := (await reader.readline()).strip():
        name, _, value = line.lower().partition(b":")
        if name == b"content-length" and value.strip().isdigit():
            length = int(value)
        elif name == b"transfer-encoding":
            chunked = b"chunked" in value
    body = bytearray()
    # A body that breaks off, or never ends, is still an answer: the status stands.
    with contextlib.suppress(OSError, TimeoutError, ValueError):
        async with asyncio.timeout(ANSWER_TIMEOUT / 2):
            await _read_body(reader, body, length, chunked=chunked)
    return Answer(status, bytes(body))


async def _read_body(
    reader: asyncio.StreamReader, body: bytearray, length: int | None, *, chunked: bool
) -> None:
    if chunked:
        while size := int((await reader.readline()).split(b";")[0] or b"0", 16):
            left = size
            while left and (part := await reader.read(min(left, 65_536))):
                left -= len(part)
                body += part[: BODY_LIMIT - len(body)]
            if left or len(body) >= BODY_LIMIT:
                return
            await reader.readline()
        return
    wanted = BODY_LIMIT if length is None else min(length, BODY_LIMIT)
    while len(body) < wanted and (part := await reader.read(min(65_536, wanted - len(body)))):
        body += part


async def _close(writer: asyncio.StreamWriter) -> None:
    # Aborted, not closed: the other side may never say goodbye.
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
