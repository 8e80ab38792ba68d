"""The commands to take along: the same shell by hand, with docker and kubectl."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from slimdesk.ui.desk import Desk
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import clear, column, panel, row
from slimdesk.ui.widgets.text import Text

if TYPE_CHECKING:
    from slimdesk.debug.commands import Commands
    from slimdesk.engine.model import ContainerRecord


class CommandsCard(QWidget):
    """Shows the lines for one container; it hides where there are none."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._key: tuple[str, bool] = ("", False)
        self._asking: asyncio.Task[None] | None = None
        self._lines = column(spacing=4)
        self.setLayout(
            column(Text("The same by hand", "section"), self._lines, margins=(16, 12, 16, 12), spacing=6)
        )
        self.hide()

    def show_container(self, container: ContainerRecord | None) -> None:
        """Show the lines for a shell beside this container."""
        key = (container.container_id, container.running) if container is not None else ("", False)
        if key == self._key:
            return
        self._key = key
        if self._asking is not None:
            self._asking.cancel()
        if container is None or not container.running:
            self.hide()
            return
        self._asking = self.desk.spawn(self._ask(container.container_id))

    async def _ask(self, container: str) -> None:
        from slimdesk.debug.commands import commands_for
        from slimdesk.debug.toolboxes import DEFAULT
        from slimdesk.operations.connect import connected
        from slimdesk.operations.debug_shell import plan_shell

        settings = self.desk.workspace.settings
        async with connected(settings.context) as engine:
            plan = await plan_shell(engine, container, settings.toolbox or DEFAULT)
        self._show(commands_for(plan.target, plan.toolbox, plan.way, pid=plan.pid))

    def _show(self, commands: Commands) -> None:
        clear(self._lines)
        for name, line in (("Docker", commands.docker), ("Docker Debug", commands.docker_debug)):
            copy = IconButton("copy", f"Copy the {name} command", partial(_copy, line))
            self._lines.addLayout(row(Text(name, "strong"), 1, copy))
            words = Text(line, "mono", wrap=True)
            self._lines.addWidget(panel(column(words, margins=8), "well"))
        self.show()


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
