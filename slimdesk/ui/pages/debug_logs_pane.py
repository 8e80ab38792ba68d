"""The log of the chosen container: followed, searched, filtered by level and stream, copied, saved."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QLineEdit, QMenu, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import slug
from slimdesk.basics.units import plural
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import pick_new_file
from slimdesk.ui.models.containers import name_of
from slimdesk.ui.models.log_lines import Least, LogFilter, Whose
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import IconButton, menu_button
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.log_lines_view import LogLinesView
from slimdesk.ui.widgets.text import Text

if TYPE_CHECKING:
    from slimdesk.engine.logs import LogLine
    from slimdesk.engine.model import ContainerRecord

# What is read at first; the rest on demand.
TAIL = 5_000
_COUNT_MS = 400
_SPOKEN = 300
_LEVELS: tuple[tuple[Least, str], ...] = (
    ("all", "All levels"), ("info", "Information and worse"), ("warning", "Warnings and worse"), ("error", "Errors only"),
)  # fmt: skip
_STREAMS: tuple[tuple[Whose, str], ...] = (
    ("both", "Both streams"), ("stdout", "Standard output only"), ("stderr", "Standard error only"),
)  # fmt: skip


class LogPane(QWidget):
    """`tools` stands in the tab bar: search, what is shown, follow, save."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.container: ContainerRecord | None = None
        self._start: dt.datetime | None = None
        self._following: asyncio.Task[None] | None = None
        self._whole = False
        self.view = LogLinesView("Log of the container")
        self.view.followed.connect(self._followed)
        # Counting looks at every line: not with each of the pictures.
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.setInterval(_COUNT_MS)
        self._counting.timeout.connect(self._count)
        self.view.counted.connect(self._count_soon)
        self.setFocusProxy(self.view)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search the log")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(scaled(124))
        self.search.setMaximumWidth(240)
        self.search.addAction(icon("magnifying-glass", "text3"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self.find_next)
        # The number alone: there is little room, and a count that is cut off is another number.
        self._found = Text("", "small", "text2", select=False)
        self._shown = IconButton("funnel", "What of the log is shown")
        menu_button(self._shown, self._fill)
        self.follow = QCheckBox("Follow")
        self.follow.setChecked(True)
        self.follow.setToolTip("Stay at the end as lines come")
        self.follow.clicked.connect(self.view.follow)
        self._save = IconButton("floppy-disk", "Save the log…", self.save)
        self.tools = QWidget()
        self.tools.setLayout(row(self._found, self.search, self._shown, self.follow, self._save))
        for keys, step in (("F3", 1), ("Shift+F3", -1)):
            shortcut = QShortcut(
                QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
            )
            shortcut.activated.connect(partial(self.find_next, step))
        self.setLayout(column(self.view, spacing=0))

    @property
    def filter(self) -> LogFilter:
        """What is shown."""
        return self.view.lines.filter

    def show_container(self, container: ContainerRecord | None) -> None:
        """Follow the log of another container, or go on with the same one started anew."""
        before, self.container = self.container, container
        same = before is not None and container is not None and before.container_id == container.container_id
        start = container.started_at if container is not None else None
        if same and start == self._start:
            return
        self._start = start
        if not same:
            self.view.clear()
            self._followed(True)
            self._whole = False
        self._follow(self._last if same else None)

    def show_find(self) -> None:
        """Go to the field that searches."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def find_next(self, step: int = 1) -> None:
        """Go to the next line with the words, or the one before."""
        if self.search.text() and not self.view.find_next(step):
            self._found.setText("none")

    def read_whole(self) -> None:
        """Read the log from its beginning, as far as there is room."""
        self._whole = True
        self.view.clear()
        self._follow(None)

    def save(self) -> None:
        """Save all lines that are held to a file."""
        if self.container is not None:
            self.desk.spawn(self._write(f"{slug(name_of(self.container))}.log"))

    @property
    def _last(self) -> dt.datetime | None:
        lines = self.view.lines
        return lines.lines[-1].time if lines.end > lines.first and lines.lines else None

    def _follow(self, since: dt.datetime | None) -> None:
        if self._following is not None:
            self._following.cancel()
        if self.container is None:
            self._following = None
            return
        self._following = self.desk.spawn(self._read(self.container.container_id, since))

    async def _read(self, container: str, since: dt.datetime | None) -> None:
        from slimdesk.operations.connect import connected
        from slimdesk.operations.container_logs import follow_log

        tail = None if since is not None or self._whole else TAIL
        self.view.empty = "Nothing has been written here yet"
        try:
            async with (
                connected(self.desk.workspace.settings.context) as engine,
                contextlib.aclosing(follow_log(engine, container, tail=tail, since=since)) as told,
            ):
                async for lines in told:
                    self.view.add(lines if since is None else _later(lines, since))
        except SlimDeskError as error:
            # A container that was removed, an engine that went away, a log driver that cannot be read back.
            self.view.empty = str(error)
            self.view.viewport().update()

    async def _write(self, name: str) -> None:
        from slimdesk.operations.container_logs import save_log

        to = await pick_new_file(
            self.desk.window, "Save the log", name, ("Logs (*.log *.txt)", "All files (*)")
        )
        if to is None:
            return
        lines = self.view.lines.lines if self.filter.all else self.view.lines.shown
        await save_log(lines, to)
        self.desk.notify("good", f"{plural(len(lines), 'line')} saved to {to.name}.")

    def _filter(self) -> None:
        self.view.show_only(replace(self.filter, words=self.search.text()))
        self._count()

    def _count_soon(self) -> None:
        if not self._counting.isActive():
            self._counting.start()

    def _count(self) -> None:
        """Say how many lines have the words, or how many are shown; to a screen reader the newest line."""
        lines = self.view.lines
        newest = self.view.text_of(lines.end - 1) if lines.end > lines.first else self.view.empty
        self.view.setAccessibleDescription(newest[:_SPOKEN])
        shown = lines.count() if self.search.text() else lines.end - lines.first
        told = bool(self.search.text()) or not self.filter.all
        self._found.setText(f"{shown}" if told else "")
        self._found.setToolTip(plural(shown, "line") if told else "")

    def _followed(self, following: bool) -> None:
        self.follow.setChecked(following)

    def _fill(self, menu: QMenu) -> None:
        for least, words in _LEVELS:
            self._choice(menu, words, replace(self.filter, least=least))
        menu.addSeparator()
        for whose, words in _STREAMS:
            self._choice(menu, words, replace(self.filter, whose=whose))
        menu.addSeparator()
        self._choice(
            menu,
            "Only lines that are searched for",
            replace(self.filter, only=not self.filter.only),
            self.filter.only,
        )
        wrap = menu.addAction("Wrap long lines", partial(self.view.wrap, not self.view.wraps))
        wrap.setCheckable(True)
        wrap.setChecked(self.view.wraps)
        menu.addSeparator()
        menu.addAction(icon("copy"), "Copy all that is shown", self.view.copy)
        whole = menu.addAction(icon("arrow-clockwise"), "Read from the beginning", self.read_whole)
        whole.setEnabled(self.container is not None and not self._whole)
        whole.setToolTip(f"At first the last {plural(TAIL, 'line')} are read")

    def _choice(self, menu: QMenu, words: str, wanted: LogFilter, chosen: bool | None = None) -> None:
        action = menu.addAction(words, partial(self._show_only, wanted))
        action.setCheckable(True)
        action.setChecked(wanted == self.filter if chosen is None else chosen)

    def _show_only(self, wanted: LogFilter) -> None:
        self.view.show_only(wanted)
        self._count()


def _later(lines: tuple[LogLine, ...], since: dt.datetime) -> list[LogLine]:
    """The engine tells the line at `since` once more."""
    return [line for line in lines if line.time is None or line.time > since]
