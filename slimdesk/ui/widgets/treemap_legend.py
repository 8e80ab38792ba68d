"""The legend of a treemap: each mark is a switch that hides what it stands for, and brings it back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy

from slimdesk.basics.units import format_bytes, format_exact
from slimdesk.ui.models.image_colors import LegendEntry, Paint
from slimdesk.ui.theme.fonts import font, scaled, set_font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.layout import clear
from slimdesk.ui.widgets.treemap_paint import brush_of, tile_color

_SWATCH = 12
_GAP = 6


class LegendSwitch(QAbstractButton):
    """A swatch and a word; unchecked it is an empty square and grey: what it means is hidden."""

    def __init__(self, word: str, paint: Paint | None, tip: str) -> None:
        """`paint` None is the hatch of shadowed bytes."""
        super().__init__()
        self._paint = paint
        self.setText(word)
        self.setCheckable(True)
        self.setChecked(True)
        self.setToolTip(tip)
        self.setAccessibleName(word)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        set_font(self, "body")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for both."""
        metrics = self.fontMetrics()
        return QSize(_SWATCH + _GAP + metrics.horizontalAdvance(self.text()) + 8, max(24, metrics.height()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for the swatch and a few letters."""
        return QSize(_SWATCH + _GAP + 28, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it."""
        painter = QPainter(self)
        theme = current()
        square = QRect(2, (self.height() - _SWATCH) // 2, _SWATCH, _SWATCH)
        if self.isChecked():
            fill = brush_of(("other", 0), shadowed=True) if self._paint is None else tile_color(self._paint)
            painter.fillRect(square, fill)
            if self._paint is None:
                painter.fillRect(square, brush_of(("base", 2), shadowed=True))
        else:
            painter.setPen(QPen(theme.color("line_strong")))
            painter.drawRect(QRectF(square).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setFont(font("body"))
        painter.setPen(theme.color("text" if self.isChecked() else "text3"))
        left = _SWATCH + _GAP + 2
        room = QRect(left, 0, self.width() - left, self.height())
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), words)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("ring"), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 3, 3)
        painter.end()


class TreemapLegend(QFrame):
    """Marks in one line; where there is little room their words are cut.

    Signals: `switched(codes)` a mark was clicked; `shadowed(shown)` the hatch was.
    """

    switched = Signal(object)
    shadowed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "page")
        self.setProperty("rule", "top")
        self.setAccessibleName("Legend")
        self._box = QHBoxLayout()
        self._box.setContentsMargins(10, 0, 10, 0)
        self._box.setSpacing(8)
        self.setLayout(self._box)
        self.setFixedHeight(scaled(32))
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.marks: list[tuple[LegendSwitch, LegendEntry | None]] = []

    def show_entries(
        self, entries: Sequence[LegendEntry], left_out: frozenset[int], hidden_bytes: int, *, shadowed: bool
    ) -> None:
        """Show these marks, and one for shadowed bytes if there are any."""
        clear(self._box)
        self.marks = []
        for entry in entries:
            tip = f"{entry.name or entry.word}: {format_bytes(entry.size)} ({format_exact(entry.size)})\nClick to hide or show"
            mark = LegendSwitch(entry.word, entry.paint, tip)
            mark.setChecked(not entry.codes <= left_out)
            mark.clicked.connect(lambda _=False, entry=entry: self.switched.emit(entry.codes))
            self._add(mark, entry)
        if hidden_bytes:
            mark = LegendSwitch(
                "Shadowed",
                None,
                f"{format_exact(hidden_bytes)} that a later layer hides\nClick to hide or show",
            )
            mark.setChecked(shadowed)
            mark.clicked.connect(self.shadowed)
            self._add(mark, None)
        self._box.addStretch(1)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never force the window wider."""
        return QSize(60, super().minimumSizeHint().height())

    def _add(self, mark: LegendSwitch, entry: LegendEntry | None) -> None:
        self._box.addWidget(mark)
        self.marks.append((mark, entry))
