"""How containers, their events and their logs are told in words."""

import datetime as dt

import pytest

from slimdesk.debug.log_levels import level_at
from slimdesk.engine.logs import LogLine
from slimdesk.engine.model import ContainerRecord, EngineEvent
from slimdesk.ui.models.container_events import event_row, merged, rows_of_record
from slimdesk.ui.models.containers import failed, image_of, name_of, sign, span, state_words
from slimdesk.ui.models.log_lines import LogFilter, LogLines

NOW = dt.datetime(2026, 11, 21, 16, 0, tzinfo=dt.UTC)


def record(**more):
    values = {
        "container_id": "0123456789abcdef", "name": "api", "image": "ghcr.io/shop/api:1", "image_id": "sha256:1",
        "state": "running", "exit_code": None, "error": "", "oom": False, "ip": None, "ports": {}, "user": "",
        "created_at": NOW, "started_at": NOW, "finished_at": None,
    }  # fmt: skip
    return ContainerRecord(**(values | more))


def ago(**times):
    return NOW - dt.timedelta(**times)


@pytest.mark.parametrize(
    ("one", "words", "bad"),
    [
        (record(started_at=ago(minutes=12)), "Running, 12 min", False),
        (record(started_at=ago(seconds=4), health="unhealthy"), "Unhealthy, 4 s", False),
        (record(state="paused", started_at=ago(hours=3)), "Paused, 3 h", False),
        (record(state="restarting"), "Restarting", False),
        (record(state="exited", exit_code=0, finished_at=ago(days=2)), "Stopped, 2 days ago", False),
        (record(state="exited", exit_code=1, finished_at=ago(minutes=4)), "Exited 1, 4 min ago", True),
        (record(state="exited", exit_code=143, finished_at=ago(minutes=4)), "Exited 143, 4 min ago", False),
        (
            record(state="exited", exit_code=137, oom=True, finished_at=ago(hours=30)),
            "Out of memory, 30 h ago",
            True,
        ),
        (record(state="created", started_at=None), "Not started", False),
        (record(state="created", started_at=None, error="no such file"), "Did not start", True),
    ],
)
def test_state_and_since_when(one, words, bad):
    assert state_words(one, NOW) == words
    assert failed(one) == bad
    assert (sign(one)[0] == "x-circle-fill") == bad


def test_hostile_names_are_harmless():
    one = record(name="a\x1b[31mb\n", image="sha256:" + "ab" * 32)
    assert "\x1b" not in name_of(one)
    assert image_of(one) == "abababababab"
    assert name_of(record(name="")) == "0123456789ab"
    assert span(None) == ""
    assert span(NOW + dt.timedelta(hours=1), NOW) == "0 s"


def test_events_in_words():
    def told(action, **attributes):
        return event_row(EngineEvent("container", action, "x", attributes, NOW))

    assert told("die", exitCode="3").what == "Ended with exit code 3"
    assert told("die", exitCode="3").tone == "bad"
    assert told("die", exitCode="143").tone == "text2"
    assert told("kill", signal="9").more == "SIGKILL"
    assert told("health_status: unhealthy").what == "Is unhealthy"
    assert told("rename", name="new").more == "new"
    assert told("exec_start: sh") is None


def test_what_the_container_and_the_engine_tell_stands_once():
    one = record(state="exited", exit_code=3, finished_at=NOW)
    told = [event_row(EngineEvent("container", "die", "x", {"exitCode": "3"}, NOW + dt.timedelta(seconds=1)))]
    rows = merged(rows_of_record(one), told)
    assert [row.what for row in rows].count("Ended with exit code 3") == 1
    assert {row.what for row in rows} == {"Created", "Started", "Ended with exit code 3"}
    error = rows_of_record(record(state="created", started_at=None, error="exec: no such file"))
    assert error[-1].what == "Did not start"


@pytest.mark.parametrize(
    ("text", "part", "level"),
    [
        ("2026 INFO ready", "INFO", "info"),
        ('{"level":"error","m":1}', "error", "error"),
        ("[warn] slow", "warn", "warning"),
        ("panic: no config", "panic", "error"),
        ("Traceback (most recent call last)", "Traceback (most recent call last)", "error"),
    ],
)
def test_where_a_line_says_how_grave_it_is(text, part, level):
    start, end, found = level_at(text)
    assert (text[start:end], found) == (part, level)


def test_nothing_grave_is_nowhere():
    assert level_at("listening on :8080") is None


def entry(text, stream="stdout"):
    return LogLine(stream, NOW, text)


def test_lines_are_filtered_by_level_stream_and_words():
    log = LogLines()
    log.add(
        [
            entry("INFO a"),
            entry("ERROR b", "stderr"),
            entry("\tat c", "stderr"),
            entry("plain"),
            entry("DEBUG d"),
        ]
    )
    log.show_only(LogFilter(least="error"))
    assert [one.text for one in log.shown] == ["ERROR b", "\tat c"]
    assert log.add([entry("INFO no"), entry("FATAL yes")]) == 1
    log.show_only(LogFilter(least="info"))
    assert "DEBUG d" not in [one.text for one in log.shown]
    assert "plain" in [one.text for one in log.shown]
    log.show_only(LogFilter(whose="stderr"))
    assert len(log.shown) == 2
    log.show_only(LogFilter(words="A", only=True))
    assert [one.text for one in log.shown] == ["INFO a", "\tat c", "plain", "FATAL yes"]
    assert log.count() == 4
    assert len(log.lines) == 7


def test_the_oldest_go_and_numbers_stay_true():
    log = LogLines(most=100)
    log.add(entry(f"n {number}") for number in range(5000))
    assert log.first == 0
    log.add(entry(f"n {number}") for number in range(5000, 5200))
    assert (log.first, log.end, log.dropped) == (5100, 5200, 5100)
    assert log[5100].text == "n 5100"
    log.show_only(LogFilter(words="7", only=True))
    before = [one.text for one in log.shown]
    assert before[0] == "n 5107"
    log.add(entry(f"m {number}") for number in range(5200))
    assert log[log.first].text.startswith("m ")
    assert log.find(log.first) == log.first
    assert log.find(log.end - 1, -1) == log.end - 1
    log.clear()
    assert (log.first, log.end, log.find(0)) == (0, 0, None)
