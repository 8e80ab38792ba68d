"""Sizes over time as lines, painted by itself: one line per variant with its name at the end, the budget as a dashed rule."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from slimdesk.basics.units import format_bytes, format_exact, plural
from slimdesk.operations.history import Point, Series
from slimdesk.ui.models.recents import day
from slimdesk.ui.theme.fonts import font, scaled
from slimdesk.ui.theme.theme import current

_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 150, 14, 30
_STEPS = (1, 2, 2.5, 5, 10)
_REACH = 12.0
_TICKS = 6


@dataclass(frozen=True, slots=True)
class _Spot:
    """A painted point: where, and of what."""

    at: QPointF
    series: Series
    point: Point


class SizeChart(QWidget):
    """Shows series of one kind of size. Builds stand side by side in their order, not by the hours between them.

    Signals: `picked(build)` on a click at a point.
    """

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._series: tuple[Series, ...] = ()
        self._budget: int | None = None
        self._chosen: object = None
        self._spots: list[_Spot] = []
        self.setMinimumHeight(scaled(180))
        self.setMouseTracking(True)
        self.setAccessibleName("Size over time")
        current().changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as it may be."""
        return QSize(scaled(760), scaled(240))

    def show_series(self, series: Sequence[Series], budget: int | None = None) -> None:
        """Show these; `budget` in bytes of the same kind."""
        self._series, self._budget = tuple(series), budget
        told = [
            f"{one.title}: {plural(len(one.points), 'build')}, from {format_bytes(one.points[0].size)} "
            f"to {format_bytes(one.points[-1].size)}"
            for one in self._series
        ]
        self.setAccessibleDescription("; ".join(told))
        self.update()

    def choose(self, build: object) -> None:
        """Mark a build."""
        self._chosen = build
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint axes, lines, points and names."""
        theme = current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("s1"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._spots = []
        points = [point for one in self._series for point in one.points]
        if not points:
            painter.end()
            return
        area = QRectF(
            scaled(_LEFT),
            _TOP,
            self.width() - scaled(_LEFT) - scaled(_RIGHT),
            self.height() - _TOP - scaled(_BOTTOM),
        )
        top = scale_end(max(*(point.size for point in points), self._budget or 0))
        times = sorted({point.when for point in points})
        self._axes(painter, area, top, [_date(when) for when in times])

        def place(point: Point) -> QPointF:
            part = bisect_left(times, point.when) / (len(times) - 1) if len(times) > 1 else 0.5
            return QPointF(
                area.left() + part * area.width(), area.bottom() - point.size / top * area.height()
            )

        if self._budget is not None:
            self._rule(painter, area, area.bottom() - self._budget / top * area.height())
        ends = []
        for number, one in enumerate(self._series):
            color = series_color(number, one.family)
            places = [place(point) for point in one.points]
            painter.setPen(QPen(color, 2))
            painter.drawPolyline(places)
            for at, point in zip(places, one.points, strict=True):
                chosen = point.build == self._chosen
                painter.setBrush(color if not chosen else theme.color("s1"))
                painter.drawEllipse(at, 5.5 if chosen else 3.0, 5.5 if chosen else 3.0)
                self._spots.append(_Spot(at, one, point))
            ends.append((places[-1].y(), color, one))
        self._names(painter, area, ends)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Tell a point's figures in a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            spot = self._near(QPointF(event.pos()))
            if spot is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), _tip(spot), self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Say that a point can be clicked."""
        near = self._near(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if near else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the build."""
        spot = self._near(event.position())
        if spot is not None:
            self.picked.emit(spot.point.build)

    def _near(self, where: QPointF) -> _Spot | None:
        def away(spot: _Spot) -> float:
            return abs(spot.at.x() - where.x()) + abs(spot.at.y() - where.y())

        found = min(self._spots, key=away, default=None)
        return found if found is not None and away(found) <= _REACH else None

    def _axes(self, painter: QPainter, area: QRectF, top: float, days: Sequence[str]) -> None:
        theme = current()
        painter.setFont(font("small"))
        steps = 4
        for step in range(steps + 1):
            y = area.bottom() - step / steps * area.height()
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.color("text2"))
            box = QRectF(0, y - 10, area.left() - 10, 20)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, format_bytes(top * step / steps) if step else "0")
        wide = scaled(92)
        shown = max(1, min(_TICKS, int(area.width() // wide), len(days)))
        marks = sorted({round(at * (len(days) - 1) / max(1, shown - 1)) for at in range(shown)})
        last = ""
        for mark in marks:
            # A day is written once; several builds of it stand behind it.
            if days[mark] == last:
                continue
            last = days[mark]
            part = mark / (len(days) - 1) if len(days) > 1 else 0.5
            box = QRectF(area.left() + part * area.width() - wide / 2, area.bottom() + 8, wide, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, days[mark])

    def _rule(self, painter: QPainter, area: QRectF, y: float) -> None:
        theme = current()
        painter.setPen(QPen(theme.color("warn"), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        words = f"budget {format_bytes(self._budget)}"
        painter.drawText(QRectF(area.left() + 6, y - 19, 200, 18), Qt.AlignmentFlag.AlignLeft, words)

    def _names(self, painter: QPainter, area: QRectF, ends: list[tuple[float, QColor, Series]]) -> None:
        """Write each name beside its line's end; names that would touch move apart."""
        theme = current()
        high = painter.fontMetrics().height()
        many = len({one.component for _, _, one in ends}) > 1
        places = apart([at - high / 2 for at, _, _ in ends], high, area.bottom() + high)
        for y, (_, color, one) in zip(places, ends, strict=True):
            left = area.right() + 12
            painter.setPen(QPen(color, 2))
            painter.drawLine(QPointF(left, y + high / 2), QPointF(left + 12, y + high / 2))
            painter.setPen(theme.color("text"))
            words = one.title if many else one.family
            room = QRectF(left + 18, y, self.width() - left - 24, high)
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)


def apart(places: Sequence[float], high: float, bottom: float) -> list[float]:
    """Return places that are at least `high` from each other in the same order, and end above `bottom`."""
    order = sorted(range(len(places)), key=lambda number: places[number])
    moved = list(places)
    last = float("-inf")
    for number in order:
        last = moved[number] = max(places[number], last + high)
    last = bottom
    for number in reversed(order):
        last = moved[number] = min(moved[number], last - high)
    return moved


def scale_end(largest: float) -> float:
    """Return a round number, in bytes, that the axis ends with: at least `largest`, four even steps below it."""
    if largest <= 0:
        return 4.0
    power = 10.0 ** (len(str(int(largest / 4))) - 1)
    step = next(one * power for one in (*_STEPS, 20) if one * power * 4 >= largest)
    return step * 4


def series_color(number: int, family: str) -> QColor:
    """Return a line's colour: references are grey, the others in the order of the palette's strong colours."""
    theme = current()
    if family in ("yours", "baseline"):
        return theme.color("line_strong")
    strong = ("mark", "good", "warn", "bad", "code_keyword", "accent_text", "text2", "text")
    return theme.color(strong[number % len(strong)])  # type: ignore[arg-type]


def _date(when: dt.datetime) -> str:
    words = day(when)
    return words.partition(" ")[0] if ":" in words else words


def _tip(spot: _Spot) -> str:
    before = [point for point in spot.series.points if point.when < spot.point.when]
    lines = [f"{spot.series.title}, {day(spot.point.when)}", format_exact(spot.point.size)]
    if before:
        grown = spot.point.size - before[-1].size
        lines.append(
            f"{'+' if grown > 0 else ''}{format_bytes(grown)} since the build before"
            if grown
            else "as the build before"
        )
    if spot.point.build.verdict:
        lines.append(
            {"runs": "it runs", "fails": "it fails", "not-proven": "not proven"}.get(
                spot.point.build.verdict, ""
            )
        )
    return "\n".join(lines)
