"""What is found again after a restart, and what makes a result older."""

import os

import pytest

from slimdesk.workspace.fingerprint import Fingerprint, context_state, fingerprint
from slimdesk.workspace.session import (
    Choices,
    ComponentSession,
    Session,
    read_session,
    session_path,
    write_session,
)


def test_a_session_is_found_again_and_not_in_the_project(tmp_path):
    session = Session(
        "api",
        {
            "api": ComponentSession(
                ("slim", "distroless"),
                "distroless",
                Choices(debug=True, platform="linux/arm64", labels={"a": "b"}),
                {"slim/Dockerfile": "FROM scratch\n"},
            ),
            "web": ComponentSession(),
        },
    )
    write_session(tmp_path / "shop", session)
    assert read_session(tmp_path / "shop") == session
    assert not (tmp_path / "shop").exists()
    assert read_session(tmp_path / "blog") == Session()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"components": 3}',
        '{"components": {"api": 3}}',
        '{"components": {"api": {"ticks": 3}}}',
    ],
)
def test_a_damaged_session_is_an_empty_one(tmp_path, text):
    path = session_path(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert read_session(tmp_path) == Session()


def test_what_has_changed_is_said_in_words_and_in_order():
    old = fingerprint(dockerfile="FROM a", context="1", platform="linux/amd64")
    new = fingerprint(dockerfile="FROM b", context="2", platform="linux/amd64")
    assert old.changed(new) == ("the Dockerfile", "the project's files")
    assert old.changed(old) == ()


def test_what_one_side_does_not_know_is_not_compared():
    assert fingerprint(dockerfile="a", base="sha256:1").changed(fingerprint(dockerfile="a", base=None)) == ()


def test_a_table_counts_in_any_order_and_an_unknown_part_is_a_mistake():
    assert fingerprint(arguments={"a": "1", "b": "2"}) == fingerprint(arguments={"b": "2", "a": "1"})
    with pytest.raises(KeyError):
        fingerprint(weather="fine")


def test_two_different_tables_differ():
    assert fingerprint(arguments={"a": "1"}) != fingerprint(arguments={"a": "2"})
    assert fingerprint() == Fingerprint({})


def test_the_state_of_a_folder_follows_its_files(tmp_path):
    (tmp_path / "src").mkdir()
    file = tmp_path / "src" / "main.go"
    file.write_text("package main")
    before = context_state(tmp_path)
    assert context_state(tmp_path) == before
    os.utime(file, ns=(1, 1))
    touched = context_state(tmp_path)
    assert touched != before
    (tmp_path / "src" / "new.go").write_text("")
    assert context_state(tmp_path) != touched


def test_what_is_left_out_does_not_count(tmp_path):
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "app.js").write_text("1")

    def left_out(path):
        return path in ("node_modules/", "notes.txt")

    before = context_state(tmp_path, left_out)
    (tmp_path / "node_modules" / "x").write_text("1")
    (tmp_path / "notes.txt").write_text("1")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("1")
    assert context_state(tmp_path, left_out) == before


def test_a_folder_that_is_not_there_has_a_state_too(tmp_path):
    assert context_state(tmp_path / "nowhere") == context_state(tmp_path / "elsewhere")


def test_names_that_are_no_text_and_loops_of_links_do_no_harm(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff.txt", os.O_CREAT | os.O_WRONLY))
    assert context_state(tmp_path) == context_state(tmp_path)
