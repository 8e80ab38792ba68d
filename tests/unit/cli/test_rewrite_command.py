"""`slimdesk rewrite`: the text, the JSON's keys, what it writes, and when it says no."""

import json

import pytest

from slimdesk.cli import main
from slimdesk.dockerfile.parse import parse

SINGLE = 'FROM golang:1.27\nWORKDIR /src\nCOPY . .\nRUN go build -o app\nEXPOSE 8080\nCMD ["./app"]\n'


@pytest.fixture
def project(tmp_path):
    (tmp_path / "go.mod").write_text("module example.com/app\n\ngo 1.26\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {\n}\n")
    (tmp_path / "Dockerfile").write_text(SINGLE)
    return tmp_path


def answer(capsys, *words):
    status = main(["rewrite", *map(str, words)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_text_alone_is_on_standard_output(project, capsys):
    status, out, err = answer(capsys, project / "Dockerfile", project)
    assert status == 0
    assert len(parse(out).stages) == 2
    assert "changed: line 1: FROM golang:1.27" in err


def test_a_family_and_the_difference(project, capsys):
    status, out, _ = answer(capsys, project / "Dockerfile", project, "--family", "scratch", "--diff")
    assert status == 0
    assert out.startswith("--- Dockerfile\n")
    assert "+FROM scratch AS final\n" in out


def test_json_has_every_key(project, capsys):
    status, out, err = answer(capsys, project / "Dockerfile", project, "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert set(found) == {
        "schema", "component", "profile", "family", "guessed", "reason", "dockerfile", "dockerignore", "diff", "notes", "mended",
        "mended_diff", "fixes", "findings_before", "findings_after",
    }  # fmt: skip
    assert (found["profile"], found["family"], found["guessed"], found["reason"]) == (
        "go",
        "distroless",
        False,
        None,
    )
    assert all(set(note) == {"kind", "what", "reason", "line"} for note in found["notes"])
    assert len(found["findings_after"]) < len(found["findings_before"])


def test_without_a_folder_the_project_is_guessed(project, capsys):
    status, out, err = answer(capsys, project / "Dockerfile")
    assert status == 0
    assert "guessed" in err
    assert len(parse(out).stages) == 2


def test_mending_keeps_the_files_own_build(project, capsys):
    status, out, _ = answer(capsys, project / "Dockerfile", "--mend")
    assert status == 0
    assert len(parse(out).stages) == 1
    assert "USER 65532:65532" in out


def test_what_no_recipe_serves_is_mended_and_no(tmp_path, capsys):
    file = tmp_path / "Dockerfile"
    file.write_text("FROM alpine:3.24\nMAINTAINER me\nRUN echo x\n")
    status, out, err = answer(capsys, file)
    assert status == 1
    assert "LABEL" in out
    assert "Not rewritten" in err


def test_a_file_that_exists_is_kept(project, capsys):
    place = project / "Dockerfile"
    status, out, err = answer(capsys, place, project, "--output", place)
    assert (status, out) == (2, "")
    assert "exists" in err
    assert place.read_text() == SINGLE
    status, out, _ = answer(capsys, place, project, "--output", place, "--force")
    assert (status, out) == (0, "")
    assert (project / "Dockerfile.orig").read_text() == SINGLE
    assert len(parse(place.read_text()).stages) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FRM x\n", "unknown instruction FRM"),
        ("", "no instructions"),
        ("FROM x\nCOPY a\n", "a source and a destination"),
    ],
)
def test_what_buildkit_refuses_is_one_sentence_with_its_line(tmp_path, capsys, text, why):
    file = tmp_path / "Dockerfile"
    file.write_text(text)
    status, out, err = answer(capsys, file)
    assert (status, out) == (2, "")
    assert why in err
    assert err.count("\n") == 1
    assert f"{file}:" in err


def test_a_family_that_cannot_serve_is_refused(project, capsys):
    status, out, err = answer(capsys, project / "Dockerfile", project, "--family", "chiselled")
    assert (status, out) == (2, "")
    assert "chiselled cannot serve" in err


def test_files_that_are_not_there(tmp_path, capsys):
    status, out, err = answer(capsys, tmp_path / "none", "--json")
    assert (status, out) == (2, "")
    assert "cannot be read" in err
