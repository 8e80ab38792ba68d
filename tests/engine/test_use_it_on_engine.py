"""Every command and file that "Use it" prints is run as printed: Docker, buildx, Compose, a pod, the jobs, a registry."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
import yaml
from engine import real_registry
from engine.conftest import BUSYBOX, import_busybox
from engine.ports import free_port
from engine.standins import packages, store
from engine.test_pods import connected_to

from slimdesk.debug.pod_read import read_manifest
from slimdesk.operations.run_pod import run_pod
from slimdesk.operations.use_it import ci_commands, proven, recipes
from slimdesk.operations.verify import verify_image
from slimdesk.verify.model import RunProfile

TAG = "slimdesk-test/used:1"
PLUGINS = ("docker-buildx", "docker-compose")
DOCKERFILE = """FROM {busybox} AS tools
FROM scratch AS final
COPY --from=tools /bin/busybox /busyboxapp
COPY index.html /www/
USER 65532:65532
EXPOSE {port}
# busybox as the first process hears no other.
STOPSIGNAL SIGKILL
ENTRYPOINT ["/busyboxapp", "httpd", "-f", "-p", "{port}", "-h", "/www"]
"""


@pytest.fixture(scope="module")
def plugins():
    """Debian 13's own buildx and Compose: a folder for DOCKER_CONFIG."""
    if shutil.which("docker") is None:
        pytest.skip("there is no docker program here to run what is printed")
    folder = store.folder() / "docker-plugins"
    try:
        for name, path in packages.download(PLUGINS).items():
            target = folder / "cli-plugins" / name
            if target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with packages.contents(path) as held:
                member = next(one for one in held.getmembers() if one.name.endswith(f"/cli-plugins/{name}"))
                part = target.with_name(f".{name}.{os.getpid()}")
                part.write_bytes(held.extractfile(member).read())
                part.chmod(0o755)
                part.replace(target)
    except packages.PackagesError as error:
        if os.environ.get("SLIMDESK_ENGINE") == "required":
            pytest.fail(str(error))
        pytest.skip(f"Debian's buildx and Compose cannot be had: {error}")
    return folder


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def project(tmp_path_factory, port):
    folder = tmp_path_factory.mktemp("use") / "shop"
    folder.mkdir()
    (folder / "index.html").write_text("<p>ahoy</p>")
    (folder / "Dockerfile").write_text(DOCKERFILE.format(busybox=BUSYBOX, port=port))
    return folder


@pytest.fixture(scope="module")
def run(modern_engine, plugins, project, busybox_tar):
    """Run a line as a shell in the project's folder does."""
    import_busybox(modern_engine, busybox_tar)
    environment = {
        **os.environ, "DOCKER_HOST": modern_engine, "DOCKER_CONFIG": str(plugins), "SLIMDESK_HOME": str(project.parent / "home"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip

    def line(text, **more):
        done = subprocess.run(
            ["sh", "-c", text],
            cwd=project,
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    line.environment = environment
    return line


@pytest.fixture(scope="module")
def proved(run, modern_engine, port):
    """Build the image as printed, verify it with a read-only root, and return what is proved."""
    profile = RunProfile(port=port, http="/", read_only=True)

    async def verified():
        async with connected_to(modern_engine) as engine:
            return await verify_image(engine, TAG, profile)

    for made in recipes(proven(TAG, "shop", None, profile, target="final")):
        run(made.text)
    found = asyncio.run(verified())
    assert found.verdict == "runs", found.reason
    return proven(TAG, "shop", found, profile, target="final", files=2_500_000)


def recipe(one, key):
    return next(made for made in recipes(one) if made.key == key)


def answer(port, seconds=60):
    """What the service says, once it says something."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as told:
                return told.read().decode()
        except (OSError, urllib.error.URLError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def test_docker_runs_it_with_what_was_proved(run, proved, port):
    build, start = recipe(proved, "docker").text.splitlines()
    run(build)
    running = subprocess.Popen(
        ["sh", "-c", f"exec {start}"], env=run.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        assert "ahoy" in answer(port)
        (container,) = run(f"docker ps --quiet --filter ancestor={TAG}").split()
        (seen,) = json.loads(run(f"docker inspect {container}"))
        assert seen["HostConfig"]["ReadonlyRootfs"] is True
        assert seen["Config"]["User"] == "65532:65532"
    finally:
        for one in run(f"docker ps --quiet --all --filter ancestor={TAG}").split():
            run(f"docker rm --force {one}")
        running.wait(30)
        running.stderr.close()


def test_compose_runs_it_with_what_was_proved(run, proved, project, port):
    made = recipe(proved, "compose")
    (project / made.file).write_text(made.text)
    try:
        run("docker compose up --detach --build")
        assert "ahoy" in answer(port)
        (container,) = run("docker compose ps --quiet").split()
        (seen,) = json.loads(run(f"docker inspect {container}"))
        assert seen["HostConfig"]["ReadonlyRootfs"] is True
        assert seen["Config"]["User"] == "65532:65532"
    finally:
        run("docker compose down --volumes --timeout 0")


async def test_a_pod_starts_with_what_was_proved(proved, modern_engine):
    manifest = read_manifest(recipe(proved, "kubernetes").text)
    async with connected_to(modern_engine) as engine:
        found = await run_pod(engine, manifest, manifest.pods[0], manifest.pods[0].containers[0])
    assert found.verdict == "runs", found


def test_the_jobs_of_code_hosts_build_verify_and_gate(run, proved, tmp_path):
    commands = yaml.safe_load(recipe(proved, "gitlab").text)["check-image"]["script"]
    steps = yaml.safe_load(recipe(proved, "github").text.replace("\non:", "\n'on':"))["jobs"]["image"][
        "steps"
    ]
    assert commands == [step["run"] for step in steps if "run" in step] == list(ci_commands(proved))
    more = {"SLIMDESK": str(_wheel(tmp_path)), "PIP_TARGET": str(tmp_path / "site"), "PIP_NO_INDEX": "1"}
    for command in commands:
        run(command, **more)
    assert list((tmp_path / "site").glob("slimdesk_stand_in*"))
    with pytest.raises(AssertionError, match="files"):
        run(commands[-1].replace("2.63MB", "1kB"))


def _wheel(folder):
    """A wheel with nothing in it: which one it is is the person's."""
    path = folder / "slimdesk_stand_in-1-py3-none-any.whl"
    info = "slimdesk_stand_in-1.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: slimdesk-stand-in\nVersion: 1\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


def test_it_is_pushed_and_pulled(run, proved, tmp_path_factory):
    from dataclasses import replace

    try:
        with real_registry.running(tmp_path_factory.mktemp("registry"), password=False) as registry:
            named = replace(proved, name=f"{registry.host}/team/shop:1")
            build, _, push = recipe(named, "docker").text.splitlines()
            run(build)
            run(push)
            before = run(f"docker image inspect --format '{{{{.Id}}}}' {named.name}")
            run(f"docker rmi {named.name}")
            run(f"docker pull {named.name}")
            assert run(f"docker image inspect --format '{{{{.Id}}}}' {named.name}") == before
    except real_registry.NoRegistryError as error:
        if os.environ.get("SLIMDESK_ENGINE") == "required":
            pytest.fail(str(error))
        pytest.skip(str(error))
