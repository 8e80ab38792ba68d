"""A shell beside containers that have none, on real engines: both ways in, all kinds of targets, and what is left of it."""

import asyncio
import contextlib
import io
import sys
import tarfile
import threading
import time

import docker
import pytest
from engine import engines
from engine.debug_targets import TARGET, TOOLBOX, give_target, helpers, none_left
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.basics.errors import EngineError, ImageNotFound, ToolboxMissing
from slimdesk.debug import ways
from slimdesk.debug.pod_plan import PodChoices
from slimdesk.debug.pod_read import choose, read_manifest
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec
from slimdesk.operations.debug_shell import open_shell, plan_shell
from slimdesk.operations.run_pod import kept_pod, plan_on
from slimdesk.operations.sidecar import beside, sweep

ORDINARY = ways.rights


@pytest.fixture
async def engine(each_engine, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    standins.ensure(each_engine, [TOOLBOX])
    give_target(each_engine)
    return await Engine.connect()


@pytest.fixture
async def target(engine):
    """Make and start a target; all of them are removed at the end."""
    made = []

    async def make(image=TARGET, **more):
        identity = await engine.create(ContainerSpec(image, labels={"test.debug": "1"}, **more))
        made.append(identity)
        await engine.start(identity)
        return identity

    yield make
    for one in made:
        await engine.remove(one)


async def said(shell, command, seconds=60):
    """Type a command; return what the terminal showed up to its end."""
    await shell.write(f"{command}; echo EN''DED\n".encode())
    out = b""
    async with asyncio.timeout(seconds):
        while b"ENDED\r\n" not in out:
            data = await shell.read()
            assert data, shell.ending
            out += data
    return out.decode().replace("\r\n", "\n")


KINDS = {
    "65532": {},
    "root": {"user": "0:0"},
    "read-only": {"read_only": True, "cap_drop": ("ALL",), "no_new_privileges": True},
    "init": {"init": True},
    "host-pid": {"pid_mode": "host"},
    "shareable-ipc": {"ipc_mode": "shareable"},
    "no-network": {"network": "none"},
}


# All of them on the modern engine, a representative part on the old one. A helper beside a container that has the host's
# processes sees and may read them all: it gets an engine of its own, whose host they are.
TRIED = [("isolated" if kind == "host-pid" else "modern", kind) for kind in KINDS]
TRIED += [("debian", kind) for kind in ("65532", "read-only", "init")]


@pytest.mark.parametrize(("each_engine", "kind"), TRIED, indirect=["each_engine"])
async def test_the_tools_reach_the_target_both_ways(engine, target, kind):
    identity = await target(**KINDS[kind])
    for way, root in (("files", ""), ("tools", "$ROOT")):
        shell = await open_shell(engine, identity, TOOLBOX, way, columns=200, rows=50)
        try:
            assert shell.chosen.way == way
            # It may listen a moment after it was started; the words of this line are in the text as well.
            wait = "until netstat -ltn | grep -q :80[8]0; do sleep 1; done"
            look = f"{wait}; ps; netstat -ltn; ls {root}/srv; cat {root}/srv/key; stty size; cat /proc/$TARGET_PID/cmdline"
            text = await said(shell, look)
        finally:
            await shell.close()
        for word in ("busybox-app", ":8080", "index.html", "of the app alone", "50 200"):
            assert word in text, way
    await none_left(engine, identity)
    # What the shell's container shared is not disturbed.
    assert (await engine.inspect_container(identity)).running
    if kind == "read-only":
        assert await engine.changes(identity) == ()


async def test_a_shell_is_there_in_a_moment(engine, target):
    identity = await target()
    took = []
    for _ in range(3):
        began = time.monotonic()
        shell = await open_shell(engine, identity, TOOLBOX)
        while b"# " not in await shell.read():
            pass
        took.append(time.monotonic() - began)
        await shell.close()
    # Half a second where nobody else computes.
    assert min(took) < 3
    await none_left(engine, identity)


async def test_a_tool_that_needs_libraries_stays_with_its_own_files(engine, target):
    identity = await target()
    # A toolbox whose sh is a link that leads nowhere once / is another's: as if it needed a loader.
    client = docker.APIClient(base_url=engine.settings.host, version="auto")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        entry = tarfile.TarInfo("usr/bin/busybox")
        data = engines.busybox().read_bytes()
        entry.size, entry.mode = len(data), 0o755
        archive.addfile(entry, io.BytesIO(data))
        for name in ("sh", "ls", "chroot"):
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "/usr/bin/busybox"
            archive.addfile(entry)
    try:
        client.import_image_from_data(
            buffer.getvalue(), repository="localhost/slimdesk-dynamic", tag="1", changes=["ENV PATH=/bin"]
        )
    finally:
        client.close()
    shell = await open_shell(engine, identity, "localhost/slimdesk-dynamic:1", "files")
    try:
        assert shell.chosen.way == "tools"
        assert "need libraries" in shell.chosen.reason
        assert "index.html" in await said(shell, "ls $ROOT/srv")
    finally:
        await shell.close()


async def test_an_engine_that_grants_no_rights_gets_a_helper_as_the_targets_user(engine, target, monkeypatch):
    monkeypatch.setattr(ways, "rights", lambda details: ORDINARY(details)[1:])
    shell = await open_shell(engine, await target(), TOOLBOX, "files")
    try:
        assert shell.chosen.way == "tools"
        assert "does not let a helper change its root" in shell.chosen.reason
        text = await said(shell, "id -u; cat $ROOT/srv/key")
        assert "65532\n" in text
        assert "of the app alone" in text
    finally:
        await shell.close()


async def test_a_target_that_shares_anothers_processes(engine, target):
    other = await target()
    identity = await target(pid_mode=f"container:{other}")
    shell = await open_shell(engine, identity, TOOLBOX)
    try:
        # 1 is the other's.
        assert "pid=1\n" not in await said(shell, "echo pid=$TARGET_PID")
        assert "of the app alone" in await said(shell, "cat /srv/key")
    finally:
        await shell.close()


async def test_a_paused_target(engine, target):
    identity = await target()
    client = docker.APIClient(base_url=engine.settings.host, version="auto")
    try:
        client.pause(identity)
        shell = await open_shell(engine, identity, TOOLBOX)
        assert "index.html" in await said(shell, "ls /srv")
        await shell.close()
    finally:
        client.unpause(identity)
        client.close()


@pytest.mark.builds
async def test_a_go_service_on_distroless(modern_engine, monkeypatch):
    service = trial.SERVICES["go-web"]
    reason = service.why_not("distroless")
    if reason:
        pytest.skip(reason)
    await asyncio.to_thread(standins.ensure, modern_engine, [TOOLBOX])
    tag = "slimdesk-test/go-web:distroless"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, service, "distroless", tag)
        identity = await engine.create(ContainerSpec(tag))
        try:
            await engine.start(identity)
            shell = await open_shell(engine, identity, TOOLBOX)
            # The time is held by the test above, by the best of three.
            try:
                text = await said(shell, "ps; ls /etc; cat /etc/os-release; netstat -lnt")
            finally:
                await shell.close()
        finally:
            await engine.remove(identity)
    # By its name, as the image's own /etc/passwd has it.
    assert "nonroot" in text
    assert "ssl" in text
    assert "LISTEN" in text


async def test_exit_ends_it_with_a_sentence(engine, target):
    identity = await target()
    shell = await open_shell(engine, identity, TOOLBOX)
    await shell.write(b"exit 3\n")
    while await shell.read():
        pass
    assert shell.ending == "The shell ended with exit code 3."
    await shell.close()
    await shell.close()
    await none_left(engine, identity)


async def test_the_target_ends_while_the_shell_is_open(engine, target):
    identity = await target()
    shell = await open_shell(engine, identity, TOOLBOX)
    await said(shell, "true")
    await engine.kill(identity)
    async with asyncio.timeout(60):
        while await shell.read():
            pass
    assert "ended (exit code 137), and the shell with it" in shell.ending
    await shell.close()
    await none_left(engine, identity)


async def test_a_target_that_does_not_run_or_is_not_there(engine, target):
    identity = await target()
    await engine.kill(identity)
    with pytest.raises(EngineError, match=r"does not run \(exited\)"):
        await open_shell(engine, identity, TOOLBOX)
    with pytest.raises(ImageNotFound):
        await open_shell(engine, "no-such-container", TOOLBOX)
    assert await helpers(engine, identity) == []


async def test_a_toolbox_that_is_nowhere_names_those_that_are_there(engine, target, monkeypatch):
    identity = await target()
    with pytest.raises(ToolboxMissing) as caught:
        await open_shell(engine, identity, "localhost:1/no/toolbox:1")
    assert TOOLBOX in caught.value.candidates
    assert "archive" in caught.value.todo
    # An image without a shell is no toolbox either, and nothing is left of the try.
    with pytest.raises(EngineError):
        await open_shell(engine, identity, TARGET)
    assert await helpers(engine, identity) == []


async def test_ten_shells_at_once(engine, target):
    identity = await target()
    shells = await asyncio.gather(*(open_shell(engine, identity, TOOLBOX) for _ in range(10)))
    try:
        texts = await asyncio.gather(
            *(said(shell, f"echo n$((10+{number}))") for number, shell in enumerate(shells))
        )
        assert all(f"n{10 + number}\n" in text for number, text in enumerate(texts))
    finally:
        await asyncio.gather(*(shell.close() for shell in shells))
    await none_left(engine, identity)
    left = [thread for thread in threading.enumerate() if "duplex" in thread.name]
    for thread in left:
        await asyncio.to_thread(thread.join, 30)
    assert not any(thread.is_alive() for thread in left)


async def test_a_cancelled_opening_leaves_nothing(engine, target):
    identity = await target()
    for moment in (0.0, 0.02, 0.06, 0.12):
        opening = asyncio.ensure_future(open_shell(engine, identity, TOOLBOX))
        await asyncio.sleep(moment)
        opening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await (await opening).close()
    await none_left(engine, identity)


CHILD = """
import asyncio, sys
from slimdesk.engine.engine import Engine
from slimdesk.operations.debug_shell import open_shell
async def main():
    shell = await open_shell(await Engine.connect(), sys.argv[1], sys.argv[2])
    await shell.write(b"top\\n")
    print("open", flush=True)
    while await shell.read():
        pass
asyncio.run(main())
"""


async def test_nothing_is_left_five_seconds_after_the_program_was_killed(engine, target):
    identity = await target()
    words = [sys.executable, "-c", CHILD, identity, TOOLBOX]
    child = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    try:
        assert await child.stdout.readline() == b"open\n"
        assert len(await helpers(engine, identity)) == 1
    finally:
        child.kill()
        await child.communicate()
    await none_left(engine, identity)
    # Nor any of its programs, beside the target's own.
    helper = await beside(engine, identity, TOOLBOX, Quiet())
    try:
        assert b"top" not in (await helper.run(["ps"])).out
    finally:
        await helper.close()


class Quiet:
    def progress(self, *more):
        pass

    def log(self, text):
        pass


async def test_what_a_killed_program_left_is_swept(engine, target, monkeypatch):
    identity = await target()
    monkeypatch.setattr("slimdesk.basics.owner.os.getpid", lambda: 2**22 + 1)
    helper = await beside(engine, identity, TOOLBOX, Quiet())
    monkeypatch.undo()
    monkeypatch.setenv("DOCKER_HOST", engine.settings.host)
    mine = await beside(engine, identity, TOOLBOX, Quiet())
    try:
        assert await sweep(engine) >= 1
        assert await helpers(engine, identity) == [mine.container]
    finally:
        await helper.close()
        await mine.close()
    await none_left(engine, identity)


POD = f"""apiVersion: v1
kind: Pod
metadata: {{name: shop}}
spec: {{containers: [{{name: app, image: "{TARGET}"}}]}}
"""


@pytest.mark.parametrize("each_engine", ["modern"], indirect=True)
async def test_a_pod_that_a_killed_program_kept_is_swept(engine, monkeypatch):
    manifest = read_manifest(POD)
    plan = await plan_on(engine, manifest, *choose(manifest, None, None), PodChoices())
    monkeypatch.setattr("slimdesk.basics.owner.os.getpid", lambda: 2**22 + 1)
    async with kept_pod(engine, plan) as left:
        monkeypatch.undo()
        async with kept_pod(engine, plan) as mine:
            assert await sweep(engine) >= 1
            assert (await engine.inspect_container(mine)).running
            with pytest.raises(ImageNotFound):
                await engine.inspect_container(left)


async def test_the_plan_starts_nothing(engine, target):
    identity = await target(read_only=True)
    found = await plan_shell(engine, identity, TOOLBOX)
    assert (found.way, found.pid) == ("files", 1)
    assert (await plan_shell(engine, identity, "nicolaka/netshoot:latest")).way == "tools"
    assert await helpers(engine, identity) == []
