"""The shells of the Debug page: tabs of terminals beside containers, or in what does not run, and what is asked without typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from slimdesk.basics.errors import SlimDeskError, ToolboxMissing
from slimdesk.basics.escaping import visible
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import ask_text, pick_file
from slimdesk.ui.models.containers import name_of
from slimdesk.ui.pages import debug_shell_opening as opening
from slimdesk.ui.pages.debug_inspections import INSPECTIONS, InspectionPane, why_not
from slimdesk.ui.pages.debug_tab_pane import TabPane
from slimdesk.ui.pages.debug_terminal_pane import TerminalPane
from slimdesk.ui.pages.debug_terminals import TerminalTabs
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import Button, IconButton, menu_button
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.notice import Notice, notice_of

if TYPE_CHECKING:
    from slimdesk.basics.job import Job
    from slimdesk.debug.ways import Way
    from slimdesk.engine.model import ContainerRecord

_LIVES = ("running", "paused")
_WAYS: tuple[tuple[Way | None, str, str], ...] = (
    (None, "The best that the container allows", "Its own files at / where the tools need no libraries"),
    ("files", "The container's files at /", "The tools are on PATH; nothing is written into the container"),
    ("tools", "The tools' own files at /", "The container's files are at $ROOT, that is /proc/<pid>/root"),
)


class ShellArea(QWidget):
    """Shows any number of shells; `show_container` says for which one plus opens another."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.container: ContainerRecord | None = None
        self.way: Way | None = None
        self._loaded = False
        self.kinds = IconButton("caret-down", "Open a shell with other tools", size=12)
        menu_button(self.kinds, self.fill_kinds)
        self.inspect = Button("Inspect", "list-bullets")
        menu_button(self.inspect, self.fill_inspections)
        self.finder = IconButton("magnifying-glass", "Find in the terminal (Ctrl+Shift+F)", self._find)
        self.more = IconButton("dots-three-vertical", "What can be done with the terminal")
        menu_button(self.more, self._fill_more)
        self.tabs = TerminalTabs(
            "No shell is open",
            "Its tools come from a second container: the image stays as it is",
            "Open a shell",
            beside_plus=(self.kinds,),
            right=(self.inspect, self.finder, self.more),
        )
        self.tabs.plus_wanted.connect(self.open_chosen)
        self.tabs.turned.connect(self._turned)
        self.tabs.set_points(desk.workspace.settings.terminal_zoom)
        self.tabs.zoomed.connect(lambda points: desk.change_settings(terminal_zoom=points))
        self.setLayout(column(self.tabs, spacing=0))
        self.setFocusProxy(self.tabs)
        self._turned(None)
        self.show_container(None)

    def show_container(self, container: ContainerRecord | None) -> None:
        """Take note of the container that is chosen in the list."""
        if container is not None and not self._loaded:
            self._loaded = True
            self.desk.spawn(self.desk.blocking(opening.load))
        self.container = container
        there = container is not None
        for button in (self.tabs.plus, self.kinds):
            button.allow(there, "choose a container first")
        reason = why_not(container)
        self.inspect.allow(not reason, reason)
        empty = self.tabs.empty
        if container is None:
            empty.say("No container is chosen", "Choose one on the left, or run an image")
        elif container.state in _LIVES:
            hint = "Its tools come from a second container: the image stays as it is"
            empty.say(f"No shell is open beside {name_of(container)}", hint)
        else:
            hint = "Its image is started anew with the entry point held, and a shell in it"
            empty.say(f"{name_of(container)} does not run", hint)
        if empty.button is not None:
            empty.button.setVisible(there)

    def actions_offered(self) -> Sequence[Action]:
        """What can be looked at, for menus and the palette of the page."""
        return tuple(
            Action(
                f"inspect-{one.key}",
                f"{one.title} of the chosen container",
                partial(self.look, one.key),
                one.picture,
                refused=lambda: why_not(self.container),
                page="debug",
                words="inspect",
            )
            for one in INSPECTIONS
        )

    # Opening

    def open_chosen(self) -> None:
        """Open a shell beside the chosen container, or in its image where it does not run."""
        if self.container is None:
            self.desk.notify("info", "No container is chosen.", "Choose one on the left, or run an image.")
        else:
            self.open_in(self.container)

    def open_in(self, container: ContainerRecord, toolbox: str = "") -> TerminalPane:
        """Open a tab with a shell beside a container, or in what it was made from where it does not run."""
        if container.state in _LIVES:
            return self.open_beside(container, toolbox)
        return self.open_held(container.container_id, name_of(container), toolbox)

    def open_beside(self, container: ContainerRecord, toolbox: str = "") -> TerminalPane:
        """Open a tab with a shell beside a running container."""
        pane = TerminalPane(name_of(container), "Opening a helper beside it…")
        taken = toolbox or opening.chosen_toolbox(self.desk)
        self._prepare(pane, container.container_id, taken)
        pane.start(opening.beside(self.desk, pane, container.container_id, taken, self.way))
        return pane

    def open_held(self, target: str, name: str, toolbox: str = "") -> TerminalPane:
        """Open a tab with a shell in what a container that does not run was made from, or in an image."""
        pane = TerminalPane(f"{name} held", "Starting the image with its entry point held…")
        taken = toolbox or opening.chosen_toolbox(self.desk)
        self._prepare(pane, target, taken)
        pane.start(opening.held(self.desk, pane, target, taken))
        return pane

    def open_command(self, title: str, line: str) -> TerminalPane:
        """Run a line of this machine's shell in a tab, such as kubectl's."""
        pane = TerminalPane(title, "The command runs on this machine, in an empty folder of its own.")
        pane.ended.connect(partial(self._command_ended, pane, title, line))
        self.tabs.add_pane(pane)
        pane.start(opening.local(pane, line))
        return pane

    def _command_ended(self, pane: TerminalPane, title: str, line: str) -> None:
        def again() -> None:
            self.tabs.close_tab(pane)
            self.open_command(title, line)

        if not pane.terminal.notices.notices:
            close = ("Close", partial(self.tabs.close_tab, pane))
            pane.terminal.notices.show_notice(
                Notice("info", pane.ending, actions=[("Run again", again), close])
            )

    def open_with(self, toolbox: str) -> None:
        """Open a shell with these tools, and take them from now on."""
        self.desk.change_settings(toolbox=toolbox)
        self.open_chosen()

    def look(self, key: str) -> InspectionPane | None:
        """Look into the chosen container without typing: `key` is one of INSPECTIONS; its tab is opened or brought back."""
        container = self.container
        if container is None or why_not(container):
            return None
        pane = next(
            (
                one
                for one in self.tabs.panes
                if isinstance(one, InspectionPane) and one.container.container_id == container.container_id
            ),
            None,
        )
        if pane is None:
            pane = InspectionPane(self.desk, container)
            self.tabs.add_pane(pane)
        else:
            self.tabs.choose(pane)
        pane.show_inspection(key)
        return pane

    def fill_inspections(self, menu: QMenu) -> None:
        """List what can be looked at."""
        for one in INSPECTIONS:
            menu.addAction(icon(one.picture), one.title, partial(self.look, one.key))

    def _prepare(self, pane: TerminalPane, target: str, toolbox: str) -> None:
        pane.tell = partial(self._why_not, pane, target, toolbox)
        pane.ended.connect(partial(self._ended, pane, target, toolbox))
        self.tabs.add_pane(pane)

    def _why_not(self, pane: TerminalPane, target: str, toolbox: str, error: SlimDeskError) -> Notice:
        """Say why a shell could not be opened, with a way out."""
        if not isinstance(error, ToolboxMissing):
            return notice_of(error, actions=[("Try again", partial(self.again, pane, target, toolbox))])
        actions = [
            (f"Use {opening.title_of(other)}", partial(self.again, pane, target, other))
            for other in error.candidates[:1]
        ]
        return notice_of(
            error, actions=[*actions, ("Load an archive…", partial(self.load_toolbox, pane, target))]
        )

    def _ended(self, pane: TerminalPane, target: str, toolbox: str) -> None:
        if pane.terminal.notices.notices:
            return
        again = ("Open again", partial(self.again, pane, target, toolbox))
        close = ("Close", partial(self.tabs.close_tab, pane))
        pane.terminal.notices.show_notice(Notice("info", pane.ending, actions=[again, close]))
        if not pane.isVisible() and pane.ending != "The shell has ended.":
            self.desk.notify("warn", pane.ending, actions=[("Show it", partial(self._show, pane))])

    def _show(self, pane: TerminalPane) -> None:
        self.desk.go("debug")
        if pane in self.tabs.panes:
            self.tabs.choose(pane)

    def again(self, pane: TabPane, target: str, toolbox: str) -> None:
        """Close a tab, and open its shell anew: beside the container if it runs by now."""
        self.desk.spawn(self._again(pane, target, toolbox))

    async def _again(self, pane: TabPane, target: str, toolbox: str) -> None:
        from slimdesk.basics.errors import ImageNotFound
        from slimdesk.operations.connect import connected

        try:
            async with connected(self.desk.workspace.settings.context) as engine:
                found: ContainerRecord | None = await engine.inspect_container(target)
        except ImageNotFound:
            found = None
        self.tabs.close_tab(pane)
        if found is not None:
            self.open_in(found, toolbox)
        else:
            # An image, or a container that was removed: what opens it says so.
            self.open_held(target, pane.title.removesuffix(" held"), toolbox)

    # Tools

    def load_toolbox(self, pane: TabPane | None = None, target: str = "") -> None:
        """Load an image with tools from an archive, take it from now on, and open a shell with it."""
        self.desk.spawn(self._load_toolbox(pane, target))

    async def _load_toolbox(self, pane: TabPane | None, target: str) -> None:
        from slimdesk.operations.connect import connected

        title = "An archive that docker save wrote"
        filters = ("Image archives (*.tar *.tar.gz *.tgz *.tar.zst)", "All files (*)")
        archive = await pick_file(self.desk.window, title, filters)
        if archive is None:
            return

        async def work(_job: Job) -> tuple[str, ...]:
            async with connected(self.desk.workspace.settings.context) as engine:
                return await engine.load(archive)

        loaded = await self.desk.job(f"Load {visible(archive.name, 60)}", "pull", work)
        if not loaded:
            self.desk.notify("warn", "The archive holds no image with a name.", "Load one that has a name.")
            return
        self.desk.change_settings(toolbox=loaded[0])
        if pane is not None and pane in self.tabs.panes:
            self.again(pane, target, loaded[0])
        elif self.container is not None:
            self.open_chosen()

    async def _ask_image(self) -> None:
        name = await ask_text(
            self.desk.window,
            "Tools of another image",
            "Any image that has a shell will do. It is fetched if it is not there, and taken from now on.",
            "Image",
            "Open a shell",
            hint="docker.io/nicolaka/netshoot:latest",
        )
        if name:
            self.open_with(name)

    # Menus

    def fill_kinds(self, menu: QMenu) -> None:
        """List the toolboxes, and the ways in."""
        from slimdesk.debug.toolboxes import TOOLBOXES

        chosen = opening.chosen_toolbox(self.desk)
        menu.addAction("Open a shell with the tools of").setEnabled(False)
        known = [(box.image, f"{box.title}: {box.what.rstrip('.')}") for box in TOOLBOXES]
        if chosen not in (image for image, _ in known):
            known.append((chosen, visible(chosen, 80)))
        group = QActionGroup(menu)
        for image, words in known:
            _choice(menu, group, words, partial(self.open_with, image), chosen=image == chosen)
        menu.addAction("Another image…", lambda: self.desk.spawn(self._ask_image()))
        menu.addAction("Load tools from an archive…", partial(self.load_toolbox, None))
        menu.addSeparator()
        menu.addAction("What shells opened from now on show").setEnabled(False)
        ways = QActionGroup(menu)
        for way, words, tip in _WAYS:
            action = _choice(menu, ways, words, partial(self.take_way, way), chosen=way == self.way)
            action.setToolTip(tip)

    def take_way(self, way: Way | None) -> None:
        """Open shells in this way from now on; None = the best that each container allows."""
        self.way = way

    def _fill_more(self, menu: QMenu) -> None:
        pane = self.tabs.current
        if isinstance(pane, TerminalPane):
            pane.terminal.fill_menu(menu)
            menu.addSeparator()
        close = menu.addAction("Close this tab", lambda: self.tabs.close_tab(pane) if pane else None)
        close.setEnabled(pane is not None)
        others = menu.addAction("Close all tabs", lambda: self.desk.spawn(self.tabs.close_all()))
        others.setEnabled(bool(self.tabs.panes))

    def _find(self) -> None:
        pane = self.tabs.current
        if isinstance(pane, TerminalPane):
            pane.terminal.search.open_bar()

    def _turned(self, pane: TabPane | None) -> None:
        self.finder.allow(isinstance(pane, TerminalPane), "no terminal is in sight")


def _choice(
    menu: QMenu, group: QActionGroup, words: str, act: Callable[[], object], *, chosen: bool
) -> QAction:
    action = menu.addAction(words)
    action.triggered.connect(lambda _checked=False: act())
    action.setCheckable(True)
    action.setChecked(chosen)
    group.addAction(action)
    return action
