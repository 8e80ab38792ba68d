"""The tree of an image as the engine lists it: the same as its layers come to, on both stores, with nothing left behind."""

import asyncio
import time

import docker
import pytest
from engine.conftest import BUSYBOX

from slimdesk.basics.errors import EngineError
from slimdesk.engine.endpoint import in_use
from slimdesk.engine.engine import Engine
from slimdesk.engine.listing import Listing, can_list, program_for
from slimdesk.engine.model import BuildRequest
from slimdesk.image.listed import listed_tree
from slimdesk.image.table import Kind
from slimdesk.operations import analyze_read
from slimdesk.operations.analyze import analyze

TAG = "slimdesk/test:listed"
DOCKERFILE = f"""FROM {BUSYBOX} AS files
RUN mkdir -p /out/a/b /out/gone && echo one > /out/a/one && ln /out/a/one /out/a/b/linked && ln -s a/one /out/soft && \
    echo x > /out/gone/x && chmod 4755 /out/a/one && head -c 3000000 /dev/urandom > /out/big && touch "/out/a name"
FROM scratch
COPY --from=files /out/gone /gone
COPY --from=files /out /
COPY --from=files /out/soft /soft-too
"""


@pytest.fixture
async def engine(each_engine, busybox, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    return await Engine.connect()


@pytest.fixture
async def built(engine, tmp_path):
    result = await engine.build(BuildRequest(tmp_path, DOCKERFILE, "", TAG))
    assert result.error is None, result.error
    yield TAG
    await engine.remove_image(TAG)


def files_of(table):
    """Every visible path: kind, mode, size, link; of names that share a body only that they do."""
    found = {}
    for node in range(1, len(table)):
        if table.is_hidden(node):
            continue
        shared = table.kind[node] == Kind.HARD_LINK or any(
            table.body(other) == node for other in table.twin_node
        )
        kind = Kind.HARD_LINK if shared else Kind(table.kind[node])
        size = table.size[table.body(node)]
        link = table.link(node) if kind == Kind.SYMLINK else None
        found[table.path(node)] = (kind, table.mode(node), size, link)
    return found


async def test_an_image_from_scratch_is_listed_as_its_layers_come_to(engine, each_engine, built):
    before = all_images(each_engine)
    platform = engine.known.platform
    text = await asyncio.to_thread(Listing(in_use(), built, platform).run)
    listed, read = listed_tree(text, built), (await analyze(built, engine=engine)).table
    assert files_of(listed) == files_of(read)
    assert listed.live_bytes() == read.live_bytes() > 3_000_000
    assert all_images(each_engine) == before


async def test_pictures_show_layers_then_the_tree_then_each_layer(engine, built, monkeypatch, tmp_path):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("slimdesk.image.painter.PAUSE", 0.0)
    monkeypatch.setattr("slimdesk.image.painter.SHARE", 0.0)
    monkeypatch.setattr(analyze_read, "LISTED_FROM", 0)
    request = await _request(engine, built)
    pictures = []
    image = await asyncio.to_thread(analyze_read.read, request, None, pictures.append)
    assert [layer.created_by for layer in pictures[0].layers] == [layer.created_by for layer in image.layers]
    assert pictures[0].table is None
    assert all(layer.files is not None for layer in pictures[0].layers)
    assert pictures[-1].table is not None
    assert pictures[-1].table.live_bytes() == image.sizes.live
    again = []
    known = await asyncio.to_thread(analyze_read.read, request, None, again.append)
    assert (known.sizes, again) == (image.sizes, [])


async def test_an_engine_that_cannot_list_says_so_and_the_layers_bring_the_tree(
    engine, built, monkeypatch, tmp_path
):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(analyze_read, "LISTED_FROM", 0)
    monkeypatch.setattr("slimdesk.engine.listing.can_list", lambda *_: False)
    pictures = []
    await asyncio.to_thread(analyze_read.read, await _request(engine, built), None, pictures.append)
    assert any("could not list" in text for picture in pictures for text in picture.unknown)
    assert {picture.tree for picture in pictures} <= {None, "layers"}


async def test_a_name_that_the_engine_has_not_is_an_error(engine):
    with pytest.raises(EngineError, match="could not be listed"):
        await asyncio.to_thread(Listing(in_use(), "localhost:1/no/such:1", engine.known.platform).run)


async def test_stopping_ends_it_within_a_second(engine, built):
    listing = Listing(in_use(), built, engine.known.platform)
    running = asyncio.ensure_future(asyncio.to_thread(listing.run))
    await asyncio.sleep(0)
    started = time.monotonic()
    await asyncio.to_thread(listing.stop)
    await asyncio.wait([running], timeout=5)
    assert running.done()
    running.exception()
    assert time.monotonic() - started < 2.0


def test_what_can_be_listed():
    assert can_list("debian:13", "linux/amd64", "linux/amd64")
    assert can_list("reg.example.com:5000/a/b@sha256:" + "0" * 64, "linux/arm64/v8", "linux/arm64")
    assert not can_list("sha256:" + "0" * 64, "linux/amd64", "linux/amd64")
    assert not can_list("debian:13", "linux/arm64", "linux/amd64")
    assert not can_list("debian:13", "linux/amd64", None)
    assert not can_list("0eaf48df7024", "linux/amd64", "linux/amd64")
    assert not can_list(None, "linux/amd64", "linux/amd64")
    assert not can_list("debian:13\nRUN rm -rf /", "linux/amd64", "linux/amd64")
    assert program_for("windows/amd64") is None


async def _request(engine, name):
    from slimdesk.image.read import Wanted
    from slimdesk.operations.analyze import _request as request_for

    return await request_for(f"docker://{name}", engine, Wanted())


def all_images(host):
    client = docker.APIClient(base_url=host, version="auto", timeout=60)
    try:
        return {one["Id"] for one in client.images(all=True)}
    finally:
        client.close()
