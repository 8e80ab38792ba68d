"""How tests open the Variants page on a Go service, with an engine that answers without being one."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog
from unit.operations.variant_desk import shop

from slimdesk.operations.detect import open_project
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.recipes.model import Options
from slimdesk.ui.models.roles import Role


def open_variants(make_window, engine, folder, *, size=(1280, 800), dockerfile=None, appearance="light"):
    """Return the page; `dockerfile` is a text, or a family that SlimDesk saves first."""
    window = make_window(appearance, size)
    root = shop(folder, dockerfile=dockerfile if dockerfile and "\n" in dockerfile else None)
    if dockerfile and "\n" not in dockerfile:
        project = open_project(root)
        made = generate_dockerfile(project, project.components[0], dockerfile, Options())
        (root / "Dockerfile").write_text(made.text)
    window.workspace.show_project(open_project(root))
    window.go("variants")
    page = window.page_of("variants")
    page.variants._connect = engine.connect
    page.refresh()
    return page


def read_again(page):
    """Read the project anew, as the program does after a file has changed."""
    page.workspace.show_project(open_project(page.workspace.project.root))
    page.refresh()


def fix_button(page, family):
    """Return the button in a family's row, as the table holds it; None where there is none."""
    column = [one.key for one in page._model.columns].index("runs")
    for number in range(page.table.sorted_rows.rowCount()):
        index = page.table.sorted_rows.index(number, column)
        if index.data(Role.ITEM).variant.family == family:
            place = page.table.indexWidget(index)
            return None if place is None else place.button
    raise AssertionError(family)


def still_runs(page, family):
    """Return what a family's row says in the column "Still runs"."""
    (column,) = [one for one in page._model.columns if one.key == "runs"]
    row = next(row for row in page._rows if row.variant.family == family)
    return f"{column.text(row)} {column.second(row)}".strip()


def dialog_of(page):
    """Return the open dialog; None where there is none."""
    return next((one for one in page.desk.window.findChildren(QDialog) if one.isVisible()), None)
