"""All fitting variants by one click in the window, and by `slimdesk matrix`: every one built on stand-ins and proven to run."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import docker
import pytest
from engine.standins import build as standins
from engine.standins import trial

pytestmark = pytest.mark.builds

WINDOW = Path(__file__).with_name("matrix_window.py")
ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "tests/benchmarks/bench_matrix.py"
PATIENCE = 1900


def given(name, host, folder):
    """Give the engine the base images of a service; return a copy of its project and the families that can be built."""
    service = trial.SERVICES[name]
    families = [family for family in service.families if service.why_not(family) is None]
    if not families:
        pytest.skip(service.why_not(service.families[0]))
    standins.ensure(host, {image: None for family in families for image in service.images(family)})
    root = folder / name
    shutil.copytree(service.folder, root)
    return service, root, families


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """What SlimDesk keeps: all tests here read the same base images, and the layers of known ones are not read again."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def environment(modern_engine, monkeypatch, home):
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    monkeypatch.setenv("SLIMDESK_HOME", str(home))
    before = _tags(modern_engine)
    yield modern_engine
    client = docker.APIClient(base_url=modern_engine, version="auto")
    for tag in _tags(modern_engine) - before:
        if tag.startswith(("slimdesk/", "slimdesk-bench/")):
            client.remove_image(tag)
    client.close()


def _tags(host):
    client = docker.APIClient(base_url=host, version="auto")
    try:
        return {tag for image in client.images() for tag in image["RepoTags"] or ()}
    finally:
        client.close()


def by_one_click(name, host, folder):
    """Drive the window; hold what it shows against what can be built, and return it."""
    service, root, families = given(name, host, folder)
    words = [sys.executable, WINDOW, root, *([service.component] if service.component else [])]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout)
    rows = {row["family"]: row for row in seen["rows"]}
    assert set(families) <= set(seen["fitting"])
    for family in seen["fitting"]:
        row = rows[family]
        if family in families:
            assert row["verdict"] == "Runs", json.dumps(row, indent=1)
            assert row["size"] > 0
        else:
            # No stand-in: the row says in words why there is none, and no other was stopped by it.
            assert row["verdict"] == "Runs" or row["sentence"].startswith("Failed: "), row
    assert all(row["sentence"].startswith("Not available: ") for row in rows.values() if not row["available"])
    ranked = [row["place"] for row in rows.values() if row["place"] is not None]
    assert sorted(ranked) == list(range(1, len(ranked) + 1))
    assert seen["kept"] == seen["fitting"]
    return seen


def test_a_go_program_over_all_fitting_families_by_one_click(environment, tmp_path):
    seen = by_one_click("go-hello", environment, tmp_path)
    assert seen["take"] == f"Take {seen['recommended']}"
    sizes = {row["family"]: row["size"] for row in seen["rows"]}
    assert sizes["distroless"] * 50 < sizes["baseline"]


@pytest.mark.matrix
@pytest.mark.parametrize("name", ["go-web", "java-spring", "node-express", "python-fastapi"])
def test_a_service_over_all_fitting_families_by_one_click(environment, tmp_path, name):
    seen = by_one_click(name, environment, tmp_path)
    assert seen["take"].startswith(("Take ", "First leave out "))


def test_the_matrix_takes_about_as_long_as_its_plain_builds(environment, tmp_path):
    """One family beside the baseline, each side once, with five times the limit."""
    service, _, _ = given("go-hello", environment, tmp_path)
    words = ["--project", service.folder, "--families", "distroless", "--loose", "--mounts"]
    done = subprocess.run(
        [sys.executable, BENCH, *words], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "2 images, " in done.stdout


async def test_the_command_line_gives_the_same_as_json_and_a_failure_is_exit_1(environment, tmp_path):
    _, root, families = await asyncio.to_thread(given, "go-hello", environment, tmp_path)
    words = [
        sys.executable,
        "-m",
        "slimdesk",
        "matrix",
        str(root),
        "--families",
        "distroless,scratch",
        "--json",
    ]
    child = await asyncio.create_subprocess_exec(
        *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, told = await asyncio.wait_for(child.communicate(), PATIENCE)
    assert child.returncode == 0, told.decode()[-3000:]
    found = json.loads(out)
    assert [row["family"] for row in found["variants"]] == ["baseline", "distroless", "scratch"]
    assert {"distroless", "scratch"} <= set(families)
    for row in found["variants"]:
        assert row["build"]["image_id"].startswith("sha256:")
        assert row["verify"]["verdict"] == "runs"
        assert row["sizes"]["files"] > 0
    assert found["variants"][2]["reduction"]["factor"] > 50
    assert {row["place"] for row in found["variants"][1:]} == {1, 2}
    (root / "main.go").write_text("package main\n\nfunc main() { undefined() }\n")
    child = await asyncio.create_subprocess_exec(
        *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    out, _ = await asyncio.wait_for(child.communicate(), PATIENCE)
    assert child.returncode == 1
    broken = json.loads(out)["variants"]
    assert all("undefined" in " ".join(row["build"]["error"]["log"]) for row in broken)
    assert all(row["error"] and row["sizes"] is None and row["verify"] is None for row in broken)
