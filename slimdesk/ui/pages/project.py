"""Project: its components, what was read of each with the place it was read from, and that place itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QMenu,
    QScrollArea,
    QStyleOptionViewItem,
    QWidget,
)

from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.basics.units import format_bytes, format_seconds, plural
from slimdesk.operations.context_size import ContextSize, context_size
from slimdesk.project.corrections import Refused, text_with_correction, value_from_text
from slimdesk.project.model import Component, Problem, Project, Service
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.facts import CORRECTED_IN, PROFILE_TITLES, FactRow, fact_rows
from slimdesk.ui.models.roles import Role
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.page import Page
from slimdesk.ui.pages.variants_save import confirm_files, read_now, write_files
from slimdesk.ui.theme.fonts import set_font
from slimdesk.ui.widgets.buttons import Button, IconButton, PrimaryButton
from slimdesk.ui.widgets.cells import CellDelegate
from slimdesk.ui.widgets.code_view import CodeView, colours
from slimdesk.ui.widgets.headers import PageHeader, SectionHeader
from slimdesk.ui.widgets.layout import clear, column, line, panel, row
from slimdesk.ui.widgets.notice import EmptyState, Notice, NoticeArea
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Elided, Icon, Tag, Text

Index = QModelIndex | QPersistentModelIndex
MAX_SHOWN = 2_000_000
WIDE = 1500


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
        scroll.setWidget(holder)
        scroll.setAccessibleName("Services and what was not read")
        self._aside_scroll = scroll
        listed = panel(
            column(SectionHeader("Components", surface="bar", rule=True), self.components, spacing=0)
        )
        left = RememberedSplitter(
            desk,
            "project-left",
            [listed, scroll],
            [300, 260],
            orientation=Qt.Orientation.Vertical,
            collapses=1,
        )
        self.facts_model = FactsModel(self._correct)
        self.facts = _FactsTable("Facts", self.facts_model, sortable=False, menus=self._menu)
        self.facts.setItemDelegate(_FactDelegate(self.facts))
        self.facts.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.facts.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.facts.evidence_wanted.connect(self.open_outside)
        self.facts.selected.connect(self._fact_chosen)
        self.facts.linked.connect(lambda item, _key: self._fact_chosen(item))
        self.questions = NoticeArea()
        middle = panel(column(self.questions, self.facts, spacing=0))
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
        evidence = panel(
            column(bar, self.code, line(), panel(column(self.why, margins=(16, 10, 16, 12))), spacing=0)
        )
        self.inner = RememberedSplitter(desk, "project-evidence", [middle, evidence], [640, 460], collapses=1)
        self.outer = RememberedSplitter(desk, "project", [left, self.inner], [250, 1000], collapses=0)
        self._body = QWidget()
        self._body.setLayout(column(self.header, self.outer, spacing=0))
        self._empty = EmptyState(
            "folder-open",
            "No project is open",
            "Open a folder…",
            lambda: desk.actions.run("open-folder"),
            hint="Choose the folder that holds go.mod, package.json, pyproject.toml or a script",
            primary=True,
        )
        self.setLayout(column(self._body, self._empty, spacing=0))
        self._shown: FactRow | None = None
        self._size: tuple[Component, ContextSize] | None = None
        self._stop = [self.workspace.observe(("project", "component"), self.refresh)]
        self.refresh()

    def actions_offered(self) -> Sequence[Action]:
        """What can be done here."""
        return (
            Action("show-folder", "Show the project's folder", self.show_folder, "folder-open", (), "File", self._why_not, page="project"),
            Action("open-evidence", "Open the evidence in an editor", self.open_outside, "arrow-square-out", (), "File", self._why_not, page="project"),
        )  # fmt: skip

    def panes(self) -> Sequence[QWidget]:
        """Components, facts, evidence."""
        return (self.components, self.facts, self.code)

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
        self._show_aside(project)
        self._show_facts(component)
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
                self._aside.addWidget(_service_card(service))
        if project.problems:
            self._aside.addWidget(
                SectionHeader("Not read", str(len(project.problems)), surface="bar", rule=True)
            )
            for problem in project.problems[:100]:
                self._aside.addWidget(_problem_card(problem))
        self._aside.addStretch(1)
        self._aside_scroll.setVisible(bool(project.services or project.problems))

    def _show_facts(self, component: Component | None) -> None:
        self.questions.clear()
        if component is None:
            self.facts_model.show_rows(())
            self.code.show_text("", None)
            return
        rows = fact_rows(component)
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
        wanted = self._shown.key if self._shown else "entrypoint"
        found = next((one for one in rows if one.key == wanted), None) or next(
            (one for one in rows if one.path), None
        )
        if found is not None:
            self.facts.choose(lambda one: one is found)
            self._fact_chosen(found)

    def _answer(self, key: str) -> None:
        if self.facts.choose(lambda one: one.key == key):
            self.facts.setFocus(Qt.FocusReason.OtherFocusReason)
            self.facts.correct()

    def _component_chosen(self, item: object) -> None:
        if isinstance(item, Component):
            self._shown = None
            self.workspace.choose_component(item.name)

    def _fact_chosen(self, item: object) -> None:
        if not isinstance(item, FactRow) or item.heading or self.workspace.project is None:
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
        project, component = self.workspace.project, self.workspace.component
        if project is None or component is None:
            return
        path = project.root / CORRECTED_IN
        try:
            value = None if text is None else value_from_text(component, item.key, text)
        except Refused as error:
            raise BadInput(f"{item.title} was not changed", str(error)) from None
        # What is joined has no facts of its own: they are those of the part that serves.
        name = component.parts[-1].name if component.parts else component.name
        new = text_with_correction(read_now(path), name, item.key, value)
        title = f"{'Take back' if text is None else 'Correct'} {item.title.lower()} of {name}"
        if await confirm_files(self.desk.window, title, [(path, new)], project.root):
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

    def _why_not(self) -> str:
        return "" if self.workspace.project else "no project is open"

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where it is narrow, the evidence stands below the facts."""
        super().resizeEvent(event)
        wanted = Qt.Orientation.Horizontal if self.width() >= WIDE - 76 else Qt.Orientation.Vertical
        if self.inner.orientation() != wanted:
            self.inner.setOrientation(wanted)
            self.inner.setSizes([560, 560] if wanted == Qt.Orientation.Horizontal else [360, 260])


class FactsModel(Rows[FactRow]):
    """Facts that can be corrected in place."""

    def __init__(self, correct: object) -> None:
        super().__init__(FACT_COLUMNS)
        self._correct = correct

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Values that can be corrected are editable; headings cannot even be chosen."""
        item = self.row(index)
        if item is None:
            return Qt.ItemFlag.NoItemFlags
        if item.heading:
            return Qt.ItemFlag.ItemIsEnabled
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == 1 and item.correctable else flags

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """What the editor starts with is the value."""
        if role == Qt.ItemDataRole.EditRole:
            item = self.row(index)
            return item.value if item is not None and item.value != "not known" else ""
        return super().data(index, role)

    def setData(self, index: Index, value: object, role: int = int(Qt.ItemDataRole.EditRole)) -> bool:  # noqa: N802
        """Hand the person's text on; the model changes when the project has been read again."""
        item = self.row(index)
        if role != Qt.ItemDataRole.EditRole or item is None or not callable(self._correct):
            return False
        self._correct(item, str(value))
        return True


class _FactsTable(Table):
    """Enter opens the evidence; a double click or F2 corrects, where there is something to correct."""

    evidence_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Open the evidence, or what any table does."""
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            self.evidence_wanted.emit()
        elif event.key() == Qt.Key.Key_F2:
            self.correct()
        else:
            super().keyPressEvent(event)

    def correct(self) -> None:
        """Edit the chosen value, wherever in its row the cursor is."""
        index = self.currentIndex().siblingAtColumn(1)
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.setCurrentIndex(index)
            self.edit(index)


class _FactDelegate(CellDelegate):
    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802
        del option
        editor = QLineEdit(parent)
        set_font(editor, "mono")
        item = index.data(Role.ITEM)
        editor.setAccessibleName(f"Correct {item.title}" if item is not None else "Correct")
        return editor


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


def _service_card(service: Service) -> QWidget:
    advice = Text(service.advice, "small", "text2", wrap=True)
    head = row(Icon("database"), Text(service.name, "strong"), Tag(service.image or service.kind), 1)
    place = Text(str(service.evidence), "small", "text3") if service.evidence else None
    return panel(column(head, advice, place, margins=(16, 8, 12, 8), spacing=3), "page", "bottom")


def _problem_card(problem: Problem) -> QWidget:
    text = Text(problem.message, "small", "text2", wrap=True)
    place = Text(str(problem.evidence), "small", "text3") if problem.evidence else None
    return panel(column(text, place, margins=(16, 8, 12, 8), spacing=2), "page", "bottom")


def _component_second(component: Component) -> str:
    if component.parts:
        front, host = component.parts
        return f"One image: {host.name} serves {front.name}"
    language = PROFILE_TITLES.get(component.profile, component.profile)
    count = _questions(component)
    parts = [
        f"{language} {component.version or ''}".strip(),
        component.framework or "",
        plural(count, "question") if count else "",
        component.path if component.path != "." else "",
    ]
    return ", ".join(part for part in parts if part)


def _questions(component: Component) -> int:
    return sum(1 for fact in fact_rows(component) if fact.asks)


COMPONENT_COLUMNS: tuple[Column[Component], ...] = (
    Column("name", "Component", lambda one: one.name, width=120, grows=True, font="strong", second=_component_second,
           picture=lambda one: ("link-simple" if one.parts else "package", "text2"), cell_tip=lambda one: f"{one.path}, built in {one.context}"),
    Column("state", "State", lambda _one: "", width=40,
           picture=lambda one: ("question", "warn") if _questions(one) else ("check-circle-fill", "good"),
           cell_tip=lambda one: "Something is to be answered: see the line above the facts" if _questions(one) else "All that is needed was found"),
)  # fmt: skip
FACT_COLUMNS: tuple[Column[FactRow], ...] = (
    Column("fact", "Fact", lambda one: one.title, width=160, font=lambda one: "strong" if one.heading else "body",
           picture=lambda one: ("question", "warn") if one.asks else None),
    Column("value", "Value", lambda one: one.value, width=200, grows=True, tone=lambda one: "warn" if one.asks else None, cell_tip=lambda one: one.tip or one.value,
           tip="Double-click or F2 corrects a value"),
    Column("evidence", "Evidence", lambda one: one.place, width=190, grows=True, font="mono", link=lambda one: one.path is not None,
           cell_tip=lambda one: one.place, tip="The file and line that says so"),
)  # fmt: skip
