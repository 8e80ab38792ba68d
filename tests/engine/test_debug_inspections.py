"""What a helper tells of real containers, both engines."""

import asyncio

import pytest
from engine.debug_targets import TARGET, TOOLBOX, give_target
from engine.standins import build as standins

from slimdesk.basics.errors import BadInput, EngineError
from slimdesk.basics.job import Silent
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec
from slimdesk.operations import container_files
from slimdesk.operations import inspect_container as inspect
from slimdesk.operations.sidecar import beside


@pytest.fixture
async def engine(each_engine, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    standins.ensure(each_engine, [TOOLBOX])
    give_target(each_engine)
    return await Engine.connect()


@pytest.fixture
async def helper(engine):
    """A helper beside a target with limits, an init process, secrets and memory mounted."""
    identity = await engine.create(
        ContainerSpec(
            TARGET,
            environment={"DB_PASSWORD": "hunter2", "PLAIN": "seen"},
            tmpfs=("/scratch:mode=1777",),
            init=True,
            memory=64 << 20,
            cpus=0.5,
        )
    )
    opened = None
    try:
        await engine.start(identity)
        opened = await beside(engine, identity, TOOLBOX, Silent())
        yield opened
    finally:
        if opened is not None:
            await opened.close()
        await engine.remove(identity)


async def test_everything_at_once(helper):
    found = await inspect.look(helper)
    # It may listen a moment after it was started.
    while not any(one.listening for one in found.sockets):
        await asyncio.sleep(0.1)
        found = await inspect.look(helper)
    assert [(one.parent, one.uid) for one in found.processes] == [(0, 65532), (1, 65532)]
    app = found.processes[1]
    assert app.command == "/busybox-app httpd -f -p 8080 -h /srv"
    assert 0 < app.memory < 64 << 20
    assert (app.pid, helper.survey.init) == (helper.survey.app, 1)
    (listening,) = [one for one in found.sockets if one.listening]
    assert (listening.port, listening.pid, listening.inside_only) == (8080, app.pid, False)
    variables = {one.name: one for one in found.environment}
    assert "hunter2" not in variables["DB_PASSWORD"].shown()
    assert variables["PLAIN"].shown() == "seen"
    mounts = {one.path: one for one in found.mounts}
    assert mounts["/scratch"].kind == "tmpfs"
    assert mounts["/proc"].own
    assert found.mounts[0].path == "/"
    assert (found.limits.memory, found.limits.cpus) == (64 << 20, 0.5)
    assert 0 < found.limits.memory_used < 64 << 20
    assert any(one.name == "open files" for one in found.limits.process)


async def test_http_and_names_from_inside(helper):
    answer = await inspect.probe_http(helper, 8080, "/index.html")
    assert answer.status == 200
    assert answer.head[-1] == "harbour"
    assert (await inspect.probe_http(helper, 8080, "/no")).status == 404
    assert "Nothing listens" in (await inspect.probe_http(helper, 8081, seconds=2)).reason
    assert (await inspect.check_name(helper, "localhost")).addresses[0] == "127.0.0.1"


async def test_its_files_are_browsed_and_links_lead_where_they_do_there(helper):
    names = [(one.name, one.kind) for one in await container_files.list_folder(helper, "/")]
    assert ("srv", "folder") in names
    assert ("busybox-app", "file") in names
    folder = {one.name: one for one in await container_files.list_folder(helper, "/srv")}
    assert set(folder) == {"index.html", "key", "odd\nname"}
    assert (folder["key"].mode, folder["key"].uid, folder["key"].size) == (0o400, 65532, 17)
    (page,) = [one for one in await container_files.list_folder(helper, "/etc") if one.name == "page"]
    assert (page.kind, page.target) == ("link", "/srv/index.html")
    assert await container_files.read_file(helper, "/etc/page") == b"harbour\n"
    assert await container_files.read_file(helper, "/busybox-app", 4) == b"\x7fELF"
    with pytest.raises(BadInput, match="it is not there"):
        await container_files.list_folder(helper, "/no/such")
    with pytest.raises(BadInput, match="it is a folder"):
        await container_files.read_file(helper, "/srv")


async def test_what_is_in_memory_is_seen_as_well(helper):
    assert (
        await helper.run(["sh", "-c", f"echo x > /proc/{helper.survey.app}/root/scratch/new"])
    ).exit_code == 0
    assert [one.name for one in await container_files.list_folder(helper, "/scratch")] == ["new"]
    assert await container_files.read_file(helper, "/scratch/new") == b"x\n"


async def test_what_is_asked_of_a_target_that_has_ended_is_a_sentence(helper, engine):
    await engine.kill(helper.target.record.container_id)
    with pytest.raises(EngineError):
        await inspect.list_processes(helper)


async def test_a_tool_that_hangs_is_given_up(helper):
    found = await helper.run(["sh", "-c", "echo begun; sleep 30"], seconds=0.5)
    assert (found.exit_code, found.out) == (None, b"begun\n")
