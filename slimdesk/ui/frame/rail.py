"""The rail: one button per page, 76 px wide."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton

from slimdesk.ui.actions import shortcut_text
from slimdesk.ui.pages import PageEntry
from slimdesk.ui.theme.fonts import fix_height, fix_width, font, scaled
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.buttons import reach_by_tab
from slimdesk.ui.widgets.layout import column

WIDTH = 76


class Rail(QFrame):
    """Signals: `chosen(page key)` when the person pressed a button."""

    chosen = Signal(str)

    def __init__(self, entries: Sequence[PageEntry]) -> None:
        super().__init__()
        self.setProperty("surface", "frame")
        self.setProperty("rule", "right")
        self.setAccessibleName("Pages")
        fix_width(self, WIDTH)
        self._buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        for entry in entries:
            button = RailButton(entry)
            button.clicked.connect(lambda _checked=False, key=entry.key: self.chosen.emit(key))
            self._group.addButton(button)
            self._buttons[entry.key] = button
        top = [self._buttons[entry.key] for entry in entries if not entry.foot]
        foot = [self._buttons[entry.key] for entry in entries if entry.foot]
        self.setLayout(column(*top, 1, *foot, margins=(6, 8, 6, 8), spacing=2))

    def show_page(self, key: str) -> None:
        """Mark the page that is open."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)
            reach_by_tab(self._buttons.values(), self._buttons[key])

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """The buttons, top to bottom."""
        return tuple(self._buttons.values())


class RailButton(QPushButton):
    """An icon of 20 px above its word."""

    def __init__(self, entry: PageEntry) -> None:
        super().__init__()
        self._entry = entry
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setProperty("kind", "rail")
        self.setAccessibleName(entry.title)
        self.setToolTip(f"{entry.title} ({shortcut_text(entry.keys)})")
        fix_height(self, 52)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the rail's own width."""
        return QSize(scaled(WIDTH - 12), scaled(52))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame, then icon and word."""
        super().paintEvent(event)
        painter = QPainter(self)
        chosen = self.isChecked()
        role = "accent_text" if chosen else "text2"
        shape = font("rail")
        if chosen:
            shape.setWeight(shape.Weight.DemiBold)
        painter.setFont(shape)
        words = painter.fontMetrics().height()
        top = (self.height() - 20 - 3 - words) // 2
        paint_icon(painter, QRect((self.width() - 20) // 2, top, 20, 20), self._entry.picture, role)  # type: ignore[arg-type]
        painter.setPen(current().color(role))  # type: ignore[arg-type]
        painter.drawText(
            QRect(0, top + 23, self.width(), words), int(Qt.AlignmentFlag.AlignHCenter), self._entry.title
        )
        painter.end()
