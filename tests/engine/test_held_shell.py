"""A shell in what does not run, and the commands to take along, run as they are shown."""

import asyncio
import contextlib
import os
import pty
import subprocess
import sys

import pytest
import pytest_asyncio
from engine.conftest import BUSYBOX, import_busybox
from engine.standins import build as standins
from engine.typed_lines import needs_docker, typed

from slimdesk.basics.errors import ImageNotFound
from slimdesk.debug.commands import commands_for
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest, ContainerSpec
from slimdesk.operations.held_shell import LABEL, held_command, held_shell, plan_held

NO_SHELL = "slimdesk-test/held:no-shell"
DOCKERFILE = f"""
FROM {BUSYBOX} AS tools
FROM scratch
COPY --from=tools /bin/busybox /busyboxapp
COPY note /note
ENV FROM_IMAGE=yes
WORKDIR /data
USER 65532:65532
ENTRYPOINT ["/busyboxapp", "sleep", "600"]
"""


@contextlib.asynccontextmanager
async def connected_to(host):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", host)
        yield await Engine.connect()


async def _prepared(host, busybox_tar, folder):
    (folder / "note").write_text("in the image\n")
    await asyncio.to_thread(import_busybox, host, busybox_tar)
    await asyncio.to_thread(standins.ensure, host, ["busybox:1-musl"])
    async with connected_to(host) as engine:
        built = await engine.build(BuildRequest(folder, DOCKERFILE, "", NO_SHELL))
        assert built.error is None, built.error
    return host


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host(modern_engine, busybox_tar, tmp_path_factory):
    return await _prepared(modern_engine, busybox_tar, tmp_path_factory.mktemp("held"))


@pytest_asyncio.fixture(loop_scope="module")
async def made(host):
    """Makes containers that are removed again."""
    async with connected_to(host) as engine:
        names = []

        async def make(**more):
            names.append(await engine.create(ContainerSpec(NO_SHELL, **more)))
            return names[-1]

        yield engine, make
        for name in names:
            await engine.remove(name)


async def _asked(shell, line, wanted):
    """Type a line and return what came, once `wanted` is in it."""
    await shell.write(line.encode() + b"\n")
    said = b""
    async with asyncio.timeout(60):
        while wanted.encode() not in said:
            data = await shell.read()
            assert data, (said, shell.ending)
            said += data
    return said.decode()


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.asyncio(loop_scope="module")
async def test_a_crashed_container_without_a_shell_is_held_as_it_was_made(made, read_only):
    engine, make = made
    container = await make(
        command=("extra",), entrypoint=("/busyboxapp", "false"), environment={"TOKEN": "t-1"}, volumes=("/kept",), tmpfs=("/scratch",),
        read_only=read_only, cap_drop=("ALL",),
    )  # fmt: skip
    await engine.start(container)
    assert await engine.wait(container, 10) == 1
    shell = await held_shell(engine, container)
    try:
        assert shell.plan.brings_tools
        assert "has no shell" in shell.plan.reason
        await _asked(shell, "cat /note; id -u; id -g", "in the image\r\n65532\r\n65532")
        await _asked(shell, "echo $TOKEN-$FROM_IMAGE; pwd", "t-1-yes\r\n/data")
        await _asked(shell, "touch /scratch/x && test -d /kept && echo wri''table", "writable")
        if read_only:
            await _asked(shell, "touch /y", "Read-only file system")
    finally:
        await shell.close()
    assert await engine.containers(LABEL) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_an_image_with_a_shell_gets_its_own(made):
    engine, _ = made
    shell = await held_shell(engine, BUSYBOX)
    assert (shell.plan.shell, shell.plan.brings_tools) == ("/bin/sh", False)
    await _asked(shell, "echo $((40 + 2))", "42")
    await shell.write(b"exit\n")
    async with asyncio.timeout(60):
        while await shell.read():
            pass
    assert shell.ending == "The shell has ended."
    await shell.close()
    await shell.close()
    assert await engine.containers(LABEL) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_a_debug_variant_can_stand_in_for_the_containers_image(made):
    engine, make = made
    container = await make(environment={"TOKEN": "t-1"}, user="65532:65532")
    shell = await held_shell(engine, container, image=BUSYBOX)
    try:
        assert (shell.plan.shell, shell.plan.environment) == ("/bin/sh", (("TOKEN", "t-1"),))
        # Its own variables, but not those of the image that it does not run.
        await _asked(shell, "echo $TOKEN-$FROM_IMAGE-; id -u; which ls", "t-1--\r\n65532\r\n/bin/ls")
    finally:
        await shell.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_not_there_is_said(made):
    engine, _ = made
    with pytest.raises(ImageNotFound, match="no container or image"):
        await held_shell(engine, "no/such:thing")
    assert await engine.containers(LABEL) == []


@needs_docker
@pytest.mark.asyncio(loop_scope="module")
async def test_the_line_for_a_stopped_container_runs_as_shown(made, host):
    engine, make = made
    container = await make(
        name="slimdesk-test-stopped", environment={"QUOTED": 'it\'s $HOME "x"'}, read_only=True
    )
    plan = await plan_held(engine, container)
    line = held_command(plan)
    await asyncio.to_thread(typed, host, line, '/.slimdesk/busybox cat /note; echo "$QUOTED"', "in the image")
    said = await asyncio.to_thread(typed, host, line, 'echo "<$QUOTED>"', '<it\'s $HOME "x">')
    assert "Error" not in said


@needs_docker
@pytest.mark.parametrize("way", ["files", "tools"])
@pytest.mark.asyncio(loop_scope="module")
async def test_the_line_for_a_running_container_runs_as_shown(made, host, way):
    engine, make = made
    container = await make(name=f"slimdesk-test-running-{way}")
    await engine.start(container)
    commands = commands_for(await engine.container_details(container), "busybox:1-musl", way)
    place = "" if way == "files" else "/proc/1/root"
    await asyncio.to_thread(typed, host, commands.docker, f"cat {place}/note", "in the image")


@needs_docker
@pytest.mark.parametrize(("user", "allowed"), [("65532", False), ("65532:65532", True)])
@pytest.mark.asyncio(loop_scope="module")
async def test_the_same_user_without_its_group_is_denied(made, host, user, allowed):
    engine, make = made
    container = await make()
    await engine.start(container)
    done = await asyncio.to_thread(
        subprocess.run,
        ["docker", "run", "--rm", "--pid", f"container:{container}", "--user", user, "busybox:1-musl", "cat", "/proc/1/root/note"],
        env={**os.environ, "DOCKER_HOST": host}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.stdout == "in the image\n") is allowed
    assert ("Permission denied" in done.stderr) is not allowed


@pytest.mark.asyncio(loop_scope="module")
async def test_the_oldest_engine_holds_a_container_with_a_read_only_root(
    debian_engine, busybox_tar, tmp_path
):
    await _prepared(debian_engine, busybox_tar, tmp_path)
    async with connected_to(debian_engine) as engine:
        container = await engine.create(ContainerSpec(NO_SHELL, read_only=True, environment={"TOKEN": "t-1"}))
        try:
            shell = await held_shell(engine, container)
            try:
                await _asked(shell, "cat /note; id -u; echo $TOKEN", "in the image\r\n65532\r\nt-1")
            finally:
                await shell.close()
            assert await engine.containers(LABEL) == []
        finally:
            await engine.remove(container)


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_is_left_when_the_program_is_killed(made, host):
    engine, _ = made
    ours, theirs = pty.openpty()
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "slimdesk", "hold", NO_SHELL, stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "DOCKER_HOST": host},
    )  # fmt: skip
    os.close(theirs)
    try:
        async with asyncio.timeout(60):
            said = b""
            while b"ash" not in said:
                said += await asyncio.to_thread(os.read, ours, 65_536)
        assert len(await engine.containers(LABEL)) == 1
        program.kill()
        await program.wait()
        async with asyncio.timeout(30):
            while await engine.containers(LABEL):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    finally:
        with contextlib.suppress(ProcessLookupError):
            program.kill()
        await program.wait()
        os.close(ours)
