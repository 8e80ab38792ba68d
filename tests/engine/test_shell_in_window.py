"""The window with shells beside real containers: opened by a click, typed into, closed, killed; nothing of it is left."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import pytest
from engine.debug_targets import TARGET, TOOLBOX, give_target, helpers, none_left
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec

pytestmark = pytest.mark.builds

WINDOW = Path(__file__).with_name("shell_window.py")


@pytest.fixture
async def engine(modern_engine, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    await asyncio.to_thread(standins.ensure, modern_engine, [TOOLBOX])
    return await Engine.connect()


@contextlib.asynccontextmanager
async def running(engine, image):
    identity = await engine.create(ContainerSpec(image))
    try:
        await engine.start(identity)
        yield identity
    finally:
        await engine.remove(identity)


@contextlib.asynccontextmanager
async def window(container, does, words=""):
    """Run the window in a process of its own."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(WINDOW), container, does, words, stdin=pipe, stdout=pipe, limit=1 << 20
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def told(child):
    async with asyncio.timeout(200):
        line = await child.stdout.readline()
    assert line, "the window has ended"
    return json.loads(line)


async def test_a_click_a_shell_and_nothing_left(engine):
    """A Go service on distroless, as 65532: processes, ports and files are there, typed and read in the window."""
    service = trial.SERVICES["go-web"]
    reason = service.why_not("distroless")
    if reason:
        pytest.skip(reason)
    tag = "slimdesk-test/go-web:distroless"
    async with trial.engine_at(engine.settings.host) as builder:
        await trial.build(builder, service, "distroless", tag)
    async with (
        running(engine, tag) as identity,
        window(identity, "look", "ps; netstat -ltn; ls /etc; grep nonroot /etc/passwd") as child,
    ):
        seen = await told(child)
        # Under a second where nobody else computes.
        assert seen["took"] < 10
        assert seen["focus"]
        for word in ("nonroot", "LISTEN", ":::8080", "ssl", "65532:65532"):
            assert word in seen["text"], seen["text"]
        assert await told(child) == {"closed": True}
        await none_left(engine, identity)
        child.stdin.write(b"\n")
        await asyncio.wait_for(child.wait(), 30)
        assert child.returncode == 0
        assert (await engine.inspect_container(identity)).running


async def test_nothing_is_left_five_seconds_after_the_window_was_killed(engine):
    await asyncio.to_thread(give_target, engine.settings.host)
    async with running(engine, TARGET) as identity, window(identity, "hold") as child:
        seen = await told(child)
        assert seen == {"open": True, "rows": 1, "notices": []}
        assert len(await helpers(engine, identity)) == 3
        child.kill()
        await child.wait()
        await none_left(engine, identity)


async def test_a_log_goes_through_the_terminal_about_as_fast_as_through_the_engine(engine):
    """The benchmark, small, and with five times its limits: what has become much slower is noticed."""
    bench = Path(__file__).parents[1] / "benchmarks" / "bench_shell_in_window.py"
    words = ["--megabytes", "20", "--rounds", "1", "--loose"]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, str(bench), *words, stdout=pipe, stderr=pipe)
    out, problems = await child.communicate()
    assert child.returncode == 0, (out + problems).decode()
