"""The command palette: commands, images and files by a few letters, from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QCursor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from slimdesk.ui.actions import Action, Actions, cap_text
from slimdesk.ui.frame.matching import Match, best
from slimdesk.ui.theme.fonts import font, scaled
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.text import Icon, Text

Index = QModelIndex | QPersistentModelIndex
_WIDTH = 640
_SHOWN = 12
_SHARE = {"Commands": 6, "Images": 4, "Files": 4}


@dataclass(frozen=True)
class Found:
    """Something that can be chosen: `run` does it. `refused` says why it cannot be chosen now."""

    title: str
    run: Callable[[], object]
    picture: str
    detail: str = ""
    keys: str = ""
    refused: str = ""
    words: str = ""


@dataclass(frozen=True)
class Source:
    """Where findings come from. `prefix` limits the search to it; `items` must answer at once."""

    title: str
    prefix: str
    items: Callable[[], Sequence[Found]]


@dataclass(frozen=True)
class _Line:
    """A row of the list: a section's title, or a finding with its match."""

    title: str
    found: Found | None = None
    hit: Match | None = None


class Palette(QFrame):
    """Above everything else in the window; Esc, a choice or a click elsewhere closes it."""

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self.setAccessibleName("Command palette")
        self._window = window
        self._actions = actions
        self._sources: list[Source] = [Source("Commands", ">", self._commands)]
        self._back: QWidget | None = None
        self._items: dict[str, Sequence[Found]] = {}
        self._model = _Lines()
        self.field = QLineEdit()
        self.field.setProperty("kind", "bare")
        self.field.setPlaceholderText("Search commands, files and images")
        self.field.setAccessibleName("Search commands, files and images")
        self._resting = QPoint()
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        hint = Text("> commands   / files   @ images", "small", "text3", select=False)
        head = QFrame()
        head.setProperty("rule", "bottom")
        head.setLayout(
            row(Icon("magnifying-glass", "text2"), self.field, hint, margins=(14, 6, 14, 6), spacing=10)
        )
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setAccessibleName("Findings")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.entered.connect(self._hovered)
        self.list.clicked.connect(lambda _index: self._run())
        self._count = Text("", "small", "text3", select=False)
        foot = panel(
            row(
                Text("↑ ↓ choose     Enter run     Esc close", "small", "text3", select=False),
                1,
                self._count,
                margins=(14, 6, 14, 6),
            ),
            "bar",
            "top",
        )
        self.setLayout(column(head, row(self.list, margins=(6, 6, 6, 6)), foot, margins=1, spacing=0))
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 90))
        self.setGraphicsEffect(shadow)
        self.hide()

    def add_source(self, source: Source) -> None:
        """Search there as well; a source of the same title is replaced."""
        self._sources = [one for one in self._sources if one.title != source.title] + [source]

    def open(self, text: str = "") -> None:
        """Show it with `text` in the field."""
        self._back = self._window.focusWidget()
        self._items.clear()
        self.field.setText(text)
        self._search(text)
        self.place()
        self._resting = QCursor.pos()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def shut(self) -> None:
        """Hide it and give the focus back."""
        if self.isVisible():
            self.hide()
            if self._back is not None and self._back.isVisible():
                self._back.setFocus(Qt.FocusReason.PopupFocusReason)
            self._back = None

    def place(self) -> None:
        """Stand below the top bar, in the middle."""
        width = min(scaled(_WIDTH), self._window.width() - 40)
        lines = self._model.height()
        room = self._window.height() - 120
        height = min(room, max(scaled(160), lines + scaled(90)))
        self.setGeometry((self._window.width() - width) // 2, scaled(48), width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Up, Down, Enter, Esc while typing; the field losing the focus closes it."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress:
            key = cast("QKeyEvent", event).key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
                steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
                self._move(steps[Qt.Key(key)])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
            if key == Qt.Key.Key_Escape:
                self.shut()
                return True
        if watched is self.field and event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
        return False

    def _commands(self) -> Sequence[Found]:
        return [self._command(action) for action in self._actions.offered() if action.key != "palette"]

    def _command(self, action: Action) -> Found:
        refused = action.refused()
        return Found(
            action.title,
            lambda: self._actions.run(action.key),
            "prohibit" if refused else action.picture or "caret-right",
            detail=f"not available: {refused}" if refused else action.detail(),
            keys=cap_text(action.keys[0]) if action.keys else "",
            refused=refused,
            words=action.words,
        )

    def _search(self, text: str) -> None:
        query = text.strip()
        chosen = [source for source in self._sources if query.startswith(source.prefix)]
        sources = chosen or self._sources
        if chosen:
            query = query.removeprefix(chosen[0].prefix).strip()
        lines: list[_Line] = []
        total = shown = 0
        for source in sources:
            if source.title not in self._items:
                self._items[source.title] = source.items()
            items = self._items[source.title]
            total += len(items)
            limit = 50 if chosen else _SHARE.get(source.title, 4) if query else 8
            hits = best(query, items, lambda item: _text(cast("Found", item)), limit)
            if not hits or (not query and not chosen and source.prefix != ">"):
                continue
            lines.append(_Line(source.title))
            lines += [_Line(cast("Found", item).title, cast("Found", item), hit) for item, hit in hits]
            shown += len(hits)
        self._count.setText(f"{shown} of {total}")
        self._model.show_lines(lines)
        first = next((n for n, line in enumerate(lines) if line.found and not line.found.refused), -1)
        self.list.setCurrentIndex(self._model.index(first, 0) if first >= 0 else QModelIndex())
        self.list.scrollToTop()
        if self.isVisible():
            self.place()

    def _move(self, steps: int) -> None:
        rows = [n for n, line in enumerate(self._model.lines) if line.found]
        if not rows:
            return
        now = self.list.currentIndex().row()
        position = rows.index(now) if now in rows else -1 if steps > 0 else 0
        target = position + steps
        target = target % len(rows) if abs(steps) == 1 else min(len(rows) - 1, max(0, target))
        self.list.setCurrentIndex(self._model.index(rows[target], 0))

    def _hovered(self, index: QModelIndex) -> None:
        # A pointer that rests where the list comes up chooses nothing.
        if QCursor.pos() == self._resting:
            return
        self._resting = QPoint()
        if self._model.lines[index.row()].found:
            self.list.setCurrentIndex(index)

    def _run(self) -> None:
        index = self.list.currentIndex()
        line = self._model.lines[index.row()] if index.isValid() else None
        if line is not None and line.found is not None and not line.found.refused:
            self.shut()
            line.found.run()


def _text(found: Found) -> str:
    """The title first, so that spans in it can be made bold; what follows helps to find it."""
    return f"{found.title} {found.words}" if found.words else found.title


class _Lines(QAbstractListModel):
    """The rows of the palette."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[_Line] = []

    def show_lines(self, lines: list[_Line]) -> None:
        """Show these."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def height(self) -> int:
        """Return the height of all rows."""
        return sum(_height(line) for line in self.lines)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many."""
        return 0 if parent.isValid() else len(self.lines)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Titles cannot be chosen."""
        found = self.lines[index.row()].found if index.isValid() else None
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if found else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Text for people and screen readers; the line itself in UserRole."""
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{line.title} {line.found.detail}".strip() if line.found else line.title
        return None


def _height(line: _Line) -> int:
    return scaled(32) if line.found else scaled(28)


class _Delegate(QStyledItemDelegate):
    """Icon, title with the found letters in the accent's colour, grey detail, keys at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """32 px, a title 28."""
        return QSize(100, _height(index.data(Qt.ItemDataRole.UserRole)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        line: _Line = index.data(Qt.ItemDataRole.UserRole)
        theme = current()
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if line.found is None:
            painter.setFont(font("small"))
            painter.setPen(theme.color("text2"))
            painter.drawText(rect.adjusted(8, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), line.title)
            painter.restore()
            return
        found = line.found
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("sel"))
            painter.drawRoundedRect(rect, 4, 4)
        tone: Token = "text3" if found.refused else "text"
        icon_tone: Token = "text3" if found.refused else "text2"
        paint_icon(painter, QRect(rect.left() + 8, rect.center().y() - 7, 16, 16), found.picture, icon_tone)
        right = rect.right() - 8
        if found.keys:
            right = self._keys(painter, rect, right, found.keys)
        left = self._title(painter, rect.adjusted(34, 0, right - rect.right() - 8, 0), line, tone)
        area = QRect(left + 10, rect.top(), right - left - 18, rect.height())
        if area.width() > 20:
            small = font("small")
            painter.setFont(small)
            painter.setPen(theme.color("text3" if found.refused else "text2"))
            cut = QFontMetrics(small).elidedText(found.detail, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), cut)
        painter.restore()

    def _keys(self, painter: QPainter, rect: QRect, right: int, keys: str) -> int:
        theme = current()
        painter.setFont(font("rail"))
        width = painter.fontMetrics().horizontalAdvance(keys) + 10
        cap = QRect(right - width, rect.center().y() - 9, width, 18)
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("s1"))
        painter.drawRoundedRect(cap, 3, 3)
        painter.setPen(theme.color("text2"))
        painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), keys)
        return cap.left()

    def _title(self, painter: QPainter, area: QRect, line: _Line, tone: Token) -> int:
        theme = current()
        marked = [False] * len(line.title)
        for start, end in line.hit.spans if line.hit else ():
            for position in range(start, min(end, len(marked))):
                marked[position] = True
        left = area.left()
        position = 0
        while position < len(line.title) and left < area.right():
            stop = position
            while stop < len(line.title) and marked[stop] == marked[position]:
                stop += 1
            shape = font("strong" if marked[position] else "body")
            painter.setFont(shape)
            painter.setPen(theme.color("accent_text" if marked[position] and tone != "text3" else tone))
            metrics = QFontMetrics(shape)
            part = metrics.elidedText(
                line.title[position:stop], Qt.TextElideMode.ElideRight, area.right() - left
            )
            painter.drawText(
                QRect(left, area.top(), area.right() - left, area.height()),
                int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine),
                part,
            )
            left += metrics.horizontalAdvance(part)
            position = stop
        return left
