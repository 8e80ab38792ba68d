"""Images and containers of real engines, both image stores."""

import asyncio
import contextlib
import io
import tarfile

import pytest
from engine.conftest import BUSYBOX

from slimdesk.basics.errors import EngineError, ImageNotFound
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest, ContainerSpec
from slimdesk.engine.threads import in_thread


@pytest.fixture
async def engine(each_engine, busybox, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    return await Engine.connect()


@pytest.fixture
async def container(engine):
    made = []

    async def make(**more):
        identity = await engine.create(ContainerSpec(BUSYBOX, **more))
        made.append(identity)
        return identity

    yield make
    for one in made:
        await engine.remove(one)


async def test_the_engine_tells_its_store(engine):
    status = await engine.status()
    assert status.reachable
    assert status.builder == "buildkit"
    assert status.store == ("classic" if status.api_version == "1.41" else "containerd")
    assert status.contexts[0].reachable


async def test_an_image_is_listed_inspected_and_removed(engine, tmp_path):
    request = BuildRequest(
        tmp_path,
        f"FROM {BUSYBOX}\nENV A=1\nRUN true\n",
        "",
        "slimdesk/test:listed",
        labels={"test.mark": "yes"},
    )
    built = await engine.build(request)
    (listed,) = [one for one in await engine.images("test.mark") if "slimdesk/test:listed" in one.tags]
    record = await engine.inspect("slimdesk/test:listed")
    assert listed.image_id == record.image_id == built.image_id
    assert "A=1" in record.config["Env"]
    assert len(record.diff_ids) in (1, 2)
    history = await engine.history("slimdesk/test:listed")
    assert sum(1 for entry in history if not entry.empty) == len(record.diff_ids)
    assert [entry.empty for entry in history if entry.created_by.startswith("ENV")] == [True]
    await engine.remove_image("slimdesk/test:listed")
    assert not await engine.has_image("slimdesk/test:listed")
    with pytest.raises(ImageNotFound):
        await engine.remove_image("slimdesk/test:listed")


async def test_a_save_is_an_archive(engine):
    def read():
        with engine.save(BUSYBOX) as stream:
            pieces = list(stream)
        assert all(len(piece) == 1 << 20 for piece in pieces[:-1])
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
            return archive.getnames()

    assert "manifest.json" in await in_thread(read)


async def test_what_is_not_there_is_a_sentence(engine):
    with pytest.raises(ImageNotFound, match="has no image no/such:1"):
        await engine.history("no/such:1")
    with pytest.raises(ImageNotFound):
        await engine.create(ContainerSpec("no/such:1"))
    with pytest.raises(ImageNotFound):
        await engine.inspect_container("nosuchcontainer")

    def read():
        with engine.save("no/such:1") as stream:
            return list(stream)

    with pytest.raises(EngineError, match="no/such:1"):
        await in_thread(read)
    assert await engine.digest(BUSYBOX) is None


async def test_an_image_in_use_stays(engine, container, tmp_path):
    await engine.build(BuildRequest(tmp_path, f"FROM {BUSYBOX}\nENV B=2\n", "", "slimdesk/test:used"))
    used = await engine.create(ContainerSpec("slimdesk/test:used", command=("true",)))
    try:
        with pytest.raises(EngineError, match=r"slimdesk/test:used could not be removed.*using"):
            await engine.remove_image("slimdesk/test:used")
    finally:
        await engine.remove(used)
    await engine.remove_image("slimdesk/test:used")


async def test_a_container_from_its_start_to_its_end(engine, container):
    one = await container(command=("sh", "-c", "echo out; echo err >&2; exit 5"), user="1234:1234")
    assert (await engine.inspect_container(one)).state == "created"
    await engine.start(one)
    assert await engine.wait(one, 20) == 5
    record = await engine.inspect_container(one)
    assert (record.state, record.exit_code, record.user, record.oom) == ("exited", 5, "1234:1234", False)
    # 20.10 stamps a start after the end of what ends at once.
    assert record.started_at is not None
    assert record.finished_at is not None
    assert await engine.output(one) == (b"out\n", b"err\n")
    assert set(await engine.logs(one)) == {"out", "err"}
    assert len(await engine.logs(one, tail=1)) == 1


async def test_standard_input_environment_and_a_read_only_root(engine, container):
    script = "cat; echo $WORD; touch /x 2>/dev/null || echo read-only; touch /tmp/x && echo tmp"
    one = await container(
        command=("sh", "-c", script),
        environment={"WORD": "a b"},
        read_only=True,
        tmpfs=("/tmp",),
        stdin_open=True,
    )
    await engine.start(one)
    await engine.attach_stdin(one, b"typed\n")
    assert await engine.wait(one, 20) == 0
    assert (await engine.output(one))[0] == b"typed\na b\nread-only\ntmp\n"


async def test_a_port_is_published_on_this_machine_alone(engine, container):
    one = await container(
        command=("sh", "-c", "echo hi > /tmp/index.html; httpd -f -p 8080 -h /tmp"), ports=(8080,)
    )
    await engine.start(one)
    record = await engine.inspect_container(one)
    port = record.ports[8080]
    assert record.ip
    for _ in range(100):
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /index.html HTTP/1.0\r\n\r\n")
            answer = await reader.read()
            writer.close()
            if answer:
                break
        await asyncio.sleep(0.05)
    assert answer.endswith(b"hi\n")
    assert await engine.wait(one, 0.2) is None
    await engine.stop(one, seconds=1)
    assert (await engine.inspect_container(one)).exit_code is not None
    await engine.kill(one)


async def test_a_program_that_is_not_there_says_so(engine, container):
    one = await container(command=("/no/such/program",))
    with pytest.raises(EngineError, match=r"could not be started.*/no/such/program"):
        await engine.start(one)


async def test_memory_that_is_not_enough(engine, container):
    one = await container(
        command=("sh", "-c", "dd if=/dev/zero of=/dev/null bs=200M count=1"), memory=16 << 20
    )
    await engine.start(one)
    assert await engine.wait(one, 30) not in (0, None)


async def test_events_tell_what_happens(engine, container):
    seen = []
    ready = asyncio.Event()

    async def listen():
        async with contextlib.aclosing(engine.events()) as events:
            ready.set()
            async for event in events:
                seen.append((event.kind, event.action))
                if event.action == "die":
                    return

    listening = asyncio.ensure_future(listen())
    await ready.wait()
    await asyncio.sleep(0.3)
    one = await container(command=("true",))
    await engine.start(one)
    await asyncio.wait_for(listening, 60)
    assert ("container", "create") in seen
    assert ("container", "die") in seen
