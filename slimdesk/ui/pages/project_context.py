"""The build context before any build: what is sent to the engine and what .dockerignore leaves out, as a treemap."""

from __future__ import annotations

import asyncio
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, format_exact, format_percent, plural
from slimdesk.image.table import ROOT
from slimdesk.operations.context_size import LEFT_OUT, SENT, ContextFiles, ContextSize, context_files
from slimdesk.operations.leave_out import LeftOut, apply
from slimdesk.operations.leave_out_path import ignored_change, read_from
from slimdesk.operations.leave_out_words import shown
from slimdesk.project.model import Component, Project
from slimdesk.recipes.leave_out_manifest import CannotTakeOut
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.files_view import Shown, Wanted, shown_nodes
from slimdesk.ui.models.image_colors import Coloring, LegendEntry
from slimdesk.ui.pages.image_map import NodeLine
from slimdesk.ui.pages.treemap_switched import SwitchedTreemap
from slimdesk.ui.pages.variants_save import confirm_files
from slimdesk.ui.widgets.buttons import Button, IconButton
from slimdesk.ui.widgets.figures import Figure, FigureStrip
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.notice import EmptyState
from slimdesk.ui.widgets.text import Text

_READING = "Reading the folder…"
_CHOOSE = "choose a file or folder first"
_OUT_ALREADY = ".dockerignore leaves it out already"


class ContextPane(QWidget):
    """Reads the context when it is first shown. Signals: `written()` .dockerignore has changed."""

    written = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setAccessibleName("Build context")
        self.desk = desk
        self._project: Project | None = None
        self._component: Component | None = None
        self._files: ContextFiles | None = None
        self._task: asyncio.Task[None] | None = None
        self.figures = FigureStrip("Figures of the build context")
        self._body = SwitchedTreemap(desk, "Treemap of the build context")
        self.map, self.legend = self._body.map, self._body.legend
        self.map.empty_words = _READING
        self.leave_button = Button("Leave out…", "minus", self._leave_chosen, kind="flat")
        self._up = IconButton("arrow-up", "Show the whole folder", lambda: self._body.zoom(ROOT))
        self.about = NodeLine(self.copy_path, (self._up, self.leave_button))
        self._empty = EmptyState("package", "The build context could not be read", "Read again", self._again)
        whole = QWidget()
        whole.setLayout(column(self.figures, self._body, self.about, spacing=0))
        self._stack = QStackedWidget()
        self._whole = whole
        self._stack.addWidget(whole)
        self._stack.addWidget(self._empty)
        self.setLayout(column(self._stack, spacing=0))
        self._body.shown.connect(lambda _root: self._about(self.map.selected))
        self.map.chosen.connect(lambda _node: self._about(self.map.selected))
        self.map.pointed.connect(lambda node: self._about(node if node >= 0 else self.map.selected))
        self.map.asked.connect(self._menu)
        self._about(-1)

    # Reading

    def show_component(self, project: Project, component: Component | None) -> None:
        """Another component, or the same one read again: what was shown is no longer it."""
        if project is self._project and component is self._component:
            return
        self._project, self._component, self._files = project, component, None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.map.empty_words = _READING
        self._body.show_table(None)
        self.figures.show_figures(())

    def read(self) -> None:
        """Read it, unless it is known or being read."""
        project, component = self._project, self._component
        if project is None or component is None or self._files is not None or self._task is not None:
            return
        self._stack.setCurrentWidget(self._whole)
        self._task = self.desk.spawn(self._read(project, component))

    async def _read(self, project: Project, component: Component) -> None:
        try:
            files = await context_files(project, component)
            # The first sums load numpy, which takes a while.
            whole = await self.desk.blocking(shown_nodes, files.table, Wanted())
        except SlimDeskError as error:
            self._empty.say("The build context could not be read", str(error))
            self._stack.setCurrentWidget(self._empty)
            return
        finally:
            if self._project is project and self._component is component:
                self._task = None
        if self._project is project and self._component is component:
            self.show_context(files, whole)

    def show_context(self, files: ContextFiles, whole: Shown | None = None) -> None:
        """Show a context that has been read; `whole` is all of it, if it is summed already."""
        self._files = files
        self.figures.show_figures(figures_of(files.size))
        self.map.select(-1)
        self.map.empty_words = "The folder holds no files"
        self._body.show_table(files.table, coloring_of(files), whole)

    def _again(self) -> None:
        self._files = None
        self.read()

    # Showing

    def _about(self, node: int) -> None:
        files = self._files
        self._up.allow(self.map.root != ROOT, "the whole folder is shown")
        if files is None or node < ROOT:
            self.about.say("", "", "Point at a tile, or move with the arrow keys", copy=False)
            self.leave_button.allow(False, _CHOOSE)
            return
        table = files.table
        size = table.live[node]
        facts = ["left out by .dockerignore" if table.layer[node] == LEFT_OUT else "sent"]
        if table.is_folder(node):
            facts.append(plural(table.files[node], "file"))
        if files.size.sent and table.layer[node] == SENT and node != ROOT:
            facts.append(f"{format_percent(size / (files.size.sent + files.size.left_out))} of the folder")
        path = visible(table.path(node)[1:]) or "."
        self.about.say(path, format_bytes(size), ", ".join(facts), format_exact(size), copy=True)
        self.leave_button.allow(not self._why_not(self.map.selected), self._why_not(self.map.selected))

    def copy_path(self) -> None:
        """Put the chosen path, from the context's root, on the clipboard."""
        if self._files is not None and self.map.selected >= ROOT:
            QGuiApplication.clipboard().setText(visible(self._files.table.path(self.map.selected)[1:]) or ".")

    # Leaving out

    def _menu(self, node: int, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, node)
        menu.popup(where)

    def fill_menu(self, menu: QMenu, node: int) -> None:
        """Choose a file or folder and list what can be done with it."""
        if self._files is None:
            return
        self.map.select(node)
        self._about(node)
        table = self._files.table
        folder = node if table.is_folder(node) else max(ROOT, table.parent[node])
        menu.addAction("Zoom into the folder", partial(self._body.zoom, folder)).setEnabled(
            folder != self.map.root
        )
        menu.addAction("Whole folder", partial(self._body.zoom, ROOT)).setEnabled(self.map.root != ROOT)
        menu.addSeparator()
        menu.addAction("Copy path", self.copy_path)
        menu.addAction("Leave out…", self._leave_chosen).setEnabled(not self._why_not(node))

    def _why_not(self, node: int) -> str:
        if self._files is None or node <= ROOT:
            return _CHOOSE
        return _OUT_ALREADY if self._files.table.layer[node] == LEFT_OUT else ""

    def _leave_chosen(self) -> None:
        node = self.map.selected
        if self._files is not None and not self._why_not(node):
            path = self._files.table.path(node)[1:]
            self.desk.spawn(self._leave_out(path, self._files.table.live[node]))

    async def _leave_out(self, path: str, size: int) -> None:
        project, component = self._project, self._component
        if project is None or component is None:
            return
        try:
            change = await self.desk.blocking(ignored_change, project, component, path)
        except CannotTakeOut as error:
            raise BadInput(f"{visible(path, 100)} was not left out", str(error)) from None
        cautions = read_from(component, path)
        words = "; ".join((f"{format_bytes(size)} less are sent with each build", *cautions))
        files = [(project.root / change.path, shown(change.after))]
        title = f"Leave {visible(path, 80)} out of the build context"
        if await confirm_files(
            self.desk.window, title, files, project.root, Text(f"{words}.", "body", "text2", wrap=True)
        ):
            await self.desk.blocking(apply, project, LeftOut(path, changes=(change,)))
            self.written.emit()


def coloring_of(files: ContextFiles) -> Coloring:
    """Colour by what becomes of a file: sent, or left out."""
    from array import array

    size = files.size
    entries = [
        LegendEntry("Sent to the engine", frozenset({SENT}), ("tile", 0), size.sent),
        LegendEntry("Left out by .dockerignore", frozenset({LEFT_OUT}), ("other", 0), size.left_out),
    ]
    codes = array("B", files.table.layer)
    return Coloring("layer", codes, {SENT: ("tile", 0), LEFT_OUT: ("other", 0)}, tuple(entries))


def figures_of(size: ContextSize) -> tuple[Figure, ...]:
    """Return what is sent and what is not, as figures."""
    least = "" if size.whole else "at least "
    whole = size.sent + size.left_out
    share = f", {format_percent(size.left_out / whole)} of the folder" if whole else ""
    return (
        Figure(f"{least}{format_bytes(size.sent)}", "sent with each build", format_exact(size.sent)),
        Figure(f"{least}{format_bytes(size.left_out)}", f"left out{share}", format_exact(size.left_out)),
        Figure(
            f"{size.files:,}",
            "files sent",
            "" if size.whole else "The folder holds more; counting stopped there",
        ),
    )
