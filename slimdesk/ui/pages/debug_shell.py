"""The shells of the Debug page: tabs of terminals beside containers, or in what does not run."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from slimdesk.ui.desk import Desk
from slimdesk.ui.models.containers import name_of
from slimdesk.ui.pages.debug_terminal_pane import TerminalPane
from slimdesk.ui.pages.debug_terminals import TerminalTabs
from slimdesk.ui.widgets.layout import column

if TYPE_CHECKING:
    from slimdesk.engine.model import ContainerRecord
    from slimdesk.operations.debug_shell import TerminalStream


class ShellArea(QWidget):
    """Shows any number of shells; `show_container` says for which one plus opens another."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.container: ContainerRecord | None = None
        self.tabs = TerminalTabs(
            "No shell is open",
            "Its tools come from a second container: the image stays as it is",
            "Open a shell",
        )
        self.tabs.plus_wanted.connect(self.open_chosen)
        self.setLayout(column(self.tabs, spacing=0))
        self.show_container(None)

    def show_container(self, container: ContainerRecord | None) -> None:
        """Take note of the container that is chosen in the list."""
        self.container = container

    def open_chosen(self) -> None:
        """Open a shell beside the chosen container, or in its image where it does not run."""
        if self.container is None:
            self.desk.notify("info", "No container is chosen.", "Choose one on the left, or run an image.")
        elif self.container.state in ("running", "paused"):
            self.open_beside(self.container)
        else:
            self.open_held(self.container.container_id, name_of(self.container))

    def open_beside(self, container: ContainerRecord) -> TerminalPane:
        """Open a tab with a shell beside a running container."""
        return self.tabs.open_tab(name_of(container), self._beside(container))

    def open_held(self, target: str, name: str) -> TerminalPane:
        """Open a tab with a shell in what a container that does not run was made from, or in an image."""
        return self.tabs.open_tab(f"{name} held", self._held(target))

    def _beside(self, container: ContainerRecord) -> Coroutine[Any, Any, TerminalStream]:
        async def opening() -> TerminalStream:
            from slimdesk.debug.toolboxes import DEFAULT
            from slimdesk.operations.connect import connected
            from slimdesk.operations.debug_shell import open_shell

            settings = self.desk.workspace.settings
            async with connected(settings.context) as engine:
                return await open_shell(engine, container.container_id, settings.toolbox or DEFAULT)

        return opening()

    def _held(self, target: str) -> Coroutine[Any, Any, TerminalStream]:
        async def opening() -> TerminalStream:
            from slimdesk.debug.toolboxes import DEFAULT
            from slimdesk.operations.connect import connected
            from slimdesk.operations.held_shell import held_shell

            settings = self.desk.workspace.settings
            async with connected(settings.context) as engine:
                return await held_shell(engine, target, toolbox=settings.toolbox or DEFAULT)

        return opening()
