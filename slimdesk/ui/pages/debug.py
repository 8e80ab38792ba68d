"""Debug: the containers, a shell beside each that has none, its log, and the commands to take along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.containers import ContainerRow, state_words
from slimdesk.ui.pages.debug_commands import CommandsCard
from slimdesk.ui.pages.debug_containers import ContainerPane
from slimdesk.ui.pages.debug_containers_acts import LIVES, ContainerActs
from slimdesk.ui.pages.debug_containers_live import LiveContainers
from slimdesk.ui.pages.debug_details import DetailsPane
from slimdesk.ui.pages.debug_details_variant import DebugVariantCard
from slimdesk.ui.pages.debug_logs import LowerTabs
from slimdesk.ui.pages.debug_shell import ShellArea
from slimdesk.ui.pages.page import Page
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.notice import EmptyState, Notice, NoticeArea, sentence
from slimdesk.ui.widgets.splitter import RememberedSplitter

if TYPE_CHECKING:
    from slimdesk.engine.model import ContainerRecord
    from slimdesk.verify.diagnose import Diagnosis

# So many ports are offered to be opened.
_PORTS = 5
# From here on the log stands beside the terminals.
_WIDE = 1700
# Below it the details are a button, unless somebody wants them.
_ROOMY = 1214


class DebugPage(Page):
    """Shows the engine's containers live; the chosen one is `chosen`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.own = False
        self.live = LiveContainers(desk, lambda: self.workspace.container if self.isVisible() else "")
        self.acts = ContainerActs(desk, self.live)
        self.containers = ContainerPane(self._fill_container, self._fill_more)
        self.containers.selected.connect(self._select)
        self.containers.opened.connect(self._open)
        self.containers.ask_wanted.connect(self._ask_engine)
        self.shell = ShellArea(desk)
        self.below = LowerTabs(desk)
        self.commands = CommandsCard(desk)
        self.commands.run_wanted.connect(self.shell.open_command)
        self.variant = DebugVariantCard(desk)
        cards = QWidget()
        cards.setLayout(column(self.commands, self.variant, spacing=0))
        self.details = DetailsPane(desk, self.restart, self.stop, self.remove, cards)
        self.middle = RememberedSplitter(
            desk, "debug-middle", [self.shell, self.below], [520, 220],
            orientation=Qt.Orientation.Vertical, collapses=1,
        )  # fmt: skip
        self.problem = NoticeArea()
        self._told = ("", "")
        centre = QWidget()
        centre.setLayout(column(self.problem, self.middle, spacing=0))
        self.whole = RememberedSplitter(
            desk, "debug", [self.containers, centre, self.details], [270, 680, 320], collapses=2
        )
        for splitter, number in ((self.whole, 1), (self.middle, 0)):
            splitter.setStretchFactor(number, 1)
        self._none = EmptyState("terminal-window", "The engine is being asked", "Ask again", self._ask_engine)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._none)
        opener = IconButton("caret-double-left", "Show the details", lambda: self.show_details(True))
        self._strip = panel(column(opener, 1, margins=4), "page", "left")
        self.details.hidden.connect(lambda: self.show_details(False))
        page = QWidget()
        parts = row(self.whole, self._strip, spacing=0)
        parts.setStretch(0, 1)
        page.setLayout(parts)
        self._page = page
        self._pages.addWidget(page)
        self.setLayout(column(self._pages, spacing=0))
        self.containers.run_wanted.connect(lambda: desk.actions.run("run-image"))
        self.live.listed.connect(self._listed)
        self.live.used.connect(self.details.show_usage)
        self.live.explained.connect(self._explained)
        self.containers.remove_wanted.connect(self.remove)
        self.workspace.observe("engine", self._engine_changed)
        self.workspace.observe("container", self._container_changed)
        self._engine_changed()

    # What a page offers

    def actions_offered(self) -> Sequence[Action]:
        """Shell, restart, stop, remove."""
        page = "debug"
        return (
            Action("container-open", "Open a shell beside the chosen container", self.shell.open_chosen, "terminal-window", refused=self._why_none, page=page),
            Action("container-restart", "Restart the chosen container", self.restart, "arrow-clockwise", ("Ctrl+R",), "Edit", self._why_none, page=page),
            Action("container-stop", "Stop the chosen container", self.stop, "stop", (), "Edit", self._why_not_running, page=page),
            Action("container-remove", "Remove the chosen container…", self.remove, "trash", (), "Edit", self._why_none, page=page),
            *self.shell.actions_offered(),
        )  # fmt: skip

    def entered(self) -> None:
        """Take the focus to the list, and do what another page asked for."""
        self.containers.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._container_changed()

    def panes(self) -> Sequence[QWidget]:
        """List, terminals, log."""
        return (self.containers.table, self.shell, self.below)

    def show_filter(self) -> None:
        """Go to the field that filters."""
        self.containers.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.containers.filter.selectAll()

    def reload(self) -> None:
        """List the containers again."""
        self.live.watch(own=self.own, again=True)

    @property
    def chosen(self) -> ContainerRecord | None:
        """The chosen container as it stands."""
        return self.containers.chosen

    def _why_none(self) -> str:
        return "" if self.chosen is not None else "choose a container first"

    def _why_not_running(self) -> str:
        one = self.chosen
        if one is None:
            return "choose a container first"
        return "" if one.state in LIVES else "it does not run"

    # The engine

    def _ask_engine(self) -> None:
        if self.desk.opener is not None:
            self.desk.opener.ask_engine()

    def _engine_changed(self) -> None:
        status = self.workspace.engine
        there = status is not None and status.reachable
        if status is not None and not status.reachable:
            self._none.say("No engine answers", sentence(visible(status.reason or "")))
            if not self.live.is_watching(status.endpoint):
                # Another was chosen, and what stands here is not its.
                self.live.stop()
        if not there and not self.containers.rows.rows:
            self._pages.setCurrentWidget(self._none)
        if there:
            self.live.watch(own=self.own)

    def _listed(self, rows: list[ContainerRow], problem: str) -> None:
        self.containers.show_rows(rows, problem)
        status = self.workspace.engine
        there = bool(rows) or status is None or status.reachable
        self._pages.setCurrentWidget(self._page if there else self._none)

    # The chosen container

    def _container_changed(self) -> None:
        """Somebody chose a container, or wants a shell in an image."""
        wanted = self.workspace.container
        if wanted and (self.chosen is None or self.chosen.container_id != wanted):
            self.containers.choose(wanted)
        target = self.workspace.take_debug() if self.isVisible() else ""
        if target:
            known = self.containers.known(target)
            if known is not None:
                self.shell.open_in(known)
            else:
                self.shell.open_held(target, visible(target, 60))

    def _select(self, _record: ContainerRecord | None) -> None:
        record = self.chosen
        self.workspace.choose_container(record.container_id if record is not None else "")
        self.shell.show_container(record)
        self.below.show_container(record)
        self.commands.show_container(record)
        self.details.show_container(self.containers.chosen_row)
        self.variant.show_container(self.containers.chosen_row)
        if record is not None:
            self.live.explain(record)
        else:
            self.problem.clear()
            self._told = ("", "")

    def _open(self, _record: ContainerRecord) -> None:
        self.shell.open_chosen()

    def restart(self) -> None:
        """Restart the chosen container; one that ended is started again."""
        self._with_chosen(self.acts.restart)

    def stop(self) -> None:
        """Stop the chosen container."""
        self._with_chosen(self.acts.stop)

    def remove(self) -> None:
        """Remove the chosen container."""
        self._with_chosen(self.acts.remove)

    def _with_chosen(self, act: Callable[[ContainerRecord], object]) -> None:
        if self.chosen is not None:
            act(self.chosen)

    def _explained(self, container: str, why: Diagnosis | None) -> None:
        """Say above the terminals why the chosen container does not run, and offer a shell in what it was made from."""
        one = self.chosen
        if one is None or one.container_id != container:
            return
        words = why.message if why is not None else ""
        if self._told == (container, words):
            return
        self._told = (container, words)
        self.problem.clear()
        if words:
            look = ("Look inside", self.shell.open_chosen)
            self.problem.show_notice(
                Notice("bad", f"{state_words(one).partition(',')[0]}.", words, actions=[look], closable=False)
            )

    # Menus

    def _fill_container(self, menu: QMenu, record: ContainerRecord) -> None:
        for key in ("container-open", "container-restart", "container-stop", "container-remove"):
            menu.addAction(self.desk.actions.menu_action(key, menu))
        menu.addSeparator()
        for outside in list(record.ports.values())[:_PORTS] if record.running else ():
            address = f"http://localhost:{outside}"
            menu.addAction(icon("arrow-square-out"), f"Open {address}", partial(_browse, address))
        menu.addAction(icon("cube"), "Open its image", partial(self._open_image, record))
        copy = QGuiApplication.clipboard().setText
        menu.addAction(icon("copy"), "Copy its name", partial(copy, record.name))
        menu.addAction(icon("copy"), "Copy its ID", partial(copy, record.container_id))

    def _open_image(self, record: ContainerRecord) -> None:
        if self.desk.opener is not None:
            self.desk.opener.open_image(record.image)

    def _fill_more(self, menu: QMenu) -> None:
        for key in ("run-image", "run-pod", "explain-exit"):
            menu.addAction(self.desk.actions.menu_action(key, menu))
        menu.addSeparator()
        for word, own in (("All containers", False), ("Only SlimDesk's own", True)):
            action = menu.addAction(word, partial(self.show_own, own))
            action.setCheckable(True)
            action.setChecked(self.own == own)

    def show_own(self, own: bool) -> None:
        """Show only what SlimDesk has made, or all."""
        self.own = own
        self.containers.say_whose(own)
        self._engine_changed()

    def show_details(self, shown: bool) -> None:
        """Show the right pane, or its button alone; remembered for windows with room and for those without."""
        self.desk.keep(self._details_key, (int(shown),))
        self._fit()

    @property
    def _details_key(self) -> str:
        return "debug-details" if self.width() >= _ROOMY else "debug-details-narrow"

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Let the log stand beside the terminals where there is room, and the details give way where there is none."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wide = self.width() >= _WIDE
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self.middle.orientation() != orientation:
            self.middle.setOrientation(orientation)
            if self.desk.recall("debug-middle") is None:
                self.middle.setSizes([560, 440] if wide else [520, 220])
        kept = self.desk.recall(self._details_key)
        shown = bool(kept[0]) if kept else self.width() >= _ROOMY
        self.details.setVisible(shown)
        self._strip.setVisible(not shown)


def _browse(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))
