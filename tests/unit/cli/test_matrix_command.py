"""`slimdesk matrix` against the contract, with an engine that only answers."""

import contextlib

import pytest
from unit.cli.contract import SAMPLE, ask
from unit.operations.variant_desk import RUNS, Engine, shop

from slimdesk.operations.matrix import matrix_path, newest_matrix


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
