"""The bar of sizes: base in grey, own layers in blue, shadowed hatched, on a track as long as the reference."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from slimdesk.basics.units import format_bytes
from slimdesk.ui.models.roles import SizeBar
from slimdesk.ui.theme.theme import current

HEIGHT = 8
_LEAST = 2


def paint_bar(painter: QPainter, rect: QRect, bar: SizeBar, *, track: bool = True) -> None:
    """Draw `bar` over the whole of `rect`; parts that hold bytes are at least 2 px."""
    theme = current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if track:
        painter.setBrush(theme.color("s3"))
        painter.drawRoundedRect(rect, 2, 2)
    full = max(1, bar.full)
    base = bar.base or 0
    left = float(rect.left())
    end = float(rect.left() + rect.width())
    for size, brush in (
        (base, QBrush(theme.color("line_strong"))),
        (max(0, bar.own - bar.shadowed), QBrush(theme.color("mark"))),
        (bar.shadowed, None),
    ):
        if size <= 0:
            continue
        width = max(float(_LEAST), rect.width() * size / full)
        width = min(width, end - left)
        if width <= 0:
            break
        part = QRectF(left, rect.top(), width, rect.height())
        if brush is None:
            paint_hatch(painter, part, theme.color("warn"))
        else:
            painter.setBrush(brush)
            painter.drawRoundedRect(part, 2, 2) if left == rect.left() else painter.drawRect(part)
        left += width
    painter.restore()


def paint_hatch(painter: QPainter, rect: QRectF, color: QColor) -> None:
    """Draw a diagonal hatch of `color` on s2: bytes that a later layer hides."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, current().color("s2"))
    pen = painter.pen()
    pen.setColor(color)
    pen.setWidthF(2.0)
    pen.setStyle(Qt.PenStyle.SolidLine)
    painter.setPen(pen)
    step = 5.0
    position = rect.left() - rect.height()
    while position < rect.right() + rect.height():
        painter.drawLine(
            round(position), round(rect.bottom() + 1), round(position + rect.height() + 1), round(rect.top())
        )
        position += step
    painter.restore()


class SizeBarView(QWidget):
    """A bar that stands alone, `thick` px high."""

    def __init__(self, name: str, thick: int = HEIGHT) -> None:
        super().__init__()
        self._name = name
        self._bar: SizeBar | None = None
        self.setFixedHeight(thick)
        self.setMinimumWidth(80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def show_bar(self, bar: SizeBar | None) -> None:
        """Show `bar`, or nothing."""
        self._bar = bar
        if bar is not None:
            total = bar.own + (bar.base or 0)
            self.setAccessibleName(f"{self._name}: {format_bytes(total)} of {format_bytes(bar.full)}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it."""
        if self._bar is not None:
            painter = QPainter(self)
            paint_bar(painter, self.rect(), self._bar)
            painter.end()
