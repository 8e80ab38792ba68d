"""Project: its components, what was read of each with the place it was read from, and that place itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QScrollArea, QStackedWidget, QWidget

from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, format_seconds, plural
from slimdesk.operations.context_size import ContextSize, context_size
from slimdesk.project.corrections import Refused, corrected, text_with_correction, value_from_text
from slimdesk.project.model import Component, Evidence, Project
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import ask_text
from slimdesk.ui.models.facts import CORRECTED_IN, TITLES, FactRow, fact_rows
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.pages.page import Page
from slimdesk.ui.pages.project_aside import COMPONENT_COLUMNS, JoinLines, problem_card, service_card
from slimdesk.ui.pages.project_calls import CallsPane
from slimdesk.ui.pages.project_context import ContextPane
from slimdesk.ui.pages.project_dockerfile import DockerfilePane
from slimdesk.ui.pages.project_facts import FactDelegate, FactsModel, FactsTable
from slimdesk.ui.pages.variants_save import confirm_files, read_now, write_files
from slimdesk.ui.widgets.buttons import Button, IconButton, PrimaryButton
from slimdesk.ui.widgets.code_view import CodeView, colours
from slimdesk.ui.widgets.headers import PageHeader, SectionHeader, TabBar
from slimdesk.ui.widgets.layout import clear, column, line, panel, row
from slimdesk.ui.widgets.notice import EmptyState, Notice, NoticeArea
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Elided, Icon, Text

MAX_SHOWN = 2_000_000
WIDE = 1500
TABS = (
    ("facts", "Facts"),
    ("dockerfile", "Dockerfile"),
    ("calls", "What calls it"),
    ("context", "Build context"),
)


class ProjectPage(Page):
    """Shows the open project. Corrections go to slimdesk.toml, after the person has seen the difference."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        again = Button("Read again", "arrow-clockwise", self.reload, kind="flat")
        folder = Button("Show folder", "folder-open", self.show_folder, kind="flat")
        self._next = PrimaryButton("Show variants", "stack", lambda: desk.go("variants"))
        self.header = PageHeader("", "", (again, folder, self._next))
        self.components = Table("Components", Rows(COMPONENT_COLUMNS), two_lines=True, sortable=False)
        self.components.horizontalHeader().hide()
        self.components.selected.connect(self._component_chosen)
        self._aside = column(spacing=0)
        holder = QWidget()
        holder.setLayout(self._aside)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        scroll.setAccessibleName("Services and what was not read")
        self._aside_scroll = scroll
        self.joins = JoinLines()
        self.joins.folder_wanted.connect(lambda name: self.desk.spawn(self._say_folder(name)))
        head = SectionHeader("Components", surface="bar", rule=True)
        listed = panel(column(head, self.components, self.joins, spacing=0))
        left = RememberedSplitter(
            desk,
            "project-left",
            [listed, scroll],
            [300, 260],
            orientation=Qt.Orientation.Vertical,
            collapses=1,
        )
        self.facts_model = FactsModel(self._correct)
        self.facts = FactsTable("Facts", self.facts_model, sortable=False, menus=self._menu)
        self.facts.setItemDelegate(FactDelegate(self.facts))
        self.facts.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.facts.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.facts.evidence_wanted.connect(self.open_outside)
        self.facts.selected.connect(self._fact_chosen)
        self.facts.linked.connect(lambda item, _key: self._fact_chosen(item))
        self.questions = NoticeArea()
        facts = panel(column(self.questions, self.facts, spacing=0))
        self.dockerfile = DockerfilePane(desk)
        self.dockerfile.written.connect(self.reload)
        self.dockerfile.counted.connect(self._dockerfile_counted)
        self.calls = CallsPane(desk)
        self.calls.evidence_wanted.connect(self._show_evidence)
        self.context = ContextPane(desk)
        self.context.written.connect(self.reload)
        self.tabs = TabBar("What is shown of the component", TABS)
        self._stack = QStackedWidget()
        self._tab_pages: dict[str, QWidget] = {
            "facts": facts,
            "dockerfile": self.dockerfile,
            "calls": self.calls,
            "context": self.context,
        }
        for page in self._tab_pages.values():
            self._stack.addWidget(page)
        self.tabs.chosen.connect(self._open_tab)
        middle = panel(column(self.tabs, self._stack, spacing=0))
        self.evidence_name = Elided("", "mono")
        self.evidence_line = Text("", "small", "text2")
        self.code = CodeView("Evidence")
        self.why = Text("", "small", "text2", wrap=True)
        bar = panel(
            row(
                Icon("file-text"),
                self.evidence_name,
                self.evidence_line,
                IconButton("copy", "Copy path and line", self.copy_place),
                Button("Open in editor", "arrow-square-out", self.open_outside, kind="flat"),
                margins=(12, 0, 8, 0),
            ),
            "bar",
            "bottom",
        )
        bar.setFixedHeight(44)
        self._called = 0
        evidence = self._evidence = panel(
            column(bar, self.code, line(), panel(column(self.why, margins=(16, 10, 16, 12))), spacing=0)
        )
        self.inner = RememberedSplitter(desk, "project-evidence", [middle, evidence], [640, 460], collapses=1)
        self.outer = RememberedSplitter(desk, "project", [left, self.inner], [310, 970], collapses=0)
        self._body = QWidget()
        self._body.setLayout(column(self.header, self.outer, spacing=0))
        self._empty = EmptyState(
            "folder-open",
            "No project is open",
            "Open a folder…",
            lambda: desk.actions.run("open-folder"),
            hint="Choose the folder with your go.mod, package.json, pyproject.toml, pom.xml or Cargo.toml; it may hold several components.",
            primary=True,
            beside=Button("Open the sample", "package", lambda: desk.actions.run("open-sample")),
        )
        self.setLayout(column(self._body, self._empty, spacing=0))
        self._shown: FactRow | None = None
        self._size: tuple[Component, ContextSize] | None = None
        self._stop = [
            self.workspace.observe(("project", "component"), self.refresh),
            self.workspace.observe(("results", "size"), self.dockerfile.measured_again),
        ]
        self.refresh()

    def actions_offered(self) -> Sequence[Action]:
        """What can be done here."""
        own, calls = partial(self.show_tab, "dockerfile"), partial(self.show_tab, "calls")
        return (
            Action("show-folder", "Show the project's folder", self.show_folder, "folder-open", (), "File", self._why_not, page="project"),
            Action("open-evidence", "Open the evidence in an editor", self.open_outside, "arrow-square-out", (), "File", self._why_not, page="project"),
            Action("show-dockerfile", "Check the component's Dockerfile", own, "file-text", (), "View", self._no_dockerfile, page="project", words="findings stages hadolint"),
            Action("rewrite-dockerfile", "Rewrite the Dockerfile as multi-stage…", self._rewrite, "git-diff", (), "Build", self._no_dockerfile, page="project"),
            Action("show-context", "Show the build context", partial(self.show_tab, "context"), "package", (), "View", self._why_not, page="project", words="dockerignore treemap sent"),
            Action("show-calls", "Show what calls into the image", calls, "terminal", (), "View", self._why_not, page="project", words="probes health check"),
        )  # fmt: skip

    def show_tab(self, key: str) -> None:
        """Open a tab: facts, dockerfile, calls or context."""
        self.tabs.choose(key)

    def panes(self) -> Sequence[QWidget]:
        """Components, then what the open tab has."""
        tabs: dict[str, tuple[QWidget, ...]] = {
            "facts": (self.facts, self.code),
            "dockerfile": (self.dockerfile.code, self.dockerfile.findings),
            "calls": (self.calls, self.code),
            "context": (self.context.map,),
        }
        return (self.components, *tabs[self.tabs.value])

    def reload(self) -> None:
        """Read the project again."""
        if self.desk.opener is not None:
            self.desk.opener.read_again()

    def show_folder(self) -> None:
        """Open the project's folder in the file manager."""
        if self.workspace.project is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.workspace.project.root)))

    def copy_place(self) -> None:
        """Put path:line on the clipboard."""
        if self._shown is not None and self._shown.place:
            QGuiApplication.clipboard().setText(self._shown.place)

    def open_outside(self) -> None:
        """Open the evidence with the person's editor, else with the desktop's program for it."""
        project = self.workspace.project
        if project is None or self._shown is None or self._shown.path is None:
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(project.root / self._shown.path)))

    # What is shown

    def refresh(self) -> None:
        """Show the workspace as it is."""
        project = self.workspace.project
        self._body.setVisible(project is not None)
        self._empty.setVisible(project is None)
        if project is None:
            return
        self._say_header(project)
        self.components.rows_model.show_rows((*project.components, *project.joined))
        component = self.workspace.component
        self.components.blockSignals(True)
        self.components.choose(lambda one: component is not None and one.name == component.name)
        self.components.blockSignals(False)
        self.joins.show_project(project)
        self._show_aside(project)
        self._show_facts(component)
        self._show_tabs(project, component)
        self._next.allow(component is not None, "There is no component to build")
        if component is not None and (self._size is None or self._size[0] != component):
            self.desk.spawn(self._measure(project, component))

    def _say_header(self, project: Project) -> None:
        facts = [
            _home(project.root),
            plural(len(project.components), "component"),
            f"{plural(project.files_seen, 'file')} seen in {format_seconds(project.seconds)}",
        ]
        if self._size is not None and self._size[0] == self.workspace.component:
            size = self._size[1]
            least = "" if size.whole else "at least "
            out = f" with {least}{format_bytes(size.left_out)} left out" if size.left_out else ""
            facts.append(f"build context {least}{format_bytes(size.sent)}{out}")
        self.header.set(project.root.name or str(project.root), ", ".join(facts))

    def _show_aside(self, project: Project) -> None:
        clear(self._aside)
        if project.services:
            self._aside.addWidget(
                SectionHeader("Services", str(len(project.services)), surface="bar", rule=True)
            )
            for service in project.services:
                self._aside.addWidget(service_card(service))
        if project.problems:
            self._aside.addWidget(
                SectionHeader("Not read", str(len(project.problems)), surface="bar", rule=True)
            )
            for problem in project.problems[:100]:
                self._aside.addWidget(problem_card(problem))
        self._aside.addStretch(1)
        self._aside_scroll.setVisible(bool(project.services or project.problems))

    def _show_facts(self, component: Component | None) -> None:
        self.questions.clear()
        if component is None:
            self.facts_model.show_rows(())
            self.code.show_text("", None)
            return
        rows = fact_rows(component)
        before = self.facts.verticalScrollBar().value()
        self.facts_model.show_rows(rows)
        asked = {one.key for one in rows if one.asks}
        told = [
            one for one in component.problems if not ("entrypoint" in asked and "entry point" in one.message)
        ]
        for problem in reversed(told[:3]):
            self.questions.show_notice(Notice("warn", problem.message, str(problem.evidence or "")))
        for one in reversed([one for one in rows if one.asks]):
            self.questions.show_notice(
                Notice("warn", f"{one.asks}.", actions=(("Say it…", partial(self._answer, one.key)),))
            )
        wanted = self._shown.key if self._shown and self._shown.key else "entrypoint"
        found = next((one for one in rows if one.key == wanted), None) or next(
            (one for one in rows if one.path), None
        )
        if found is not None:
            # Where nobody has chosen a row yet, the facts are read from the first one on.
            top = 0 if self._shown is None else before
            # Else Qt goes to the chosen row as soon as the page is seen.
            self.facts.setAutoScroll(False)
            self.facts.choose(lambda one: one is found)
            self.facts.setAutoScroll(True)
            self._fact_chosen(found)
            self.facts.verticalScrollBar().setValue(top)

    def _show_tabs(self, project: Project, component: Component | None) -> None:
        has_one = self.dockerfile.show_component(project, component)
        if not has_one and self.tabs.value == "dockerfile":
            self.tabs.choose("facts")
        self.tabs.show_tab("dockerfile", has_one)
        self.tabs.count("dockerfile", None)
        count = self.calls.show_component(project, component)
        self.tabs.count("calls", count or None)
        self._called = count
        if self.tabs.value == "calls":
            self._evidence.setVisible(count > 0)
        self.context.show_component(project, component)
        if self.tabs.value == "context":
            self.context.read()

    def _dockerfile_counted(self, count: int, worst: str) -> None:
        tone = {"error": "bad", "warning": "warn"}.get(worst, "text2")
        self.tabs.count("dockerfile", count or None, tone)

    def _open_tab(self, key: str) -> None:
        self._stack.setCurrentWidget(self._tab_pages[key])
        # A Dockerfile is its own evidence, and so are the files of a folder.
        self._evidence.setVisible(key == "facts" or (key == "calls" and self._called > 0))
        if key == "dockerfile":
            self.dockerfile.read()
        elif key == "context":
            self.context.read()
        elif key == "calls":
            self.calls.read()
        else:
            self._fact_chosen(self.facts.item)

    def _show_evidence(self, evidence: Evidence) -> None:
        """Show a place of a call beside the calls."""
        place = str(evidence)
        row = FactRow("Call", "", "", place, evidence.path, evidence.line, tip=f"Read from {place}.")
        self._show_place(row)

    async def _say_folder(self, name: str) -> None:
        project = self.workspace.project
        host = project.component(name) if project is not None else None
        if project is None or host is None:
            return
        shown = visible(name, 40)
        folder = await ask_text(
            self.desk.window,
            f"Where does {shown} serve files from?",
            "The folder, from the project's own, in which the program looks for the files of the front end when it runs. "
            "The front end's build is put there, and both become one image.",
            "Folder",
            "Show the change…",
            hint=f"{host.path}/public" if host.path != "." else "public",
        )
        if folder is not None:
            await self._write_fact(host, "static_folder", TITLES["static_folder"], folder)

    def _answer(self, key: str) -> None:
        if self.facts.choose(lambda one: one.key == key):
            self.facts.setFocus(Qt.FocusReason.OtherFocusReason)
            self.facts.correct()

    def _component_chosen(self, item: object) -> None:
        if isinstance(item, Component):
            self._shown = None
            self.workspace.choose_component(item.name)

    def _fact_chosen(self, item: object) -> None:
        if isinstance(item, FactRow) and not item.heading:
            self._show_place(item)

    def _show_place(self, item: FactRow) -> None:
        if self.workspace.project is None:
            return
        self._shown = item
        self.evidence_name.setText(item.path or "no single place")
        self.evidence_line.setText(f"line {item.line}" if item.line else "")
        self.why.setText(_why(item))
        if item.path is None:
            self.code.show_text("", None)
        else:
            self.desk.spawn(self._show_file(self.workspace.project.root, item))

    async def _show_file(self, root: Path, item: FactRow) -> None:
        path = root / (item.path or "")
        text = await self.desk.blocking(_read, path)
        if self._shown is not item:
            return
        self.code.show_text(text, item.line)
        spans = await self.desk.blocking(colours, text, path.name)
        if self._shown is item:
            self.code.show_colours(spans)

    async def _measure(self, project: Project, component: Component) -> None:
        try:
            size = await self.desk.blocking(context_size, project, component)
        except SlimDeskError:
            return
        self._size = (component, size)
        if self.workspace.project is project and self.workspace.component == component:
            self._say_header(project)

    # Corrections

    def _correct(self, item: FactRow, text: str) -> None:
        if text.strip() and text != item.value:
            self.desk.spawn(self._write_correction(item, text))

    async def _write_correction(self, item: FactRow, text: str | None) -> None:
        component = self.workspace.component
        if component is not None:
            # What is joined has no facts of its own: they are those of the part that serves.
            await self._write_fact(component, item.key, item.title, text)

    async def _write_fact(self, component: Component, key: str, title: str, text: str | None) -> None:
        """Show how slimdesk.toml would change, and write it; `text` None takes a correction back."""
        project = self.workspace.project
        if project is None:
            return
        path = project.root / CORRECTED_IN
        try:
            value = None if text is None else value_from_text(component, key, text)
            if value is not None:
                corrected(component, key, value, None)
        except Refused as error:
            raise BadInput(f"{title} was not changed", str(error)) from None
        name = component.parts[-1].name if component.parts else component.name
        new = text_with_correction(read_now(path), name, key, value)
        words = f"{'Take back' if text is None else 'Correct'} {title.lower()} of {name}"
        if await confirm_files(self.desk.window, words, [(path, new)], project.root):
            await self.desk.blocking(write_files, [(path, new)])
            self.reload()

    def _menu(self, menu: QMenu, item: object) -> None:
        if not isinstance(item, FactRow) or item.heading:
            return
        if item.correctable:
            menu.addAction("Correct…", self.facts.correct)
        if item.corrected:
            menu.addAction(
                "Back to what was detected…", lambda: self.desk.spawn(self._write_correction(item, None))
            )
        if item.path:
            menu.addAction("Open in editor", self.open_outside)
            menu.addAction("Copy path and line", self.copy_place)

    def _rewrite(self) -> None:
        self.show_tab("dockerfile")
        self.dockerfile.rewrite_it()

    def _no_dockerfile(self) -> str:
        return self._why_not() or ("" if self.dockerfile.path is not None else "the component has none")

    def _why_not(self) -> str:
        return "" if self.workspace.project else "no project is open"

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where it is narrow, the evidence stands below the facts."""
        super().resizeEvent(event)
        wanted = Qt.Orientation.Horizontal if self.width() >= WIDE - 76 else Qt.Orientation.Vertical
        if self.inner.orientation() != wanted:
            self.inner.setOrientation(wanted)
            self.inner.setSizes([560, 560] if wanted == Qt.Orientation.Horizontal else [360, 260])


def _why(item: FactRow) -> str:
    if item.asks:
        return item.asks
    if item.corrected:
        return f"{item.title} was corrected by you, in {item.place}."
    if item.tip:
        return item.tip
    return (
        f"{item.title}: {item.value}, read from {item.place}."
        if item.place
        else f"{item.title}: {item.value}."
    )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_SHOWN).decode("utf-8", errors="replace").replace("\r\n", "\n")
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror or error}"


def _home(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return str(path)
