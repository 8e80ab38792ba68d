"""`slimdesk generate --check` and `--merge` against the contract: exit codes, JSON, words, and what is kept."""

import json

import pytest

from slimdesk import cli

MAIN = 'package main\nimport "net/http"\nfunc main() { http.ListenAndServe(":8080", nil) }\n'


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "größer shop"
    made.mkdir()
    (made / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
    (made / "main.go").write_text(MAIN)
    return made


@pytest.fixture
def ask(capsys, folder):
    def run(*words):
        capsys.readouterr()
        status = cli.main(["generate", str(folder), *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def saved(ask, folder):
    assert ask("--family", "distroless", "--output", folder / "Dockerfile")[0] == 0
    return folder / "Dockerfile"


def raise_go(folder):
    (folder / "go.mod").write_text("module example.com/shop\n\ngo 1.27\n")


def test_an_unchanged_project_is_exit_0(ask, saved):
    status, out, err = ask("--check")
    assert (status, err) == (0, "")
    assert out == f"{saved}: as generated\n"
    status, out, _ = ask("--check", "--json")
    found = json.loads(out)
    assert (status, found["state"], found["diff"], found["disagreements"]) == (0, "generated", "", [])
    assert list(found) == [
        "schema", "component", "family", "path", "state", "moved_on", "disagreements", "diff", "conflicts", "problem",
        "findings",
    ]  # fmt: skip


def test_lines_of_the_persons_alone_are_exit_0(ask, saved):
    saved.write_text(saved.read_text() + "# mine\n")
    assert ask("--check")[:2] == (0, f"{saved}: edited by you\n")


def test_another_version_is_exit_1_with_the_diff(ask, saved, folder):
    raise_go(folder)
    status, out, err = ask("--check", "--output", saved)
    assert status == 1
    assert "FROM golang:1.26-trixie AS build would be FROM golang:1.27-trixie AS build now" in out
    assert "\n-FROM golang:1.26-trixie AS build\n+FROM golang:1.27-trixie AS build\n" in out
    assert "--merge" in err
    status, out, _ = ask("--check", "--json")
    found = json.loads(out)
    assert (status, found["moved_on"]) == (1, True)
    assert found["disagreements"] == [
        {
            "what": "base",
            "was": "FROM golang:1.26-trixie AS build",
            "now": "FROM golang:1.27-trixie AS build",
            "line": 3,
        }
    ]
    assert "+FROM golang:1.27-trixie" in found["diff"]


def test_merge_writes_and_keeps_what_stood_there(ask, saved, folder):
    saved.write_text(saved.read_text().replace("WORKDIR /src\n", "WORKDIR /src\nENV A=1\n"))
    before = saved.read_text()
    raise_go(folder)
    status, out, _ = ask("--merge", "--json")
    assert (status, json.loads(out)["kept"]) == (0, f"{saved}.orig")
    assert saved.with_name("Dockerfile.orig").read_text() == before
    assert "ENV A=1\n" in saved.read_text()
    assert "golang:1.27" in saved.read_text()
    status, out, _ = ask("--merge")
    assert (status, "nothing to bring in" in out) == (0, True)
    assert not saved.with_name("Dockerfile.orig.1").exists()


def test_a_conflict_is_exit_1_and_its_line_is_told(ask, saved, folder):
    saved.write_text(saved.read_text().replace("golang:1.26-trixie", "golang:1.26-bookworm"))
    raise_go(folder)
    status, out, _ = ask("--merge")
    assert status == 1
    assert "  line 3: you and the project changed the same lines" in out
    assert "<<<<<<< yours\n" in saved.read_text()
    status, out, err = ask("--check")
    assert (status, out) == (2, "")
    assert "wait for your choice" in err


def test_a_family_that_can_no_longer_serve(ask, saved, folder):
    assert ask("--family", "scratch", "--output", saved, "--force")[0] == 0
    (folder / "c.go").write_text('package main\n\n// #include <stdio.h>\nimport "C"\n')
    status, out, _ = ask("--check", "--json")
    assert (status, bool(json.loads(out)["problem"])) == (1, True)
    assert ask("--check")[0] == 1
    status, out, err = ask("--merge")
    assert (status, out) == (2, "")
    assert "scratch" in err


def test_bad_calls_are_exit_2(ask, folder):
    status, out, err = ask("--check")
    assert (status, out) == (2, "")
    assert "no Dockerfile at" in err
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY a /\n")
    for words in (("--check",), ("--merge", "--family", "slim"), ("--check", "--component", "none")):
        status, out, err = ask(*words)
        assert (status, out) == (2, ""), words
        assert err.count("\n") == 1, err
    assert ask("--check", "--family", "slim")[0] == 1
    with pytest.raises(SystemExit):
        ask("--check", "--merge")


def test_hostile_letters_of_a_saved_file_reach_no_terminal(ask, saved, folder):
    saved.write_text(saved.read_text() + "# \x1b[31mred\x07\n")
    raise_go(folder)
    _, out, err = ask("--check")
    assert "\x1b" not in out + err
