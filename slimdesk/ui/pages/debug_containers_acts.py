"""What is done to a container: started, restarted, stopped, removed. A removal can be undone for a few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import ask
from slimdesk.ui.models.containers import name_of

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine
    from slimdesk.engine.model import ContainerRecord
    from slimdesk.ui.pages.debug_containers_live import LiveContainers

LIVES = ("running", "paused", "restarting")
# How long a removal waits for "Undo", in seconds.
PATIENCE = 6.0


class ContainerActs:
    """`live` is the list that a removed container goes out of at once."""

    def __init__(self, desk: Desk, live: LiveContainers) -> None:
        self._desk = desk
        self._live = live
        self._removing: dict[str, asyncio.Task[None]] = {}

    def restart(self, one: ContainerRecord) -> None:
        """Restart it; one that does not run is started."""
        if one.state in LIVES:
            self._do("Restart", one, lambda engine, key: engine.restart(key))
        else:
            self._do("Start", one, lambda engine, key: engine.start(key))

    def stop(self, one: ContainerRecord) -> None:
        """Stop it."""
        self._do("Stop", one, lambda engine, key: engine.stop(key))

    def remove(self, one: ContainerRecord) -> None:
        """Remove it: one that runs after a question, another after a few seconds in which that can be undone."""
        if one.state in LIVES:
            self._desk.spawn(self._ask_and_remove(one))
        elif one.container_id not in self._removing:
            self._removing[one.container_id] = self._desk.spawn(self._remove_soon(one))

    async def _ask_and_remove(self, one: ContainerRecord) -> None:
        sure = await ask(
            self._desk.window,
            f"Remove {name_of(one)}?",
            "It is running. It is ended, and what it wrote into its own files is gone; named volumes stay.",
            "Stop and remove",
        )
        if sure:
            self._do("Remove", one, lambda engine, key: engine.remove(key))

    async def _remove_soon(self, one: ContainerRecord) -> None:
        self._live.hide(one.container_id, True)
        undo = ("Undo", lambda: self._undo(one))
        self._desk.notify("info", f"{name_of(one)} is removed.", "Named volumes stay.", actions=[undo])
        try:
            await asyncio.sleep(PATIENCE)
            await self._act(one, lambda engine, key: engine.remove(key))
        finally:
            self._removing.pop(one.container_id, None)
            self._live.hide(one.container_id, False)

    def _undo(self, one: ContainerRecord) -> None:
        task = self._removing.get(one.container_id)
        if task is not None:
            task.cancel()
        else:
            self._desk.notify("info", f"{name_of(one)} is gone already.", "Run its image again.")

    def _do(self, word: str, one: ContainerRecord, act: Callable[[Engine, str], Awaitable[None]]) -> None:
        async def work(_job: object) -> None:
            await self._act(one, act)

        self._desk.run_job(f"{word} {name_of(one)}", "container", work)

    async def _act(self, one: ContainerRecord, act: Callable[[Engine, str], Awaitable[None]]) -> None:
        from slimdesk.operations.connect import connected

        async with connected(self._desk.workspace.settings.context) as engine:
            await act(engine, one.container_id)
