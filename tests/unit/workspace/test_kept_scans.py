"""Scans that outlive the program: found by their layers alone, aged out, and never another image's."""

import datetime as dt
import sqlite3
from dataclasses import replace

import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.basics import clock
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted, read_path
from slimdesk.scan.coverage import Coverage
from slimdesk.scan.model import NotScanned, Scan, Vulnerability
from slimdesk.scan.scanned import Scanned
from slimdesk.workspace.history import History
from slimdesk.workspace.kept_scans import MOST, OLDEST
from slimdesk.workspace.workspace import Workspace

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
FAULT = Vulnerability(
    "CVE-2026-1",
    "high",
    "libssl3",
    "3.5.1-1",
    "deb",
    "3.5.2-1",
    "/x\udcff",
    "sha256:" + "a" * 64,
    "t",
    "https://x.org/",
    3,
)


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)


def image(folder, name="app:1", size=10, fast=False):
    path = folder / f"{name.replace(':', '-')}.tar"
    path.write_bytes(old_save([Picture([layer([("x", size)])], name)]))
    return read_path(path, Wanted(fast=fast))


def answer(scanner="trivy", faults=(FAULT,), made=NOON, name="app:1"):
    return Scanned("x", name, Scan(scanner, "0.70", faults, "2026-11-19"), Coverage(100, 40, 3, 2), made)


def test_the_same_layers_have_the_same_answer_whatever_they_are_called(tmp_path):
    history = History()
    assert history.scans.of(image(tmp_path)) is None
    assert not history.path.exists()
    assert history.scans.keep(image(tmp_path), answer())
    found = history.scans.of(image(tmp_path, "other:2"))
    assert found.scan.vulnerabilities == (FAULT,)
    assert (found.scan.scanner, found.scan.version, found.scan.database) == ("trivy", "0.70", "2026-11-19")
    assert found.coverage == Coverage(100, 40, 3, 2)
    assert (found.made, found.name) == (NOON, "other:2")
    assert history.scans.of(image(tmp_path, size=11)) is None


def test_an_empty_answer_is_one_and_a_refusal_is_none(tmp_path):
    history, one = History(), image(tmp_path)
    assert not history.scans.keep(one, Scanned("x", "x", NotScanned("trivy", "no database")))
    assert history.scans.of(one) is None
    assert history.scans.keep(one, answer(faults=()))
    assert history.scans.of(one).scan.vulnerabilities == ()


def test_headers_alone_take_no_answer_and_give_none(tmp_path):
    history = History()
    history.scans.keep(image(tmp_path), answer())
    fast = image(tmp_path, fast=True)
    assert [one.diff_id for one in fast.layers] == [one.diff_id for one in image(tmp_path).layers]
    assert history.scans.of(fast) is None
    assert not history.scans.keep(fast, answer())


def test_the_newest_answer_or_that_of_one_scanner(tmp_path):
    history, one = History(), image(tmp_path)
    history.scans.keep(one, answer(made=NOON - dt.timedelta(days=2)))
    history.scans.keep(one, answer("grype", (), made=NOON - dt.timedelta(days=1)))
    assert history.scans.of(one).scan.scanner == "grype"
    assert history.scans.of(one, "trivy").made == NOON - dt.timedelta(days=2)
    assert history.scans.of(one, "docker scout") is None


def test_old_answers_go_and_so_do_too_many(tmp_path, monkeypatch):
    history, one = History(), image(tmp_path)
    history.scans.keep(one, answer(made=NOON - OLDEST - dt.timedelta(seconds=1)))
    assert history.scans.of(one) is None
    monkeypatch.setattr("slimdesk.workspace.kept_scans.MOST", 3)
    for number in range(5):
        history.scans.keep(
            image(tmp_path, size=20 + number), answer(made=NOON + dt.timedelta(seconds=number))
        )
    with sqlite3.connect(history.path) as file:
        assert file.execute("SELECT count(*) FROM scan").fetchone() == (3,)
    assert history.scans.of(image(tmp_path, size=21)) is None
    assert history.scans.of(image(tmp_path, size=24)) is not None
    assert MOST > 100


@pytest.mark.parametrize("data", [b"", b"x", "[]"])
def test_a_damaged_answer_was_never_given(tmp_path, data):
    history, one = History(), image(tmp_path)
    history.scans.keep(one, answer())
    with sqlite3.connect(history.path) as file:
        file.execute("UPDATE scan SET packed = ?", (data,))
    file.close()
    assert history.scans.of(one) is None


def test_a_history_of_an_earlier_version_gets_room_for_scans(tmp_path):
    history = History()
    history.opened("project", "/src/shop")
    file = sqlite3.connect(history.path)
    with file:
        file.execute("DROP TABLE scan")
        file.execute("PRAGMA user_version = 2")
    file.close()
    assert history.scans.keep(image(tmp_path), answer())
    assert [one.place for one in history.recents("project")] == ["/src/shop"]


def test_a_program_that_starts_again_knows_the_last_answer(tmp_path):
    one = image(tmp_path)
    first = Workspace()
    assert first.scan_of(one) is None
    first.history.scans.keep(one, answer())
    assert Workspace().scan_of(one).made == NOON
    assert Workspace().scan_of(None) is None


def test_a_history_that_cannot_be_read_is_no_answer(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.touch()
    history = History(tmp_path / "history.sqlite")
    history.path.mkdir()
    assert Workspace(history=history).scan_of(image(tmp_path)) is None


def test_an_image_without_layers_has_no_key(tmp_path):
    whole = image(tmp_path)
    bare = replace(whole, layers=())
    assert isinstance(bare, Image)
    assert not History().scans.keep(bare, answer())
