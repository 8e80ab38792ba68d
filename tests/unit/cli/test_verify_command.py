import argparse
import json

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.cli import main, verify
from slimdesk.operations.catalog import catalog_for
from slimdesk.recipes.fixes import general_mend
from slimdesk.verify.diagnose import Diagnosis
from slimdesk.verify.model import Check, Verification

RUNS = Verification(
    "runs", "It answers.", "service", 8080, 200, None, 0.1234567, 1.5, "65532", False, (Check("start", True, 0.1, "ok"),),
    ("a", "b"),
)  # fmt: skip


def parsed(*words):
    parser = argparse.ArgumentParser()
    verify.add_arguments(parser)
    args = parser.parse_args(["img", *words])
    args.arguments = ["-x"]
    return args


def test_the_profile_of_a_full_call(tmp_path, monkeypatch):
    monkeypatch.setenv("FROM_HERE", "yes")
    file = tmp_path / "env"
    file.write_text("# comment\n\nA=1\nB=two words\nFROM_HERE\nNOT_THERE\n", encoding="utf-8")
    profile = verify.profile_of(
        parsed(
            "--port",
            "80",
            "--http",
            "/h",
            "--status",
            "204",
            "--env-file",
            str(file),
            "--env",
            "A=2",
            "--read-only",
        )
    )
    assert profile.environment == {"A": "2", "B": "two words", "FROM_HERE": "yes"}
    assert (profile.port, profile.http, profile.status, profile.read_only) == (80, "/h", 204, True)
    assert profile.command == ("-x",)
    assert profile.timeout == 30.0


@pytest.mark.parametrize(
    "words",
    [
        ("--port", "0"),
        ("--port", "70000"),
        ("--http", "healthz"),
        ("--http", "/a b"),
        ("--timeout", "0"),
        ("--status", "99"),
        ("--env", "1A=x"),
        ("--env", "=secret"),
        ("--env-file", "/nowhere/at/all"),
    ],
)
def test_bad_calls_are_refused_in_a_sentence(words):
    with pytest.raises(BadInput) as caught:
        verify.profile_of(parsed(*words))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("verdict", "code"), [("runs", 0), ("fails", 1), ("not-proven", 1)])
def test_exit_code_and_json(monkeypatch, capsys, verdict, code):
    seen = []

    async def played(args, profile, beside):
        seen.append((args.image, profile.command))
        return Verification(
            **{**{name: getattr(RUNS, name) for name in RUNS.__slots__}, "verdict": verdict}
        ), None

    monkeypatch.setattr(verify, "_verify", played)
    assert main(["verify", "img", "--json", "--", "serve", "--port", "1"]) == code
    found = json.loads(capsys.readouterr().out)
    assert seen == [("img", ("serve", "--port", "1"))]
    assert set(found) == {
        "schema", "verdict", "reason", "kind", "port", "http_status", "exit_code", "first_answer", "seconds", "user",
        "emulated", "checks", "log", "fix",
    }  # fmt: skip
    assert found["first_answer"] == 0.123
    assert found["checks"] == [{"name": "start", "passed": True, "seconds": 0.1, "message": "ok"}]


def test_words(monkeypatch, capsys):
    async def played(args, profile, beside):
        return RUNS, None

    monkeypatch.setattr(verify, "_verify", played)
    assert main(["verify", "img"]) == 0
    assert "runs: It answers." in capsys.readouterr().out


FAILS = Verification(
    "fails", "There is no /tmp in the image.", "service", user="65532", fault=Diagnosis("no-tmp", "There is no /tmp.", True)
)  # fmt: skip


def test_a_known_cause_comes_with_its_fix(monkeypatch, capsys):
    async def played(args, profile, beside):
        return FAILS, general_mend(("no-tmp", ""), catalog_for(None), user="65532")

    monkeypatch.setattr(verify, "_verify", played)
    assert main(["verify", "img", "--json"]) == 1
    fix = json.loads(capsys.readouterr().out)["fix"]
    assert fix["kind"] == "no-tmp"
    assert fix["lines"] == [
        "COPY --from=gcr.io/distroless/static-debian13:nonroot --chown=65532:65532 /home/nonroot /tmp"
    ]
    assert main(["verify", "img"]) == 1
    said = capsys.readouterr().out
    assert fix["lines"][0] in said
    assert fix["reason"] in said


def test_an_unreachable_engine_is_exit_2(monkeypatch, capsys):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert main(["verify", "img", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
