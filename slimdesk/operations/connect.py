"""The one way to an engine: connect once, use it, and say in words why there is none."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from slimdesk.engine.contexts import status
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import EngineStatus


@contextlib.asynccontextmanager
async def connected(context: str | None = None) -> AsyncIterator[Engine]:
    """Connect to that Docker context, or to the one in use. Raises EngineUnreachable with why and what to do."""
    yield await Engine.connect(context)


async def engine_status(context: str | None = None) -> EngineStatus:
    """Return the state of the engine in use and of every other context; never raises."""
    return await status(context)
