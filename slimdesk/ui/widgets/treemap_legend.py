"""The legend of a treemap: each mark hides what it stands for and brings it back, or leaves it alone on the map."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QMenu, QSizePolicy

from slimdesk.basics.units import format_bytes, format_exact
from slimdesk.ui.models.image_colors import LegendEntry, Paint
from slimdesk.ui.theme.fonts import font, scaled, set_font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.treemap_paint import brush_of, tile_color

_SWATCH = 12
_GAP = 6
_ROW, _EDGE, _SIDE, _BETWEEN = 28, 4, 10, 8
_MOST_ROWS = 2
# In a pane lower than this the map needs the second row more.
_LOW = 500
_KEYS = "Click to hide or show, Ctrl+click for this alone"


class LegendSwitch(QAbstractButton):
    """A swatch and a word; unchecked it is an empty square and grey: what it means is hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.alone = False
        """Whether the click that is being told was one with Ctrl or Shift."""
        self._paint: Paint | None = None
        self.setCheckable(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        set_font(self, "body")

    def stand_for(self, word: str, paint: Paint | None, tip: str, *, shown: bool) -> None:
        """Say what it means; `paint` None is the hatch of shadowed bytes."""
        self._paint = paint
        self.setText(word)
        self.setToolTip(tip)
        self.setAccessibleName(word)
        self.setChecked(shown)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for both."""
        metrics = self.fontMetrics()
        return QSize(_SWATCH + _GAP + metrics.horizontalAdvance(self.text()) + 8, max(24, metrics.height()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for the swatch and a few letters."""
        return QSize(_SWATCH + _GAP + 28, self.sizeHint().height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Note the keys that are held down."""
        held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        self.alone = bool(event.modifiers() & held)
        super().mouseReleaseEvent(event)
        self.alone = False

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
    """Marks in one line, in two where there is little room; only then are their words cut.

    Signals: `switched(codes)` a mark was clicked; `alone(codes)` only what it stands for is wanted, or all again where it
    alone is shown; `shadowed(shown)` the hatch was clicked.
    """

    switched = Signal(object)
    alone = Signal(object)
    shadowed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "page")
        self.setProperty("rule", "top")
        self.setAccessibleName("Legend")
        self.setFixedHeight(scaled(_ROW) + _EDGE)
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.marks: list[tuple[LegendSwitch, LegendEntry | None]] = []

    def show_entries(
        self, entries: Sequence[LegendEntry], left_out: frozenset[int], hidden_bytes: int, *, shadowed: bool
    ) -> None:
        """Show these marks, and one for shadowed bytes if there are any."""
        wanted: list[LegendEntry | None] = [*entries, None] if hidden_bytes else [*entries]
        # Those that are there are kept: making and styling them takes most of the time, and one may have the focus.
        marks = [mark for mark, _ in self.marks[: len(wanted)]]
        for old, _ in self.marks[len(wanted) :]:
            old.hide()
            old.deleteLater()
        marks += [self._made() for _ in wanted[len(marks) :]]
        self.marks = list(zip(marks, wanted, strict=True))
        for mark, entry in self.marks:
            if entry is None:
                tip = f"{format_exact(hidden_bytes)} that a later layer hides\nClick to hide or show"
                mark.stand_for("Shadowed", None, tip, shown=shadowed)
                continue
            tip = f"{entry.name or entry.word}: {format_bytes(entry.size)} ({format_exact(entry.size)})\n{_KEYS}"
            mark.stand_for(entry.word, entry.paint, tip, shown=not entry.codes <= left_out)
        self._place()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never force the window wider."""
        return QSize(60, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Place the marks anew."""
        super().resizeEvent(event)
        self._place()

    def fill_menu(self, menu: QMenu, entry: LegendEntry) -> None:
        """List what can be done with a mark."""
        menu.addAction(f"Only {entry.word}", lambda: self.alone.emit(entry.codes))
        menu.addAction("Hide or show", lambda: self.switched.emit(entry.codes))

    def _made(self) -> LegendSwitch:
        mark = LegendSwitch()
        mark.clicked.connect(lambda shown, mark=mark: self._clicked(mark, shown=shown))
        mark.customContextMenuRequested.connect(lambda at, mark=mark: self._menu(mark, mark.mapToGlobal(at)))
        mark.setParent(self)
        mark.show()
        return mark

    def _entry(self, mark: LegendSwitch) -> LegendEntry | None:
        return next((entry for one, entry in self.marks if one is mark), None)

    def _menu(self, mark: LegendSwitch, where: QPoint) -> None:
        entry = self._entry(mark)
        if entry is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, entry)
        menu.popup(where)

    def _clicked(self, mark: LegendSwitch, *, shown: bool) -> None:
        entry = self._entry(mark)
        if entry is None:
            self.shadowed.emit(shown)
        else:
            (self.alone if mark.alone else self.switched).emit(entry.codes)

    def _place(self) -> None:
        """Let the marks flow into at most two rows; what is still too long there is shortened, the longest first."""
        room = max(60, self.width() - 2 * _SIDE)
        widths = [mark.sizeHint().width() for mark, _ in self.marks]
        rows = flow(widths, room, _BETWEEN)
        above = self.parentWidget()
        most = 1 if above is not None and above.height() < scaled(_LOW) else _MOST_ROWS
        while len(rows) > most:
            longest = max(range(len(widths)), key=widths.__getitem__)
            least = self.marks[longest][0].minimumSizeHint().width()
            if widths[longest] <= least:
                break
            widths[longest] = max(least, widths[longest] - 8)
            rows = flow(widths, room, _BETWEEN)
        high = scaled(_ROW)
        self.setFixedHeight(high * min(most, max(1, len(rows))) + _EDGE)
        for number, row in enumerate(rows):
            x = _SIDE
            for index in row:
                mark = self.marks[index][0]
                tall = min(high, mark.sizeHint().height())
                mark.setGeometry(x, number * high + (high - tall) // 2 + _EDGE // 2, widths[index], tall)
                x += widths[index] + _BETWEEN


def flow(widths: Sequence[int], room: int, gap: int) -> list[list[int]]:
    """Return the numbers of the things that stand in each row."""
    rows: list[list[int]] = []
    x = 0
    for index, width in enumerate(widths):
        if not rows or x + width > room:
            rows.append([])
            x = 0
        rows[-1].append(index)
        x += width + gap
    return rows
