"""Left of the facts: the components, what could become one image, the services, and what could not be read."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.project.joining import almost_joined
from slimdesk.project.languages.registry import title_of
from slimdesk.project.model import Component, Problem, Project, Service
from slimdesk.ui.models.facts import fact_rows
from slimdesk.ui.models.rows import Column
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import TOP, clear, column, panel, row
from slimdesk.ui.widgets.text import Elided, Icon, Text

# One line each; a project with more is told of the first.
MOST_PAIRS = 3


class JoinLines(QWidget):
    """A quiet line per back end that could serve a front end, if it were known from which folder.

    Signals: `folder_wanted(name of the back end)`.
    """

    folder_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._rows = column(spacing=0)
        self.setLayout(self._rows)
        self.hide()

    def show_project(self, project: Project) -> None:
        """Show the pairs of a project that nothing but the folder keeps apart."""
        clear(self._rows)
        hosts: dict[str, list[str]] = {}
        for front, host in almost_joined(project):
            hosts.setdefault(host.name, []).append(front.name)
        for host_name, fronts in list(hosts.items())[:MOST_PAIRS]:
            self._rows.addWidget(
                self._line(visible(host_name, 40), host_name, visible(" or ".join(fronts), 60))
            )
        self.setVisible(bool(hosts))

    def _line(self, shown: str, name: str, fronts: str) -> QWidget:
        words = Text(f"{fronts} could be served by {shown} in one image", "small", "text2", wrap=True)
        say = Button(
            f"Say where {shown} serves files from…",
            clicked=partial(self.folder_wanted.emit, name),
            kind="link",
        )
        body = row(margins=(16, 8, 12, 8), spacing=8)
        body.addWidget(Icon("link-simple", "text3"), 0, TOP)
        body.addLayout(column(words, row(say, 1), spacing=2), 1)
        return panel(body, "page", "top")


def service_card(service: Service) -> QWidget:
    """Return what is said of a service."""
    image = visible(service.image or service.kind, 200)
    advice = Text(service.advice, "small", "text2", wrap=True)
    head = row(
        Icon("database"), Text(visible(service.name, 60), "strong"), Elided(image, "mono", "text2"), spacing=8
    )
    place = Text(str(service.evidence), "small", "text3") if service.evidence else None
    return panel(column(head, advice, place, margins=(16, 8, 12, 8), spacing=3), "page", "bottom")


def problem_card(problem: Problem) -> QWidget:
    """Return what could not be read, and where."""
    text = Text(problem.message, "small", "text2", wrap=True)
    place = Text(str(problem.evidence), "small", "text3") if problem.evidence else None
    return panel(column(text, place, margins=(16, 8, 12, 8), spacing=2), "page", "bottom")


def _component_second(component: Component) -> str:
    if component.parts:
        front, host = component.parts
        return f"One image: {host.name} serves {front.name}"
    language = title_of(component.profile)
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
