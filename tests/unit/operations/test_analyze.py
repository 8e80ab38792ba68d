"""Reading an image in a worker: the same answer as in place, progress, errors across the pipe, and an end when cancelled."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.image.images import Picture as Written
from unit.image.images import layer, old_save

from slimdesk.basics.errors import ArchiveError, BadInput, StreamBroken
from slimdesk.basics.job import Job, JobState, Silent
from slimdesk.image import known
from slimdesk.image.model import Image
from slimdesk.image.pack import put_together, take_apart
from slimdesk.image.picture import Picture as SoFar
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.analyze import analyze, analyze_here, existing_path
from slimdesk.operations.analyze_read import Request
from slimdesk.operations.analyze_recent import RecentImages, recent
from slimdesk.operations.analyze_worker import Worker, end_spare, spare_process, warm_up

LAYERS = [
    layer([("a/", 0o755), ("a/f", 1000), ("b", 10), ("s", "->b")]),
    layer([("a/.wh.f", 0), ("l", "=b")]),
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "app image.tar"
    path.write_bytes(old_save([Written(LAYERS)]))
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


async def test_cancelling_ends_the_worker_soon(tmp_path: Path) -> None:
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
    # A second where nobody else computes.
    assert time.monotonic() - started < 5.0


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


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is known, and no process waits, before and after."""
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    end_spare()
    recent.clear()
    yield
    end_spare()
    recent.clear()


@pytest.mark.usefixtures("fresh")
async def test_an_archive_shows_itself_and_a_known_one_does_not(archive: Path) -> None:
    shown: list[SoFar] = []
    image = await analyze(archive, on_picture=shown.append)
    assert [layer.diff_id for layer in shown[0].layers] == [layer.diff_id for layer in image.layers]
    assert not any(layer.read for layer in shown[0].layers)
    assert shown[0].name == archive.name
    recent.clear()
    again: list[SoFar] = []
    assert everything(await analyze(archive, on_picture=again.append)) == everything(image)
    assert len(again) <= len(shown)


@pytest.mark.usefixtures("fresh")
async def test_the_process_waits_for_the_next_image_and_takes_it(archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.tar"
    other.write_bytes(old_save([Written(LAYERS[:1])]))
    await analyze(archive)
    first = spare_process()
    image = await analyze(other)
    assert len(image.layers) == 1
    assert spare_process() == first
    with pytest.raises(ArchiveError):
        await analyze(written(tmp_path / "none.tar", b"no image" * 100))
    assert spare_process() == first


@pytest.mark.usefixtures("fresh")
async def test_a_process_that_died_or_has_other_surroundings_is_replaced(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = await analyze(archive)
    first = spare_process()
    assert first is not None
    os.kill(first, signal.SIGKILL)
    recent.clear()
    assert everything(await analyze(archive)) == everything(image)
    second = spare_process()
    assert second != first
    monkeypatch.setenv("SLIMDESK_HOME", str(archive.parent / "elsewhere"))
    await analyze(archive, ref="app:1")
    assert spare_process() != second


@pytest.mark.usefixtures("fresh")
async def test_a_stopped_process_is_not_used_again(archive: Path, tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes: nothing to wait for")
    warm_up()
    first = spare_process()
    pipe = tmp_path / "never.tar"
    os.mkfifo(pipe)
    task = asyncio.ensure_future(analyze(pipe))
    # What waited reads it now.
    while spare_process() is not None:  # noqa: ASYNC110 - nothing tells it
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await analyze(archive)).verified
    assert spare_process() not in (None, first)


@pytest.mark.usefixtures("fresh")
async def test_an_image_read_before_is_there_at_once_until_its_file_changes(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the file had been written some time ago.
    monkeypatch.setattr(known, "_SETTLED", -3600.0)
    first = await analyze(archive)
    assert await analyze(archive) is first
    assert await analyze(archive, ref="app:1") is not first
    written(archive, old_save([Written(LAYERS[:1])]))
    changed = await analyze(archive)
    assert (len(first.layers), len(changed.layers)) == (2, 1)


@pytest.mark.usefixtures("fresh")
async def test_a_file_that_was_just_written_is_not_taken_from_memory(archive: Path) -> None:
    first = await analyze(archive)
    assert await analyze(archive) is not first


def test_the_largest_images_go_from_memory_first_by_age(archive: Path) -> None:
    image = read_path(archive)
    kept = RecentImages(maximum=len(image.table))
    request = Request(path=archive)
    kept.keep(("one",), image)
    assert kept.get(("one",), request) is image
    kept.keep(("two",), image)
    assert kept.get(("one",), request) is None
    assert kept.get(("two",), request) is image
    assert kept.get(None, request) is None


def test_an_image_under_another_name_is_shown_under_that_name(archive: Path) -> None:
    kept = RecentImages()
    kept.keep(("id",), read_path(archive))
    found = kept.get(("id",), Request(name="other:2", image_id="id"))
    assert found is not None
    assert (found.name, found.location) == ("other:2", "other:2")


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
