"""Builds on real engines: a current one with the containerd store, and 20.10 with the classic one."""

import asyncio
import gc
import os
import subprocess
import threading
import time

import pytest
from engine.conftest import BUSYBOX

from slimdesk.basics.errors import BadInput, EngineError
from slimdesk.basics.job import Job, JobState
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_MADE, BuildRequest, ContainerSpec


@pytest.fixture
async def engine(each_engine, busybox, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", each_engine)
    return await Engine.connect()


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "my projéct"
    folder.mkdir()
    (folder / "a.txt").write_text("hello\n")
    return folder


def wanted(project, text, **more):
    more.setdefault("tag", "slimdesk/test:build")
    return BuildRequest(project, text, more.pop("dockerignore", ""), **more)


async def printed(engine, image, *command):
    container = await engine.create(ContainerSpec(image, command=command))
    try:
        await engine.start(container)
        assert await engine.wait(container, 30) == 0
        out, _ = await engine.output(container)
        return out.decode()
    finally:
        await engine.remove(container)


def processes(mark):
    found = subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if mark in line and "ps axo" not in line]


async def test_a_multi_stage_build_and_then_the_cache(engine, project):
    text = f"FROM {BUSYBOX} AS build\nWORKDIR /app\nCOPY . .\nRUN cat a.txt > b.txt && echo built\nFROM {BUSYBOX}\nCOPY --from=build /app /app\n"
    seen = []
    job = Job("build")
    request = wanted(project, text, labels={LABEL_MADE: "slimdesk/test:build"})
    result = await job.run(engine.build(request, seen.append, job))
    assert result.error is None
    assert result.image_id.startswith("sha256:")
    assert "built" in job.lines
    run = next(step for step in result.steps if "RUN" in step.name)
    assert (run.stage, run.state, run.log) == ("build", "done", ("built",))
    assert seen[-1] == result.steps
    record = await engine.inspect("slimdesk/test:build")
    assert record.image_id == result.image_id
    assert record.labels[LABEL_MADE] == "slimdesk/test:build"
    assert record.platform.startswith("linux/")
    assert await printed(engine, "slimdesk/test:build", "cat", "/app/b.txt") == "hello\n"

    # Another Dockerfile over the same files: the shared steps come from the cache.
    again = await engine.build(wanted(project, text + "ENV OTHER=1\n", tag="slimdesk/test:other"))
    assert again.error is None
    assert {step.state for step in again.steps if step.stage == "build" and step.number > 1} == {"cached"}
    everything_anew = await engine.build(wanted(project, text, no_cache=True))
    assert not next(step for step in everything_anew.steps if "RUN" in step.name).cached
    for tag in ("slimdesk/test:build", "slimdesk/test:other"):
        await engine.remove_image(tag)


async def test_a_file_that_changed_is_sent_again_though_its_size_is_the_same(engine, project):
    text = f"FROM {BUSYBOX}\nCOPY a.txt /a.txt\n"
    for content in ("hello\n", "world\n"):
        (project / "a.txt").write_text(content)
        assert (await engine.build(wanted(project, text))).error is None
        assert await printed(engine, "slimdesk/test:build", "cat", "/a.txt") == content


async def test_nothing_but_the_project_is_in_the_context(engine, project):
    (project / "Dockerfile").write_text("FROM nowhere\n")
    (project / "node_modules" / "big").mkdir(parents=True)
    (project / "node_modules" / "big" / "file").write_text("x")
    (project / "logs").mkdir()
    (project / "logs" / "keep").write_text("x")
    (project / "logs" / "drop").write_text("x")
    text = f"FROM {BUSYBOX}\nCOPY . /ctx\n"
    ignored = "node_modules\nlogs/*\n!logs/keep\n"
    assert (await engine.build(wanted(project, text, dockerignore=ignored))).error is None
    listed = await printed(engine, "slimdesk/test:build", "find", "/ctx")
    assert sorted(listed.split()) == ["/ctx", "/ctx/Dockerfile", "/ctx/a.txt", "/ctx/logs", "/ctx/logs/keep"]


async def test_strange_names_modes_and_links_arrive_as_they_are(engine, project):
    names = ["with space", "ünïcode", "new\nline", "-dash", "#hash", "$dollar", "q'uote\"", "c" * 200]
    for name in names:
        (project / name).write_text(name)
    (project / "run.sh").write_text("#!/bin/sh\n")
    (project / "run.sh").chmod(0o751)
    (project / "link").symlink_to("a.txt")
    (project / "away").symlink_to("/nowhere")
    os.mkfifo(project / "pipe")
    assert (await engine.build(wanted(project, f"FROM {BUSYBOX}\nCOPY . /ctx\n"))).error is None
    told = await printed(
        engine,
        "slimdesk/test:build",
        "sh",
        "-c",
        "cd /ctx; for f in *; do echo \"<$f>\"; done; stat -c '%a %u:%g' run.sh; cat link; ls -l away",
    )
    for name in names:
        assert f"<{name}>" in told
    assert "<pipe>" not in told
    assert "751 0:0" in told
    assert "hello" in told
    assert "/nowhere" in told


async def test_a_failing_step_with_its_log(engine, project):
    text = f"FROM {BUSYBOX}\nRUN for i in $(seq 200); do echo line $i; done; exit 7\nRUN echo never\n"
    result = await engine.build(wanted(project, text))
    assert result.image_id is None
    assert result.error.step.startswith("[2/3] RUN for")
    assert "exit code 7" in result.error.message
    assert len(result.error.log) == 50
    assert result.error.log[-1] == "line 200"
    states = {step.name[:5]: step.state for step in result.steps if step.number}
    assert states["[2/3]"] == "failed"
    assert states.get("[3/3]") in ("queued", None)


async def test_sentences_for_what_people_get_wrong(engine, project):
    missing = await engine.build(wanted(project, f"FROM {BUSYBOX}\nCOPY nothere /x\n"))
    assert "nothere is not in the build context" in missing.error.message
    refused = await engine.build(wanted(project, f"FROM {BUSYBOX}\nRUNN x\n"))
    assert "unknown instruction: RUNN" in refused.error.message
    base = await engine.build(wanted(project, "FROM localhost:1/no/such:base\n"))
    assert "The base image localhost:1/no/such:base could not be fetched" in base.error.message
    with pytest.raises(BadInput, match="is not a folder"):
        await engine.build(wanted(project / "none", f"FROM {BUSYBOX}\n"))
    with pytest.raises(EngineError, match="invalid"):
        await engine.build(wanted(project, f"FROM {BUSYBOX}\n", tag="Not A Tag"))


async def test_targets_arguments_and_an_ignored_context(engine, project):
    text = f"FROM {BUSYBOX} AS first\nARG WORD=none\nRUN echo word=$WORD > /w\nFROM {BUSYBOX} AS second\nRUN exit 1\n"
    result = await engine.build(
        wanted(project, text, target="first", build_args={"WORD": "given"}, dockerignore="*")
    )
    assert result.error is None
    assert await printed(engine, "slimdesk/test:build", "cat", "/w") == "word=given\n"


async def test_proxies_of_the_client_configuration_reach_a_build(engine, project, tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text(
        '{"proxies": {"default": {"httpProxy": "http://proxy.example:3128"}}}'
    )
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    result = await engine.build(
        wanted(project, f"FROM {BUSYBOX}\nRUN echo proxy=$http_proxy\n", no_cache=True)
    )
    assert next(step for step in result.steps if "RUN" in step.name).log == (
        "proxy=http://proxy.example:3128",
    )


async def test_cancelling_ends_the_build_and_its_processes_within_a_second(engine, project):
    mark = f"sleep 98{os.getpid() % 10000}"
    job = Job("build")
    running = asyncio.ensure_future(
        job.run(
            engine.build(
                wanted(project, f"FROM {BUSYBOX}\nRUN echo started; {mark}\n", no_cache=True), None, job
            )
        )
    )
    for _ in range(1200):
        await asyncio.sleep(0.05)
        if "started" in job.lines:
            break
    assert processes(mark)
    began = time.monotonic()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    # Half a second where nobody else computes; the build itself sleeps for a minute and more.
    assert time.monotonic() - began < 10
    assert job.state is JobState.CANCELLED
    for _ in range(200):
        if not processes(mark):
            break
        await asyncio.sleep(0.05)
    assert processes(mark) == []
    assert not await engine.has_image("slimdesk/test:never")


@pytest.mark.parametrize("delay", [0, 0.02, 0.1, 0.3])
async def test_cancelling_at_any_moment_leaves_nothing_running(engine, project, delay):
    mark = f"sleep 97{os.getpid() % 10000}"
    request = wanted(project, f"FROM {BUSYBOX}\nCOPY . /\nRUN {mark}\n", no_cache=True)
    running = asyncio.ensure_future(engine.build(request))
    await asyncio.sleep(delay)
    began = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - began < 10
    for _ in range(400):
        await asyncio.sleep(0.05)
        if not processes(mark):
            break
    await asyncio.sleep(0.3)
    assert processes(mark) == []


async def test_two_builds_at_once(engine, project):
    texts = [f"FROM {BUSYBOX}\nCOPY a.txt /\nRUN sleep 1; echo number {number}\n" for number in (1, 2)]
    results = await asyncio.gather(
        *(
            engine.build(wanted(project, text, tag=f"slimdesk/test:n{n}", no_cache=True))
            for n, text in enumerate(texts)
        )
    )
    assert [result.error for result in results] == [None, None]
    logs = [next(step.log for step in result.steps if "RUN" in step.name) for result in results]
    assert logs == [("number 1",), ("number 2",)]
    for number in (0, 1):
        await engine.remove_image(f"slimdesk/test:n{number}")


async def test_ten_thousand_lines_do_not_stall_the_event_loop(engine, project):
    heard = []
    job = Job("build")
    stalls = []

    async def watch():
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            stalls.append(time.perf_counter() - before - 0.005)

    watching = asyncio.ensure_future(watch())
    began = time.monotonic()
    text = f"FROM {BUSYBOX}\nRUN for i in $(seq 10000); do echo l $i; done\n"
    result = await engine.build(wanted(project, text, no_cache=True), heard.append, job)
    took = time.monotonic() - began
    watching.cancel()
    assert result.error is None
    assert len([line for line in job.lines if line.startswith("l ")]) == 10_000
    assert len(heard) <= took * 10 + 3
    # Loose: other tests share the machine; the benchmark of the window has the strict figure.
    assert max(stalls) < 0.5


async def test_nothing_is_left_when_it_is_over(engine, project):
    await engine.build(wanted(project, f"FROM {BUSYBOX}\nCOPY a.txt /\n"))
    gc.collect()
    for _ in range(200):
        names = [thread.name for thread in threading.enumerate()]
        if not any(name.startswith(("build", "session", "engine", "pull", "events")) for name in names):
            break
        await asyncio.sleep(0.05)
    assert not [name for name in names if name.startswith(("build", "session", "engine", "pull", "events"))]


async def test_an_engine_without_sessions_takes_the_context_as_an_archive(engine, project):
    from slimdesk.basics.job import Silent
    from slimdesk.engine.build import build

    request = wanted(project, f"FROM {BUSYBOX}\nCOPY a.txt /a\nRUN cat /a\n", no_cache=True)
    result = await build(engine.settings, request, None, Silent(), with_session=False)
    assert result.error is None
    assert next(step for step in result.steps if "RUN" in step.name).log == ("hello",)
