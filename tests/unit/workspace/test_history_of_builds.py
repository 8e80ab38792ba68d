"""What the history keeps of builds and analyses: bounded, without secrets, sound after damage and from an older file."""

import datetime as dt
import sqlite3

import pytest
from window.packaged_image import read_packaged

from slimdesk.basics.errors import OutputError
from slimdesk.workspace import history as history_file
from slimdesk.workspace.history import History, Measured, about_image
from slimdesk.workspace.kept_builds import (
    BuildDetails,
    KeptPackage,
    details_of,
    unpacked,
    without_secrets,
)

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def build(at, family="slim", size=100):
    return Measured("/p", "api", family, NOON + dt.timedelta(minutes=at), f"sha256:{at}", {"files": size})


def test_details_come_back_as_they_were(tmp_path):
    history = History()
    details = details_of("FROM scratch\n", read_packaged(tmp_path))
    history.measured(build(1), details)
    (one,) = history.results("/p")
    assert history.details(one.number) == details
    assert KeptPackage("pypi", "flask", "3.1.0", 50_108) in details.packages


def test_headers_alone_know_no_packages(tmp_path):
    assert details_of("FROM scratch\n", read_packaged(tmp_path, fast=True)).packages is None
    assert unpacked(BuildDetails("x").pack()) == BuildDetails("x", None)


def test_what_was_not_kept_is_none():
    history = History()
    assert history.details(1) is None
    history.measured(build(1))
    assert history.details(history.results("/p")[0].number) is None
    assert history.details(None) is None


@pytest.mark.parametrize("data", [b"", b"x", b"\x78\x9c\x03", BuildDetails("x").pack()[:-6]])
def test_details_that_are_damaged_are_none(data):
    assert unpacked(data) is None


def test_the_oldest_builds_go(monkeypatch):
    monkeypatch.setattr(history_file, "_BUILDS", 5)
    monkeypatch.setattr(history_file, "_DETAILS", 2)
    history = History()
    for number in range(9):
        history.measured(build(number), BuildDetails(f"FROM x:{number}"))
    history.measured(build(0, "alpine"), BuildDetails("FROM alpine"))
    kept = [one for one in history.results("/p") if one.family == "slim"]
    assert [one.made.minute for one in kept] == [4, 5, 6, 7, 8]
    assert [history.details(one.number) is None for one in kept] == [True, True, True, False, False]
    assert [one.family for one in history.results("/p")].count("alpine") == 1


def test_all_together_is_bounded_too(monkeypatch):
    monkeypatch.setattr(history_file, "_ALL", 3)
    history = History()
    for number in range(6):
        history.measured(build(number, f"f{number}"), BuildDetails("x"))
        history.opened("image", f"a:{number}", {"files": 1})
    assert len(history.results("/p")) == 3
    with sqlite3.connect(history.path) as file:
        assert file.execute("SELECT count(*) FROM detail").fetchone() == (3,)
        assert file.execute("SELECT count(*) FROM analysis").fetchone() == (3,)
    file.close()


def test_an_image_is_noted_when_it_has_changed(tmp_path):
    history = History()
    about = about_image(read_packaged(tmp_path))
    for minute, files in ((0, about["files"]), (1, about["files"]), (2, about["files"] + 5)):
        history.opened("image", "shop:2", {**about, "files": files}, NOON + dt.timedelta(minutes=minute))
    found = history.analyses("shop:2")
    assert [one.sizes["files"] - about["files"] for one in found] == [0, 5]
    assert found[0].image_id == about["image_id"]
    assert history.analyses("other") == []
    history.opened("image", "never-read", {})
    assert history.analyses("never-read") == []


def test_a_file_of_the_first_version_is_taken_over():
    history = History()
    history.path.parent.mkdir(parents=True)
    with sqlite3.connect(history.path) as file:
        file.executescript(
            "CREATE TABLE recent (kind TEXT NOT NULL, place TEXT NOT NULL, opened TEXT NOT NULL, about TEXT NOT NULL, "
            "PRIMARY KEY (kind, place));"
            "CREATE TABLE result (number INTEGER PRIMARY KEY, project TEXT NOT NULL, component TEXT NOT NULL, family TEXT "
            "NOT NULL, made TEXT NOT NULL, image_id TEXT, sizes TEXT NOT NULL, verdict TEXT, seconds REAL, fingerprint TEXT "
            "NOT NULL);"
            "INSERT INTO result VALUES (7, '/p', 'api', 'slim', '2026-01-01T00:00:00+00:00', NULL, '{\"files\": 3}', NULL, 1, '{}');"
            "PRAGMA user_version = 1;"
        )
    file.close()
    history.measured(build(1), BuildDetails("FROM x"))
    assert [one.sizes["files"] for one in history.results("/p")] == [3, 100]
    assert history.details(7) is None


def test_damage_further_in_is_put_aside_and_told_once():
    history = History()
    for number in range(12):
        history.measured(build(number), BuildDetails("".join(f"FROM x:{one}\n" for one in range(4000))))
    whole = bytearray(history.path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    history.path.write_bytes(whole)
    with pytest.raises(OutputError, match=r"damaged; it is kept as history\.sqlite\.unreadable"):
        history.results("/p")
    assert history.path.with_name("history.sqlite.unreadable").read_bytes() == bytes(whole)
    assert history.results("/p") == []
    history.measured(build(1))
    assert len(history.results("/p")) == 1


def test_a_file_that_is_none_is_told():
    history = History()
    history.path.parent.mkdir(parents=True)
    history.path.write_bytes(b"not a database at all, but long enough to be looked at")
    history.opened("project", "/p")
    assert "was damaged" in history.take_problem()
    assert history.take_problem() == ""


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("ENV DB_PASSWORD=hunter2 PORT=80", "ENV DB_PASSWORD=(hidden) PORT=80"),
        ('ARG API_TOKEN="a b\\"c"', "ARG API_TOKEN=(hidden)"),
        ("ENV SECRET_KEY  very secret words", "ENV SECRET_KEY  (hidden)"),
        ("ENV PORT 8080", "ENV PORT 8080"),
        ("RUN pip install https://me:tok@host/x", "RUN pip install https://(hidden)@host/x"),
        ("RUN --mount=type=secret,id=npm true", "RUN --mount=type=secret,id=npm true"),
        ('LABEL title="a=b"', 'LABEL title="a=b"'),
    ],
)
def test_no_secret_is_kept_of_a_dockerfile(line, kept):
    assert without_secrets(f"FROM x\n{line}\n") == f"FROM x\n{kept}\n"
