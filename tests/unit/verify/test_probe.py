import asyncio
import contextlib
import socket

import pytest

from slimdesk.verify.probe import Answer, ask_http, ask_tcp


@contextlib.asynccontextmanager
async def serving(talk):
    """A server on this machine that handles each connection with `talk(reader, writer)`; gives its port."""

    async def handle(reader, writer):
        with contextlib.suppress(OSError):
            await talk(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    handling = set()

    def accept(reader, writer):
        handling.add(asyncio.ensure_future(handle(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    await asyncio.gather(*handling)


def says(data):
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()

    return talk


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore", Answer(200, b"ok")),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", Answer(204, b"")),
        (b"HTTP/1.0 503 Busy\r\n\r\nwait", Answer(503, b"wait")),
        (
            b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
            Answer(200, b"abcde"),
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", Answer(200, b"")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Answer(200, b"half")),
        (b"-ERR unknown command\r\n", Answer()),
        (b"", Answer()),
    ],
)
async def test_what_a_server_says(data, answer):
    async with serving(says(data)) as port:
        assert await ask_http("127.0.0.1", port, "/") == answer


async def test_the_path_is_asked_for():
    seen = []

    async def talk(reader, writer):
        seen.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with serving(talk) as port:
        await ask_http("127.0.0.1", port, "/healthz?x=1")
    assert seen == [b"GET /healthz?x=1 HTTP/1.1\r\n"]


async def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert await ask_http("127.0.0.1", port, "/") is None
        assert await ask_tcp("127.0.0.1", port) is False


async def test_a_silent_server_is_no_http_but_tcp():
    async def talk(reader, writer):
        await reader.read()

    async with serving(talk) as port:
        assert await ask_http("127.0.0.1", port, "/", 0.2) == Answer()
        assert await ask_tcp("127.0.0.1", port) is True


async def test_one_that_accepts_and_hangs_up_does_not_listen():
    """As an engine's proxy does for a container in which nothing listens yet."""

    async def talk(reader, writer):
        writer.close()

    async with serving(talk) as port:
        assert await ask_tcp("127.0.0.1", port) is False


async def test_a_server_that_speaks_first_counts():
    async def talk(reader, writer):
        writer.write(b"220 mail ready\r\n")
        await writer.drain()

    async with serving(talk) as port:
        assert await ask_tcp("127.0.0.1", port) is True
