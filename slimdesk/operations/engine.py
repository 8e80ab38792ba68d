"""What the window and `slimdesk engine` show of the engine: its state, and a word whenever that changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from slimdesk.basics.errors import EngineError
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import EngineEvent, EngineStatus
from slimdesk.operations.connect import engine_status

# How often an unreachable engine is tried again, in seconds.
RETRY = 5.0


async def _tidy(engine: Engine) -> None:
    """Remove what an earlier run that was killed left there."""
    from slimdesk.operations.sidecar import sweep

    with contextlib.suppress(EngineError):
        await sweep(engine)


async def watch_engine(context: str | None = None) -> AsyncGenerator[EngineStatus | EngineEvent, None]:
    """Its state first, then every image and container event, and its state again each time it goes or comes back.

    Endless; close it with `contextlib.aclosing`. Never raises.
    """
    last: EngineStatus | None = None
    while True:
        state = await engine_status(context)
        if last is None or state.reachable != last.reachable or state.endpoint != last.endpoint:
            yield state
        last = state
        if not state.reachable:
            await asyncio.sleep(RETRY)
            continue
        with contextlib.suppress(EngineError):
            engine = await Engine.connect(context)
            await _tidy(engine)
            async with contextlib.aclosing(engine.events()) as events:
                async for event in events:
                    yield event
        # A restart takes a moment; asking at once would say "not running" for no reason.
        await asyncio.sleep(1.0)
