"""Follow a container's log until it ends, and save it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

from slimdesk.basics.errors import OutputError
from slimdesk.basics.escaping import visible
from slimdesk.engine.engine import Engine
from slimdesk.engine.logs import LogLine


async def follow_log(
    engine: Engine,
    container: str,
    *,
    tail: int | None = 1000,
    since: dt.datetime | None = None,
    ongoing: bool = True,
) -> AsyncGenerator[tuple[LogLine, ...], None]:
    """Yield a container's log lines, as many at once as have come, until it ends (`ongoing`) or at once.

    Close it (`contextlib.aclosing`): its connection ends within a second. Raises ImageNotFound where there is no such
    container, StreamBroken if the engine goes away, EngineError for a log driver that cannot be read back.
    """
    details = await engine.container_details(container)
    told = engine.follow_logs(container, tail=tail, since=since, ongoing=ongoing, tty=details.tty)
    async with contextlib.aclosing(told) as lines:
        async for some in lines:
            yield some


async def save_log(lines: Iterable[LogLine], to: Path, *, stamps: bool = True) -> None:
    """Write lines to a file, over what is there. Raises OutputError."""
    text = "".join(f"{_stamp(line) if stamps else ''}{line.text}\n" for line in lines)
    try:
        await asyncio.to_thread(to.write_text, text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{visible(to.name)} could not be written", error.strerror or "", "Choose another place"
        ) from error


def _stamp(line: LogLine) -> str:
    return f"{line.time.isoformat(timespec='milliseconds')} " if line.time else ""
