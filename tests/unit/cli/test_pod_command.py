"""`slimdesk pod` in words and as JSON, with a run that no engine made."""

import contextlib
import io
import json

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.cli import main
from slimdesk.cli.pod import MAX_FILE, read_text
from slimdesk.debug.causes import Cause
from slimdesk.debug.pod_plan import RANDOM_USER, plan_pod
from slimdesk.operations import connect, run_pod
from slimdesk.operations.run_pod import PodRun
from slimdesk.verify.model import Check

POD = """
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: web, image: "shop/web:1", env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: keys, key: token}}}]}
"""


@pytest.fixture
def asked(monkeypatch):
    """What the operation was asked; it answers as `verdict` says."""
    seen = {"verdict": "runs"}

    @contextlib.asynccontextmanager
    async def connected():
        yield None

    async def answer(_engine, manifest, pod, container, choices, *, reporter, bound):
        seen.update(choices=choices, bound=bound, reporter=reporter)
        plan = plan_pod(manifest, pod, container, {"User": "65532:65532", "Cmd": ["web"]}, choices)
        cause = (
            None
            if seen["verdict"] == "runs"
            else Cause("read-only", "It writes to /tmp.", "Mount an emptyDir at /tmp.")
        )
        checks = (Check("start", True, 0.1, "The engine started it."),)
        reason = "Pod/web runs here." if cause is None else str(cause)
        return PodRun(
            seen["verdict"],
            reason,
            plan,
            cause,
            checks,
            None if cause is None else 1,
            seconds=3.14159,
            log=("\x1b[31mred",),
        )

    monkeypatch.setattr(connect, "connected", connected)
    monkeypatch.setattr(run_pod, "run_pod", answer)
    return seen


def _file(tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(POD)
    return str(file)


def test_a_pod_that_runs_as_json(tmp_path, asked, capsys):
    assert main(["pod", _file(tmp_path), "--json", "--env", "TOKEN=t", "--random-uid", "--timeout", "5"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {
        "schema", "verdict", "reason", "pod", "image", "user", "cause", "exit_code", "oom", "seconds", "checks", "not_reproduced", "notes",
        "commands", "log",
    }  # fmt: skip
    assert (found["verdict"], found["cause"], found["user"]) == ("runs", None, f"{RANDOM_USER}:0")
    assert found["commands"]["docker"].startswith("docker run --rm -it --env TOKEN=t ")
    assert found["commands"]["kubectl"].startswith("printf %s ")
    assert (asked["choices"].environment, asked["bound"]) == ({"TOKEN": "t"}, 5.0)


def test_a_pod_that_fails_in_words(tmp_path, asked, capsys):
    asked["verdict"] = "fails"
    assert main(["pod", _file(tmp_path), "--image", "docker://mine:2"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("fails: It writes to /tmp.\n  Mount an emptyDir at /tmp.\n")
    assert "mine:2 as user 65532:65532" in said
    assert "TOKEN (line 6): the key token of Secret keys" in said
    assert asked["choices"].image == "mine:2"


def test_standard_input_that_is_too_large_is_called_by_its_name(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b" " * (MAX_FILE + 1))))
    with pytest.raises(BadInput, match="Standard input is too large"):
        read_text("-", "a manifest")
