"""The list of containers: sign, name, image, state and since when; live, filtered, with what can be done to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QLineEdit, QMenu, QStackedWidget, QWidget

from slimdesk.ui.models.containers import (
    ContainerRow,
    container_columns,
    failed,
    image_of,
    name_of,
    sign,
    state_words,
)
from slimdesk.ui.models.roles import Role
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.theme.fonts import fix_height, font, scaled
from slimdesk.ui.theme.icons import icon, paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button, IconButton, menu_button
from slimdesk.ui.widgets.cells import CellDelegate, Index
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.notice import EmptyState
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Tag, Text

if TYPE_CHECKING:
    from slimdesk.engine.model import ContainerRecord

_ROW = 52
# How often "12 min" is looked at again.
_TICK_MS = 10_000


class ContainerPane(QWidget):
    """The left pane. `menus` fills the context menu of a container, `fill_more` the one beside "Run image…".

    Signals: `selected(record or None)`, `opened(record)` on Enter or a double click, `run_wanted`, `remove_wanted`, `ask_wanted`.
    """

    selected = Signal(object)
    opened = Signal(object)
    run_wanted = Signal()
    remove_wanted = Signal()
    ask_wanted = Signal()

    def __init__(
        self, menus: Callable[[QMenu, ContainerRecord], None], fill_more: Callable[[QMenu], None]
    ) -> None:
        super().__init__()
        self._chosen = ""
        self._awaited = ""
        self._showing = False
        self.rows: Rows[ContainerRow] = Rows(container_columns())
        self.table = _ContainerTable(
            "Containers", self.rows, sortable=False, menus=lambda menu, one: menus(menu, one.record)
        )
        self.table.delete_pressed.connect(self.remove_wanted)
        self.table.setItemDelegate(_ContainerDelegate(self.table))
        self.table.horizontalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(scaled(_ROW))
        self.table.selected.connect(self._select)
        self.table.opened.connect(lambda one: self.opened.emit(one.record))
        self.run = Button("Run image…", "play", self.run_wanted.emit)
        self.more = IconButton("dots-three-vertical", "Pods, exits, and whose containers are shown")
        menu_button(self.more, fill_more)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter")
        self.filter.setAccessibleName("Filter the containers")
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(icon("magnifying-glass", "text3"), QLineEdit.ActionPosition.LeadingPosition)
        self.filter.textChanged.connect(self._filter)
        self._own = Tag("SlimDesk's")
        self._own.hide()
        self._none = EmptyState("terminal-window", "There is no container", "Ask again", self.ask_wanted.emit)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._none)
        title = Text("Containers", "section")
        head = panel(
            row(title, self._own, 1, self.run, self.more, margins=(16, 0, 4, 0), spacing=4), "page", "bottom"
        )
        fix_height(head, 36)
        self._old = Text("", "small", "warn", wrap=True)
        self._old.setContentsMargins(12, 4, 12, 8)
        self._old.hide()
        filters = row(self.filter, margins=8)
        self.setLayout(column(head, filters, self._old, self._stack, spacing=0))
        self.setMinimumWidth(scaled(258))
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.rows.refresh)
        self._timer.start()

    @property
    def chosen(self) -> ContainerRecord | None:
        """The chosen container as it stands."""
        one = self.chosen_row
        return one.record if one is not None else None

    @property
    def chosen_row(self) -> ContainerRow | None:
        """The chosen container with what was found out about it."""
        return next((one for one in self.rows.rows if one.key == self._chosen), None)

    def known(self, container: str) -> ContainerRecord | None:
        """Return a container by its ID or name."""
        found = (one.record for one in self.rows.rows if container in (one.key, one.record.name))
        return next(found, None)

    def show_rows(self, rows: Sequence[ContainerRow], problem: str = "") -> None:
        """Show these, with the same one chosen; `problem` says why they are as they were last known."""
        keys = {one.key for one in rows}
        if self._awaited in keys:
            self._chosen, self._awaited = self._awaited, ""
        self._showing = True
        bar = self.table.verticalScrollBar()
        place = bar.value()
        try:
            self.rows.show_rows(rows)
            if not self.table.choose(lambda one: one.key == self._chosen):
                self.table.clearSelection()
            # Who has scrolled elsewhere is not thrown back by each container that comes.
            bar.setValue(place)
        finally:
            self._showing = False
        if self._chosen not in keys:
            self._chosen = ""
        self._old.setText(problem)
        self._old.setVisible(bool(problem and rows))
        self._say_why_empty(problem)
        if not self._chosen and rows and not self.filter.text():
            # In the meantime: one that is still to come is chosen when it comes.
            awaited = self._awaited
            self.choose(rows[0].key)
            self._awaited = awaited
        else:
            self.selected.emit(self.chosen)

    def say_whose(self, own: bool) -> None:
        """Say whether SlimDesk's own are shown, or all."""
        self._own.setVisible(own)

    def choose(self, container: str) -> None:
        """Choose a container by its ID; one that is not there yet is chosen when it comes."""
        self._awaited = "" if self.table.choose(lambda one: one.key == container) else container

    def _say_why_empty(self, problem: str = "") -> None:
        shown = self.table.sorted_rows.rowCount()
        if shown:
            self._stack.setCurrentWidget(self.table)
            return
        if problem:
            self._none.say("No engine answers", problem)
        elif self.rows.rows:
            self._none.say("Nothing has these words", "Clear the filter to see all containers")
        elif not self._own.isHidden():
            self._none.say("SlimDesk has made none", "Run an image, or look at all containers")
        else:
            self._none.say("There is no container", "Run an image to have one")
        if self._none.button is not None:
            self._none.button.setVisible(bool(problem))
        self._stack.setCurrentWidget(self._none)

    def _filter(self, text: str) -> None:
        self.table.sorted_rows.find(text)
        self._say_why_empty()

    def _select(self, one: ContainerRow | None) -> None:
        if self._showing:
            return
        if one is not None:
            self._chosen, self._awaited = one.key, ""
        self.selected.emit(self.chosen)


class _ContainerTable(Table):
    """Signals: `delete_pressed`."""

    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Del removes."""
        if event.matches(QKeySequence.StandardKey.Delete):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


class _ContainerDelegate(CellDelegate):
    """Two lines: name and "no shell"; image, state and since when."""

    def paint_content(self, painter: QPainter, area: QRect, index: Index, muted: bool) -> None:
        """Draw a container."""
        del muted
        one = index.data(Role.ITEM)
        if not isinstance(one, ContainerRow):
            return
        theme = current()
        picture, tone, _ = sign(one.record)
        paint_icon(painter, QRect(area.left(), area.center().y() - 7, 16, 16), picture, tone)
        area = area.adjusted(26, 0, -2, 0)
        strong, small = QFontMetrics(font("strong")), QFontMetrics(font("small"))
        top = area.center().y() - (strong.height() + 2 + small.height()) // 2 + 1
        first = QRect(area.left(), top, area.width(), strong.height())
        below = QRect(area.left(), first.bottom() + 3, area.width(), small.height())
        word, tone = one.tag
        if word:
            first = self._tag(painter, first, word, tone)
        painter.setFont(font("strong"))
        painter.setPen(theme.color("text"))
        name = strong.elidedText(name_of(one.record), Qt.TextElideMode.ElideMiddle, first.width())
        painter.drawText(first, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)
        words = state_words(one.record)
        width = small.horizontalAdvance(words) + 4
        painter.setFont(font("small"))
        painter.setPen(theme.color("bad" if failed(one.record) else "text2"))
        painter.drawText(below, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), words)
        painter.setPen(theme.color("text2"))
        room = max(0, below.width() - width - 8)
        image = small.elidedText(image_of(one.record), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(
            below.adjusted(0, 0, -width - 8, 0),
            int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
            image,
        )

    def _tag(self, painter: QPainter, line: QRect, word: str, tone: Token) -> QRect:
        """Draw a tag at the line's end; return what is left of the line."""
        metrics = QFontMetrics(font("small"))
        width = metrics.horizontalAdvance(word) + 12
        box = QRect(line.right() - width + 1, line.center().y() - 8, width, 17)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current().color("bad_soft" if tone == "bad" else "s3"))
        painter.drawRoundedRect(box, 3, 3)
        painter.setFont(font("small"))
        painter.setPen(current().color(tone))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), word)
        return line.adjusted(0, 0, -width - 8, 0)
