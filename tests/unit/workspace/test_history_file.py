"""History: what was opened, results over time, the best variant, a damaged file."""

import datetime as dt
import sqlite3
import threading

import pytest

from slimdesk.basics import clock
from slimdesk.basics.errors import OutputError
from slimdesk.workspace.history import History, Measured

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def time_runs(monkeypatch):
    """Each look at the clock is a second later."""
    ticks = iter(range(100_000))
    monkeypatch.setattr(clock, "now", lambda: NOON + dt.timedelta(seconds=next(ticks)))


def result(family, files, verdict="runs", component="api", project="/src/shop", at=0):
    return Measured(
        project,
        component,
        family,
        NOON + dt.timedelta(minutes=at),
        "sha256:1",
        {"files": files, "live": None},
        verdict,
    )


def test_nothing_was_opened_yet_and_no_file_is_made(slimdesk_home):
    assert History().recents("project") == []
    assert History().results("/src/shop") == []
    assert not slimdesk_home.exists()


@pytest.mark.usefixtures("time_runs")
def test_the_newest_is_first_and_nothing_stands_twice():
    history = History()
    history.opened("project", "/src/shop", {"components": ["api"]})
    history.opened("project", "/src/blog")
    history.opened("image", "nginx:latest")
    history.opened("project", "/src/shop", {"components": ["api", "web"]})
    assert [one.place for one in history.recents("project")] == ["/src/shop", "/src/blog"]
    assert history.recents("project")[0].about == {"components": ["api", "web"]}
    assert [one.place for one in history.recents("image")] == ["nginx:latest"]


@pytest.mark.usefixtures("time_runs")
def test_the_list_does_not_grow_for_ever():
    history = History()
    for number in range(230):
        history.opened("project", f"/src/{number}")
    kept = history.recents("project", limit=1000)
    assert len(kept) == 200
    assert kept[0].place == "/src/229"


def test_forgotten_is_gone():
    history = History()
    history.opened("project", "/src/shop")
    history.forget("project", "/src/shop")
    assert history.recents("project") == []


def test_a_project_that_moved_takes_its_results_along():
    history = History()
    history.opened("project", "/old")
    history.opened("project", "/new")
    history.measured(result("slim", 100, project="/old"))
    history.moved("/old", "/new")
    assert [one.place for one in history.recents("project")] == ["/new"]
    assert [one.family for one in history.results("/new")] == ["slim"]


def test_sizes_over_time_come_oldest_first_and_whole():
    history = History()
    first = Measured(
        "/p", "api", "slim", NOON, None, {"files": 9, "live": None}, None, 1.5, {"dockerfile": "ab"}
    )
    history.measured(first)
    history.measured(result("slim", 7, project="/p", at=5))
    assert history.results("/p")[0] == first
    assert [one.sizes["files"] for one in history.results("/p")] == [9, 7]
    assert history.results("/p", "web") == []


def test_the_best_runs_and_is_measured_against_the_reference():
    history = History()
    for one in (
        result("baseline", 1000),
        result("slim", 300),
        result("distroless", 50),
        result("scratch", 20, "fails"),
        result("alpine", 40, None),
    ):
        history.measured(one)
    best = history.best("/src/shop", "files")
    assert (best.family, best.size, best.reference, best.reference_size) == (
        "distroless",
        50,
        "baseline",
        1000,
    )


def test_what_fails_or_is_not_proven_is_never_the_best():
    history = History()
    for one in (
        result("baseline", 1000),
        result("scratch", 20, "fails"),
        result("distroless", 30, "not-proven"),
        result("alpine", 40, None),
    ):
        history.measured(one)
    assert history.best("/src/shop", "files").family == "alpine"


def test_yours_comes_before_the_baseline_as_reference():
    history = History()
    for one in (result("baseline", 1000), result("yours", 400), result("slim", 300)):
        history.measured(one)
    assert history.best("/src/shop", "files").reference == "yours"


def test_only_the_newest_result_of_a_variant_counts():
    history = History()
    for one in (result("baseline", 1000), result("slim", 300), result("slim", 500, at=5)):
        history.measured(one)
    assert history.best("/src/shop", "files").size == 500


def test_without_a_reference_or_a_size_there_is_no_best():
    history = History()
    assert history.best("/src/shop", "files") is None
    history.measured(result("slim", 300))
    assert history.best("/src/shop", "files") is None
    history.measured(result("baseline", 1000))
    assert history.best("/src/shop", "live") is None


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be looked at", b"SQLite format 3\x00junk"]
)
def test_a_damaged_file_is_put_aside_and_begun_anew(content):
    history = History()
    history.path.parent.mkdir(parents=True)
    history.path.write_bytes(content)
    history.opened("project", "/src/shop")
    assert [one.place for one in history.recents("project")] == ["/src/shop"]
    assert history.path.with_name("history.sqlite.unreadable").read_bytes() == content


def test_two_programs_write_at_once():
    def write(name):
        for number in range(20):
            History().opened("image", f"{name}:{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(History().recents("image")) == 40


def test_what_was_opened_first_stands_below_although_it_is_written_last():
    history = History()
    history.opened("image", "b:1", {}, NOON + dt.timedelta(seconds=1))
    history.opened("image", "a:1", {}, NOON)
    assert [one.place for one in history.recents("image")] == ["b:1", "a:1"]


def test_a_place_that_cannot_be_used_is_a_sentence_and_nothing_is_put_aside():
    history = History()
    history.path.mkdir(parents=True)
    with pytest.raises(OutputError, match=r"could not be used"):
        history.opened("image", "a:1")
    with pytest.raises(OutputError, match=r"could not be used"):
        history.recents("image")
    assert [one.name for one in history.path.parent.iterdir()] == ["history.sqlite"]


def test_a_file_that_another_program_keeps_is_not_put_aside(monkeypatch):
    history = History()
    history.opened("image", "a:1")
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout: real(path, timeout=0))
    holder = real(history.path)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(OutputError, match="locked"):
        history.opened("image", "b:1")
    holder.rollback()
    holder.close()
    assert [one.place for one in history.recents("image")] == ["a:1"]
