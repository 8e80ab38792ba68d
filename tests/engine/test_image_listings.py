"""The tree of an image as the engine lists it: the same as its layers come to, on both stores, with nothing left behind."""

import asyncio
import hashlib
import io
import json
import tarfile
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


async def test_stopping_ends_it_soon(engine, built):
    listing = Listing(in_use(), built, engine.known.platform)
    running = asyncio.ensure_future(asyncio.to_thread(listing.run))
    await asyncio.sleep(0)
    started = time.monotonic()
    await asyncio.to_thread(listing.stop)
    await asyncio.wait([running], timeout=30)
    assert running.done()
    assert "it was stopped" in str(running.exception())
    assert time.monotonic() - started < 10.0


async def test_what_the_image_says_of_itself_is_in_nobodys_way(engine, each_engine, built, tmp_path):
    """Not its user, folder, shell or entry point, nor what it wants done where it is a base; and its name may have a port."""
    tag = "localhost:5000/slim/listed:2"
    words = f"""FROM {built}
USER 1234:1234
WORKDIR /nowhere/at/all
ENV LD_PRELOAD=/no.so
SHELL ["/no/shell"]
ENTRYPOINT ["/no/entry"]
ONBUILD RUN exit 1
ONBUILD COPY nothing /
"""
    result = await engine.build(BuildRequest(tmp_path, words, "", tag))
    assert result.error is None, result.error
    try:
        text = await asyncio.to_thread(Listing(in_use(), tag, engine.known.platform).run)
        assert files_of(listed_tree(text, tag)) == files_of((await analyze(tag, engine=engine)).table)
    finally:
        await engine.remove_image(tag)


async def test_a_listing_leaves_nothing_in_the_build_cache_that_grows(engine, each_engine, built):
    listing = Listing(in_use(), built, engine.known.platform)
    await asyncio.to_thread(listing.run)
    kept = list_records(each_engine)
    await asyncio.to_thread(listing.tidy)
    assert kept >= 1
    assert list_records(each_engine) == 0


async def test_of_two_platforms_the_engines_own_is_listed(modern_engine, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    engine = await Engine.connect()
    name = "localhost/slimdesk-two:1"
    client = docker.APIClient(base_url=modern_engine, version="auto", timeout=60)
    try:
        list(client.load_image(two_platforms(name)))
        text = await asyncio.to_thread(Listing(in_use(), name, engine.known.platform).run)
        found = {path for path, about in files_of(listed_tree(text, name)).items() if about[0] == Kind.FILE}
        assert found == {f"/only-{engine.known.platform.partition('/')[2]}"}
    finally:
        client.remove_image(name, force=True)
        client.close()


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


def list_records(host):
    """How many lists the engine's build cache holds."""
    client = docker.APIClient(base_url=host, version="auto", timeout=60)
    try:
        # Of the build cache alone: an engine that is removing an image fails to say how large its images are.
        answer = client._get(client._url("/system/df"), params={"type": "build-cache"})
        client._raise_for_status(answer)
        records = answer.json()["BuildCache"] or ()
        return sum("/slimdesk-list " in (one["Description"] or "") for one in records)
    finally:
        client.close()


def two_platforms(name):
    """An OCI archive with an image for amd64 and one for arm64, each of one file that says which it is."""
    blobs = {}

    def blob(kind, body):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        digest = hashlib.sha256(body).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = body
        return {
            "mediaType": f"application/vnd.oci.image.{kind}",
            "digest": f"sha256:{digest}",
            "size": len(body),
        }

    manifests = []
    for architecture in ("amd64", "arm64"):
        platform = {"os": "linux", "architecture": architecture}
        layer = blob("layer.v1.tar", tar_of({f"only-{architecture}": b"here"}))
        diff_ids = {"type": "layers", "diff_ids": [layer["digest"]]}
        config = blob("config.v1+json", {**platform, "rootfs": diff_ids, "config": {}})
        manifest = {"schemaVersion": 2, "config": config, "layers": [layer]}
        manifests.append({**blob("manifest.v1+json", manifest), "platform": platform})
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": manifests,
    }
    whole = {**blob("index.v1+json", index), "annotations": {"io.containerd.image.name": name}}
    head = {
        "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
        "index.json": json.dumps({"schemaVersion": 2, "manifests": [whole]}).encode(),
    }
    return tar_of({**head, **blobs})


def tar_of(files):
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return into.getvalue()
