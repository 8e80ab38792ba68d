"""Files of real images: looked at, saved, compared and judged, on both stores; nothing is started and nothing is left."""

import asyncio
import hashlib
import shutil
from pathlib import Path

import pytest
from engine.conftest import BUSYBOX

from slimdesk.engine import file_out
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest, ContainerSpec
from slimdesk.operations import image_bodies
from slimdesk.operations.analyze import analyze
from slimdesk.operations.doctor import examine_image
from slimdesk.operations.duplicates import same_content
from slimdesk.operations.look_inside import look_inside
from slimdesk.operations.save_files import save_folder

TAG = "slimdesk/test:inside"
DOCKERFILE = f"""FROM {BUSYBOX}
RUN mkdir -p /data/deep && echo old > /data/file && head -c 200000 /dev/urandom > /data/random && \
    cp /data/random /data/deep/copy && ln -s ../file /data/deep/link && ln /data/random /data/hard && ln -s /etc /data/out
RUN echo new and longer > /data/file
COPY program /app/program
USER 1000:1000
ENTRYPOINT ["/app/program"]
"""


@pytest.fixture
async def engine(each_engine, busybox, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    return await Engine.connect()


@pytest.fixture
async def built(engine, tmp_path):
    """An image whose program is linked against the C library of this machine, which is not in it."""
    context = tmp_path / "context"
    context.mkdir()
    shutil.copy(shutil.which("true"), context / "program")
    result = await engine.build(BuildRequest(context, DOCKERFILE, "", TAG, no_cache=True))
    assert result.error is None, result.error
    yield TAG
    await engine.remove_image(TAG)


async def test_files_of_an_engine_image(engine, built, tmp_path):
    before = set(await engine.containers(file_out.LABEL))
    image = await analyze(f"docker://{built}", engine=engine)
    look = await look_inside(image, "/data/deep/link", engine=engine)
    assert (look.path, look.data, look.text.encoding) == ("/data/file", b"new and longer\n", "ASCII")
    old = await look_inside(
        image, "/data/file", layer=image.table.layer[image.table.find("/data/random")], engine=engine
    )
    assert old.data == b"old\n"
    program = await look_inside(image, "/app/program", engine=engine)
    assert program.program.interpreter
    assert program.data[:4] == b"\x7fELF"

    saved = await save_folder(image, "/data", tmp_path / "out", engine=engine)
    random = hashlib.sha256((tmp_path / "out/random").read_bytes()).digest()
    assert hashlib.sha256((tmp_path / "out/hard").read_bytes()).digest() == random
    assert (tmp_path / "out/deep/link").read_text() == "new and longer\n"
    assert saved.left_out == ("out was left out: it is a link to /etc, outside the folder.",)

    same = await same_content(image, engine=engine)
    paths = {path for one in same for path in one.paths if path.startswith("/data/")}
    assert "/data/deep/copy" in paths
    assert len(paths) == 2
    assert set(await engine.containers(file_out.LABEL)) == before


async def test_an_image_that_cannot_run_is_unlikely_to_run_and_does_not(engine, built):
    before = set(await engine.containers(file_out.LABEL))
    found = await examine_image(built, engine=engine)
    assert found.runs == "unlikely"
    assert [one.rule for one in found.findings if one.severity == "error"] == ["loader-missing"]
    assert set(await engine.containers(file_out.LABEL)) == before
    container = await engine.create(ContainerSpec(image=built, network="none"))
    try:
        # runc finds the program; that its loader is missing shows when it is executed.
        await engine.start(container)
        assert await engine.wait(container, 20) not in (None, 0)
        assert "no such file" in " ".join(await engine.logs(container))
    finally:
        await engine.remove(container)


async def test_nothing_is_left_when_looking_is_cancelled(engine, built, monkeypatch):
    before = set(await engine.containers(file_out.LABEL))
    image = await analyze(f"docker://{built}", engine=engine)
    task = asyncio.ensure_future(look_inside(image, "/data/random", engine=engine))
    for _ in range(1000):
        if task.done() or set(await engine.containers(file_out.LABEL)) != before:
            break
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    # Also where the engine is still making the container.
    made = asyncio.Event()
    original = file_out.make
    loop = asyncio.get_running_loop()

    def slowly(*arguments):
        container = original(*arguments)
        loop.call_soon_threadsafe(made.set)
        return container

    monkeypatch.setattr(file_out, "make", slowly)
    task = asyncio.ensure_future(look_inside(image, "/data/random", engine=engine))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(made.wait(), 30)
    for _ in range(300):
        if not image_bodies._removing and set(await engine.containers(file_out.LABEL)) == before:
            break
        await asyncio.sleep(0.02)
    assert set(await engine.containers(file_out.LABEL)) == before


async def test_what_a_killed_program_left_is_removed_by_the_next(engine, busybox, monkeypatch):
    container = await asyncio.to_thread(file_out.make, engine.settings, BUSYBOX)
    monkeypatch.setattr(file_out, "_LEFT_BEHIND", -10)
    after = await asyncio.to_thread(file_out.make, engine.settings, BUSYBOX)
    try:
        assert container not in await engine.containers(file_out.LABEL)
    finally:
        await engine.remove(after)


async def test_what_stands_at_a_path_is_told(engine, busybox):
    container = await asyncio.to_thread(file_out.make, engine.settings, BUSYBOX)

    def ask():
        with file_out.ContainerFiles(engine.settings, container) as files:
            return [
                files.stat(path) for path in ("/tmp", "/bin/sh", "/nowhere", "/bin/sh/below", "/etc/\udcff")
            ]

    try:
        folder, shell, *nothing = await asyncio.to_thread(ask)
        assert (folder.mode & 0o7777, Path("/").joinpath(folder.name).name) == (0o1777, "tmp")
        assert shell is not None
        assert nothing == [None, None, None]
    finally:
        await engine.remove(container)
