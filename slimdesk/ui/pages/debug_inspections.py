"""A running container looked into without typing: one tab per container, one question after the other, one helper for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QStackedWidget

from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.containers import name_of
from slimdesk.ui.pages import debug_inspections_tables as tables
from slimdesk.ui.pages.debug_inspections_ask import HttpSection, NameSection
from slimdesk.ui.pages.debug_inspections_section import Section
from slimdesk.ui.pages.debug_shell_opening import chosen_toolbox, fetched
from slimdesk.ui.pages.debug_tab_pane import TabPane
from slimdesk.ui.theme.fonts import fix_height, most_width
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.notice import EmptyState, NoticeArea, notice_of
from slimdesk.ui.widgets.text import Elided

if TYPE_CHECKING:
    from slimdesk.engine.model import ContainerRecord
    from slimdesk.operations.sidecar import Sidecar

_LIVE_MS = 2000


@dataclass(frozen=True, slots=True)
class Inspection:
    """One thing to look at: `title` in menus, `make` its view for a pane."""

    key: str
    title: str
    picture: str
    make: Callable[[InspectionPane], Section]


def _files(pane: InspectionPane) -> Section:
    from slimdesk.ui.pages.debug_files import FilesSection

    return FilesSection(pane.desk, pane.container)


INSPECTIONS = (
    Inspection("processes", "Processes", "cpu", lambda _pane: tables.processes()),
    Inspection("ports", "Open ports", "git-fork", lambda _pane: tables.ports()),
    Inspection("connections", "Connections", "arrows-left-right", lambda _pane: tables.connections()),
    Inspection("environment", "Environment", "list-dashes", lambda _pane: tables.EnvironmentSection()),
    Inspection("mounts", "Mounts", "hard-drives", lambda _pane: tables.mounts()),
    Inspection("limits", "Limits", "gauge", lambda _pane: tables.limits()),
    Inspection("name", "DNS check", "globe", lambda _pane: NameSection()),
    Inspection("http", "HTTP probe", "broadcast", lambda pane: HttpSection(pane.first_port)),
    Inspection("files", "Files", "folder-open", _files),
)


class InspectionPane(TabPane):
    """Answers about one running container. The helper that asks is opened with the first question and goes with the tab.

    Signals: `settled` when an answer, or why there is none, is shown.
    """

    settled = Signal()
    picture = "magnifying-glass"

    def __init__(self, desk: Desk, container: ContainerRecord) -> None:
        super().__init__(f"{name_of(container)} inspected")
        self.desk, self.container = desk, container
        self._helper: Sidecar | None = None
        self._opening = asyncio.Lock()
        self._reading: asyncio.Task[None] | None = None
        self._answered: set[Section] = set()
        self._sections: dict[str, Section] = {}
        self.choice = QComboBox()
        self.choice.setAccessibleName("What to look at")
        for one in INSPECTIONS:
            self.choice.addItem(icon(one.picture), one.title, one.key)
        self.choice.currentIndexChanged.connect(lambda _index: self._chosen())
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter")
        self.filter.setAccessibleName("Filter the answers")
        self.filter.setClearButtonEnabled(True)
        most_width(self.filter, 160)
        self.filter.textChanged.connect(self._filter)
        self.facts = Elided("", "small", "text2")
        self.live = QCheckBox("Live")
        self.live.setToolTip("Ask every two seconds while it is in sight")
        self.again = IconButton("arrow-clockwise", "Ask again (F5)", self.reload)
        self._tools = row(spacing=8)
        bar = row(
            self.choice, self.filter, self._tools, self.facts, self.live, self.again, margins=(8, 0, 8, 0)
        )
        bar.setStretch(3, 1)
        head = panel(bar, "page", "bottom")
        fix_height(head, 40)
        self.notices = NoticeArea()
        self._wait = EmptyState("magnifying-glass", "A helper is opened beside the container")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._wait)
        self.setLayout(column(head, self.notices, self._stack, spacing=0))
        self._timer = QTimer(self)
        self._timer.setInterval(_LIVE_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    @property
    def section(self) -> Section:
        """The one that is chosen."""
        return self._section(str(self.choice.currentData()))

    @property
    def first_port(self) -> int | None:
        """The port that is published, if there is one."""
        return min(self.container.ports, default=None)

    def take_focus(self) -> None:
        """Go to the answers."""
        self.choice.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_inspection(self, key: str) -> None:
        """Look at something else, and ask for it."""
        index = self.choice.findData(key)
        if index == self.choice.currentIndex():
            self._chosen()
        else:
            self.choice.setCurrentIndex(index)

    def reload(self) -> None:
        """Ask the question anew."""
        self._ask(self.section)

    async def close_stream(self) -> None:
        """Put the helper away."""
        self._timer.stop()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        await self._put_away()

    # Asking

    def _section(self, key: str) -> Section:
        if key not in self._sections:
            made = next(one for one in INSPECTIONS if one.key == key).make(self)
            made.told.connect(self.facts.setText)
            made.wanted.connect(self.reload)
            self._stack.addWidget(made)
            self._sections[key] = made
        return self._sections[key]

    def _chosen(self) -> None:
        section = self.section
        while (item := self._tools.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
        for tool in section.tools:
            self._tools.addWidget(tool)
            tool.show()
        self.live.setVisible(section.live)
        self.filter.setVisible(section.filters)
        section.keep_words(self.filter.text())
        self.facts.setText("")
        self._ask(section)

    def _filter(self, words: str) -> None:
        self.section.keep_words(words)

    def _ask(self, section: Section) -> None:
        if self._reading is not None:
            self._reading.cancel()
        if self._helper is not None:
            self._stack.setCurrentWidget(section)
        if section not in self._answered:
            self.facts.setText("Asking…")
        self._reading = self.desk.spawn(self._read(section))

    def _tick(self) -> None:
        busy = self._reading is not None and not self._reading.done()
        if self.live.isChecked() and self.section.live and self.isVisible() and not busy and self._helper:
            self._ask(self.section)

    async def _read(self, section: Section) -> None:
        try:
            helper = await self._have_helper()
            self._stack.setCurrentWidget(section)
            self.facts.setText(await section.read(helper))
            self._answered.add(section)
            self.notices.clear()
        except SlimDeskError as error:
            await self._failed(section, error)
        self.settled.emit()

    async def _failed(self, section: Section, error: SlimDeskError) -> None:
        self.facts.setText("")
        self.live.setChecked(False)
        if isinstance(error, BadInput):
            self.notices.show_notice(notice_of(error))
            return
        # It may have ended with its container: the next question opens another.
        await self._put_away()
        self.notices.show_notice(notice_of(error, actions=[("Ask again", lambda: self._ask(section))]))
        if self._stack.currentWidget() is self._wait:
            self._wait.say("No helper could be opened")

    async def _have_helper(self) -> Sidecar:
        async with self._opening:
            if self._helper is None:
                self._wait.say("A helper is opened beside the container")
                self._helper = await self._open()
            return self._helper

    async def _open(self) -> Sidecar:
        from slimdesk.basics.job import Silent
        from slimdesk.debug.toolboxes import DEFAULT
        from slimdesk.operations.connect import connected
        from slimdesk.operations.sidecar import beside

        async with connected(self.desk.workspace.settings.context) as engine:
            # The static one sees most; the person's own serves where that is not there.
            toolbox = DEFAULT if await engine.has_image(DEFAULT) else chosen_toolbox(self.desk)
            await fetched(self.desk, engine, toolbox)
            return await beside(engine, self.container.container_id, toolbox, Silent())

    async def _put_away(self) -> None:
        helper, self._helper = self._helper, None
        if helper is not None:
            await helper.close()


def why_not(container: ContainerRecord | None) -> str:
    """Return why a container cannot be looked into, "" where it can."""
    if container is None:
        return "choose a container first"
    return "" if container.state in ("running", "paused") else "it does not run"
