from __future__ import annotations

import json
import subprocess
import sys

import pytest

from slimdesk.cli import main

HEAVY = (
    "PySide6",
    "docker",
    "matplotlib",
    "numpy",
    "pygments",
    "jinja2",
    "zstandard",
    "isal",
    "asyncio.base_events",
)


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "go.mod").write_text("module example.com/shop\n\ngo 1.24\n")
    (tmp_path / "main.go").write_text('package main\nfunc main() { http.ListenAndServe(":8080", nil) }\n')
    (tmp_path / "compose.yaml").write_text("services:\n  db:\n    image: postgres:17\n")
    return tmp_path


def test_json_has_every_key(shop, capsys):
    assert main(["detect", str(shop), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.isascii()
    data = json.loads(out)
    assert data["schema"] == 1
    (component,) = data["components"]
    assert {
        "name",
        "path",
        "profile",
        "version",
        "package_manager",
        "framework",
        "entrypoint",
        "port",
        "facts",
        "problems",
    } <= set(component)
    assert component["entrypoint"] == ["/shop"]
    assert component["package_manager"] is None
    assert {"key": "version", "value": "1.24", "evidence": {"path": "go.mod", "line": 3}} in component[
        "facts"
    ]
    assert set(data["services"][0]) == {"name", "kind", "image", "advice", "evidence"}
    assert data["problems"] == []


def test_a_folder_without_any_is_no_error(tmp_path, capsys):
    assert main(["detect", str(tmp_path), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["components"], data["services"]) == ([], [])
    assert data["problems"][0].keys() == {"message", "evidence"}


def test_words(shop, capsys):
    assert main(["detect", str(shop)]) == 0
    out = capsys.readouterr().out
    assert "  port         8080" in out
    assert "go.mod:3" in out
    assert "1 component and 1 service in 3 files" in out


def test_settings(shop, capsys):
    assert main(["detect", str(shop), "--set", "port=81", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["components"][0]["port"] == 81


@pytest.mark.parametrize("words", [["nowhere"], ["go.mod"], [".", "--set", "port"], [".", "--set", "port=x"]])
def test_bad_calls_say_one_sentence_and_end_with_2(shop, capsys, monkeypatch, words):
    monkeypatch.chdir(shop)
    assert main(["detect", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("slimdesk detect: ")
    assert err.count("\n") == 1


def test_hostile_names_reach_the_terminal_escaped(tmp_path, capsys):
    folder = tmp_path / "a\x1b[31m\nb"
    folder.mkdir()
    (folder / "go.mod").write_text("module x.y/z\n")
    (folder / "main.go").write_text("package main\nfunc main() {}\n")
    assert main(["detect", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "a\\x1b[31m\\x0ab" in out


def test_it_starts_light(shop):
    script = f"import sys; from slimdesk.cli import main; main(['detect', {str(shop)!r}]); print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
