"""The files of a running container: browsed live, what changed since its start, one copied out or in."""

from __future__ import annotations

import datetime as dt
import posixpath
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu

from slimdesk.basics.errors import BadInput, ImageNotFound
from slimdesk.basics.escaping import visible, without_controls
from slimdesk.basics.units import format_bytes, format_exact, plural
from slimdesk.debug.folder import FolderEntry
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import ask, pick_file, pick_new_file
from slimdesk.ui.models.containers import name_of
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.debug_files_look import LOOKED_AT, LiveFileWindow
from slimdesk.ui.pages.debug_inspections_section import Section
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button, IconButton
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.table import Table

if TYPE_CHECKING:
    from slimdesk.basics.job import Job
    from slimdesk.engine.container_files import ChangeKind
    from slimdesk.engine.model import ContainerRecord
    from slimdesk.operations.sidecar import Sidecar

_PICTURES = {"folder": "folder", "link": "link-simple", "other": "minus-circle"}
_KINDS = {"folder": stat.S_IFDIR, "link": stat.S_IFLNK, "file": stat.S_IFREG, "other": 0}
# What the engine does not see (files in memory) is read through the helper, up to so much.
_READ_MOST = 16 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: an entry of the folder and how it differs from the image; None: as in the image, or not told."""

    one: FolderEntry
    change: ChangeKind | None = None


class FilesSection(Section):
    """A folder of the container. Files dropped here are copied into it."""

    def __init__(self, desk: Desk, container: ContainerRecord) -> None:
        super().__init__()
        self._desk, self._container = desk, container
        self._helper: Sidecar | None = None
        self.folder = "/"
        self._wanted = "/"
        self.rows: Rows[Entry] = Rows(_columns())
        self.table = Table("Files of the container", self.rows, menus=self._menu)
        self.table.opened.connect(self.open)
        self.up = IconButton("arrow-up", "Up to the outer folder (Backspace)", self.go_up)
        self.path = QLineEdit("/")
        self.path.setAccessibleName("Folder of the container")
        self.path.returnPressed.connect(lambda: self.go(self.path.text().strip()))
        self.save = Button(
            "Save…", "download-simple", self._save_chosen, tip="Copy the chosen file out of the container"
        )
        self.put = Button(
            "Copy in…",
            "upload-simple",
            self.ask_in,
            tip="Copy a file of this machine into this folder; or drop it here",
        )
        bar = row(self.up, self.path, self.save, self.put, margins=(8, 6, 8, 6), spacing=6)
        bar.setStretch(1, 1)
        self.table.selected.connect(lambda _row: self._allow())
        self.setLayout(column(panel(bar, "page", "bottom"), self.table, spacing=0))
        self.setFocusProxy(self.table)
        self.setAcceptDrops(True)
        self._allow()

    # Walking

    async def read(self, helper: Sidecar) -> str:
        """List the folder that is wanted; the old one stays where that cannot be listed."""
        from slimdesk.operations.container_files import changes, list_folder

        self._helper = helper
        wanted = self._wanted
        try:
            found = await list_folder(helper, wanted)
        except BadInput:
            self._wanted = self.folder
            self.path.setText(visible(self.folder))
            raise
        changed = {one.path: one.kind for one in await changes(helper.engine, self._container.container_id)}
        self.folder = wanted
        self.path.setText(visible(wanted))
        rows = [Entry(one, changed.get(posixpath.join(wanted, one.name))) for one in found]
        self.rows.show_rows(rows)
        if rows:
            self.table.selectRow(0)
        self.table.scrollToTop()
        self.up.allow(wanted != "/", "this is the outermost one")
        self._allow()
        told = [plural(len(rows), "entry", "entries")]
        own = sum(row_.change is not None for row_ in rows)
        gone = sum(kind == "removed" and posixpath.dirname(path) == wanted for path, kind in changed.items())
        told += [f"{own} changed since the start"] if own else []
        told += [f"{gone} removed"] if gone else []
        return ", ".join(told)

    def keep_words(self, words: str) -> None:
        """Keep the entries that have these words."""
        self.table.sorted_rows.find(words)

    def go(self, path: str) -> None:
        """Show another folder."""
        self._wanted = posixpath.normpath(posixpath.join(self.folder, path or "/")).replace("//", "/")
        self.wanted.emit()

    def go_up(self) -> None:
        """Show the outer folder."""
        self.go(posixpath.dirname(self.folder))

    def open(self, entry: Entry) -> None:
        """Show a folder, or look inside a file."""
        path = posixpath.join(self.folder, entry.one.name)
        if entry.one.kind == "folder":
            self.go(path)
        elif entry.one.kind == "link":
            self._desk.spawn(self._follow(path, entry))
        elif entry.one.kind == "file":
            self.look(entry)

    async def _follow(self, path: str, entry: Entry) -> None:
        """A link leads to a folder or a file: what can be listed is a folder."""
        from slimdesk.operations.container_files import list_folder

        if self._helper is None:
            return
        try:
            await list_folder(self._helper, path)
        except BadInput:
            await self._look(entry)
        else:
            self.go(path)

    # Looking and copying

    def look(self, entry: Entry) -> None:
        """Open a window on the beginning of a file."""
        self._desk.spawn(self._look(entry))

    async def _look(self, entry: Entry) -> None:
        from slimdesk.operations.container_files import read_file

        if self._helper is None:
            return
        path = posixpath.join(self.folder, entry.one.name)
        data = await read_file(self._helper, path, LOOKED_AT)
        LiveFileWindow(self._desk, name_of(self._container), path, entry.one, data).show()

    def save_out(self, entry: Entry) -> None:
        """Ask where to, and copy a file out of the container."""
        self._desk.spawn(self._save(entry))

    async def _save(self, entry: Entry) -> None:
        path = posixpath.join(self.folder, entry.one.name)
        name = without_controls(entry.one.name).replace("/", "_") or "file"
        to = await pick_new_file(
            self._desk.window, f"Copy {visible(entry.one.name, 60)} out of the container", name
        )
        if to is not None:
            await self.copy_out(path, to)

    async def copy_out(self, path: str, to: Path) -> None:
        """Copy a file out as a job; what the engine does not see (files in memory) through the helper."""

        async def work(job: Job) -> None:
            from slimdesk.operations import container_files

            helper = self._helper
            if helper is None:
                return
            try:
                done = await container_files.copy_out(
                    helper.engine, self._container.container_id, path, to, overwrite=True
                )
            except ImageNotFound:
                data = await container_files.read_file(helper, path, _READ_MOST)
                done = await container_files.write_out(data, to)
            job.summary = format_bytes(done)

        await self._desk.job(f"Copy {visible(posixpath.basename(path), 60)} out", "read", work)
        self._desk.notify(
            "good", f"{visible(posixpath.basename(path), 60)} was copied out.", visible(str(to))
        )

    def ask_in(self) -> None:
        """Ask for a file of this machine, and copy it into the folder."""
        self._desk.spawn(self._ask_in())

    async def _ask_in(self) -> None:
        source = await pick_file(self._desk.window, f"Copy into {visible(self.folder, 80)}")
        if source is not None:
            await self.copy_in([source])

    async def copy_in(self, sources: list[Path]) -> None:
        """Copy files into the folder that is shown; asks before one is replaced. Raises SlimDeskError."""
        helper = self._helper
        if helper is None:
            return
        there = {row_.one.name for row_ in self.rows.rows}
        replaced = [one.name for one in sources if one.name in there]
        if replaced and not await ask(
            self._desk.window,
            f"Replace {visible(replaced[0], 60)}?"
            if len(replaced) == 1
            else f"Replace {len(replaced)} files?",
            f"{visible(self.folder, 80)} of the container has it already. Its image stays as it is.",
            "Replace",
        ):
            return

        async def work(_job: Job) -> None:
            from slimdesk.operations.container_files import copy_in

            for source in sources:
                await copy_in(
                    helper.engine,
                    self._container.container_id,
                    source,
                    posixpath.join(self.folder, source.name),
                )

        word = visible(sources[0].name, 60) if len(sources) == 1 else plural(len(sources), "file")
        try:
            await self._desk.job(f"Copy {word} in", "read", work)
        finally:
            self.wanted.emit()
        self._desk.notify(
            "good", f"{word} was copied in." if len(sources) == 1 else f"{word} were copied in.",
            "It goes with the container, unless the folder is a volume.",
        )  # fmt: skip

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go up with Backspace."""
        if event.key() == Qt.Key.Key_Backspace and self.folder != "/":
            self.go_up()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files."""
        if any(Path(url.toLocalFile()).is_file() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Copy what was dropped into the folder."""
        sources = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        files = [one for one in sources if one.is_file()]
        if files:
            event.acceptProposedAction()
            self._desk.spawn(self.copy_in(files))

    # Menus

    def _menu(self, menu: QMenu, entry: Entry) -> None:
        path = posixpath.join(self.folder, entry.one.name)
        words: list[tuple[str, Callable[[], object], bool]] = [
            ("Open", partial(self.open, entry), entry.one.kind in ("folder", "link")),
            ("Look inside", partial(self.look, entry), entry.one.kind in ("file", "link")),
            ("Save…", partial(self.save_out, entry), entry.one.kind == "file"),
            ("Copy the path", partial(QGuiApplication.clipboard().setText, path), True),
        ]
        for word, act, possible in words:
            menu.addAction(word, act).setEnabled(possible)

    def _save_chosen(self) -> None:
        entry = self.table.item
        if isinstance(entry, Entry):
            self.save_out(entry)

    def _allow(self) -> None:
        entry = self.table.item
        self.save.allow(isinstance(entry, Entry) and entry.one.kind == "file", "choose a file first")


def _columns() -> list[Column[Entry]]:
    return [
        Column("name", "Name", lambda row_: visible(row_.one.name), sort=lambda row_: (row_.one.kind != "folder", row_.one.name),
               width=160, grows=True, font="mono", second=_leads, picture=_picture),
        Column("size", "Size", lambda row_: format_bytes(row_.one.size) if row_.one.kind == "file" else "",
               sort=lambda row_: row_.one.size if row_.one.kind == "file" else None, right=True, width=80,
               cell_tip=lambda row_: format_exact(row_.one.size)),
        Column("change", "Since the start", lambda row_: row_.change or "", width=104, tone=_tone,
               tip="How it differs from the image; folders in volumes and in memory are not compared"),
        Column("time", "Modified", _time, sort=lambda row_: row_.one.modified, width=150),
        Column("mode", "Mode", lambda row_: stat.filemode(_KINDS[row_.one.kind] | row_.one.mode), width=96, font="mono",
               cell_tip=lambda row_: f"{row_.one.mode:04o}"),
        Column("owner", "Owner", lambda row_: f"{row_.one.uid}:{row_.one.gid}", sort=lambda row_: row_.one.uid, width=100),
    ]  # fmt: skip


def _picture(entry: Entry) -> tuple[str, Token]:
    return _PICTURES.get(entry.one.kind, "file"), "text2"


def _leads(entry: Entry) -> str:
    return f"→ {visible(entry.one.target, 200)}" if entry.one.target else ""


def _tone(entry: Entry) -> Token | None:
    return {"added": "good", "changed": "warn", "removed": "bad"}.get(entry.change or "")  # type: ignore[return-value]


def _time(entry: Entry) -> str:
    try:
        return dt.datetime.fromtimestamp(entry.one.modified).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 - as people read it
    except (OverflowError, OSError, ValueError):
        return ""
