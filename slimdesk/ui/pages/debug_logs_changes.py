"""Which files of the chosen container are not as in its image, with their sizes; each can be saved."""

from __future__ import annotations

import asyncio
import posixpath
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, format_bytes, format_exact, plural
from slimdesk.operations.container_look import ChangedFile
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import pick_new_file
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.notice import EmptyState
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Elided

if TYPE_CHECKING:
    from pathlib import Path

    from slimdesk.basics.job import Job
    from slimdesk.engine.model import ContainerRecord

_SIGNS: dict[str, tuple[str, Token, str]] = {
    "added": ("plus", "good", "Added"),
    "changed": ("pencil-simple", "warn", "Changed"),
    "removed": ("minus", "bad", "Removed"),
}
# A container is asked once the choice stands still.
_STILL_MS = 300


class ChangesPane(QWidget):
    """Signals: `counted(number or None)`."""

    counted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.container: ContainerRecord | None = None
        self._asking: asyncio.Task[None] | None = None
        self.rows: Rows[ChangedFile] = Rows(_columns())
        self.table = Table("Changed files", self.rows, menus=self._fill)
        self.table.opened.connect(self.save)
        self._empty = EmptyState("files", "Nothing was changed", hint="Every file is as in the image")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        self._sum = Elided("", "small", "text2")
        self._sum.setMinimumWidth(180)
        self._sum.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        again = IconButton("arrow-clockwise", "Look again", self.ask)
        self.tools = QWidget()
        self.tools.setLayout(row(self._sum, again))
        self.setLayout(column(self._stack, spacing=0))
        self.setFocusProxy(self.table)
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(self.ask)

    def show_container(self, container: ContainerRecord | None) -> None:
        """Be about another container, or the same one in another state."""
        before, self.container = self.container, container
        if container is None:
            self._show((), "No container is chosen")
        elif before is None or (before.container_id, before.state) != (
            container.container_id,
            container.state,
        ):
            if before is None or before.container_id != container.container_id:
                self.counted.emit(None)
            self._still.start()

    def ask(self) -> None:
        """Ask the engine what changed."""
        if self._asking is not None:
            self._asking.cancel()
        if self.container is not None:
            self._asking = self.desk.spawn(self._ask(self.container.container_id))

    def save(self, one: ChangedFile) -> None:
        """Save a file of the container to this machine."""
        if self.container is not None and one.size is not None:
            self.desk.spawn(self._save(self.container.container_id, one))

    async def _ask(self, container: str) -> None:
        from slimdesk.operations.connect import connected
        from slimdesk.operations.container_look import changed_files

        try:
            async with connected(self.desk.workspace.settings.context) as engine:
                found = await changed_files(engine, container)
        except SlimDeskError as error:
            self._show((), "What changed is not known", str(error))
            return
        self._show(found)

    def _show(self, found: tuple[ChangedFile, ...], sentence: str = "", why: str = "") -> None:
        self.rows.show_rows(found)
        self._stack.setCurrentWidget(self.table if found else self._empty)
        self._empty.say(
            sentence or "Nothing was changed", why or ("" if sentence else "Every file is as in the image")
        )
        files = [one.size for one in found if one.size is not None]
        self._sum.setText(f"{plural(len(files), 'file')}, {format_bytes(sum(files))}" if found else "")
        self.counted.emit(len(found) if found else None)

    async def _save(self, container: str, one: ChangedFile) -> None:
        name = posixpath.basename(one.path) or "file"
        to = await pick_new_file(self.desk.window, f"Save {visible(name, 60)}", name)
        if to is not None:
            await self.desk.job(
                f"Save {visible(name, 60)}", "copy", partial(self._copy, container, one.path, to)
            )
            self.desk.notify("good", f"{visible(name, 100)} was saved.")

    async def _copy(self, container: str, path: str, to: Path, _job: Job) -> None:
        from slimdesk.operations.connect import connected
        from slimdesk.operations.container_files import copy_out

        async with connected(self.desk.workspace.settings.context) as engine:
            # The dialog has asked already whether it may be replaced.
            await copy_out(engine, container, path, to, overwrite=True)

    def _fill(self, menu: QMenu, one: ChangedFile) -> None:
        save = menu.addAction(icon("download-simple"), "Save this file…", partial(self.save, one))
        save.setEnabled(one.size is not None)
        menu.addAction(icon("copy"), "Copy its path", partial(QGuiApplication.clipboard().setText, one.path))


def _columns() -> list[Column[ChangedFile]]:
    return [
        Column("path", "Path", lambda one: visible(one.path, 500) + ("/" if one.folder else ""), font="mono", picture=lambda one: _SIGNS[one.kind][:2], width=260, grows=True, cell_tip=lambda one: visible(one.path, 2000)),
        Column("kind", "", lambda one: _SIGNS[one.kind][2], tone=lambda _one: "text2", width=90),
        Column("size", "Size", lambda one: UNKNOWN if one.size is None else format_bytes(one.size), sort=lambda one: one.size, right=True, width=90, cell_tip=lambda one: format_exact(one.size) if one.size is not None else ""),
    ]  # fmt: skip
