"""Images of an engine compared: what really changed and moved, read without starting anything and leaving nothing."""

import json

import pytest
from engine.conftest import BUSYBOX

from slimdesk.cli import main
from slimdesk.engine import file_out
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest

TAGS = ("slimdesk/test:compare-a", "slimdesk/test:compare-b")
ONE = f"""FROM {BUSYBOX}
RUN mkdir /app /old && echo same > /app/touched && echo one > /app/changed && seq 1 900 > /old/moved && echo gone > /app/gone
"""
TWO = f"""FROM {BUSYBOX}
RUN mkdir /app /new && echo same > /app/touched && echo two > /app/changed && seq 1 900 > /new/renamed && \
    touch -d '2001-01-01 00:00' /app/touched /app/changed
USER 1000
"""


@pytest.fixture
async def engine(modern_engine, busybox, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    engine = await Engine.connect()
    for tag, text in zip(TAGS, (ONE, TWO), strict=True):
        result = await engine.build(BuildRequest(tmp_path, text, "", tag))
        assert result.error is None, result.error
    yield engine
    for tag in TAGS:
        await engine.remove_image(tag)


async def test_two_images_of_an_engine(engine, capfd):
    import asyncio

    before = set(await engine.containers(file_out.LABEL))
    status = await asyncio.to_thread(main, ["compare", *TAGS, "--contents", "--max-growth", "1MB", "--json"])
    (found,) = json.loads(capfd.readouterr().out)["differences"]
    assert status == 0
    assert [row["path"] for row in found["changed"]] == ["/app/changed"]
    assert [(row["path_before"], row["path"], row["proven"]) for row in found["moved"]] == [
        ("/old/moved", "/new/renamed", True)
    ]
    assert [row["path"] for row in found["removed"]] == ["/app/gone"]
    assert found["not_compared"] == []
    assert [(row["field"], row["after"]) for row in found["config"]] == [("user", "1000")]
    assert set(await engine.containers(file_out.LABEL)) == before
