"""Pushing, pulling, pins and mirrors against a real registry on this machine, with a password and without."""

import asyncio
import io
import json
import os
import socket
import tarfile
import threading

import pytest
from engine import real_registry
from engine.conftest import import_busybox
from engine.ports import free_port
from engine.standins import build as standins

from slimdesk import cli
from slimdesk.basics.errors import ImageNotFound, PullFailed, PushFailed
from slimdesk.basics.job import Silent
from slimdesk.dockerfile.parse import parse
from slimdesk.engine.engine import Engine
from slimdesk.operations.build import build_variant
from slimdesk.operations.detect import open_project
from slimdesk.operations.pins import pinned_options, refreshed, stale_pins
from slimdesk.operations.saved import save_merged, state_of
from slimdesk.recipes.model import Options

STATIC = "gcr.io/distroless/static-debian13:nonroot"
GO = "golang:1.26-trixie"
# Engines tell ten times a second: a small image is there before the first word.
LARGE = 40_000_000


class Heard(Silent):
    """Keeps what was told of a transfer: (bytes done, bytes in all)."""

    def __init__(self):
        self.told = []

    def progress(self, step="", done=0, total=None, unit=""):
        if unit == "bytes":
            self.told.append((done, total))


def _registry(tmp_path_factory, *, password):
    root = tmp_path_factory.mktemp("registry")
    try:
        with real_registry.running(root, password=password) as registry:
            yield registry
    except real_registry.NoRegistryError as error:
        if os.environ.get("SLIMDESK_ENGINE") == "required":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """A registry that is open to everybody."""
    yield from _registry(tmp_path_factory, password=False)


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A registry that wants a password."""
    yield from _registry(tmp_path_factory, password=True)


@pytest.fixture
def docker_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    return tmp_path / "docker"


@pytest.fixture
async def engine(each_engine, docker_folder, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    return await Engine.connect()


@pytest.fixture
async def modern(modern_engine, docker_folder, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    return await Engine.connect()


def unique_tar(size=LARGE):
    """An image's files that no engine has seen, and that do not compress."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        entry = tarfile.TarInfo("data")
        entry.size = size
        archive.addfile(entry, io.BytesIO(os.urandom(size)))
    return buffer.getvalue()


async def test_an_image_goes_there_and_comes_back_with_progress(engine, registry):
    # The registry is the same for both engines.
    name = f"{registry.host}/team/base-{os.urandom(4).hex()}:1"
    import_busybox(engine.settings.host, unique_tar(), name)
    assert (await engine.tag_digest(name)).from_registry is False
    sent = Heard()
    digest = await engine.push(name, sent)
    assert digest.startswith("sha256:")
    assert sent.told[-1][0] == sent.told[-1][1] >= LARGE
    found = await engine.tag_digest(name)
    assert (found.digest, found.from_registry, found.why) == (digest, True, "")
    assert await engine.digest(name) == digest
    assert LARGE < await engine.download_size(name) < LARGE + 100_000

    await engine.remove_image(name)
    came = Heard()
    await engine.pull(name, reporter=came)
    assert await engine.has_image(name)
    assert [done for done, _ in came.told] == sorted(done for done, _ in came.told)
    assert came.told[-1][0] >= LARGE
    await engine.remove_image(name)


async def test_a_password_is_asked_for_wrong_and_right(engine, locked, docker_folder, busybox):
    name = f"{locked.host}/team/private:1"
    await engine.tag(busybox, name)
    with pytest.raises(PushFailed, match="wants to know who you are") as refused:
        await engine.push(name)
    assert f"docker login {locked.host}" in str(refused.value)
    unknown = await engine.tag_digest(name)
    assert (unknown.from_registry, f"docker login {locked.host}" in unknown.todo) == (False, True)

    real_registry.log_in(docker_folder, locked.host, password="wrong")
    with pytest.raises(PushFailed, match="does not accept your user name and password"):
        await engine.push(name)
    with pytest.raises(PullFailed, match="does not accept your user name and password"):
        await engine.pull(f"{locked.host}/team/other:1")
    assert "does not accept" in (await engine.tag_digest(name)).why

    real_registry.log_in(docker_folder, locked.host)
    digest = await engine.push(name)
    assert await engine.digest(name) == digest
    await engine.remove_image(name)
    await engine.pull(name)
    with pytest.raises(PullFailed, match="has no image of that name"):
        await engine.pull(f"{locked.host}/team/private:2")
    await engine.remove_image(name)


async def test_an_image_that_is_not_there_cannot_be_pushed(engine, registry):
    with pytest.raises((ImageNotFound, PushFailed)) as caught:
        await engine.push(f"{registry.host}/team/nothing:1")
    assert "could not be pushed" in str(caught.value)


def answering(reply):
    """A server that gives every caller the same bytes; returns (host, close)."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(4096)
                    connection.sendall(reply)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()

    def close():
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)

    return f"127.0.0.1:{server.getsockname()[1]}", close


def http_reply(status, body, kind="application/json"):
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    "reply",
    [
        http_reply("200 OK", b"<html>a login page</html>", "text/html"),
        http_reply("500 Internal Server Error", b"\x1b[31moops\x00"),
        http_reply("403 Forbidden", b"{}"),
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=["page", "500", "403", "no-http"],
)
async def test_what_is_no_registry_is_a_sentence(engine, reply):
    host, close = answering(reply)
    try:
        with pytest.raises(PullFailed) as caught:
            await engine.pull(f"{host}/team/base:1")
        found = await engine.tag_digest(f"{host}/team/base:1")
    finally:
        close()
    said = str(caught.value)
    assert said.startswith(f"{host}/team/base:1 could not be fetched: {host} ")
    assert "\x1b" not in said
    assert (found.digest, found.from_registry) == (None, False)
    assert found.why.startswith(host)


async def test_a_registry_that_is_down_is_a_sentence(engine, busybox):
    host = f"127.0.0.1:{free_port()}"
    with pytest.raises(PullFailed, match=f"{host} cannot be reached from the engine"):
        await engine.pull(f"{host}/team/base:1")
    await engine.tag(busybox, f"{host}/team/base:1")
    with pytest.raises(PushFailed, match=f"{host} cannot be reached from the engine"):
        await engine.push(f"{host}/team/base:1")
    await engine.remove_image(f"{host}/team/base:1")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "shop"
    made.mkdir()
    (made / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
    (made / "main.go").write_text('package main\n\nfunc main() { println("hi") }\n')
    return made


@pytest.mark.builds
async def test_a_pinned_image_is_built_through_the_mirror_and_its_pin_goes_stale(
    modern, modern_engine, locked, docker_folder, folder
):
    """The stand-in of distroless is pushed, its tag pinned through the mirror, pulled by digest, and moved on."""
    real_registry.log_in(docker_folder, locked.host)
    standins.ensure(modern_engine, [GO, STATIC])
    mirrored = f"{locked.host}/gcr/distroless/static-debian13:nonroot"
    await modern.tag(STATIC, mirrored)
    digest = await modern.push(mirrored)
    await modern.remove_image(mirrored)

    (folder / "slimdesk.toml").write_text(f'[mirrors]\n"gcr.io" = "{locked.host}/gcr"\n')
    project = open_project(folder)
    (component,) = project.components
    options, findings = await pinned_options(
        project, component, "distroless", Options(), ask=modern.tag_digest, reporter=Silent()
    )
    assert options.digests == {mirrored: digest}
    # The builder's registry cannot be reached here, or has another image than the stand-in: it is not asked for.
    assert {one.rule for one in findings} == {"not-pinned"}
    built = await build_variant(
        modern, project, component, "distroless", options, tag="slimdesk-test/pinned:1"
    )
    assert built.result.error is None, built.result.error
    assert f"FROM {mirrored}@{digest} AS final" in built.source.text
    assert built.pulled == (f"{mirrored}@{digest}",)
    path = folder / "Dockerfile"
    path.write_text(built.source.text)
    assert await stale_pins(parse(built.source.text), modern.tag_digest, Silent()) == ()

    # A new image under the same tag.
    import_busybox(modern.settings.host, unique_tar(1000), mirrored)
    newer = await modern.push(mirrored)
    assert newer != digest
    (stale,) = await stale_pins(parse(built.source.text), modern.tag_digest, Silent())
    assert (stale.rule, newer[:19] in stale.message) == ("stale-pin", True)
    saved = state_of(project, component, path)
    assert saved.state == "generated"
    again, _ = await refreshed(project, saved, ask=modern.tag_digest, reporter=Silent())
    save_merged(again)
    assert f"FROM {mirrored}@{newer} AS final" in path.read_text()
    for name in ("slimdesk-test/pinned:1", mirrored):
        await modern.remove_image(name)


async def test_explain_tells_of_a_stale_pin(modern, registry, tmp_path, capsys):
    name = f"{registry.host}/team/moving:1"
    import_busybox(modern.settings.host, unique_tar(1000), name)
    digest = await modern.push(name)
    file = tmp_path / "Dockerfile"
    old = "sha256:" + "0" * 64
    file.write_text(f"FROM {name}@{digest} AS a\nFROM {name}@{old}\nCOPY --from=a /data /data\n")
    status = await asyncio.to_thread(cli.main, ["explain", str(file), "--pins", "--json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    assert status == 0
    assert [one["line"] for one in found if one["rule"] == "stale-pin"] == [2]
    await modern.remove_image(name)
