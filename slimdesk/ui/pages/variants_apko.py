"""Save apko.yaml and the Dockerfile on top of what apko makes of it, with the commands that do it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from slimdesk.operations.apko import apko_files
from slimdesk.operations.variants import Variants
from slimdesk.recipes.apko import DOCKERFILE, FILE
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.variants_save import confirm_files, write_files
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import TOP, column, row
from slimdesk.ui.widgets.text import Text


async def save_apko(desk: Desk, variants: Variants) -> None:
    """Show both files as a difference, and write them if the person says so. Raises UnavailableFamily with why not."""
    project, component = desk.workspace.project, desk.workspace.component
    if project is None or component is None:
        return
    found = await desk.blocking(apko_files, project, component, variants.options("chainguard"))
    folder = project.root / found.generated.context
    files: list[tuple[Path, str]] = [
        (folder / FILE, found.config),
        (folder / DOCKERFILE, found.generated.text),
    ]
    if found.generated.dockerignore.strip():
        files.append((folder / f"{DOCKERFILE}.dockerignore", found.generated.dockerignore))
    title = f"Save {FILE} and {DOCKERFILE} into the project"
    commands = "\n".join(found.commands)
    if not await confirm_files(desk.window, title, files, project.root, _commands(commands)):
        return
    kept = await desk.blocking(write_files, files)
    words = f"Kept: {', '.join(path.name for path in kept)}." if kept else ""
    desk.notify(
        "good", f"{FILE} and {DOCKERFILE} are saved in {folder}.", words,
        actions=(("Copy the commands", lambda: QGuiApplication.clipboard().setText(commands)),),
        details=commands,
    )  # fmt: skip


def _commands(commands: str) -> QWidget:
    """The commands, to be read and copied."""
    words = Text(commands, "mono", wrap=True)
    copy = IconButton("copy", "Copy the commands", lambda: QGuiApplication.clipboard().setText(commands))
    line = row(words, spacing=8)
    line.setStretch(0, 1)
    line.addWidget(copy, 0, TOP)
    holder = QWidget()
    holder.setLayout(
        column(
            Text("Then run, where apko is installed:", "small", "text2"),
            line,
            margins=(0, 4, 0, 0),
            spacing=4,
        )
    )
    return holder
