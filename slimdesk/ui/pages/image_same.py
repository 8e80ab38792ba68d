"""The tab of the files of an image that hold the same bytes under several paths: compared when the person asks for it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes, format_exact, format_percent, plural
from slimdesk.image.model import Image
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.image_acts import NodeActs
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.notice import EmptyState
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Elided

if TYPE_CHECKING:
    from slimdesk.operations.duplicates import SameContent

_ASK = "Files that hold the same bytes under several paths are told by their hash, which means reading all of the image"
_CHOOSE = "choose a row first"
_LISTED = 20


class SameList(QWidget):
    """Signals: `picked(node)`; `opened(node)` its place is wanted; `counted(groups)`, -1 for not looked for."""

    picked = Signal(int)
    opened = Signal(int)
    counted = Signal(int)

    def __init__(self, desk: Desk, acts: NodeActs) -> None:
        super().__init__()
        self._desk = desk
        self._acts = acts
        self._image: Image | None = None
        self._task: asyncio.Task[None] | None = None
        self.setAccessibleName("Same content at several paths")
        self.rows = Rows(_columns())
        self.table = Table("Same content", self.rows, menus=self._menu)
        self.words = Elided("", "body", "text2")
        self.show_button = Button("Show in the tree", "folder-open", self._open, kind="flat")
        bar = ToolBar(self.words, self.show_button)
        layout = bar.layout()
        if layout is not None:
            layout.setStretchFactor(self.words, 1)  # type: ignore[attr-defined]
        found = QWidget()
        found.setLayout(column(bar, self.table, spacing=0))
        self.empty = EmptyState("copy", "Not compared yet", "Compare the files", self.compare, hint=_ASK)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(found)
        self.setLayout(column(self._pages, spacing=0))
        self.table.selected.connect(self._selected)
        self.table.opened.connect(lambda _group: self._open())
        self.show_button.allow(False, _CHOOSE)
        self.setMinimumHeight(scaled(120))

    def show_image(self, image: Image | None) -> None:
        """Begin with another image: nothing is compared before it is asked for."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._image = image
        self.rows.show_rows(())
        self._wait("Not compared yet")
        self.counted.emit(-1)

    def compare(self) -> None:
        """Compare the files, as a job."""
        image = self._image
        if image is not None and self._task is None:
            self._wait("The files are being compared", asks=False)
            self._task = self._desk.spawn(self._compare(image))

    async def _compare(self, image: Image) -> None:
        try:
            found = await self._desk.job(
                f"Compare the files of {visible(image.name or 'the image', 60)}",
                "read",
                lambda job: self._find(image, job),
            )
        except (SlimDeskError, asyncio.CancelledError):
            if image is self._image:
                self._task = None
                self._wait("Not compared")
            raise
        if image is self._image:
            self._task = None
            self._show(image, found)

    async def _find(self, image: Image, job: Job) -> tuple[SameContent, ...]:
        from slimdesk.operations.duplicates import same_content

        if image.source != "engine":
            return await same_content(image, reporter=job)
        from slimdesk.operations.connect import connected

        async with connected(self._desk.workspace.settings.context) as engine:
            return await same_content(image, engine=engine, reporter=job)

    def _show(self, image: Image, found: tuple[SameContent, ...]) -> None:
        self.counted.emit(len(found))
        if not found:
            self._wait("No two files hold the same bytes", asks=False)
            return
        wasted = sum(one.wasted for one in found)
        live = image.sizes.live
        share = f", {format_percent(wasted / live)} of live" if live else ""
        self.words.setText(
            f"{plural(len(found), 'body', 'bodies')} at several paths: one copy of each would gain {format_bytes(wasted)}{share}"
        )
        self.rows.show_rows(found)
        self._pages.setCurrentIndex(1)

    def _wait(self, words: str, *, asks: bool = True) -> None:
        self.empty.say(words, _ASK if asks else "")
        if self.empty.button is not None:
            self.empty.button.setVisible(asks)
        self.show_button.allow(False, _CHOOSE)
        self._pages.setCurrentIndex(0)

    def _selected(self, group: SameContent | None) -> None:
        self.show_button.allow(group is not None, _CHOOSE)
        if group is not None:
            self.picked.emit(group.nodes[0])

    def _open(self) -> None:
        group = self.table.item
        if group is not None:
            self.opened.emit(group.nodes[0])

    def _menu(self, menu: QMenu, group: SameContent) -> None:
        places = menu.addMenu("Show in the tree")
        for path, node in zip(group.paths[:_LISTED], group.nodes, strict=False):
            places.addAction(visible(path, 100), partial(self.opened.emit, node))
        others = menu.addMenu("Leave out of the next build")
        reason = self._acts.why_not_leave_out()
        others.setEnabled(not reason)
        others.setToolTip(reason)
        for path, node in zip(group.paths[:_LISTED], group.nodes, strict=False):
            others.addAction(f"{visible(path, 100)}…", partial(self._acts.leave_out, node))
        words = "\n".join(visible(path) for path in group.paths)
        menu.addAction("Copy paths", lambda: QGuiApplication.clipboard().setText(words))


def _columns() -> list[Column[SameContent]]:
    return [
        Column(
            "wasted", "Could gain", lambda one: format_bytes(one.wasted), lambda one: one.wasted, right=True, width=100,
            cell_tip=lambda one: format_exact(one.wasted), tip="Bytes that one copy in place of all would gain",
        ),
        Column("size", "Size", lambda one: format_bytes(one.size), lambda one: one.size, right=True, width=90, cell_tip=lambda one: format_exact(one.size)),
        Column("copies", "Copies", lambda one: str(len(one.paths)), lambda one: len(one.paths), right=True, width=70),
        Column("first", "Path", lambda one: visible(one.paths[0], 300), width=320, grows=True, font="mono", cell_tip=_paths),
        Column(
            "others", "The same at", lambda one: visible(one.paths[1], 300) + (f" and {len(one.paths) - 2} more" if len(one.paths) > 2 else ""),
            width=320, grows=True, font="mono", cell_tip=_paths,
        ),
    ]  # fmt: skip


def _paths(one: SameContent) -> str:
    listed = [visible(path, 200) for path in one.paths[:_LISTED]]
    return "\n".join(
        [*listed, f"and {len(one.paths) - _LISTED} more"] if len(one.paths) > _LISTED else listed
    )
