"""A list of cards that scrolls: a few are made at once and the rest bit by bit, so that the window never stands still."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QWidget

from slimdesk.ui.theme.fonts import most_width
from slimdesk.ui.widgets.layout import TOP, clear, column, panel, row
from slimdesk.ui.widgets.text import Icon, Text

# A card is some ten widgets, of half a millisecond each.
BATCH = 5


class Cards(QScrollArea):
    """`name` is for screen readers; `widest` is in px for 10 pt type, 0 for as wide as there is room."""

    def __init__(self, name: str, widest: int = 0) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self._rows = column(spacing=0)
        self._waiting: deque[Callable[[], QWidget]] = deque()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._more)
        body = panel(column(self._rows, 1, spacing=0))
        if widest:
            most_width(body, widest)
        outer = row(body, 1, spacing=0)
        outer.setStretch(0, 1000)
        self.setWidget(panel(outer))

    def show_cards(self, makers: Iterable[Callable[[], QWidget]]) -> None:
        """Show what `makers` make, from the top, in place of what was there."""
        clear(self._rows)
        self._waiting = deque(makers)
        self.verticalScrollBar().setValue(0)
        self._more()

    @property
    def complete(self) -> bool:
        """Whether all cards are there."""
        return not self._waiting

    def _more(self) -> None:
        for _ in range(min(BATCH, len(self._waiting))):
            self._rows.addWidget(self._waiting.popleft()())
        if self._waiting:
            self._timer.start(0)


def lined(first: QWidget, rest: QLayout, *, ruled: bool = True) -> QWidget:
    """Return a card: a sign, what is said beside it, and a rule below."""
    body = row(margins=(16, 9, 16, 9), spacing=10)
    body.addWidget(first, 0, TOP)
    body.addLayout(rest, 1)
    return panel(body, "page", "bottom" if ruled else None)


def said(words: str, picture: str = "info") -> QWidget:
    """Return a quiet line among the cards."""
    icon = Icon(picture, "good" if picture.startswith("check") else "text3")
    return lined(icon, column(Text(words, "body", "text2", wrap=True)), ruled=False)
