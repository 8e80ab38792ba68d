"""The families side by side: size, security, debugging, compatibility, use, from the catalogue and what was measured."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QScrollArea, QWidget

from slimdesk.catalog.model import Family
from slimdesk.operations.families import comparison_for
from slimdesk.recipes.comparison import Cell, Comparison, ComparisonRow
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import TOP, column, line, panel, row
from slimdesk.ui.widgets.text import Icon, Tag, Text

TITLE = "Families of base images"
_SIZE = (1180, 720)
_WIDEST = (1720, 1000)
_SHARE = 0.92


async def show_families(desk: Desk, recommended: Family | None = None) -> None:
    """Show the table: with the images and measured sizes of the chosen component, or in general without one."""
    workspace = desk.workspace
    found = comparison_for(workspace.project, workspace.component, workspace.history, workspace.current_size)
    dialog = QDialog(desk.window)
    dialog.setWindowTitle(TITLE)
    dialog.setAccessibleName(TITLE)
    component = workspace.component
    about = (
        f"What each is like, with the images that would serve {component.name} and the sizes measured here."
        if component is not None
        else "What each is like. With a project open, its images and measured sizes stand here too."
    )
    copy = Button("Copy as text", "copy", lambda: QGuiApplication.clipboard().setText(as_text(found)))
    close = Button("Close", clicked=dialog.accept)
    close.setDefault(True)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setAccessibleName(TITLE)
    scroll.setWidget(FamiliesTable(found, recommended))
    head = column(Text(TITLE, "section"), Text(about, "body", "text2"), margins=(20, 16, 20, 12), spacing=2)
    foot = row(Text(_sources(found), "small", "text3"), 1, copy, close, margins=(20, 10, 20, 14))
    dialog.setLayout(column(head, line(), scroll, line(), foot, spacing=0))
    room = desk.window.size()
    width = max(_SIZE[0], min(_WIDEST[0], round(room.width() * _SHARE)))
    height = max(_SIZE[1], min(_WIDEST[1], round(room.height() * _SHARE)))
    dialog.resize(min(width, room.width()), min(height, room.height()))
    await finished(dialog)


class FamiliesTable(QWidget):
    """One row per family, one column per aspect; all text wraps and can be copied."""

    def __init__(self, found: Comparison, recommended: Family | None = None) -> None:
        super().__init__()
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        grid = QGridLayout()
        grid.setContentsMargins(20, 8, 20, 12)
        grid.setHorizontalSpacing(scaled(18))
        grid.setVerticalSpacing(10)
        grid.addWidget(Text("Family", "small", "text3"), 0, 0)
        for number, aspect in enumerate(found.columns, 1):
            grid.addWidget(Text(aspect.title, "small", "text3"), 0, number)
            grid.setColumnStretch(number, 3)
        grid.setColumnStretch(0, 2)
        grid.setColumnMinimumWidth(0, scaled(130))
        for number, one in enumerate(found.rows):
            place = 2 * number + 2
            grid.addWidget(line(), place - 1, 0, 1, len(found.columns) + 1)
            grid.addWidget(_family(one, recommended), place, 0, TOP)
            for at, cell in enumerate(one.cells, 1):
                grid.addWidget(_cell(cell, dim=one.available is False), place, at, TOP)
        grid.setRowStretch(2 * len(found.rows) + 2, 1)
        self.setLayout(grid)


def _family(one: ComparisonRow, recommended: Family | None) -> QWidget:
    dim = one.available is False
    name = Text(one.family, "strong", "text3" if dim else "text")
    star = (
        Icon("star-fill", "accent", 16, "Advised for this component") if one.family == recommended else None
    )
    state = Tag("cannot serve it") if dim else None
    image = Text(_breakable(one.image or ""), "mono", "text2", wrap=True, select=False)
    image.setVisible(bool(one.image))
    return panel(column(row(name, star, 1), state, image, spacing=4))


def _breakable(image: str) -> str:
    """An image's name that may be broken behind its slashes and its colon."""
    return image.replace("/", "/\u200b").replace(":", ":\u200b")


def _cell(cell: Cell, *, dim: bool) -> Text:
    words = Text(cell.text, "small", "text3" if dim else "text2", wrap=True)
    words.setToolTip(cell.source)
    words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    return words


def _sources(found: Comparison) -> str:
    measured = sum(1 for one in found.rows for cell in one.cells if cell.source.startswith("measured"))
    words = "From the catalogue of base images; point at a cell for its source"
    return f"{words}. Sizes measured here: {measured}." if measured else f"{words}."


def as_text(found: Comparison) -> str:
    """Return the table as a person pastes it into a message: one paragraph per family."""
    parts = []
    for one in found.rows:
        head = one.family if one.image is None else f"{one.family} ({one.image})"
        lines = [
            f"- {aspect.title}: {cell.text}" for aspect, cell in zip(found.columns, one.cells, strict=True)
        ]
        parts.append("\n".join([head, *lines]))
    return "\n\n".join(parts) + "\n"
