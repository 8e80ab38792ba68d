"""`slimdesk leave-out`: the JSON, the words, what is written and kept, and promised against measured."""

import json

import pytest
from unit.operations.left_out import PACKAGE, read_image, write_project

from slimdesk.basics.errors import BadInput
from slimdesk.basics.finding import Finding
from slimdesk.cli import main
from slimdesk.operations.image_findings import finding_of
from slimdesk.workspace.promises import Promises


@pytest.fixture
def ask(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    (tmp_path / "project").mkdir()
    write_project(tmp_path / "project")
    read_image(tmp_path)

    def run(*words):
        try:
            status = main(
                ["leave-out", str(tmp_path / "project"), "--image", str(tmp_path / "image.tar"), *words]
            )
        except SystemExit as ended:
            status = ended.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_the_answer_has_every_key_and_nothing_is_written_unasked(ask, tmp_path):
    status, out, err = ask("--package", "moment", "--json")
    answer = json.loads(out)
    assert status == 0, err
    assert set(answer) == {
        "schema", "what", "brings", "gain", "changes", "reason", "cautions", "commands", "family", "written", "kept",
    }  # fmt: skip
    assert answer["brings"][0] == "package.json:6 → moment"
    assert [one["path"] for one in answer["changes"]] == [
        "package.json",
        "package-lock.json",
        ".dockerignore",
    ]
    assert '-    "moment": "2.30.1"\n' in answer["changes"][0]["diff"]
    assert answer["written"] is False
    assert (tmp_path / "project/package.json").read_text() == PACKAGE


def test_writing_keeps_what_was_there_and_remembers_the_promise(ask, tmp_path):
    status, out, _ = ask("--package", "moment", "--write", "--json")
    answer = json.loads(out)
    assert status == 0
    assert answer["written"] is True
    assert answer["kept"] == ["package.json.orig", "package-lock.json.orig"]
    (kept,) = Promises().all()
    assert (kept.what, kept.live) == ("moment 2.30.1", answer["gain"]["live"])
    assert kept.project == str(tmp_path / "project")


def test_a_question_without_a_part_tells_promised_and_measured(ask):
    assert json.loads(ask("--json")[1])["promised"] is None
    assert "Nothing was left out" in ask()[1]


def test_the_base_is_a_no_and_says_why(ask):
    status, out, _ = ask("--path", "/usr/bin/node")
    assert status == 1
    assert "Only another base image is without it" in out


@pytest.mark.parametrize(
    "words", [("--path", "/nope"), ("--package", "nope"), ("--path", "/app", "--package", "qs"), ("/app",)]
)
def test_a_bad_call_is_one_sentence_and_no_answer(ask, words):
    status, out, err = ask(*words)
    assert status == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1


def test_a_dockerfile_that_no_label_confirms_is_said_to_be_assumed(ask):
    _, out, _ = ask("--package", "moment", "--json")
    assert "is assumed" in json.loads(out)["cautions"][0]


def test_all_of_an_image_cannot_be_left_out(ask):
    status, out, err = ask("--path", "/")
    assert (status, out) == (2, "")
    assert "All of the image" in err


@pytest.mark.parametrize("word", ["shell", "shell:/bin/sh", "shell:/bin"])
def test_a_finding_is_named_by_its_rule_and_place(ask, word):
    status, out, _ = ask("--finding", word, "--json")
    assert status == 1
    assert json.loads(out)["brings"] == ["The base image node:24-slim brings it"]


@pytest.mark.parametrize(
    ("word", "why"),
    [("nope", "Name one of shell"), ("shell:/nope", "Name one of shell:/bin/sh"), ("", "--finding")],
)
def test_a_finding_that_is_not_there_is_refused_with_those_that_are(ask, word, why):
    status, out, err = ask("--finding", word)
    assert (status, out) == (2, "")
    assert why in err


def test_of_several_findings_the_place_says_which_is_meant():
    found = [Finding("secret", "error", "one", "/a/.env"), Finding("secret", "error", "two", "/b/.env")]
    assert finding_of(found, "secret:/b/.env").message == "two"
    with pytest.raises(BadInput, match=r"2 findings fit secret"):
        finding_of(found, "secret")
