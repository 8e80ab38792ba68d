"""What compose.yaml names runs beside the image while it is proven, and goes with it, whatever happens."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.basics.job import Job
from slimdesk.operations.sidecar import sweep
from slimdesk.operations.verify import profile_for, services_of, verify_image
from slimdesk.verify.compose import Beside, with_variables
from slimdesk.verify.model import RunProfile

pytestmark = pytest.mark.builds

REDIS, SHELL = "redis:8", "busybox:1-musl"
SECRET = "ebb-and-flow"
CACHE = Beside("cache", REDIS, {"TOKEN": SECRET})


@pytest.fixture
async def engine(modern_engine):
    reason = standins.why_not(REDIS)
    if reason:
        pytest.skip(reason)
    await asyncio.to_thread(standins.ensure, modern_engine, [REDIS, SHELL])
    async with trial.engine_at(modern_engine) as engine:
        yield engine


async def there(engine):
    """All containers, volumes and networks of the engine."""
    import docker

    def look():
        client = docker.APIClient(base_url=engine.settings.host, version="auto")
        try:
            return (
                {
                    one["Names"][0]
                    for one in client.containers(all=True)
                    if "slimdesk-verify" in one["Names"][0]
                },
                {one["Name"] for one in client.volumes()["Volumes"] or ()},
                {one["Name"] for one in client.networks() if "slimdesk-verify" in one["Name"]},
            )
        finally:
            client.close()

    return await asyncio.to_thread(look)


async def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if await condition():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not happen in time")


async def test_a_service_that_needs_redis_runs_and_leaves_nothing(engine):
    service = trial.PYTHON_REDIS
    project, component = service.open()
    reason = service.why_not("distroless")
    if reason:
        pytest.skip(reason)
    tag = "slimdesk-test/python-redis:distroless"
    await trial.build(engine, service, "distroless", tag)
    _, compose = services_of(project, component)
    assert [one.name for one in compose.services] == ["cache"]
    profile = with_variables(profile_for(component), compose)
    assert SECRET in profile.environment["REDIS_URL"]
    before, job = await there(engine), Job("verify")
    found = await verify_image(engine, tag, profile, reporter=job, beside=compose.services)
    assert found.verdict == "runs", (found.reason, found.log)
    assert any("connecting to" in line for line in found.log)
    assert SECRET not in repr(found) + "\n".join(job.lines)
    assert await there(engine) == before
    alone = await verify_image(engine, tag, profile)
    assert alone.verdict == "not-proven"
    assert "cache" in alone.reason


async def test_nothing_is_left_when_the_app_fails(engine):
    before = await there(engine)
    profile = RunProfile(command=("sh", "-c", "echo no; exit 3"))
    found = await verify_image(engine, SHELL, profile, beside=(CACHE,))
    assert found.verdict == "fails"
    assert await there(engine) == before


async def test_nothing_is_left_when_it_is_cancelled(engine):
    before = await there(engine)
    profile = RunProfile(port=8080, command=("sleep", "600"))
    task = asyncio.create_task(verify_image(engine, SHELL, profile, beside=(CACHE,)))

    async def two_more():
        return len((await there(engine))[0] - before[0]) == 2

    await until(two_more)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await there(engine) == before


async def test_what_a_killed_program_left_is_swept_at_the_next_start(engine, tmp_path):
    before = await there(engine)
    compose = tmp_path / "compose.yaml"
    compose.write_text(f"services: {{cache: {{image: '{REDIS}', environment: {{TOKEN: {SECRET}}}}}}}")
    words = [sys.executable, "-m", "slimdesk", "verify", SHELL, "--port", "8080", "--compose", str(compose)]
    environment = {**os.environ, "DOCKER_HOST": engine.settings.host, "SLIMDESK_HOME": str(tmp_path / "home")}
    program = await asyncio.to_thread(
        subprocess.Popen,
        [*words, "--", "sleep", "600"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:

        async def all_there():
            containers, _, networks = await there(engine)
            return len(containers - before[0]) == 2 and networks - before[2]

        await until(all_there)
        assert await sweep(engine) == 0
        assert await all_there()
    finally:
        program.send_signal(signal.SIGKILL)
        program.wait()
    assert await sweep(engine) == 2
    assert await there(engine) == before


def written(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_no_secret_is_in_anything_that_is_said_or_kept(engine, tmp_path):
    home = tmp_path / "home"
    secrets = ("from-the-file-1", "from-the-call-2", "from-compose-3")
    (tmp_path / "secret.env").write_text(f"LICENCE={secrets[0]}\n")
    compose = tmp_path / "compose.yaml"
    compose.write_text(
        f"services: {{web: {{build: ., environment: {{URL: 'redis://:{secrets[2]}@cache:6379'}}}}, cache: {{image: '{REDIS}'}}}}"
    )
    words = [
        sys.executable, "-m", "slimdesk", "verify", SHELL, "--compose", str(compose), "--env-file", str(tmp_path / "secret.env"),
        "--env", f"TOKEN={secrets[1]}", "--json", "--", "sh", "-c", "env; echo $LICENCE: permission denied >&2; exit 5",
    ]  # fmt: skip
    environment = {**os.environ, "DOCKER_HOST": engine.settings.host, "SLIMDESK_HOME": str(home)}
    done = await asyncio.to_thread(subprocess.run, words, env=environment, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout)
    assert any("LICENCE=" in line for line in answer["log"])
    told = done.stdout + done.stderr + (written(home) if home.exists() else b"")
    assert not [secret for secret in secrets if secret.encode() in told]
