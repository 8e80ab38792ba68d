"""Bytes in hexadecimal: offset, sixteen bytes, the same as letters. Only what is seen is drawn, so a megabyte costs nothing."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea

from slimdesk.ui.theme.fonts import font
from slimdesk.ui.theme.theme import current

WIDE = 16
_MOST_COPIED = 64 << 10
_EDGE = 12


class HexView(QAbstractScrollArea):
    """Read-only; click and drag, or Shift and the arrows, choose bytes; copying gives them as two digits each."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._data = b""
        self._start = 0
        self._anchor = self._at = 0
        self._chosen = False
        current().changed.connect(self.viewport().update)

    def show_bytes(self, data: bytes, start: int) -> None:
        """Show these; `start` is the offset of the first in the file."""
        self._data, self._start = data, start
        self._anchor = self._at = 0
        self._chosen = False
        self._fit()
        self.verticalScrollBar().setValue(0)
        self._tell()

    @property
    def chosen(self) -> tuple[int, int]:
        """The chosen bytes: first and the one after the last, in what is shown; equal where none is."""
        if not self._chosen:
            return self._at, self._at
        return min(self._anchor, self._at), min(max(self._anchor, self._at) + 1, len(self._data))

    def choose(self, first: int, count: int) -> None:
        """Choose bytes and bring them into view."""
        self._anchor, self._at, self._chosen = first, first + max(count, 1) - 1, True
        self._show(first)
        self._tell()

    def search(self, wanted: bytes, *, back: bool = False) -> bool:
        """Choose the next place of these bytes, from the other end when there is none; False if there is none at all."""
        first, stop = self.chosen
        if back:
            at = self._data.rfind(wanted, 0, max(first + len(wanted) - 1, 0))
            at = self._data.rfind(wanted) if at < 0 else at
        else:
            at = self._data.find(wanted, first + 1 if stop > first else first)
            at = self._data.find(wanted) if at < 0 else at
        if at < 0 or not wanted:
            return False
        self.choose(at, len(wanted))
        return True

    def copy(self) -> int:
        """Copy the chosen bytes as digits; returns how many."""
        first, stop = self.chosen
        data = self._data[first : min(stop, first + _MOST_COPIED)]
        if data:
            QGuiApplication.clipboard().setText(data.hex(" "))
        return len(data)

    def row_text(self, row: int) -> str:
        """Return one row as it is drawn."""
        data = self._data[row * WIDE : (row + 1) * WIDE]
        digits = f"{data[:8].hex(' '):<23}  {data[8:].hex(' '):<23}"
        return f"{self._start + row * WIDE:010x}  {digits}  {letters(data)}"

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move, choose, copy."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.choose(0, len(self._data))
            return
        page = max(1, self._rows_seen() - 1) * WIDE
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -WIDE,
            Qt.Key.Key_Down: WIDE,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self._data),
            Qt.Key.Key_End: len(self._data),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._data:
            super().keyPressEvent(event)
            return
        self._move(self._at + step, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the byte under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton and self._data:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move(self._byte_at(event.position().toPoint()), extend=shift)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose up to the byte under the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton and self._data:
            self._move(self._byte_at(event.position().toPoint()), extend=True)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit the scroll bars."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the rows that are seen."""
        painter = QPainter(self.viewport())
        theme = current()
        painter.fillRect(event.rect(), theme.color("s1"))
        painter.setFont(font("mono"))
        high, letter = self._row_height(), self._letter()
        first_row = self.verticalScrollBar().value()
        left = _EDGE - self.horizontalScrollBar().value()
        chosen = self.chosen
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        for line in range(self._rows_seen() + 1):
            row = first_row + line
            if row * WIDE >= max(1, len(self._data)):
                break
            top = line * high
            for column in range(WIDE):
                if chosen[0] <= row * WIDE + column < chosen[1]:
                    for place, wide in ((_digits_at(column), 2), (_letters_at(column), 1)):
                        painter.fillRect(
                            QRect(round(left + place * letter), top, round(wide * letter), high),
                            theme.color("sel"),
                        )
            text = self.row_text(row)
            area = QRect(left, top, round(letter * 80), high)
            painter.setPen(theme.color("text3"))
            painter.drawText(area, middle, text[:10])
            painter.setPen(theme.color("text"))
            painter.drawText(area.adjusted(round(letter * 12), 0, 0, 0), middle, text[12:60])
            painter.setPen(theme.color("text2"))
            painter.drawText(area.adjusted(round(letter * 62), 0, 0, 0), middle, text[62:])
        if self.hasFocus() and self._data:
            row, column = divmod(self._at, WIDE)
            painter.setPen(theme.color("ring"))
            painter.drawRect(
                QRect(
                    round(left + _digits_at(column) * letter),
                    (row - first_row) * high,
                    round(2 * letter),
                    high - 1,
                )
            )
        painter.end()

    # Inside

    def _letter(self) -> float:
        return QFontMetrics(font("mono")).horizontalAdvance("0" * 100) / 100

    def _row_height(self) -> int:
        return QFontMetrics(font("mono")).height() + 5

    def _rows_seen(self) -> int:
        return self.viewport().height() // self._row_height() + 1

    def _fit(self) -> None:
        rows = -(-len(self._data) // WIDE)
        seen = self.viewport().height() // self._row_height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows - seen))
        bar.setPageStep(max(1, seen))
        wide = round(self._letter() * 78) + 2 * _EDGE
        self.horizontalScrollBar().setRange(0, max(0, wide - self.viewport().width()))
        self.horizontalScrollBar().setPageStep(self.viewport().width())
        self.viewport().update()

    def _byte_at(self, place: QPoint) -> int:
        letter = self._letter()
        column = (place.x() - _EDGE + self.horizontalScrollBar().value()) / letter
        row = self.verticalScrollBar().value() + place.y() // self._row_height()
        if column >= 62:
            number = int(column - 62)
        else:
            inside = column - 12
            number = int((inside - (1 if inside >= 24 else 0)) / 3)
        return row * WIDE + min(max(number, 0), WIDE - 1)

    def _move(self, to: int, *, extend: bool) -> None:
        self._at = min(max(to, 0), len(self._data) - 1)
        if not extend:
            self._anchor = self._at
        self._chosen = True
        self._show(self._at)
        self._tell()

    def _show(self, at: int) -> None:
        row, bar = at // WIDE, self.verticalScrollBar()
        seen = max(1, self.viewport().height() // self._row_height())
        if row < bar.value():
            bar.setValue(row)
        elif row >= bar.value() + seen:
            bar.setValue(row - seen + 1)
        self.viewport().update()

    def _tell(self) -> None:
        """Say to a screen reader where it is."""
        first, stop = self.chosen
        self.setAccessibleDescription(
            f"Byte {self._start + first}, {max(0, stop - first)} chosen. {self.row_text(first // WIDE)}"
            if self._data
            else "No bytes"
        )


def letters(data: bytes) -> str:
    """Return bytes as ASCII letters, a dot for whatever is none."""
    return "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in data)


def _digits_at(column: int) -> int:
    return 12 + column * 3 + (1 if column >= 8 else 0)


def _letters_at(column: int) -> int:
    return 62 + column
