"""An engine that dies in the middle: one sentence, within seconds, and nothing that hangs."""

import asyncio
import os
import time

import pytest
from engine import engines
from engine.conftest import BUSYBOX, import_busybox

from slimdesk.basics.errors import EngineUnreachable, StreamBroken
from slimdesk.basics.job import Job
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest
from slimdesk.engine.threads import in_thread


@pytest.fixture
async def engine(throwaway_engine, busybox_tar, monkeypatch):
    import_busybox(throwaway_engine.host, busybox_tar)
    monkeypatch.setenv("DOCKER_HOST", throwaway_engine.host)
    return await Engine.connect()


async def test_in_the_middle_of_a_build(engine, throwaway_engine, tmp_path):
    job = Job("build")
    request = BuildRequest(
        tmp_path, f"FROM {BUSYBOX}\nRUN echo started; sleep 60\n", "", "slimdesk/test:dies"
    )
    running = asyncio.ensure_future(job.run(engine.build(request, None, job)))
    for _ in range(1200):
        await asyncio.sleep(0.05)
        if "started" in job.lines:
            break
    began = time.monotonic()
    await asyncio.to_thread(engines.kill, throwaway_engine)
    with pytest.raises(StreamBroken, match=r"interrupted.*went away.*try again"):
        await running
    assert time.monotonic() - began < 10
    assert "started" in job.lines
    with pytest.raises(EngineUnreachable, match=r"not running|nothing listens"):
        await engine.images()
    assert not (await engine.status()).reachable


async def test_in_the_middle_of_a_save(engine, throwaway_engine, tmp_path):
    with (tmp_path / "big").open("wb") as file:
        for _ in range(64):
            file.write(os.urandom(1 << 20))
    await engine.build(BuildRequest(tmp_path, f"FROM {BUSYBOX}\nCOPY big /\n", "", "slimdesk/test:big"))
    loop = asyncio.get_running_loop()
    begun, go_on = asyncio.Event(), asyncio.Event()

    def read():
        with engine.save("slimdesk/test:big") as stream:
            pieces = iter(stream)
            next(pieces)
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(60)
            for _ in pieces:
                pass

    reading = asyncio.ensure_future(in_thread(read))
    await begun.wait()
    await asyncio.to_thread(engines.kill, throwaway_engine)
    go_on.set()
    with pytest.raises(StreamBroken, match=r"slimdesk/test:big could not be read to its end"):
        await asyncio.wait_for(reading, 60)
