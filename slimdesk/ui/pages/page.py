"""What a page is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk


class Page(QWidget):
    """A page of the window: made when it is first opened, kept until the end.

    A page shows the workspace, calls operations through `desk`, and holds no second copy of either. It watches with
    `desk.workspace.observe(...)` in its constructor. Override what is needed of the methods below.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.workspace = desk.workspace
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def entered(self) -> None:
        """It has come into view: take the focus, ask for what is needed."""

    def actions_offered(self) -> Sequence[Action]:
        """What can be done here; registered once, when the page is made. Set `page` to the page's key."""
        return ()

    def panes(self) -> Sequence[QWidget]:
        """Where F6 goes, in order: the widget of each pane that takes the focus."""
        return ()

    def reload(self) -> None:
        """F5: read again whatever is shown."""

    def show_filter(self) -> None:
        """Ctrl+F: go to the field that filters."""

    def drop_paths(self, paths: Sequence[str]) -> bool:
        """Something was dropped here; True if this page took it, else the window opens it."""
        del paths
        return False

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the page."""
        super().showEvent(event)
        if not event.spontaneous():
            self.entered()
