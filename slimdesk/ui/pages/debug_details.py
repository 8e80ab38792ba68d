"""The right pane: what is known of the chosen container, what it uses, and what can be done to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QScrollArea, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import shell_word, visible
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.containers import ContainerRow, name_of, state_words
from slimdesk.ui.pages.debug_containers_live import usage_words
from slimdesk.ui.theme.fonts import fix_height, scaled
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.text import Elided, Text

if TYPE_CHECKING:
    from slimdesk.engine.details import ContainerDetails
    from slimdesk.engine.model import ContainerRecord
    from slimdesk.engine.stats import Usage

# Of a command so many letters are shown: the inspections show all of it.
_LONGEST = 140
Facts = list[tuple[str, str]]


class DetailsPane(QWidget):
    """Facts of one container; `below` is the card under them. The call-backs restart (or start), stop and remove it.

    Signals: `hidden` when the person wants it out of the way.
    """

    hidden = Signal()

    def __init__(
        self,
        desk: Desk,
        restart: Callable[[], object],
        stop: Callable[[], object],
        remove: Callable[[], object],
        below: QWidget,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._one: ContainerRow | None = None
        self._details: ContainerDetails | None = None
        self._usage: Usage | None = None
        self._asking: asyncio.Task[None] | None = None
        self._shown: Facts = []
        self.name = Elided("", "section")
        self.start = IconButton("play", "Start the container", restart)
        self.restart = IconButton("arrow-clockwise", "Restart the container", restart)
        self.stop = IconButton("stop", "Stop the container", stop)
        self.remove = IconButton("trash", "Remove the container", remove)
        self._hide = IconButton("caret-double-right", "Hide the details", self.hidden.emit)
        buttons = (self.start, self.restart, self.stop, self.remove, self._hide)
        head = panel(row(self.name, *buttons, margins=(16, 0, 8, 0), spacing=4), "page", "bottom")
        fix_height(head, 36)
        self._facts = QFormLayout()
        self._facts.setContentsMargins(16, 12, 16, 12)
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(8)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._facts.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self._rule = line()
        body = QWidget()
        body.setLayout(column(self._facts, self._rule, below, 1, spacing=0))
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
        before, self._one = self._one, one
        record = one.record if one is not None else None
        if before is None or one is None or before.key != one.key:
            self._details, self._usage = None, None
        self.name.setText(name_of(record) if record is not None else "No container is chosen")
        lives = record is not None and record.state in ("running", "paused", "restarting")
        self.start.setVisible(record is not None and not lives)
        self.restart.setVisible(lives or record is None)
        for button in (self.restart, self.remove):
            button.allow(record is not None, "no container is chosen")
        self.stop.allow(lives, "it does not run" if record is not None else "no container is chosen")
        self._show()
        if one is not None and (before is None or before.record != one.record or self._details is None):
            if self._asking is not None:
                self._asking.cancel()
            self._asking = self._desk.spawn(self._ask(one.key))

    def show_usage(self, container: str, usage: Usage | None) -> None:
        """Show what a container uses, if it is the one that is shown."""
        if self._one is not None and self._one.key == container:
            self._usage = usage
            self._show()

    async def _ask(self, container: str) -> None:
        from slimdesk.operations.connect import connected

        # A container that went away meanwhile goes out of the list.
        with contextlib.suppress(SlimDeskError):
            async with connected(self._desk.workspace.settings.context) as engine:
                details = await engine.container_details(container)
            if self._one is not None and self._one.key == container:
                self._details = details
                self._show()

    def _show(self) -> None:
        said = [] if self._one is None else facts(self._one, self._details, self._usage)
        self._rule.setVisible(bool(said))
        if [label for label, _ in said] == [label for label, _ in self._shown]:
            for number, (_, words) in enumerate(said):
                field = self._facts.itemAt(number, QFormLayout.ItemRole.FieldRole)
                value = field.widget() if field is not None else None
                if isinstance(value, Text) and value.text() != words:
                    value.setText(words)
        else:
            while self._facts.rowCount():
                self._facts.removeRow(0)
            for label, words in said:
                name = Text(label, "body", "text2")
                name.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
                self._facts.addRow(name, Text(words, "body", wrap=True))
        self._shown = said


def facts(one: ContainerRow, details: ContainerDetails | None, usage: Usage | None) -> Facts:
    """Return what is said of a container, as (label, words)."""
    record = one.record
    said = [("State", state_words(record)), ("Image", _breakable(visible(record.image, 200)))]
    if one.debug:
        said.append(("Debug image", "yes: not to be shipped"))
    if one.shell is not None:
        said.append(("Shell in image", one.shell or "none"))
    said.append(("User", visible(record.user, 60) or "root (the image names none)"))
    if details is not None and details.command:
        said.append(("Process 1", visible(" ".join(shell_word(word) for word in details.command), _LONGEST)))
    if record.ports:
        said.append(("Ports", _ports(record)))
    if details is not None:
        said.append(("Root", _root(details)))
    if record.health:
        said.append(("Health", record.health))
    if record.running:
        processor, memory = usage_words(usage)
        said += [("Processor", processor), ("Memory", memory)]
    return said


def _ports(record: ContainerRecord) -> str:
    return "\n".join(f"{inside} → localhost:{outside}" for inside, outside in sorted(record.ports.items()))


def _root(details: ContainerDetails) -> str:
    in_memory = [visible(one.target, 60) for one in details.mounts if one.kind == "tmpfs"]
    words = "read-only" if details.read_only else "writable"
    return f"{words}, {', '.join(in_memory)} in memory" if in_memory else words


def _breakable(image: str) -> str:
    return image.replace("/", "/\u200b")
