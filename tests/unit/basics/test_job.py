import asyncio

import pytest

from slimdesk.basics.errors import BuildFailed
from slimdesk.basics.job import Job, JobState


async def test_a_job_tells_its_observers_of_every_step():
    job = Job("Build api:distroless")
    states = []
    job.observe(lambda changed: states.append((changed.state, changed.current.step)))

    async def work():
        job.progress("go build", 2, 9, "steps")
        job.log("one\ntwo\x1b[31m\n")
        return 7

    assert await job.run(work()) == 7
    assert job.state is JobState.SUCCEEDED
    assert list(job.lines) == ["one", "two"]
    assert job.current.ratio == pytest.approx(2 / 9)
    assert states[0] == (JobState.RUNNING, "")
    assert states[-1] == (JobState.SUCCEEDED, "go build")
    assert job.seconds is not None


async def test_a_failure_is_kept_and_raised():
    job = Job("Build")

    async def work():
        raise BuildFailed("The build failed", "exit code 3", "Read the log")

    with pytest.raises(BuildFailed):
        await job.run(work())
    assert job.state is JobState.FAILED
    assert str(job.error) == "The build failed: exit code 3. Read the log."


async def test_cancel_stops_the_work_and_lets_it_clean_up():
    job = Job("Build")
    cleaned = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append(True)

    running = asyncio.ensure_future(job.run(work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert job.state is JobState.CANCELLED
    assert cleaned == [True]
    job.cancel()
    assert job.state is JobState.CANCELLED


async def test_cancelling_whoever_waits_stops_the_work_too():
    job = Job("Build")
    cleaned = asyncio.Event()

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.set()

    running = asyncio.ensure_future(job.run(work()))
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.wait_for(cleaned.wait(), 60)
    assert job.state is JobState.CANCELLED


def test_a_queued_job_can_be_cancelled():
    job = Job("Build")
    job.cancel()
    assert job.state is JobState.CANCELLED
    assert job.state.ended


async def test_an_observer_can_leave():
    job = Job("Build")
    seen = []
    leave = job.observe(lambda _job: seen.append(1))
    job.progress("a")
    leave()
    leave()
    job.progress("b")
    assert seen == [1]


async def test_a_long_log_keeps_its_end():
    job = Job("Build")
    job.log("\n".join(str(number) for number in range(50_010)))
    assert job.lines[-1] == "50009"
    assert job.dropped_lines == 10
