"""build, verify, engine and clean against the contract, as far as no engine is needed."""

import pytest
from unit.cli.contract import SAMPLE, ask, closed_to_us

HERE = [SAMPLE, "--component", "api"]


@pytest.fixture(autouse=True)
def no_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing here.sock")
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))


@pytest.mark.parametrize(
    "host", ["unix:///nowhere/d.sock", "tcp://127.0.0.1:1", "foo://x", "unix://", "x\x1b[31m", "ssh://"]
)
def test_an_engine_that_is_not_there(capfd, monkeypatch, host):
    monkeypatch.setenv("DOCKER_HOST", host)
    found = ask(capfd, "engine", "--json")
    assert found.status == 1
    assert found.json["reachable"] is False
    assert found.json["reason"]
    assert all(found.json[key] is None for key in ("version", "api_version", "store", "platform", "builder"))
    ask(capfd, "engine")
    for words in (
        ["build", *HERE, "--family", "slim"],
        ["generate", *HERE, "--family", "slim", "--pin"],
        ["verify", "img"],
        ["analyze", "img"],
        ["analyze", "docker://img"],
        ["clean"],
        ["clean", SAMPLE, "--dry-run"],
    ):
        answer = ask(capfd, *words, "--json")
        assert answer.status == 2, words
        assert "has no image" not in answer.err


def test_a_context_that_is_not_there(capfd, monkeypatch):
    assert ask(capfd, "engine", "--context", "nowhere", "--json").json["reachable"] is False
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere\x1b[31m")
    assert ask(capfd, "engine", "--json").status == 1
    assert ask(capfd, "clean", "--json").status == 2


@pytest.mark.parametrize("text", ["{", "[]", '{"currentContext": 5}', '{"currentContext": "gone"}', "\0"])
def test_a_client_configuration_that_is_damaged(capfd, monkeypatch, tmp_path, text):
    monkeypatch.delenv("DOCKER_HOST")
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/config.json").write_text(text)
    assert ask(capfd, "engine", "--json").status in (0, 1)
    assert ask(capfd, "verify", "no/such/image:1", "--json").status == 2


@pytest.mark.parametrize(
    "words",
    [
        ["build"],
        ["build", ""],
        ["build", "/nowhere", "--family", "slim"],
        ["build", SAMPLE, "--family", "slim"],
        ["build", *HERE],
        ["build", *HERE, "--family", "chiselled"],
        ["build", *HERE, "--family", "slim", "--tag", "A B"],
        ["build", *HERE, "--family", "slim", "--tag", ""],
        ["build", *HERE, "--family", "slim", "--platform", "amd64"],
        ["build", *HERE, "--family", "slim", "--platform", "linux/"],
        ["build", *HERE, "--dockerfile", ""],
        ["build", *HERE, "--dockerfile", "nowhere\x1b[31m"],
        ["build", *HERE, "--dockerfile", SAMPLE],
        ["build", *HERE, "--dockerfile", SAMPLE / "compose.yaml"],
        ["build", *HERE, "--family", "slim", "--label", "="],
        ["verify"],
        ["verify", ""],
        ["verify", "img", "--port", "http"],
        ["verify", "img", "--port", "65536"],
        ["verify", "img", "--http", "health"],
        ["verify", "img", "--status", "20"],
        ["verify", "img", "--timeout", "nan"],
        ["verify", "img", "--timeout", "inf"],
        ["verify", "img", "--timeout", "-1"],
        ["verify", "img", "--exit", "x"],
        ["verify", "img", "--env", "=x"],
        ["verify", "img", "--env-file", "/nowhere"],
        ["verify", "img", "--env-file", SAMPLE],
        ["verify", "img", "--compose", "/nowhere"],
        ["verify", "img", "--compose", SAMPLE],
        ["verify", "img", "--compose", SAMPLE / "README.md"],
        ["verify", "img", "--control", ""],
        ["verify", "img", "--platform", "arm"],
        ["verify", "img", "other"],
        ["engine", "here"],
        ["clean", ""],
        ["clean", "/nowhere"],
        ["clean", SAMPLE, "here"],
    ],
)
def test_bad_calls_are_one_sentence(capfd, words):
    answer = ask(capfd, *words, "--json")
    assert answer.status == 2
    # Refused for what it is: the missing engine is not what is wrong.
    assert "The engine" not in answer.err


def test_what_does_nothing_for_a_dockerfile_of_the_projects_own_is_said(capfd, tmp_path):
    (tmp_path / "go.mod").write_text("module example.com/shop\n\ngo 1.24\n")
    (tmp_path / "main.go").write_text("package main\nfunc main() {}\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY main.go /\n")
    from slimdesk.cli import main

    words = ["build", str(tmp_path), "--dockerfile", "Dockerfile", "--debug", "--label", "a=b", "--json"]
    assert main(words) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "--debug, --label change nothing" in shown.err


def test_closed_files(capfd):
    with closed_to_us() as (folder, nobody):
        (folder / "go.mod").write_text("module example.com/shop\n\ngo 1.24\n")
        (folder / "main.go").write_text("package main\nfunc main() {}\n")
        shut = folder / "shut"
        shut.mkdir()
        (shut / "file").write_text("A=1\n")
        calls = (
            ["verify", "img", "--env-file", shut / "file"],
            ["verify", "img", "--compose", shut / "file"],
            ["build", folder, "--dockerfile", shut / "file"],
            ["build", folder, "--dockerfile", "shut/file"],
        )
        for words in calls:
            ask(capfd, *words)
        shut.chmod(0)
        with nobody():
            answers = [ask(capfd, *words) for words in calls]
    assert [answer.status for answer in answers] == [2] * 4
    assert ["ermission" in answer.err or "is not a file" in answer.err for answer in answers] == [True] * 4
