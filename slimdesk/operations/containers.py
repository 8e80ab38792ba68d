"""The engine's containers: listed, live, with what they use, and why one of them ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from slimdesk.basics.errors import EngineError, ImageNotFound, StreamBroken
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_HELPER, LABEL_MADE, ContainerRecord, EngineEvent
from slimdesk.engine.stats import Sample, Usage, usage
from slimdesk.operations.explain_fixes import with_fix
from slimdesk.operations.explain_program import look_closer
from slimdesk.operations.sidecar import sweep
from slimdesk.verify import diagnose
from slimdesk.verify.diagnose import Diagnosis

# Events come in bursts (create, attach, start): what comes within this time is told at once, in seconds.
TOGETHER = 0.1
# How soon a lost engine is asked again, in seconds; the pause doubles up to the second.
AGAIN, AGAIN_AT_MOST = 0.5, 5.0
# What is asked for its use at once: each takes the engine a few milliseconds.
MOST_SAMPLED = 40
# A program's health check starts a process each time: nothing of that changes the list.
_SILENT = ("exec_", "top", "attach", "resize", "archive-path", "extract-to-dir", "copy", "export")


@dataclass(frozen=True, slots=True)
class ContainerList:
    """The containers, newest first. `problem` says in words why they are as they were last known; "" = they are current."""

    containers: tuple[ContainerRecord, ...]
    problem: str = ""


async def list_containers(engine: Engine, *, own: bool = False) -> tuple[ContainerRecord, ...]:
    """Return all containers, or SlimDesk's own, newest first; the helpers of shells are left out. Raises EngineError."""
    found = await engine.container_records(LABEL_MADE if own else None)
    return tuple(sorted((one for one in found if _shown(one)), key=_age))


async def watch_containers(engine: Engine, *, own: bool = False) -> AsyncGenerator[ContainerList, None]:
    """Yield the containers now and after each change, for ever; an engine that goes away is waited for.

    Helpers that a killed program left behind are removed at the start. Close it (`contextlib.aclosing`) to end its
    connection.
    """
    with contextlib.suppress(EngineError):
        await sweep(engine)
    last: tuple[ContainerRecord, ...] = ()
    pause = AGAIN
    while True:
        try:
            async with contextlib.aclosing(_while_it_lives(engine, own=own)) as lists:
                async for last in lists:
                    pause = AGAIN
                    yield ContainerList(last)
        except EngineError as error:
            yield ContainerList(last, str(error))
        await asyncio.sleep(pause)
        pause = min(AGAIN_AT_MOST, pause * 2)


async def watch_usage(
    engine: Engine, wanted: Callable[[], Sequence[str]], every: float = 2.0
) -> AsyncGenerator[dict[str, Usage], None]:
    """Yield what the `wanted` running containers use, again and again; the first time without the processors.

    At most MOST_SAMPLED are asked, the first ones. An engine that does not answer is asked again later.
    """
    before: dict[str, Sample] = {}
    while True:
        chosen = tuple(wanted())[:MOST_SAMPLED]
        if chosen:
            with contextlib.suppress(EngineError):
                now = await engine.samples(chosen)
                yield {container: usage(before.get(container), one) for container, one in now.items()}
                before = now
        await asyncio.sleep(every)


async def why_not_running(engine: Engine, container: str) -> Diagnosis | None:
    """Return why a container did not start or has ended; None if it runs, or ended as it should. Raises EngineError."""
    record = await engine.inspect_container(container)
    if record.running or record.state in ("paused", "restarting", "removing"):
        return None
    if record.error:
        return with_fix(await look_closer(engine, container, diagnose.of_start(record.error)))
    if record.exit_code in (None, 0) and not record.oom:
        return None
    lines: tuple[str, ...] = ()
    # Some log drivers cannot be read back.
    with contextlib.suppress(EngineError):
        lines = await engine.logs(container, diagnose.LOOKED_AT)
    found = diagnose.of_end(record.exit_code or 0, oom=record.oom, log=lines)
    return with_fix(await look_closer(engine, container, found), record.exit_code)


async def _while_it_lives(engine: Engine, *, own: bool) -> AsyncGenerator[tuple[ContainerRecord, ...], None]:
    changed: asyncio.Queue[EngineEvent] = asyncio.Queue()
    listening = asyncio.Event()
    hearing = asyncio.ensure_future(_hear(engine, listening, changed))
    ready = asyncio.ensure_future(listening.wait())
    try:
        await asyncio.wait((hearing, ready), return_when=asyncio.FIRST_COMPLETED)
        if hearing.done():
            await hearing
        known = {one.container_id: one for one in await list_containers(engine, own=own)}
        yield _sorted(known)
        while True:
            subjects = await _burst(hearing, changed)
            for subject in subjects:
                await _look_again(engine, known, subject, own=own)
            yield _sorted(known)
    finally:
        for task in (hearing, ready):
            task.cancel()
        await asyncio.gather(hearing, ready, return_exceptions=True)


async def _hear(engine: Engine, listening: asyncio.Event, changed: asyncio.Queue[EngineEvent]) -> None:
    async with contextlib.aclosing(engine.events(("container",), listening)) as told:
        async for event in told:
            if not event.action.startswith(_SILENT):
                changed.put_nowait(event)
    raise StreamBroken("The engine's events have ended")


async def _burst(hearing: asyncio.Future[None], changed: asyncio.Queue[EngineEvent]) -> tuple[str, ...]:
    """Wait for a change, and for those that come with it. Raises what ended the events."""
    first = asyncio.ensure_future(changed.get())
    try:
        await asyncio.wait((hearing, first), return_when=asyncio.FIRST_COMPLETED)
        if not first.done():
            await hearing
        found = [first.result().subject]
    finally:
        first.cancel()
    await asyncio.sleep(TOGETHER)
    while not changed.empty():
        found.append(changed.get_nowait().subject)
    return tuple(dict.fromkeys(found))


async def _look_again(engine: Engine, known: dict[str, ContainerRecord], subject: str, *, own: bool) -> None:
    try:
        record = await engine.inspect_container(subject)
    except ImageNotFound:
        known.pop(subject, None)
        return
    if _shown(record) and (not own or LABEL_MADE in record.labels):
        known[record.container_id] = record


def _shown(record: ContainerRecord) -> bool:
    return LABEL_HELPER not in record.labels


def _sorted(known: dict[str, ContainerRecord]) -> tuple[ContainerRecord, ...]:
    return tuple(sorted(known.values(), key=_age))


def _age(record: ContainerRecord) -> tuple[float, str]:
    made = record.created_at.timestamp() if record.created_at else 0.0
    return -made, record.container_id
