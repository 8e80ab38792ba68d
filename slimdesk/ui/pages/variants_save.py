"""Save into the project: what changes is shown first, what stood there is kept."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from slimdesk.basics.errors import BadInput, DockerfileError, OutputError
from slimdesk.basics.files import keep_original, write_whole
from slimdesk.operations.saved import Saved
from slimdesk.operations.variant_saved import merge_for
from slimdesk.operations.variant_text import VariantText
from slimdesk.operations.variant_texts import family_of
from slimdesk.operations.variants import Variants
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished
from slimdesk.ui.models.variants import VariantRow
from slimdesk.ui.pages.merge_dialog import MergeDialog
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


async def save_variant(desk: Desk, variants: Variants, chosen: VariantRow) -> bool:
    """Save a variant's texts into the project, after the person has seen what changes; True if something was written.

    Lines that the person wrote into a Dockerfile that SlimDesk saved are kept, unless the person wants them replaced.
    """
    project, component, text = desk.workspace.project, desk.workspace.component, chosen.text
    if project is None or component is None or text is None:
        return False
    files = await desk.blocking(files_to_save, project.root, text)
    if not files:
        desk.notify("info", "Nothing to save.", "The project holds these very texts already.")
        return False
    if not (text.edited or text.family == "yours"):
        options = variants.options(text.family)
        saved = await desk.blocking(_merge, project, component, text.family, options)
        if saved is not None and saved.path == files[0][0]:
            merged = await _confirm_merge(desk, chosen, saved, files[1:])
            if merged is None:
                return False
            if merged:
                return await _written(desk, merged)
    title = f"Save the {chosen.title} Dockerfile into the project"
    if not await confirm_files(desk.window, title, files, project.root):
        return False
    return await _written(desk, files)


def _merge(project: Project, component: Component, family: str, options: Options) -> Saved | None:
    """The merge with the saved file; None where it cannot be read as ours: then it is shown what replacing changes."""
    try:
        return merge_for(project, component, family_of(family), options)
    except (BadInput, DockerfileError):
        return None


async def _confirm_merge(
    desk: Desk, chosen: VariantRow, saved: Saved, others: list[tuple[Path, str]]
) -> list[tuple[Path, str]] | None:
    """Ask; the files to write, an empty list where the person would rather replace, None where nothing is to be done."""
    shown = await desk.blocking(lambda: [(path.name, read_now(path), text) for path, text in others])
    dialog = MergeDialog(
        desk.window,
        saved,
        title=f"Save the {chosen.title} Dockerfile: your own lines stay",
        about=f"{saved.path.name} was edited since SlimDesk wrote it. This is your text with the changes of {chosen.title}. "
        "What stands there now is kept with .orig at its name's end.",
        may_replace=True,
        others=shown,
    )
    if await finished(dialog):
        return [(saved.path, dialog.text), *others]
    return [] if dialog.replace_wanted else None


async def _written(desk: Desk, files: list[tuple[Path, str]]) -> bool:
    kept = await desk.blocking(write_files, files)
    words = f"Kept: {', '.join(path.name for path in kept)}." if kept else ""
    saved = " and ".join(path.name for path, _ in files)
    verb = "is" if len(files) == 1 else "are"
    use = (
        (("Use it…", partial(desk.actions.run, "use-it")),)
        if "use-it" in desk.actions and not desk.actions["use-it"].refused()
        else ()
    )
    desk.notify("good", f"{saved} {verb} saved in {files[0][0].parent}.", words, actions=use)
    return True


async def confirm_files(
    parent: QWidget, title: str, files: list[tuple[Path, str]], root: Path, below: QWidget | None = None
) -> bool:
    """Show how each file would change and ask; True if it is to be written. `below` stands under the difference."""
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
            below,
            row(1, cancel, save, margins=(0, 4, 0, 0)),
            margins=20,
            spacing=8,
        )
    )
    save.setDefault(True)
    return await finished(dialog)
