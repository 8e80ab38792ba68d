"""The Debug page on a real engine: an image is run from the sheet, told about, killed from outside, started again and removed."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import pytest
from engine.debug_targets import TARGET, give_target

from slimdesk.basics.errors import ImageNotFound
from slimdesk.engine.engine import Engine

WINDOW = Path(__file__).with_name("containers_window.py")


@pytest.fixture
async def engine(modern_engine, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    await asyncio.to_thread(give_target, modern_engine)
    return await Engine.connect()


async def told(child):
    async with asyncio.timeout(200):
        line = await child.stdout.readline()
    assert line, "the window has ended"
    return json.loads(line)


async def test_an_image_is_run_told_about_and_removed(engine):
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(WINDOW), TARGET, stdout=asyncio.subprocess.PIPE
    )
    container = ""
    try:
        assert "exit" in (await told(child))["problem"]
        seen = await told(child)
        container = seen["container"]
        assert (seen["shell"], seen["ports"], seen["failed"]) == ("", [8080], "")
        ended = await told(child)
        assert ended["state"] == "exited"
        assert {"Created", "Started", "Was sent a signal", "Ended with exit code 137"} <= set(ended["events"])
        assert await told(child) == {"gone": True}
        with pytest.raises(ImageNotFound):
            await engine.inspect_container(container)
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        if container:
            await engine.remove(container)
