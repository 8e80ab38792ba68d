"""Reading an image in a worker: the same answer as in place, progress, errors across the pipe, and an end when cancelled."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.basics.errors import ArchiveError, BadInput, StreamBroken
from slimdesk.basics.job import Job, JobState, Silent
from slimdesk.image.model import Image
from slimdesk.image.pack import put_together, take_apart
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.analyze import analyze, analyze_here, existing_path
from slimdesk.operations.analyze_read import Request
from slimdesk.operations.analyze_worker import Worker

LAYERS = [
    layer([("a/", 0o755), ("a/f", 1000), ("b", 10), ("s", "->b")]),
    layer([("a/.wh.f", 0), ("l", "=b")]),
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "app image.tar"
    path.write_bytes(old_save([Picture(LAYERS)]))
    return path


def everything(image: Image) -> tuple[object, ...]:
    table = image.table
    return (
        image.sizes, image.layers, image.dive, image.config, image.verified, image.name, image.location,
        [table.entry(node) for node in range(len(table))],
        [(table.live[node], table.shadowed[node], table.files[node], table.body(node)) for node in range(len(table))],
    )  # fmt: skip


def test_taken_apart_and_put_together_again(archive: Path) -> None:
    image = read_path(archive)
    bare, shape, buffers = take_apart(image)
    assert len(bare.table) == 1
    again = put_together(bare, shape, [bytes(buffer) for buffer in buffers])
    assert everything(again) == everything(image)


async def test_the_worker_reads_what_this_process_reads(archive: Path) -> None:
    job = Job("Read")
    image = await job.run(analyze(str(archive), reporter=job))
    assert everything(image) == everything(read_path(archive))
    assert everything(image) == everything(analyze_here(archive, Wanted(), Silent()))
    assert job.state == JobState.SUCCEEDED
    assert job.current.unit == "bytes"
    assert job.current.total == os.path.getsize(archive)  # noqa: ASYNC240, PTH202


async def test_errors_come_across_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "note.tar"
    path.write_text("no image" * 100)
    with pytest.raises(ArchiveError, match=r"note\.tar is not an image") as caught:
        await analyze(path)
    assert caught.value.todo.startswith("Choose an archive")


async def test_cancelling_ends_the_worker_within_a_second(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes: nothing to wait for")
    pipe = tmp_path / "never.tar"
    os.mkfifo(pipe)
    task = asyncio.ensure_future(analyze(pipe))
    await asyncio.sleep(0.5)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 1.0


async def test_a_worker_that_dies_is_told_in_a_sentence(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes: nothing to wait for")
    pipe = tmp_path / "never.tar"
    os.mkfifo(pipe)
    worker = Worker(Request(path=pipe), lambda *_: None)
    running = asyncio.ensure_future(asyncio.to_thread(worker.run))
    await asyncio.sleep(0.5)
    worker.stop()
    with pytest.raises(StreamBroken, match=r"never\.tar could not be read to its end: the system ended"):
        await running


def test_what_a_source_means(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert existing_path(str(archive)) == archive
    assert existing_path(f"docker://{archive}") is None
    assert existing_path("debian:13") is None
    monkeypatch.chdir(archive.parent)
    assert existing_path(archive.name) == Path(archive.name)
    for missing in ("./nothing", "/nothing/at/all", "image.tar.gz"):
        with pytest.raises(BadInput, match="There is no"):
            existing_path(missing)
