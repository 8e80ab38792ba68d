"""`slimdesk families`: the advice, what breaks, wishes, and the families side by side."""

import json

import pytest

from slimdesk.catalog import catalog as catalog_module
from slimdesk.catalog.model import FAMILIES
from slimdesk.cli import main
from tests.unit.recipes.calls_table import PYTHON, compose


@pytest.fixture(autouse=True)
def nothing_of_the_developer(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog_module, "own_catalog_folder", lambda: tmp_path / "own-catalogue")
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))


@pytest.fixture
def ask(capsys):
    def run(*words):
        try:
            status = main([str(word) for word in words])
        except SystemExit as ended:
            status = ended.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "shop"
    root.mkdir()
    files = PYTHON | compose("healthcheck:", '  test: ["CMD", "curl", "-f", "http://localhost:8000/"]')
    for name, text in files.items():
        (root / name).write_text(text)
    return root


def test_breaks_reasons_and_better_are_in_the_json(ask, project):
    status, out, _ = ask("families", project, "--json")
    answer = json.loads(out)
    assert status == 0
    rows = {row["family"]: row for row in answer["families"]}
    (one,) = rows["distroless"]["breaks"]
    assert (one["answer"], one["program"], one["evidence"]) == (
        "replace",
        "curl",
        {"path": "compose.yaml", "line": 5},
    )
    assert "/usr/bin/python3.13" in one["replacement"]
    assert rows["full"]["breaks"] == []
    assert answer["better"] == []
    assert all(reason["message"] for reason in answer["reasons"])


def test_a_wish_moves_the_recommendation(ask, project):
    _, out, _ = ask("families", project, "--prefer", "debuggable", "--json")
    assert [row["family"] for row in json.loads(out)["families"] if row["recommended"]] == ["slim"]
    status, out, _ = ask("families", project, "--prefer", "debuggable")
    assert status == 0
    assert "* slim" in out
    assert "Why slim" in out
    assert "Instead: test:" in out


def test_the_comparison_needs_no_project(ask):
    status, out, err = ask("families", "--compare", "--json")
    answer = json.loads(out)
    assert (status, err, answer["component"]) == (0, "", None)
    assert [row["family"] for row in answer["rows"]] == list(FAMILIES)
    keys = {column["key"] for column in answer["columns"]}
    assert all(set(row["cells"]) == keys for row in answer["rows"])
    status, out, _ = ask("families", "--compare")
    assert "Debugging" in out
    assert "distroless" in out


def test_the_comparison_of_a_project_names_what_cannot_serve_it(ask, project):
    status, out, _ = ask("families", project, "--compare")
    assert status == 0
    assert "scratch" in out
    assert "(cannot serve this component)" in out


def test_without_a_folder_only_the_comparison_works(ask):
    status, out, err = ask("families")
    assert (status, out) == (2, "")
    assert "--compare" in err


def test_generate_takes_the_family_that_families_recommends(ask, project):
    (project / "Makefile").write_text("x:\n\tdocker compose exec app busybox-extras telnetd\n")
    _, out, _ = ask("families", project, "--json")
    (best,) = [row["family"] for row in json.loads(out)["families"] if row["recommended"]]
    _, out, _ = ask("generate", project, "--family", "recommended", "--json")
    assert json.loads(out)["family"] == best
