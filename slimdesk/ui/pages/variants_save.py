"""Save into the project: what changes is shown first, what stood there is kept."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from slimdesk.basics.errors import OutputError
from slimdesk.basics.files import keep_original, write_whole
from slimdesk.operations.variant_text import VariantText
from slimdesk.ui.dialogs import finished
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.diff_view import DiffView
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Text


def files_to_save(root: Path, text: VariantText) -> list[tuple[Path, str]]:
    """Return where a variant's texts belong, and the texts: only what differs from what stands there; blocking.

    The project's own Dockerfile stays where it is; an empty .dockerignore is not written where there is none. Raises
    OutputError for a file that cannot be read.
    """
    folder = root / text.context
    files = [(text.path or folder / "Dockerfile", text.text)]
    if text.dockerignore.strip() and (text.path is None or text.ignore_edited):
        files.append((folder / ".dockerignore", text.dockerignore))
    return [(path, new) for path, new in files if not path.exists() or read_now(path) != new]


def read_now(path: Path) -> str:
    """Return what stands in a file, "" if nothing does. Raises OutputError if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError as error:
        raise OutputError(f"{path} cannot be compared", error.strerror or str(error)) from error


def write_files(files: list[tuple[Path, str]]) -> list[Path]:
    """Write files, keeping what stood there as NAME.orig; return what was kept. Raises OutputError."""
    kept = []
    for path, text in files:
        if read_now(path) == text and path.exists():
            continue
        old = keep_original(path)
        if old is not None:
            kept.append(old)
        write_whole(path, text)
    return kept


async def confirm_files(parent: QWidget, title: str, files: list[tuple[Path, str]], root: Path) -> bool:
    """Show how each file would change and ask; True if it is to be written."""
    changes = [
        (str(path.relative_to(root)) if path.is_relative_to(root) else str(path), read_now(path), text)
        for path, text in files
    ]
    replaced = [
        name
        for (name, before, after), (path, _) in zip(changes, files, strict=True)
        if path.exists() and before != after
    ]
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setAccessibleName(title)
    dialog.resize(860, 560)
    view = DiffView()
    view.show_files(changes)
    words = (
        f"{', '.join(replaced)} {'is' if len(replaced) == 1 else 'are'} replaced; what stands there now is kept with .orig at its name's end."
        if replaced
        else "Nothing is overwritten."
    )
    save = PrimaryButton("Save", "floppy-disk", dialog.accept)
    cancel = Button("Cancel", clicked=dialog.reject)
    dialog.setLayout(
        column(
            Text(title, "section"),
            Text(f"Into {root}. {words}", "body", "text2", wrap=True),
            view,
            row(1, cancel, save, margins=(0, 4, 0, 0)),
            margins=20,
            spacing=8,
        )
    )
    save.setDefault(True)
    return await finished(dialog)
