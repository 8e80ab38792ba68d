"""Dialogs that are awaited. Never exec(): a nested loop loses other tasks for good."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QWidget

from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Text


async def finished(dialog: QDialog) -> bool:
    """Show `dialog` above its window and wait; True if it was accepted. It is deleted at the end."""
    ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def done(code: int) -> None:
        if not ended.done():
            ended.set_result(code == QDialog.DialogCode.Accepted.value)

    dialog.finished.connect(done)
    dialog.open()
    try:
        return await ended
    finally:
        dialog.close()
        dialog.deleteLater()


async def pick_folder(parent: QWidget, title: str, start: str = "") -> Path | None:
    """Let the person choose a folder."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
    return await _picked(dialog)


async def pick_file(parent: QWidget, title: str, filters: Sequence[str] = (), start: str = "") -> Path | None:
    """Let the person choose a file; `filters` as "Image archives (*.tar *.tar.gz)"."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    if filters:
        dialog.setNameFilters(list(filters))
    return await _picked(dialog)


async def pick_new_file(parent: QWidget, title: str, name: str, filters: Sequence[str] = ()) -> Path | None:
    """Let the person say where a file is to be written; the dialog asks before one is replaced."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.selectFile(name)
    if filters:
        dialog.setNameFilters(list(filters))
    return await _picked(dialog)


async def ask(
    parent: QWidget, title: str, text: str, yes: str, no: str = "Cancel", *, details: Sequence[str] = ()
) -> bool:
    """Ask before something that cannot be undone; Enter says no."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setAccessibleName(title)
    dialog.setMinimumWidth(420)
    refuse = Button(no, clicked=dialog.reject)
    refuse.setDefault(True)
    accept = Button(yes, clicked=dialog.accept)
    lines = "\n".join(details)
    dialog.setLayout(
        column(
            Text(title, "section"),
            Text(text, wrap=True),
            Text(lines, "mono", "text2", wrap=True) if lines else None,
            row(1, refuse, accept, margins=(0, 8, 0, 0)),
            margins=20,
            spacing=8,
        )
    )
    refuse.setFocus(Qt.FocusReason.OtherFocusReason)
    return await finished(dialog)


async def ask_text(
    parent: QWidget, title: str, text: str, label: str, yes: str, *, hint: str = ""
) -> str | None:
    """Ask for one line of text; None if the person leaves it, or it is empty. `hint` is an example in the field."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setAccessibleName(title)
    dialog.setMinimumWidth(460)
    field = QLineEdit()
    field.setAccessibleName(label)
    field.setPlaceholderText(hint)
    accept = PrimaryButton(yes, clicked=dialog.accept)
    accept.setDefault(True)
    accept.allow(False, "Type it first")
    field.textChanged.connect(lambda words: accept.allow(bool(words.strip()), "Type it first"))
    dialog.setLayout(
        column(
            Text(title, "section"),
            Text(text, "body", "text2", wrap=True),
            Text(label, "body"),
            field,
            row(1, Button("Cancel", clicked=dialog.reject), accept, margins=(0, 8, 0, 0)),
            margins=20,
            spacing=8,
        )
    )
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    if not await finished(dialog):
        return None
    return field.text().strip() or None


async def _picked(dialog: QFileDialog) -> Path | None:
    chosen: list[str] = []
    dialog.fileSelected.connect(chosen.append)
    accepted = await finished(dialog)
    return Path(chosen[0]) if accepted and chosen else None
