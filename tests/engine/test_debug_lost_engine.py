"""A shell whose engine goes away, or is far away."""

import asyncio
import contextlib
import time

import pytest
from engine import engines
from engine.debug_targets import TARGET, TOOLBOX, give_target, none_left
from engine.standins import build as standins

from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec
from slimdesk.operations.debug_shell import open_shell


async def ended(shell):
    async with asyncio.timeout(60):
        while await shell.read():
            pass
    return shell.ending


async def test_the_engine_is_killed_while_the_shell_is_open(throwaway_engine, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", throwaway_engine.host)
    await asyncio.to_thread(standins.ensure, throwaway_engine.host, [TOOLBOX])
    give_target(throwaway_engine.host)
    engine = await Engine.connect()
    identity = await engine.create(ContainerSpec(TARGET))
    await engine.start(identity)
    shell = await open_shell(engine, identity, TOOLBOX)
    engines.kill(throwaway_engine)
    assert (await ended(shell)).startswith("The engine went away, and the shell with it.")
    began = time.monotonic()
    await shell.close()
    assert time.monotonic() - began < 10
    again = await asyncio.to_thread(engines.start, "modern", throwaway_engine.root, dies_with_us=True)
    try:
        await none_left(engine, identity)
    finally:
        await asyncio.to_thread(engines.stop, again)


@pytest.fixture
async def far_away(modern_engine):
    """The engine over TCP, and a way to cut the line."""
    path = modern_engine.removeprefix("unix://")
    lines = set()

    async def carry(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.write_eof()

    async def accept(reader, writer):
        there_reader, there_writer = await asyncio.open_unix_connection(path)
        lines.update((writer.transport, there_writer.transport))
        with contextlib.suppress(OSError):
            await asyncio.gather(carry(reader, there_writer), carry(there_reader, writer))
        writer.close()
        there_writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)

    def cut():
        server.close()
        for line in lines:
            line.abort()

    yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", cut
    cut()


async def test_an_engine_over_tcp_and_a_line_that_breaks(far_away, modern_engine, monkeypatch):
    host, cut = far_away
    await asyncio.to_thread(standins.ensure, modern_engine, [TOOLBOX])
    give_target(modern_engine)
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    near = await Engine.connect()
    identity = await near.create(ContainerSpec(TARGET))
    try:
        await near.start(identity)
        monkeypatch.setenv("DOCKER_HOST", host)
        shell = await open_shell(await Engine.connect(), identity, TOOLBOX)
        await shell.write(b"cat /srv/index.html\n")
        shown = b""
        async with asyncio.timeout(60):
            while b"harbour\r\n" not in shown:
                shown += await shell.read()
        cut()
        assert (await ended(shell)).startswith("The engine went away")
        await shell.close()
        # The engine itself notices that nobody is there any more.
        await none_left(near, identity)
    finally:
        await near.remove(identity)
