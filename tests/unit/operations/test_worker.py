"""A call in a process of its own: its result, its errors, its end; nothing of it is left."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.basics.job import Job
from slimdesk.operations.worker import MAX_MEMORY, in_worker


def add(told, one, other):
    told("adding", 1, 2)
    return one + other


def refuse(told, what):
    raise BadInput(f"{what} cannot be used", "it is wrong", "Correct it")


def die(told):
    os._exit(3)


def sleep(told, marker):
    Path(marker).write_text(str(os.getpid()))
    time.sleep(60)


def fill(told):
    return len(bytearray(MAX_MEMORY + (64 << 20)))


async def test_it_answers_and_tells_how_far_it_is():
    job = Job("Add")
    assert await in_worker("Adding", add, 1, 2, reporter=job) == 3
    assert (job.current.step, job.current.done, job.current.total) == ("adding", 1, 2)


async def test_what_it_raises_of_ours_comes_through():
    with pytest.raises(BadInput, match=r"x cannot be used: it is wrong\. Correct it\."):
        await in_worker("Refusing", refuse, "x")


async def test_a_process_that_dies_is_a_sentence():
    with pytest.raises(SlimDeskError, match="Dying ended early"):
        await in_worker("Dying", die)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux bounds a process's memory")
async def test_memory_is_bounded():
    with pytest.raises(SlimDeskError, match="more than 1536 MiB of memory"):
        await in_worker("Filling", fill)


async def test_cancelling_ends_the_process_at_once(tmp_path):
    marker = tmp_path / "pid"
    task = asyncio.ensure_future(in_worker("Sleeping", sleep, str(marker)))
    for _ in range(2000):
        if marker.exists() and marker.read_text():
            break
        await asyncio.sleep(0.01)
    process = int(marker.read_text())
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 10
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
