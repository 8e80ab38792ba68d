"""A window on the files of an image that hold the same under several paths. It is not modal; the files are read when it opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QMenu, QStackedWidget, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes, format_exact, plural
from slimdesk.image.model import Image
from slimdesk.operations.duplicates import SameContent, same_content
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.image_inside_save import Running, engine_of
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Text
from slimdesk.workspace.workspace import OpenedImage

_SIZE = (860, 560)
_MOST_SHOWN = 20_000
_MOST_OFFERED = 20

Go = Callable[[int], object]
"""Shows a node of the image in the page."""


def open_same_content(desk: Desk, opened: OpenedImage, go: Go | None = None) -> SameWindow | None:
    """Open a window that reads the image's files and lists those that hold the same; `go` shows a node in the page."""
    if opened.image is None:
        return None
    window = SameWindow(desk, opened.image, go)
    window.resize(*_SIZE)
    window.show()
    return window


class SameWindow(QDialog):
    """Groups of files, the most wasted bytes first."""

    def __init__(self, desk: Desk, image: Image, go: Go | None) -> None:
        super().__init__(desk.window, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._image, self._go = desk, image, go
        title = "Files that hold the same"
        self.setWindowTitle(f"{title} – {visible(image.name or image.location, 80)}")
        self.setAccessibleName(title)
        self.words = Text("Files of equal size are read and compared…", "body", "text2", wrap=True)
        self.rows: Rows[SameContent] = Rows(_columns())
        self.table = Table("Files that hold the same", self.rows, menus=self._menu)
        self.table.opened.connect(self._show_first)
        self._again = Button("Try again", "arrow-clockwise", self._read)
        self._again.hide()
        waiting = QWidget()
        self._said = Text("Reading…", "body", "text2", wrap=True)
        self._said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        waiting.setLayout(column(1, self._said, row(1, self._again, 1), 1, margins=40, spacing=12))
        self._stack = QStackedWidget()
        for part in (waiting, self.table):
            self._stack.addWidget(part)
        head = panel(column(Text(title, "section"), self.words, margins=(16, 12, 16, 10), spacing=4), "bar")
        body = column(head, line(), self._stack, spacing=0)
        body.setStretch(2, 1)
        self.setLayout(body)
        self.running = Running()
        self.destroyed.connect(self.running.stop)
        self._read()

    def _read(self) -> None:
        self._again.hide()
        self._said.setText("Reading…")
        self._stack.setCurrentIndex(0)
        self.running.task = self._desk.spawn(self._load())

    async def _load(self) -> None:
        async def work(job: Job) -> tuple[SameContent, ...]:
            self.running.job = job
            async with engine_of(self._desk, self._image) as engine:
                return await same_content(self._image, engine=engine, reporter=job)

        try:
            found = await self._desk.job("Compare files by content", "analyse", work)
        except SlimDeskError as error:
            self._said.setText(visible(str(error), 600))
            self._again.show()
            return
        self.rows.show_rows(found[:_MOST_SHOWN])
        wasted = format_bytes(sum(one.wasted for one in found))
        if found:
            groups = plural(len(found), "group of files holds the same", "groups of files hold the same")
            self.words.setText(
                f"{groups}; one copy of each would save {wasted}. Hard links count as one file already."
            )
            self._stack.setCurrentIndex(1)
        else:
            self.words.setText("Each file's content is there once.")
            self._said.setText("No two visible files hold the same.")

    def _show_first(self, one: SameContent) -> None:
        if self._go is not None:
            self._go(one.nodes[0])

    def _menu(self, menu: QMenu, one: SameContent) -> None:
        go = self._go
        if go is not None:
            for node, path in list(zip(one.nodes, one.paths, strict=True))[:_MOST_OFFERED]:
                menu.addAction(f"Show {visible(path, 80)}", partial(go, node))
        text = "\n".join(visible(path) for path in one.paths)
        menu.addAction("Copy paths", lambda: QGuiApplication.clipboard().setText(text))


def _columns() -> list[Column[SameContent]]:
    return [
        Column(
            "wasted", "Saves", lambda one: format_bytes(one.wasted), lambda one: one.wasted, right=True, width=90,
            tip="Bytes that one copy in place of all would save", cell_tip=lambda one: format_exact(one.wasted),
        ),
        Column(
            "copies", "Copies", lambda one: str(len(one.paths)), lambda one: len(one.paths), right=True, width=70,
            tip="Visible files that hold the same",
        ),
        Column(
            "size", "Each", lambda one: format_bytes(one.size), lambda one: one.size, right=True, width=90,
            tip="Bytes of one copy", cell_tip=lambda one: format_exact(one.size),
        ),
        Column(
            "paths", "Paths", lambda one: visible(", ".join(one.paths[:8]), 2000), width=360, grows=True, font="mono",
            cell_tip=lambda one: "\n".join(visible(path, 200) for path in one.paths[:40]),
        ),
    ]  # fmt: skip
