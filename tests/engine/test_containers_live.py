"""Containers of real engines: the live list, their use, their logs, images that are started and why they did not stay up."""

import asyncio
import contextlib
import socket
import time

import pytest
from engine import engines
from engine.conftest import BUSYBOX, import_busybox
from engine.ports import free_port

from slimdesk.basics.errors import BadInput, EngineError, ImageNotFound, OutputError
from slimdesk.basics.job import Silent
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec
from slimdesk.operations import container_files
from slimdesk.operations.container_logs import follow_log, save_log
from slimdesk.operations.containers import list_containers, watch_containers, watch_usage, why_not_running
from slimdesk.operations.run_image import RunRequest, run_image


@pytest.fixture
async def engine(each_engine, busybox, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    return await Engine.connect()


@pytest.fixture
async def started(engine):
    """Start an image as a person asks for it; what was made is removed at the end."""
    made = []

    async def start(*command, **more):
        found = await run_image(engine, RunRequest(BUSYBOX, command=command, **more), Silent())
        made.append(found.record.container_id)
        return found

    yield start
    for one in made:
        await engine.remove(one)


async def until(lists, fits):
    """Take lists until one fits."""
    async with asyncio.timeout(60):
        async for one in lists:
            if fits(one):
                return one
    raise AssertionError


async def test_the_list_follows_what_happens(engine, started):
    async with contextlib.aclosing(watch_containers(engine)) as lists:
        first = await anext(lists)
        assert first.problem == ""
        found = await started("sleep", "60", name="slimdesk-test-live")
        identity = found.record.container_id
        names = lambda one: {box.container_id: box for box in one.containers}  # noqa: E731
        seen = await until(lists, lambda one: names(one).get(identity) and names(one)[identity].running)
        box = names(seen)[identity]
        assert (box.name, box.image, box.health) == ("slimdesk-test-live", BUSYBOX, None)
        assert seen.containers[0].container_id == identity
        await engine.kill(identity)
        ended = await until(lists, lambda one: names(one)[identity].state == "exited")
        assert names(ended)[identity].exit_code == 137
        await engine.restart(identity, seconds=0)
        await until(lists, lambda one: names(one)[identity].running)
        await engine.remove(identity)
        await until(lists, lambda one: identity not in names(one))


async def test_the_list_waits_for_an_engine_that_restarts(throwaway_engine, busybox_tar, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", throwaway_engine.host)
    import_busybox(throwaway_engine.host, busybox_tar)
    engine = await Engine.connect()
    identity = await engine.create(ContainerSpec(BUSYBOX, command=("sleep", "60")))
    async with contextlib.aclosing(watch_containers(engine)) as lists:
        assert (await anext(lists)).containers[0].container_id == identity
        engines.kill(throwaway_engine)
        lost = await until(lists, lambda one: one.problem)
        assert lost.containers[0].container_id == identity
        again = await asyncio.to_thread(engines.start, "modern", throwaway_engine.root, dies_with_us=True)
        try:
            back = await until(lists, lambda one: not one.problem)
            assert back.containers[0].state == "created"
        finally:
            await asyncio.to_thread(engines.stop, again)


async def test_only_its_own_are_listed_if_asked_for(engine, started):
    found = await started("sleep", "60")
    assert found.record.container_id in [one.container_id for one in await list_containers(engine, own=True)]


async def test_what_a_container_uses(engine, started):
    busy = await started("sh", "-c", "while true; do :; done", memory=64 << 20)
    identity = busy.record.container_id
    async with contextlib.aclosing(watch_usage(engine, lambda: [identity, "gone"], every=0.5)) as told:
        first = await anext(told)
        assert list(first) == [identity]
        assert first[identity].cpu is None
        assert 0 < first[identity].memory < 64 << 20
        assert first[identity].memory_limit == 64 << 20
        second = await anext(told)
        assert 0.05 < second[identity].cpu < 2.5


async def test_a_log_is_followed_and_its_end_comes_soon(engine, started, tmp_path):
    found = await started("sh", "-c", "echo one; echo two >&2; printf '\\033[31mthr\\033[0mee'; sleep 60")
    got = []
    async with contextlib.aclosing(follow_log(engine, found.record.container_id)) as told:
        async with asyncio.timeout(60):
            async for some in told:
                got += some
                if len(got) >= 2:
                    break
        began = time.monotonic()
    assert time.monotonic() - began < 5.0
    assert {(line.stream, line.text) for line in got} >= {("stdout", "one"), ("stderr", "two")}
    assert all(line.time is not None for line in got)
    since = max(line.time for line in got)
    await engine.kill(found.record.container_id)
    rest = [
        line async for some in follow_log(engine, found.record.container_id, since=since) for line in some
    ]
    assert "three" in [line.text for line in rest]
    assert (
        len([line async for some in follow_log(engine, found.record.container_id, tail=1) for line in some])
        == 1
    )
    await save_log(rest, tmp_path / "log.txt")
    assert "three" in (tmp_path / "log.txt").read_text()
    with pytest.raises(ImageNotFound):
        await anext(follow_log(engine, "no-such-container"))


async def test_a_waiting_log_is_cancelled_soon(engine, started):
    found = await started("sleep", "60")

    async def take():
        async with contextlib.aclosing(follow_log(engine, found.record.container_id)) as told:
            async for _ in told:
                pass

    taking = asyncio.ensure_future(take())
    await asyncio.sleep(0.3)
    began = time.monotonic()
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert time.monotonic() - began < 5.0


async def test_an_image_starts_as_asked_for(engine, started, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_text("given")
    port = free_port()
    script = "id -u; echo $WORD; cat /data/file; touch /x 2>/dev/null || echo read-only; touch /scratch/x && sleep 60"
    found = await started(
        "sh", "-c", script,
        ports={8080: port, 9090: 0},
        environment={"WORD": "a 'b' $c"},
        volumes=(f"{tmp_path}/data:/data:ro", "/anonymous"),
        tmpfs=("/scratch:mode=1777",),
        user="1234:1234",
        read_only=True,
        init=True,
        memory=64 << 20,
    )  # fmt: skip
    assert found.problem is None
    assert found.record.running
    assert found.record.ports[8080] == port
    assert found.record.ports[9090]
    out, _ = await engine.output(found.record.container_id)
    assert out.decode().splitlines() == ["1234", "a 'b' $c", "givenread-only"]
    details = await engine.container_details(found.record.container_id)
    assert (details.read_only, details.init, details.memory) == (True, True, 64 << 20)
    assert {(mount.target, mount.writable) for mount in details.mounts} >= {
        ("/data", False),
        ("/anonymous", True),
    }


async def test_why_it_did_not_come_up_is_a_sentence(engine, started):
    missing = await started("/no/such")
    assert missing.problem.kind == "no-program"
    assert "/no/such" in missing.problem.message
    assert (await why_not_running(engine, missing.record.container_id)).kind == "no-program"
    failing = await started("sh", "-c", "echo \"open '/data/x': Permission denied\" >&2; exit 3")
    assert failing.problem.kind == "no-permission"
    assert (await started("true")).problem is None
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = await started("sleep", "60", ports={80: port})
    assert found.problem.kind == "port-in-use"
    assert f"Port {port} of this machine is taken" in found.problem.message
    with pytest.raises(ImageNotFound):
        await run_image(engine, RunRequest("localhost/no/such:1"), Silent())


async def test_why_a_program_does_not_start_is_read_from_the_program(engine):
    """The engine's message is the same for all of them but the last."""
    programs = {
        "/crlf": (b"#!/bin/sh\r\necho\r\n", 0o755, "Windows line ends"),
        "/perl": (b"#!/usr/bin/perl\n", 0o755, "a script for /usr/bin/perl, which is not in the image"),
        "/text": (b"hello", 0o755, "neither a program nor a script"),
        "/mode": (b"#!/bin/sh\n", 0o644, "COPY --chmod=0755"),
    }
    for path, (body, mode, words) in programs.items():
        container = await engine.create(ContainerSpec(BUSYBOX, entrypoint=(path,)))
        try:
            await engine.copy_in(container, path, body, mode=mode)
            with contextlib.suppress(EngineError):
                await engine.start(container)
            await engine.wait(container, 20)
            found = await why_not_running(engine, container)
            assert words in found.message, found
        finally:
            await engine.remove(container)


async def test_files_go_out_and_in_and_the_changes_are_told(engine, started, tmp_path):
    found = await started("sh", "-c", "echo changed > /etc/new; rm -r /tmp; sleep 60")
    identity = found.record.container_id
    told = {(one.path, one.kind) for one in await container_files.changes(engine, identity)}
    assert told >= {("/etc/new", "added"), ("/tmp", "removed")}
    assert ("/etc", "changed") not in told
    assert await container_files.copy_out(engine, identity, "/etc/new", tmp_path / "new") == 8
    assert (tmp_path / "new").read_text() == "changed\n"
    with pytest.raises(OutputError, match="there already"):
        await container_files.copy_out(engine, identity, "/etc/new", tmp_path / "new")
    with pytest.raises(ImageNotFound):
        await container_files.copy_out(engine, identity, "/no/such", tmp_path / "other")
    with pytest.raises(EngineError, match="no regular file"):
        await container_files.copy_out(engine, identity, "/etc", tmp_path / "other")
    assert [one.name for one in tmp_path.iterdir()] == ["new"]
    (tmp_path / "new").write_text("from here\n")
    await container_files.copy_in(engine, identity, tmp_path / "new", "/etc/new")
    assert await container_files.copy_out(engine, identity, "/etc/new", tmp_path / "back") == 10
    with pytest.raises(BadInput):
        await container_files.copy_in(engine, identity, tmp_path / "new", "relative")
    read_only = await started("sleep", "60", read_only=True)
    with pytest.raises(EngineError, match="read-only"):
        await container_files.copy_in(engine, read_only.record.container_id, tmp_path / "new", "/etc/new")


async def test_an_image_comes_out_of_an_archive(engine, tmp_path):
    def save():
        with engine.save(BUSYBOX) as stream, (tmp_path / "box.tar").open("wb") as file:
            file.writelines(stream)

    await asyncio.to_thread(save)
    assert BUSYBOX in await engine.load(tmp_path / "box.tar")
    (tmp_path / "none.tar").write_bytes(b"no archive")
    with pytest.raises(EngineError, match=r"none\.tar could not be loaded"):
        await engine.load(tmp_path / "none.tar")
    with pytest.raises(BadInput):
        await engine.load(tmp_path / "missing.tar")
