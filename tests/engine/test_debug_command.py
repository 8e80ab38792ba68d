"""`slimdesk debug` in a real terminal, beside a real container."""

import asyncio
import contextlib
import json
import os
import pty
import subprocess
import sys
import termios

import pytest
from engine.debug_targets import TARGET, TOOLBOX, give_target, helpers
from engine.standins import build as standins

from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec


@pytest.fixture
async def target(modern_engine, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    await asyncio.to_thread(standins.ensure, modern_engine, [TOOLBOX])
    give_target(modern_engine)
    engine = await Engine.connect()
    identity = await engine.create(ContainerSpec(TARGET, name="slimdesk-test-debug"))
    await engine.start(identity)
    yield engine, identity
    await engine.remove(identity)


def words(*more):
    return [sys.executable, "-m", "slimdesk", "debug", *more]


async def in_terminal(typed, *more, ends=None):
    """Run it in a terminal of 100 by 30; type each text when its word is there, behind the word before."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (30, 100))
    before = termios.tcgetattr(slave)
    process = await asyncio.create_subprocess_exec(*words(*more), stdin=slave, stdout=slave, stderr=slave)
    shown, waiting, place = b"", list(typed), 0
    try:
        async with asyncio.timeout(120):
            while process.returncode is None or waiting:
                with contextlib.suppress(OSError, BlockingIOError):
                    shown += await asyncio.to_thread(_read, master)
                if waiting and (found := shown.find(waiting[0][0].encode(), place)) >= 0:
                    word, text = waiting.pop(0)
                    place = found + len(word)
                    os.write(master, text.encode())
                    if ends and not waiting:
                        await ends()
                if process.returncode is None:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(process.wait(), 0.01)
            # A terminal gives some 4 kB at a time.
            with contextlib.suppress(OSError):
                while piece := await asyncio.to_thread(_read, master):
                    shown += piece
        return process.returncode, shown.decode(), termios.tcgetattr(slave) == before
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        os.close(master)
        os.close(slave)


def _read(master):
    import select

    return os.read(master, 65536) if select.select([master], [], [], 0.1)[0] else b""


async def test_a_shell_in_this_terminal_and_nothing_of_it_afterwards(target):
    engine, identity = target
    # Ctrl+D at the prompt: what is typed before it is there, is no end of the input but a byte in it.
    prompts = [("# ", "stty size; cat /srv/key\r"), ("of the app alone", ""), ("# ", "\x04")]
    status, shown, restored = await in_terminal(prompts, identity)
    assert status == 0
    assert "nothing is written into the container" in shown
    assert "30 100" in shown
    assert "of the app alone" in shown
    assert "The shell has ended." in shown
    assert restored
    assert await helpers(engine, identity) == []


async def test_the_container_ends_under_it(target):
    engine, identity = target
    status, shown, restored = await in_terminal(
        [("# ", "echo here\r")], identity, ends=lambda: engine.kill(identity)
    )
    assert status == 1
    assert "slimdesk-test-debug ended (exit code 137), and the shell with it" in shown
    assert restored


def test_the_commands_are_printed_and_nothing_is_started(target):
    _, identity = target
    done = subprocess.run(words(identity, "--print", "--json"), capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert (found["way"], set(found["commands"])) == (
        "files",
        {"docker", "docker_debug", "cdebug", "kubectl"},
    )
    assert "--pid container:slimdesk-test-debug" in found["commands"]["docker"]
    shown = subprocess.run(
        words(identity, "--print", "--way", "tools"), capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith("tools: ")
    assert "docker debug slimdesk-test-debug" in shown.stdout
