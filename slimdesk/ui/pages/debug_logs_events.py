"""What happened to the chosen container: from the engine's events, and from what it tells of itself."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from slimdesk.basics import clock
from slimdesk.basics.errors import SlimDeskError
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.container_events import EventRow, event_columns, event_row, merged, rows_of_record
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.table import Table

if TYPE_CHECKING:
    from slimdesk.engine.model import ContainerRecord, EngineEvent

# What is kept of all containers, and how far back the engine is asked.
_KEPT = 2_000
_BACK = dt.timedelta(hours=12)


class EventsPane(QWidget):
    """Listens to all containers from the moment that one is shown; shows the chosen one's."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.tools = QWidget()
        self.container: ContainerRecord | None = None
        self._events: deque[tuple[str, EventRow]] = deque(maxlen=_KEPT)
        self._listening: asyncio.Task[None] | None = None
        self._context: object = None
        self.rows: Rows[EventRow] = Rows(event_columns())
        self.table = Table("Events of the container", self.rows, sortable=False)
        self.setFocusProxy(self.table)
        self.setLayout(column(self.table, spacing=0))

    def show_container(self, container: ContainerRecord | None) -> None:
        """Show what happened to it."""
        self.container = container
        self._listen()
        self._show()

    def _listen(self) -> None:
        context = self.desk.workspace.settings.context
        ended = self._listening is None or self._listening.done()
        if self.container is None or (context == self._context and not ended):
            return
        if self._listening is not None:
            self._listening.cancel()
        self._context = context
        self._events.clear()
        self._listening = self.desk.spawn(self._hear())

    async def _hear(self) -> None:
        from slimdesk.operations.connect import connected

        # An engine that goes away is told by its state; with the next container that is shown this begins anew.
        with contextlib.suppress(SlimDeskError):
            async with (
                connected(self.desk.workspace.settings.context) as engine,
                contextlib.aclosing(engine.events(("container",), since=clock.now() - _BACK)) as told,
            ):
                async for event in told:
                    self._take(event)

    def _take(self, event: EngineEvent) -> None:
        row = event_row(event)
        if row is None:
            return
        self._events.append((event.subject, row))
        if self.container is not None and event.subject == self.container.container_id:
            self._show()

    def _show(self) -> None:
        one = self.container
        if one is None:
            self.rows.show_rows(())
            return
        told = [row for subject, row in self._events if subject == one.container_id]
        self.rows.show_rows(merged(rows_of_record(one), told))
