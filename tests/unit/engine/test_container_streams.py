"""What flows from a container: pieces between a thread and the loop, frames, log lines, figures."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.debug.containers_made import record

from slimdesk.engine.details import parse_details
from slimdesk.engine.frames import Frames
from slimdesk.engine.logs import LONGEST_LINE, Lines
from slimdesk.engine.pieces import WAITING, Pieces, start
from slimdesk.engine.stats import Usage, parse_sample, usage


async def test_pieces_come_in_order_and_all_at_once():
    pieces = Pieces()
    for number in range(3):
        assert pieces.put(str(number).encode())
    pieces.end()
    assert await pieces.take() == b"012"
    assert await pieces.take() == b""
    assert await pieces.take() == b""


async def test_who_gives_too_much_waits_until_somebody_takes():
    pieces = Pieces()
    given_all = threading.Event()

    def give():
        for _ in range(4):
            pieces.put(bytes(WAITING))
        given_all.set()
        pieces.end()

    start("giver", give)
    got = 0
    while data := await pieces.take():
        assert len(data) <= 2 * WAITING
        got += len(data)
    assert got == 4 * WAITING
    assert given_all.is_set()


async def test_closing_frees_both_sides():
    pieces = Pieces()
    waiting = asyncio.ensure_future(pieces.take())
    await asyncio.sleep(0)
    pieces.close()
    assert await waiting == b""
    assert not pieces.put(b"late")
    full = Pieces()
    answers, first = [], threading.Event()

    def give():
        answers.append(full.put(bytes(WAITING)))
        first.set()
        answers.append(full.put(bytes(WAITING)))

    thread = start("giver", give)
    await asyncio.to_thread(first.wait, 5)
    full.close()
    await asyncio.to_thread(thread.join, 5)
    assert answers == [True, False]


async def test_what_ended_it_is_raised_after_what_came_before():
    pieces = Pieces()
    pieces.put(b"x")
    pieces.end(OSError("gone"))
    assert await pieces.take() == b"x"
    with pytest.raises(OSError, match="gone"):
        await pieces.take()


def framed(*parts):
    return b"".join(bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data for stream, data in parts)


@given(
    st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(min_size=1, max_size=50)), max_size=8),
    st.integers(1, 9),
)
def test_frames_in_any_pieces(parts, size):
    data, frames = framed(*parts), Frames()
    got = {"stdout": b"", "stderr": b""}
    for at in range(0, len(data), size):
        for stream, piece in frames.feed(data[at : at + size]):
            got[stream] += piece
    assert got["stdout"] == b"".join(piece for stream, piece in parts if stream == 1)
    assert got["stderr"] == b"".join(piece for stream, piece in parts if stream == 2)


def test_log_lines_keep_their_streams_apart_and_are_harmless():
    lines = Lines(tty=False)
    first = lines.feed(
        framed(
            (1, b"2026-11-21T10:00:00.5Z one\n2026-11-21T10:00:01Z tw"),
            (2, b"2026-11-21T10:00:02Z bad \x1b[31mred\x1b[0m\n"),
        )
    )
    assert [(line.stream, line.text) for line in first] == [("stdout", "one"), ("stderr", "bad red")]
    assert first[0].time.second == 0
    assert [line.text for line in lines.feed(framed((1, b"o\n")))] == ["two"]
    assert lines.feed(framed((1, b"no end"))) == ()
    assert [(line.text, line.time) for line in lines.end()] == [("no end", None)]
    assert lines.end() == ()


def test_a_line_without_an_end_is_cut():
    found = Lines(tty=True).feed(b"x" * (LONGEST_LINE + 1))
    assert len(found) == 1


def test_the_use_of_two_samples():
    answer = {
        "cpu_stats": {"cpu_usage": {"total_usage": 1_000}, "system_cpu_usage": 10_000, "online_cpus": 4},
        "memory_stats": {"usage": 500, "limit": 1000, "stats": {"inactive_file": 100}},
    }
    before = parse_sample(answer)
    answer["cpu_stats"] = {
        "cpu_usage": {"total_usage": 2_000, "percpu_usage": [1, 2]},
        "system_cpu_usage": 14_000,
    }
    now = parse_sample(answer)
    assert usage(None, before) == Usage(None, 400, 1000)
    assert usage(before, now).cpu == pytest.approx(0.5)
    assert usage(now, before).cpu is None
    assert parse_sample({"memory_stats": {}}) is None
    assert parse_sample({}) is None


def test_details_of_an_engine_that_leaves_everything_out():
    found = parse_details(record(), {})
    assert (found.memory, found.cpus, found.pids, found.mounts, found.command) == (None, None, None, (), ())
    told = {
        "Path": "/app",
        "Args": ["-x"],
        "State": {"Pid": 7},
        "Config": {"Env": ["A=b=c", "EMPTY"], "Tty": True},
        "HostConfig": {
            "NanoCpus": 1500000000,
            "Memory": 5,
            "PidsLimit": -1,
            "Tmpfs": {"/t": ""},
            "CapAdd": None,
        },
        "Mounts": [{"Type": "bind", "Source": "/x", "Destination": "/y", "RW": False}],
    }
    full = parse_details(record(), told)
    assert (full.command, full.pid, full.tty) == (("/app", "-x"), 7, True)
    assert full.environment == (("A", "b=c"), ("EMPTY", ""))
    assert (full.cpus, full.memory, full.pids) == (1.5, 5, None)
    assert [(one.kind, one.target, one.writable) for one in full.mounts] == [
        ("bind", "/y", False),
        ("tmpfs", "/t", True),
    ]
