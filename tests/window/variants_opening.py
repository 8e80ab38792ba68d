"""How tests open the Variants page on a Go service, with an engine that answers without being one."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog
from unit.operations.variant_desk import shop

from slimdesk.operations.detect import open_project
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.recipes.model import Options


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


def dialog_of(page):
    """Return the open dialog; None where there is none."""
    return next((one for one in page.desk.window.findChildren(QDialog) if one.isVisible()), None)
