"""What analyze says of real images, on both stores: live bytes equal the export of a container, the base, cancel, a dying engine."""

import asyncio
import io
import tarfile
import time

import docker
import pytest
from engine import engines
from engine.conftest import BUSYBOX, import_busybox

from slimdesk.basics.errors import EngineError, ImageNotFound
from slimdesk.basics.job import Job
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest
from slimdesk.image.read import Wanted
from slimdesk.image.table import Kind
from slimdesk.operations.analyze import _request as request_for
from slimdesk.operations.analyze import analyze
from slimdesk.operations.analyze_read import read

TAG = "slimdesk/test:layers"
DOCKERFILE = f"""FROM {BUSYBOX}
LABEL org.opencontainers.image.base.name={BUSYBOX}
RUN mkdir -p /data/deep/er /opaque /gone /swap && head -c 100000 /dev/urandom > /data/kept && \
    head -c 50000 /dev/zero > /data/overwritten && head -c 30000 /dev/urandom > /data/deep/er/deleted && \
    head -c 20000 /dev/urandom > /opaque/old && head -c 10000 /dev/urandom > /gone/file && echo x > /swap/inside && \
    head -c 7000 /dev/urandom > /data/re-moded && head -c 9000 /dev/urandom > /data/linked
RUN echo short > /data/overwritten && rm /data/deep/er/deleted && rm -rf /gone && chmod 600 /data/re-moded
RUN rm -rf /opaque && mkdir /opaque && echo new > /opaque/new && rm -rf /swap && echo file > /swap
RUN rm /swap && mkdir /swap && echo again > /swap/again && touch "/data/a name with  blanks" /data/ümläut
"""
# What an engine puts into a container's file system itself.
OWN = ("dev/", "etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/mtab", ".dockerenv", "proc/", "sys/")


@pytest.fixture
async def engine(each_engine, busybox, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    return await Engine.connect()


@pytest.fixture
async def built(engine, tmp_path):
    result = await engine.build(BuildRequest(tmp_path, DOCKERFILE, "", TAG, no_cache=True))
    assert result.error is None, result.error
    yield TAG
    await engine.remove_image(TAG)


def exported(host, image):
    """Regular files of a created, never started container: path -> size; links to a body count nothing."""
    client = docker.APIClient(base_url=host, version="auto", timeout=120)
    try:
        container = client.create_container(image, ["/bin/true"])["Id"]
        data = b"".join(client.export(container))
        client.remove_container(container)
    finally:
        client.close()
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if (member.isreg() or member.islnk()) and not member.name.startswith(OWN):
                found[member.name] = member.size if member.isreg() else 0
    return found


async def test_live_bytes_equal_the_export_of_a_container(engine, each_engine, built):
    image = await analyze(built, engine=engine)
    expected = await asyncio.to_thread(exported, each_engine, built)
    table = image.table
    visible = {
        table.path(node)[1:]: table.size[node]
        for node in range(len(table))
        if not table.is_hidden(node) and table.kind[node] in (Kind.FILE, Kind.HARD_LINK)
    }
    assert visible == expected
    assert image.sizes.live == sum(expected.values())
    assert image.verified
    assert image.warnings == ()
    assert image.shadowed >= 50_000 + 30_000 + 20_000 + 10_000 + 7_000
    assert image.image_id == (await engine.inspect(built)).image_id
    assert [layer.diff_id for layer in image.layers] == list((await engine.inspect(built)).diff_ids)
    assert image.layers[1].instruction.startswith("RUN mkdir -p /data/deep/er")


async def test_the_base_is_told_by_the_images_label(engine, built):
    image = await analyze(f"docker://{built}", engine=engine)
    assert [layer.base for layer in image.layers] == [True, *[False] * (len(image.layers) - 1)]


async def test_the_download_is_the_blobs_where_the_store_keeps_them_compressed(engine, built):
    image = await analyze(built, engine=engine)
    store = (await engine.status()).store
    assert image.sizes.download_from == ("blobs" if store == "containerd" else "compressed")
    assert 0 < image.sizes.download < image.sizes.unpacked


async def test_an_image_that_is_not_there_is_a_sentence(engine):
    with pytest.raises(ImageNotFound, match="no/such:1"):
        await analyze("no/such:1", engine=engine)


async def test_cancelling_frees_the_engine(engine, built):
    job = Job("Read")
    task = asyncio.ensure_future(job.run(analyze(built, engine=engine, reporter=job)))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 5.0
    assert (await analyze(built, engine=engine)).verified


async def test_an_engine_that_dies_in_the_middle(throwaway_engine, monkeypatch, tmp_path, busybox_tar):
    monkeypatch.setenv("DOCKER_HOST", throwaway_engine.host)
    import_busybox(throwaway_engine.host, busybox_tar)
    engine = await Engine.connect()
    big = f"FROM {BUSYBOX}\nRUN head -c 150000000 /dev/urandom > /big\n"
    result = await engine.build(BuildRequest(tmp_path, big, "", TAG))
    assert result.error is None, result.error
    job = Job("Read")
    flowing = asyncio.Event()
    job.observe(lambda _: flowing.set() if job.current.done or job.state.ended else None)
    task = asyncio.ensure_future(job.run(analyze(TAG, engine=engine, reporter=job)))
    await flowing.wait()
    await asyncio.to_thread(engines.kill, throwaway_engine)
    with pytest.raises(EngineError) as caught:
        await task
    assert caught.value.todo


async def test_a_known_image_and_a_new_one_of_known_layers_are_not_saved_again(
    engine, built, monkeypatch, tmp_path
):
    first = await analyze(built, engine=engine)
    changed = f"FROM {TAG}\nUSER 4321\n"
    result = await engine.build(BuildRequest(tmp_path, changed, "", f"{TAG}-user"))
    assert result.error is None, result.error

    def nothing_is_saved(*_):
        raise AssertionError("the save stream was asked for")

    monkeypatch.setattr("slimdesk.engine.save.open_save", nothing_is_saved)
    try:
        again = await asyncio.to_thread(read, await request_for(f"docker://{built}", engine, Wanted()))
        assert (again.sizes, again.layers, again.verified) == (first.sizes, first.layers, True)
        other = await asyncio.to_thread(read, await request_for(f"docker://{TAG}-user", engine, Wanted()))
        assert (other.config.user, other.sizes, other.verified) == ("4321", first.sizes, True)
    finally:
        await engine.remove_image(f"{TAG}-user")
