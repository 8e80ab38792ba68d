"""Below the terminals: what the chosen container writes, what happened to it, and which of its files changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.debug_logs_changes import ChangesPane
from slimdesk.ui.pages.debug_logs_events import EventsPane
from slimdesk.ui.pages.debug_logs_pane import LogPane
from slimdesk.ui.widgets.headers import TabBar
from slimdesk.ui.widgets.layout import column

if TYPE_CHECKING:
    from slimdesk.engine.model import ContainerRecord

_TABS = (("logs", "Logs"), ("events", "Events"), ("changes", "Changed files"))


class LowerTabs(QWidget):
    """Three tabs about one container; the tools of the one in sight stand beside them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.logs = LogPane(desk)
        self.events = EventsPane(desk)
        self.changes = ChangesPane(desk)
        self._panes: dict[str, LogPane | EventsPane | ChangesPane] = {
            "logs": self.logs,
            "events": self.events,
            "changes": self.changes,
        }
        self._tools = QStackedWidget()
        self._stack = QStackedWidget()
        for pane in self._panes.values():
            self._tools.addWidget(pane.tools)
            self._stack.addWidget(pane)
        self.tabs = TabBar("About the container", _TABS, [self._tools])
        self.tabs.chosen.connect(self._choose)
        self.changes.counted.connect(lambda count: self.tabs.count("changes", count))
        self.setLayout(column(self.tabs, self._stack, spacing=0))
        self.setFocusProxy(self.logs)
        self.setMinimumHeight(self.tabs.minimumHeight())

    def show_container(self, container: ContainerRecord | None) -> None:
        """Be about another container, or the same one as it stands now."""
        for pane in self._panes.values():
            pane.show_container(container)

    def show_find(self) -> None:
        """Go to the field that searches the log."""
        self.tabs.choose("logs")
        self.logs.show_find()

    def _choose(self, key: str) -> None:
        pane = self._panes[key]
        self._stack.setCurrentWidget(pane)
        self._tools.setCurrentWidget(pane.tools)
        self.setFocusProxy(pane)
        if key == "changes":
            self.changes.ask()
