"""Recorded progress of real builds (Docker 20.10 and 28) becomes steps."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimdesk.engine.steps import STEP_LOG_LINES, Steps
from slimdesk.engine.trace import Log, Status, Trace, Vertex, decode
from slimdesk.engine.wire import WireError, fields, put_bytes, put_message, put_number

TRACES = Path(__file__).resolve().parents[2] / "data" / "traces"
ENGINES = ["docker-20.10", "docker-28"]


def recorded(name):
    lines = (TRACES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    for line in map(json.loads, lines):
        if line.get("id") == "moby.buildkit.trace":
            yield decode(base64.b64decode(line["aux"]))


def steps_of(name):
    steps = Steps()
    for trace in recorded(name):
        steps.add(trace)
    steps.end()
    return steps


def by_name(steps, start):
    return next(step for step in steps.snapshot() if step.name.startswith(start))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_build_that_worked(engine):
    steps = steps_of(f"{engine}-built")
    assert steps.failed() is None
    assert {step.state for step in steps.snapshot()} <= {"done", "cached"}
    run = by_name(steps, "[build 4/4] RUN")
    assert (run.stage, run.number, run.of, run.state) == ("build", 4, 4, "done")
    assert run.seconds is not None
    assert 0 < run.seconds < 60
    assert run.log == ("compiling", "careful")
    assert by_name(steps, "exporting").stage is None


@pytest.mark.parametrize("engine", ENGINES)
def test_what_came_from_the_cache_says_so(engine):
    steps = steps_of(f"{engine}-cached")
    assert by_name(steps, "[build 4/4] RUN").cached
    assert by_name(steps, "[stage-1 1/1] COPY").state == "cached"
    assert by_name(steps, "[build 4/4] RUN").log == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_step_that_failed_is_told_from_those_that_were_stopped(engine):
    steps = steps_of(f"{engine}-failed")
    failed = steps.failed()
    assert failed is not None
    assert failed.name.startswith("[build 2/2] RUN")
    assert failed.log == ("one", "two", "three")
    assert "exit code: 3" in failed.error
    assert by_name(steps, "[stage-1 2/3] RUN sleep").state == "cancelled"
    assert by_name(steps, "[stage-1 3/3] COPY").state == "queued"
    waiting = [step.state for step in steps.snapshot()]
    assert waiting.index("queued") == len(waiting) - 1


@pytest.mark.parametrize("engine", ENGINES)
def test_the_log_names_each_step_before_its_lines(engine):
    lines = steps_of(f"{engine}-failed").take_lines()
    assert lines.index("one") > next(i for i, line in enumerate(lines) if line.startswith("[build 2/2]"))
    assert any(line.strip().startswith("failed:") for line in lines)


def test_a_repeated_vertex_resets_nothing():
    steps = Steps()
    steps.add(Trace(vertexes=(Vertex("d", "[1/2] RUN x", False, 10.0, None, ""),)))
    steps.add(Trace(logs=(Log("d", b"half a li"),)))
    steps.add(Trace(vertexes=(Vertex("d", "", False, None, None, ""),)))
    steps.add(Trace(logs=(Log("d", b"ne\nnext"),)))
    assert steps.snapshot()[0].state == "running"
    steps.add(Trace(vertexes=(Vertex("d", "[1/2] RUN x", False, 10.0, 12.5, ""),)))
    steps.end()
    (step,) = steps.snapshot()
    assert (step.name, step.state, step.seconds, step.log) == (
        "[1/2] RUN x",
        "done",
        2.5,
        ("half a line", "next"),
    )


def test_bytes_of_a_step_are_the_sum_of_its_parts():
    steps = Steps()
    vertex = Vertex("d", "[1/2] FROM x", False, 1.0, None, "")
    steps.add(
        Trace(vertexes=(vertex,), statuses=(Status("a", "d", 5, 10, False), Status("b", "d", 1, 20, False)))
    )
    steps.add(Trace(statuses=(Status("a", "d", 10, 10, True),)))
    (step,) = steps.snapshot()
    assert (step.done, step.total) == (11, 30)
    steps.add(Trace(statuses=(Status("c", "d", 7, 0, False),)))
    assert (steps.snapshot()[0].done, steps.snapshot()[0].total) == (18, None)


def test_output_is_bounded_and_harmless():
    steps = Steps()
    steps.add(Trace(vertexes=(Vertex("d", "[1/2] RUN \x1b[31mx\n", False, 1.0, None, ""),)))
    steps.add(Trace(logs=(Log("d", b"x" * 1_000_000),)))
    steps.add(
        Trace(
            logs=(
                Log(
                    "d", b"\n".join(b"line %d" % i for i in range(1000)) + b"\n\x1b[2Jred \xff\xe2\x80\xae\n"
                ),
            )
        )
    )
    (step,) = steps.snapshot()
    assert len(step.log) == STEP_LOG_LINES
    assert "\x1b" not in step.name + "".join(step.log)
    assert step.log[-1].startswith("red ")
    assert "\u202e" not in step.log[-1]
    assert max(map(len, steps.take_lines())) <= 16_384


@given(st.binary(max_size=200))
def test_any_bytes_are_a_trace_or_refused(data):
    try:
        trace = decode(data)
    except WireError:
        return
    steps = Steps()
    steps.add(trace)
    steps.end()
    steps.snapshot()


@given(
    st.integers(min_value=1, max_value=1000),
    st.integers(min_value=1, max_value=2**63 - 1),
    st.binary(max_size=300),
)
def test_what_is_encoded_is_read_back(field, value, data):
    message = put_number(field, value) + put_message(field, data) + put_bytes(field, b"")
    assert list(fields(message)) == [(field, value), (field, data)]
