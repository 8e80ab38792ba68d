"""A log of a hundred thousand lines that grows by ten thousand a second: only what is in sight is drawn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu

from slimdesk.debug.log_levels import level_at
from slimdesk.ui.models.log_lines import LogFilter, LogLines
from slimdesk.ui.theme.fonts import font, scaled
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slimdesk.engine.logs import LogLine

_EDGE = 12
_STAMP = "00:00:00.000"
# A picture at most so often, in ms: lines come much faster.
_EVERY_MS = 40
_WORD = re.compile(r"\w+|\S")
_TONES: dict[str, Token] = {"error": "bad", "warning": "warn", "info": "accent_text", "debug": "text3"}
Place = tuple[int, int]


class LogLinesView(QAbstractScrollArea):
    """Lines with their time, the level's word in its colour, a bar before standard error. Text is selected and copied.

    Signals: `followed(bool)` when the person has scrolled away from the end, or back to it; `counted` when lines came.
    """

    followed = Signal(bool)
    counted = Signal()

    def __init__(self, name: str, empty: str = "Nothing has been written here yet") -> None:
        super().__init__()
        self.lines = LogLines()
        self.empty = empty
        self.wraps = False
        self.following = True
        self._from: Place | None = None
        self._to: Place | None = None
        self._hit = -1
        self._dragging = 0
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.horizontalScrollBar().valueChanged.connect(lambda _value: self.viewport().update())
        self._drawing = QTimer(self)
        self._drawing.setSingleShot(True)
        self._drawing.setInterval(_EVERY_MS)
        self._drawing.timeout.connect(self._settle)
        self._pulling = QTimer(self)
        self._pulling.setInterval(_EVERY_MS)
        self._pulling.timeout.connect(self._pull)
        current().changed.connect(self._dress)
        self._dress()

    # Lines

    def add(self, lines: Iterable[LogLine]) -> None:
        """Take lines; they are drawn soon."""
        before = self.lines.first
        self.lines.add(lines)
        gone = self.lines.first - before
        if gone and not self.following:
            # The same lines stay in sight, as long as they are there.
            bar = self.verticalScrollBar()
            bar.blockSignals(True)
            bar.setValue(max(0, bar.value() - gone))
            bar.blockSignals(False)
        if not self._drawing.isActive():
            self._drawing.start()

    def clear(self) -> None:
        """Show nothing, and follow what comes."""
        self.lines.clear()
        self._from = self._to = None
        self._hit = -1
        self.following = True
        self._settle()

    def show_only(self, wanted: LogFilter) -> None:
        """Filter anew; what was selected is no more."""
        self.lines.show_only(wanted)
        self._from = self._to = None
        self._hit = -1
        self._settle()

    def wrap(self, wraps: bool) -> None:
        """Break lines at the edge, or let them run out of it."""
        self.wraps = wraps
        self._settle()

    def follow(self, following: bool) -> None:
        """Stay at the end, or where it is."""
        self.following = following
        self._settle()

    def find_next(self, step: int = 1) -> bool:
        """Go to the next line with the words that are looked for; False if there is none."""
        bar = self.verticalScrollBar()
        start = self._hit + step if self._hit >= self.lines.first else self.lines.first + bar.value()
        found = self.lines.find(start, step)
        if found is None:
            return False
        self._hit = found
        self._leave_end()
        rows = max(1, self._rows())
        bar.setValue(max(0, found - self.lines.first - rows // 2))
        self.viewport().update()
        return True

    @property
    def selected_text(self) -> str:
        """What is selected, as it is shown."""
        if self._from is None or self._to is None:
            return ""
        start, end = sorted((self._from, self._to))
        lines = []
        for number in range(max(start[0], self.lines.first), min(end[0] + 1, self.lines.end)):
            text = self.text_of(number)
            left = start[1] if number == start[0] else 0
            right = end[1] if number == end[0] else len(text)
            lines.append(text[left:right])
        return "\n".join(lines)

    def text_of(self, number: int) -> str:
        """Return a line as it is shown: its time, and what was written."""
        line = self.lines[number]
        return f"{_stamp(line)} {line.text}"

    def copy(self) -> None:
        """Put what is selected on the clipboard; all lines that are shown where nothing is."""
        text = self.selected_text or "\n".join(
            self.text_of(number) for number in range(self.lines.first, self.lines.end)
        )
        if text:
            QGuiApplication.clipboard().setText(text)

    def select_all(self) -> None:
        """Select all lines that are shown."""
        if self.lines.end > self.lines.first:
            last = self.lines.end - 1
            self._from, self._to = (self.lines.first, 0), (last, len(self.text_of(last)))
            self._leave_end()
            self.viewport().update()

    # Drawing

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the lines in sight."""
        painter = QPainter(self.viewport())
        theme = current()
        painter.fillRect(self.viewport().rect(), theme.color("terminal"))
        painter.setFont(self._font)
        if self.lines.end == self.lines.first:
            painter.setPen(theme.color("text3"))
            words = self.empty if self.lines.filter.all else "No line is like that"
            painter.drawText(QPointF(_EDGE, self._height + 4), words)
        top = 6.0
        number = self.lines.first + self.verticalScrollBar().value()
        while number < self.lines.end and top < self.viewport().height():
            rows = self._cut(self.text_of(number))
            for start, end in rows:
                self._draw_row(painter, number, start, end, top)
                top += self._height
            number += 1
        painter.end()

    def _draw_row(self, painter: QPainter, number: int, start: int, end: int, top: float) -> None:
        theme = current()
        line = self.lines[number]
        text = self.text_of(number)
        left = _EDGE - (0 if self.wraps else self.horizontalScrollBar().value())
        base = top + self._ascent + (self._height - self._letters) / 2
        if number == self._hit:
            painter.fillRect(QRectF(0, top, self.viewport().width(), self._height), theme.color("sel"))
        self._draw_marks(painter, number, (start, end), top, left)
        if line.stream == "stderr":
            painter.fillRect(QRectF(left - 7, top + 1, 2, self._height - 2), theme.color("warn"))
        stamp = len(_STAMP) + 1
        spans: list[tuple[int, int, Token]] = [(0, stamp, "text3")]
        found = level_at(line.text)
        if found is not None:
            spans.append((stamp + found[0], stamp + found[1], _TONES[found[2]]))
        for begin, stop, tone in _filled(spans, len(text)):
            one, two = max(begin, start), min(stop, end)
            if two > one:
                painter.setPen(theme.color(tone))
                painter.drawText(QPointF(left + self._x(text[start:end], one - start), base), text[one:two])

    def _draw_marks(self, painter: QPainter, number: int, part: Place, top: float, left: float) -> None:
        """Draw what is selected, and where the words are that are looked for."""
        text = self.text_of(number)
        shown = text[part[0] : part[1]]
        marks: list[tuple[int, int, Token]] = []
        words = self.lines.filter.words
        if words:
            lower, wanted = text.casefold(), words.casefold()
            at = lower.find(wanted, len(_STAMP))
            while at >= 0 and len(lower) == len(text):
                marks.append((at, at + len(wanted), "warn_soft"))
                at = lower.find(wanted, at + len(wanted))
        if self._from is not None and self._to is not None:
            start, end = sorted((self._from, self._to))
            if start[0] <= number <= end[0]:
                first = start[1] if number == start[0] else 0
                last = end[1] if number == end[0] else len(text) + 1
                marks.append((first, last, "sel"))
        for first, last, tone in marks:
            one, two = max(first, part[0]) - part[0], min(last, part[1] + (part[1] == len(text))) - part[0]
            if two > one:
                begin, stop = left + self._x(shown, one), left + self._x(shown, two)
                painter.fillRect(QRectF(begin, top, stop - begin, self._height), current().color(tone))

    def _x(self, text: str, letters: int) -> float:
        """The room that the first letters take; those of a plain text are all as wide."""
        if text.isascii():
            return letters * self._wide
        return self._metrics.horizontalAdvance(text[:letters]) + max(0, letters - len(text)) * self._wide

    def _cut(self, text: str) -> list[Place]:
        """Return the rows that a line takes, as (start, end) in it."""
        if not self.wraps:
            return [(0, len(text))]
        room = max(1.0, self.viewport().width() - 2 * _EDGE)
        if text.isascii():
            letters = max(8, int(room / self._wide))
            return [(at, min(len(text), at + letters)) for at in range(0, max(1, len(text)), letters)]
        rows, start, width = [], 0, 0.0
        for at, letter in enumerate(text):
            wide = self._wide if letter.isascii() else self._metrics.horizontalAdvance(letter)
            if width + wide > room and at > start:
                rows.append((start, at))
                start, width = at, 0.0
            width += wide
        return [*rows, (start, len(text))]

    def _dress(self) -> None:
        self._font = font("mono")
        self._metrics = QFontMetricsF(self._font)
        self._wide = self._metrics.horizontalAdvance("0" * 100) / 100
        self._letters, self._ascent = self._metrics.height(), self._metrics.ascent()
        self._height = max(self._letters + 2, scaled(18))
        self._settle()

    def _rows(self) -> int:
        return int((self.viewport().height() - 10) // self._height)

    def _settle(self) -> None:
        """Set the scroll bars by what there is now, and draw."""
        bar = self.verticalScrollBar()
        count, rows = self.lines.end - self.lines.first, max(1, self._rows())
        last = count
        while last > 0 and rows > 0:
            rows -= len(self._cut(self.text_of(self.lines.first + last - 1))) if self.wraps else 1
            last -= 1 if rows >= 0 else 0
        bar.blockSignals(True)
        last = min(last, max(0, count - 1))
        bar.setRange(0, last)
        bar.setPageStep(max(1, count - last))
        if self.following:
            bar.setValue(last)
        bar.blockSignals(False)
        self._set_aside()
        self.counted.emit()
        self.viewport().update()

    def _set_aside(self) -> None:
        """Set the lower scroll bar by the widest line in sight."""
        bar = self.horizontalScrollBar()
        if self.wraps:
            bar.setRange(0, 0)
            return
        top = self.lines.first + self.verticalScrollBar().value()
        seen = range(top, min(self.lines.end, top + self._rows() + 1))
        widest = max((self._x(text, len(text)) for text in map(self.text_of, seen)), default=0.0)
        room = self.viewport().width() - 2 * _EDGE
        bar.setRange(0, max(0, int(widest - room)))
        bar.setPageStep(max(1, room))
        bar.setSingleStep(int(self._wide * 8))

    # Scrolling and selecting

    def _scrolled(self, value: int) -> None:
        at_end = value >= self.verticalScrollBar().maximum()
        if at_end != self.following:
            self.following = at_end
            self.followed.emit(at_end)
        self._set_aside()
        self.viewport().update()

    def _leave_end(self) -> None:
        if self.following:
            self.following = False
            self.followed.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit the scroll bars."""
        super().resizeEvent(event)
        self._settle()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Scroll by three lines."""
        bar = self.verticalScrollBar()
        if event.angleDelta().y():
            bar.setValue(bar.value() - round(event.angleDelta().y() / 40))
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Copy, select all, scroll; Ctrl+End follows the end."""
        bar = self.verticalScrollBar()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif event.key() == Qt.Key.Key_Home:
            bar.setValue(0)
        elif event.key() == Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin a selection, or stretch it with Shift."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = self._place(event.position())
        if place is None:
            self._from = self._to = None
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._from is not None:
            self._to = place
        else:
            self._from = self._to = place
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Select a word."""
        place = self._place(event.position())
        if place is None:
            return
        for match in _WORD.finditer(self.text_of(place[0])):
            if match.start() <= place[1] <= match.end():
                self._from, self._to = (place[0], match.start()), (place[0], match.end())
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Stretch the selection; outside the view it scrolls."""
        if not event.buttons() & Qt.MouseButton.LeftButton or self._from is None:
            return
        y = event.position().y()
        self._dragging = -1 if y < 0 else 1 if y > self.viewport().height() else 0
        if self._dragging and not self._pulling.isActive():
            self._pulling.start()
        place = self._place(event.position())
        if place is not None:
            if place != self._from:
                self._leave_end()
            self._to = place
            self.viewport().update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The selection stands."""
        self._dragging = 0
        self._pulling.stop()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Offer to copy and to select all."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = QAction(icon("copy"), "Copy" if self.selected_text else "Copy all lines", menu)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.triggered.connect(self.copy)
        menu.addAction(copy)
        every = QAction("Select all", menu)
        every.setShortcut(QKeySequence.StandardKey.SelectAll)
        every.triggered.connect(self.select_all)
        menu.addAction(every)
        menu.popup(event.globalPos())

    def _pull(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + 2 * self._dragging)
        edge = bar.value() if self._dragging < 0 else bar.value() + self._rows()
        number = min(self.lines.end - 1, self.lines.first + edge)
        if number >= self.lines.first and self._dragging:
            self._to = (number, 0 if self._dragging < 0 else len(self.text_of(number)))

    def _place(self, point: QPointF) -> Place | None:
        """Return the line and the letter at a point; past the last line its end."""
        if self.lines.end == self.lines.first:
            return None
        top = 6.0
        number = self.lines.first + self.verticalScrollBar().value()
        while number < self.lines.end:
            text = self.text_of(number)
            for start, end in self._cut(text):
                if point.y() < top + self._height:
                    x = point.x() - _EDGE + (0 if self.wraps else self.horizontalScrollBar().value())
                    return number, min(end, start + self._letter(text[start:end], x))
                top += self._height
            number += 1
        return self.lines.end - 1, len(self.text_of(self.lines.end - 1))

    def _letter(self, text: str, x: float) -> int:
        if text.isascii():
            return max(0, min(len(text), round(x / self._wide)))
        widths = (self._x(text, at) for at in range(1, len(text) + 1))
        return sum(1 for width in widths if width <= x + self._wide / 2)


def _filled(spans: list[tuple[int, int, Token]], end: int) -> list[tuple[int, int, Token]]:
    """Return the spans in order, and plain text between and behind them."""
    found: list[tuple[int, int, Token]] = []
    place = 0
    for begin, stop, tone in spans:
        found += [(place, begin, "text"), (begin, stop, tone)]
        place = stop
    return [*found, (place, end, "text")]


def _stamp(line: LogLine) -> str:
    if line.time is None:
        return " " * len(_STAMP)
    local = line.time.astimezone()
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"
