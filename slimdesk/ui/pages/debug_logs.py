"""What a container writes, what happens to it, and which of its files changed."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.ui.desk import Desk
from slimdesk.ui.widgets.headers import TabBar
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.log_view import LogView

if TYPE_CHECKING:
    from slimdesk.engine.model import ContainerRecord


class LowerTabs(QWidget):
    """Tabs below the terminals, of the chosen container."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._key: tuple[str, str] = ("", "")
        self._following: asyncio.Task[None] | None = None
        self.tabs = TabBar("About the container", [("logs", "Logs")])
        self.log = LogView("Log of the container")
        self.setLayout(column(self.tabs, self.log, spacing=0))

    def show_container(self, container: ContainerRecord | None) -> None:
        """Follow the log of another container, or of the same one started anew."""
        key = (container.container_id, str(container.started_at)) if container is not None else ("", "")
        if key == self._key:
            return
        self._key = key
        if self._following is not None:
            self._following.cancel()
            self._following = None
        self.log.show_lines(())
        if container is not None:
            self._following = self.desk.spawn(self._follow(container.container_id))

    async def _follow(self, container: str) -> None:
        from slimdesk.operations.connect import connected
        from slimdesk.operations.container_logs import follow_log

        try:
            async with (
                connected(self.desk.workspace.settings.context) as engine,
                contextlib.aclosing(follow_log(engine, container)) as told,
            ):
                async for lines in told:
                    self.log.append_lines([line.text for line in lines])
        except SlimDeskError as error:
            self.log.append_lines([str(error)])
