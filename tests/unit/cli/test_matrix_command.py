"""`slimdesk matrix` against the contract, with an engine that only answers."""

import contextlib
from dataclasses import replace

import pytest
from unit.cli.contract import SAMPLE, ask
from unit.operations.variant_desk import OWN, RUNS, Engine, shop

from slimdesk.operations.matrix import matrix_path, newest_matrix
from slimdesk.verify.diagnose import Diagnosis


@pytest.fixture
def engine(tmp_path, monkeypatch):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    made = Engine(tmp_path, monkeypatch)

    @contextlib.asynccontextmanager
    async def connected():
        yield made

    monkeypatch.setattr("slimdesk.operations.connect.connected", connected)
    return made


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing here.sock")


def test_a_matrix_keeps_the_contract_and_is_kept(capfd, tmp_path, engine):
    engine.sizes = {"baseline": 90_000_000, "slim": 20_000_000}
    root = shop(tmp_path)
    found = ask(capfd, "matrix", root, "--families", "slim,distroless", "--jobs", "1", "--json")
    assert found.status == 0
    assert [row["family"] for row in found.json["variants"]] == ["baseline", "slim", "distroless"]
    first = found.json["variants"][1]
    assert first["reduction"]["factor"] == pytest.approx(90_400_000 / 20_400_000, abs=1e-3)
    assert found.json["variants"][0]["reduction"] is None
    assert [row["place"] for row in found.json["variants"]] == [None, 2, 1]
    assert newest_matrix(root.resolve()).component == "shop"


def test_a_failed_build_or_check_is_exit_1_and_told(capfd, tmp_path, engine):
    engine.broken = {"slim"}
    engine.verdicts = {
        "scratch": RUNS.__class__("fails", "It ends:\x1b[31m there is no /tmp.", "service", 8080)
    }
    found = ask(capfd, "matrix", shop(tmp_path), "--families", "slim,scratch")
    assert found.status == 1
    assert "RUN go build: exit code: 1" in found.out
    assert "there is no /tmp" in found.out
    assert "chiselled    not available: " in found.out
    assert "Ranked by size 3, attack-surface 2, compatibility 1" in found.out


def test_what_cannot_be_kept_is_told_and_the_answer_still_given(capfd, tmp_path, engine):
    root = shop(tmp_path)
    path = matrix_path(root.resolve())
    path.parent.parent.mkdir(parents=True)
    path.parent.write_text("a file where the folder would be")
    found = ask(capfd, "matrix", root, "--families", "scratch", "--no-verify", "--json")
    assert found.status == 0
    assert found.json["variants"][1]["verify"] is None
    assert "was not kept" in found.err


@pytest.mark.parametrize(
    "words",
    [
        [],
        [SAMPLE],
        ["/nowhere"],
        [SAMPLE, "--component", "api", "--families", "slim,none"],
        [SAMPLE, "--component", "api", "--families", ","],
        [SAMPLE, "--component", "api", "--families", "chiselled"],
        [SAMPLE, "--component", "api", "--jobs", "0"],
        [SAMPLE, "--component", "api", "--jobs", "many"],
        [SAMPLE, "--component", "api", "--env", "=x"],
        [SAMPLE, "--component", "api", "--families", "slim"],
    ],
)
def test_a_bad_call_or_no_engine_is_exit_2(capfd, nowhere, words):
    assert ask(capfd, "matrix", *words, "--json").status == 2


NO_ZONES = Diagnosis(
    "no-time-zones", "The time zone Europe/Vienna is not in the image.", True, "Europe/Vienna"
)
FAILS = replace(RUNS, verdict="fails", reason=NO_ZONES.message, user="65532:65532", fault=NO_ZONES)


def mending(engine, monkeypatch, helps):
    """Let scratch fail for want of time zones, until its Dockerfile has them, if that `helps`."""

    async def verify(_engine, name, _profile, **_):
        mended = "ZONEINFO" in engine.sources[name.rpartition(":")[2]].text
        return FAILS if name.endswith(":scratch") and not (helps and mended) else RUNS

    async def tag(*_):
        return None

    engine.tag = tag
    monkeypatch.setattr("slimdesk.operations.verify.verify_image", verify)


def test_a_known_cause_comes_with_what_mends_it(capfd, tmp_path, engine, monkeypatch):
    mending(engine, monkeypatch, helps=True)
    root = shop(tmp_path)
    found = ask(capfd, "matrix", root, "--families", "slim,scratch", "--json")
    assert found.status == 1
    _, slim, scratch = found.json["variants"]
    assert slim["verify"]["fix"] is None
    fix = scratch["verify"]["fix"]
    assert (fix["kind"], fix["subject"], fix["bytes"], fix["helped"]) == (
        "no-time-zones",
        "Europe/Vienna",
        None,
        None,
    )
    assert fix["lines"][-1] == 'ENV ZONEINFO="/usr/share/zoneinfo.zip"'
    assert (scratch["fixes"], scratch["dockerfile"]) == ([], None)
    told = ask(capfd, "matrix", root, "--families", "scratch")
    assert "Known fix: Add the time zones." in told.out
    assert 'ENV ZONEINFO="/usr/share/zoneinfo.zip"' in told.out


def test_fix_mends_it_once_builds_it_and_says_the_bytes(capfd, tmp_path, engine, monkeypatch):
    mending(engine, monkeypatch, helps=True)
    root = shop(tmp_path)
    found = ask(capfd, "matrix", root, "--families", "slim,scratch", "--fix", "--json")
    assert found.status == 0
    _, slim, scratch = found.json["variants"]
    assert (slim["fixes"], slim["dockerfile"]) == ([], None)
    assert scratch["verify"]["verdict"] == "runs"
    (fix,) = scratch["fixes"]
    assert (fix["helped"], fix["bytes"]) == (True, 0)
    assert scratch["verify"]["fix"] == fix
    assert "ENV ZONEINFO=" in scratch["dockerfile"]
    assert engine.built.count("scratch") == 2
    assert engine.built.count("slim") == 1
    assert newest_matrix(root.resolve()).row("scratch").repairs[0].lines == tuple(fix["lines"])
    told = ask(capfd, "matrix", root, "--families", "scratch", "--fix")
    assert "Fixed: Add the time zones, +0\u2009B live." in told.out


def test_what_does_not_help_is_tried_once_and_taken_back(capfd, tmp_path, engine, monkeypatch):
    mending(engine, monkeypatch, helps=False)
    root = shop(tmp_path)
    found = ask(capfd, "matrix", root, "--families", "scratch", "--fix", "--json")
    assert found.status == 1
    scratch = found.json["variants"][1]
    assert engine.built.count("scratch") == 2
    assert [fix["helped"] for fix in scratch["fixes"]] == [False]
    assert scratch["verify"]["fix"] is None
    assert scratch["dockerfile"] is None
    assert "Tried without success" in ask(capfd, "matrix", root, "--families", "scratch", "--fix").out


def test_without_a_measured_reference_there_is_no_factor_and_the_baseline_may_take_its_place(
    capfd, tmp_path, engine
):
    engine.broken = {"yours"}
    root = shop(tmp_path, dockerfile=OWN)
    told = ask(capfd, "matrix", root, "--families", "slim")
    assert "yours was not measured, so there is no factor. --reference baseline" in told.out
    found = ask(capfd, "matrix", root, "--families", "slim", "--reference", "baseline", "--json")
    assert found.status == 0
    assert (found.json["reference"], found.json["variants"][0]["family"]) == ("baseline", "baseline")
    assert found.json["variants"][1]["reduction"]["factor"] > 0


def test_services_of_a_compose_file_stand_beside_each_image(capfd, tmp_path, engine, monkeypatch):
    seen = []

    async def verify(_engine, name, profile, *, beside=(), **_):
        seen.append((name.rpartition(":")[2], [one.name for one in beside], profile.environment))
        return RUNS

    monkeypatch.setattr("slimdesk.operations.verify.verify_image", verify)
    root = shop(tmp_path)
    compose = root / "compose.yaml"
    compose.write_text(
        "services: {web: {build: ., environment: {CACHE: 'cache:6379'}}, cache: {image: redis}}"
    )
    words = ["matrix", root, "--families", "slim", "--compose", compose, "--env", "MODE=x", "--json"]
    assert ask(capfd, *words).status == 0
    assert {title for title, *_ in seen} == {"baseline", "slim"}
    assert all(names == ["cache"] for _, names, _ in seen)
    assert all(given == {"CACHE": "cache:6379", "MODE": "x"} for *_, given in seen)
    assert ask(capfd, "matrix", root, "--compose", tmp_path / "none.yaml").status == 2
