"""What the Debug page is told by the engine while it is open: the containers, which of them have a shell, what one uses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from slimdesk.basics.errors import SlimDeskError
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.containers import ContainerRow, failed

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine
    from slimdesk.engine.model import ContainerRecord
    from slimdesk.engine.stats import Usage
    from slimdesk.verify.diagnose import Diagnosis


class LiveContainers(QObject):
    """Signals: `listed(rows, problem)` now and after each change, `used(ID, Usage)`, `explained(ID, Diagnosis or None)`.

    `wanted` returns the ID of the container whose use is asked for, "" for none.
    """

    listed = Signal(object, str)
    used = Signal(str, object)
    explained = Signal(str, object)

    def __init__(self, desk: Desk, wanted: Callable[[], str]) -> None:
        super().__init__()
        self._desk = desk
        self._wanted = wanted
        self._tasks: list[asyncio.Task[None]] = []
        self._asked: tuple[object, ...] = ()
        self._records: tuple[ContainerRecord, ...] = ()
        self._problem = ""
        self._shells: dict[str, str] = {}
        self._looked: set[str] = set()
        self._looking: asyncio.Task[None] | None = None
        self._why: dict[tuple[str, object], Diagnosis | None] = {}
        self._hidden: set[str] = set()

    def watch(self, *, own: bool, again: bool = False) -> None:
        """Watch the engine in use; `own` leaves out what SlimDesk did not make. It goes on if that is what is watched."""
        status = self._desk.workspace.engine
        asked = (status.endpoint if status is not None else None, own)
        living = bool(self._tasks) and not self._tasks[0].done()
        if asked == self._asked and living and not again:
            return
        if asked[:1] != self._asked[:1]:
            self._shells.clear()
            self._looked.clear()
        self._asked = asked
        for task in self._tasks:
            task.cancel()
        self._tasks = [self._desk.spawn(self._list(own=own)), self._desk.spawn(self._use())]

    def is_watching(self, endpoint: str | None) -> bool:
        """Whether what is listed is that engine's."""
        return bool(self._tasks) and self._asked[:1] == (endpoint,)

    def stop(self) -> None:
        """Forget the engine: another is in use."""
        for task in self._tasks:
            task.cancel()
        self._tasks, self._asked, self._records, self._problem = [], (), (), ""
        self._tell()

    def hide(self, container: str, hidden: bool) -> None:
        """Leave a container out of the list, or show it again."""
        (self._hidden.add if hidden else self._hidden.discard)(container)
        self._tell()

    def explain(self, record: ContainerRecord) -> None:
        """Find out why a container does not run, once for each time that it ended."""
        key = (record.container_id, record.finished_at)
        if not failed(record):
            self.explained.emit(record.container_id, None)
        elif key in self._why:
            self.explained.emit(record.container_id, self._why[key])
        else:
            self._desk.spawn(self._explain(record.container_id, key))

    async def _list(self, *, own: bool) -> None:
        await asyncio.to_thread(_load)
        from slimdesk.operations.containers import watch_containers

        with contextlib.suppress(SlimDeskError):
            async with (
                self._engine() as engine,
                contextlib.aclosing(watch_containers(engine, own=own)) as lists,
            ):
                async for one in lists:
                    self._records, self._problem = one.containers, one.problem
                    self._tell()
                    self._look(engine)

    async def _use(self) -> None:
        await asyncio.to_thread(_load)
        from slimdesk.operations.containers import watch_usage

        with contextlib.suppress(SlimDeskError):
            async with (
                self._engine() as engine,
                contextlib.aclosing(watch_usage(engine, self._sampled, every=1.0)) as told,
            ):
                async for found in told:
                    for container, usage in found.items():
                        self.used.emit(container, usage)

    def _sampled(self) -> Sequence[str]:
        wanted = self._wanted()
        return [one.container_id for one in self._records if one.container_id == wanted and one.running]

    def _tell(self) -> None:
        rows = [
            ContainerRow(one, self._shells.get(one.image_id))
            for one in self._records
            if one.container_id not in self._hidden
        ]
        self.listed.emit(rows, self._problem)

    def _look(self, engine: Engine) -> None:
        """Look for shells in images that were not looked at yet, one after the other."""
        if self._looking is None or self._looking.done():
            self._looking = self._desk.spawn(self._look_for_shells(engine))

    async def _look_for_shells(self, engine: Engine) -> None:
        from slimdesk.operations.container_look import find_shell

        while True:
            new = next((one for one in self._records if one.image_id not in self._looked), None)
            if new is None:
                return
            self._looked.add(new.image_id)
            # A container that is gone by now, or an engine that does not let anybody look: it is not known then.
            with contextlib.suppress(SlimDeskError):
                self._shells[new.image_id] = await find_shell(engine, new.container_id)
                self._tell()

    async def _explain(self, container: str, key: tuple[str, object]) -> None:
        from slimdesk.operations.containers import why_not_running

        with contextlib.suppress(SlimDeskError):
            async with self._engine() as engine:
                self._why[key] = await why_not_running(engine, container)
            self.explained.emit(container, self._why[key])

    def _engine(self) -> contextlib.AbstractAsyncContextManager[Engine]:
        from slimdesk.operations.connect import connected

        return connected(self._desk.workspace.settings.context)


def usage_words(usage: Usage | None) -> tuple[str, str]:
    """Return the words for processor and memory."""
    from slimdesk.basics.units import THIN_SPACE, UNKNOWN, format_bytes

    if usage is None:
        return UNKNOWN, UNKNOWN
    processor = UNKNOWN if usage.cpu is None else f"{usage.cpu * 100:.1f}{THIN_SPACE}%"
    limit = f" of {format_bytes(usage.memory_limit)}" if usage.memory_limit else ""
    return processor, f"{format_bytes(usage.memory)}{limit}"


def _load() -> None:
    """Import what talks to the engine, in a thread: on the loop it would be felt."""
    import slimdesk.operations.build
    import slimdesk.operations.connect
    import slimdesk.operations.container_logs
    import slimdesk.operations.container_look
    import slimdesk.operations.containers  # noqa: F401
