"""The right pane: what is known of the chosen container, what it uses, and what can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QScrollArea, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.ui.models.containers import ContainerRow, name_of, state_words
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.text import Elided, Text

if TYPE_CHECKING:
    from slimdesk.engine.model import ContainerRecord


class DetailsPane(QWidget):
    """Facts of one container; `below` are the cards under them. The call-backs restart, stop, start and remove it."""

    def __init__(
        self,
        restart: Callable[[], object],
        stop: Callable[[], object],
        remove: Callable[[], object],
        below: QWidget,
    ) -> None:
        super().__init__()
        self.name = Elided("", "section")
        self.restart = IconButton("arrow-clockwise", "Restart the container", restart)
        self.stop = IconButton("stop", "Stop the container", stop)
        self.remove = IconButton("trash", "Remove the container", remove)
        head = panel(
            row(self.name, self.restart, self.stop, self.remove, margins=(16, 0, 8, 0), spacing=4),
            "page",
            "bottom",
        )
        head.setFixedHeight(scaled(44))
        self._facts = QFormLayout()
        self._facts.setContentsMargins(16, 12, 16, 12)
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(8)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._facts.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        body = QWidget()
        body.setLayout(column(self._facts, below, 1, spacing=0))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Details of the container")
        area.setWidget(body)
        self.setLayout(column(head, area, spacing=0))
        self.setMinimumWidth(scaled(260))
        self.show_container(None)

    def show_container(self, one: ContainerRow | None) -> None:
        """Show the facts of a container, or that none is chosen."""
        record = one.record if one is not None else None
        self.name.setText(name_of(record) if record is not None else "No container is chosen")
        for button in (self.restart, self.stop, self.remove):
            button.allow(record is not None, "no container is chosen")
        if record is not None and record.state not in ("running", "paused", "restarting"):
            self.stop.allow(False, "it does not run")
        while self._facts.rowCount():
            self._facts.removeRow(0)
        if one is not None:
            for label, words in facts(one):
                value = Text(words, "body", wrap=True)
                self._facts.addRow(Text(label, "body", "text2"), value)


def facts(one: ContainerRow) -> list[tuple[str, str]]:
    """Return what is said of a container, as (label, words)."""
    record = one.record
    said = [("State", state_words(record)), ("Image", visible(record.image, 200))]
    if one.shell is not None:
        said.append(("Shell in image", one.shell or "none"))
    said.append(("User", visible(record.user, 60) or "root (the image names none)"))
    if record.ports:
        said.append(("Ports", _ports(record)))
    return said


def _ports(record: ContainerRecord) -> str:
    return "\n".join(f"{inside} → localhost:{outside}" for inside, outside in sorted(record.ports.items()))
