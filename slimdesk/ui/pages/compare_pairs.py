"""The choice of two images whose difference is shown: segments for up to three images, a menu for more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import combinations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QMenu

from slimdesk.basics.escaping import visible
from slimdesk.ui.models.compare_rows import letters
from slimdesk.ui.widgets.buttons import Button, SegmentedSwitch, menu_button
from slimdesk.ui.widgets.layout import clear, row

_SEGMENTS = 3


class PairSwitch(QFrame):
    """Signals: `chosen(one, two)`, positions of the images, the first one before."""

    chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._place = row(spacing=0)
        self._names: list[str] = []
        self.setLayout(self._place)
        self.setAccessibleName("Difference")

    def show_pairs(self, names: Sequence[str], pair: tuple[int, int]) -> None:
        """Offer every two of these images."""
        self._names = list(names)
        clear(self._place)
        marks = letters(len(names))
        if len(names) <= _SEGMENTS:
            choices = [
                (f"{one}-{two}", f"{marks[one]} → {marks[two]}")
                for one, two in combinations(range(len(names)), 2)
            ]
            switch = SegmentedSwitch("Difference", choices, f"{pair[0]}-{pair[1]}")
            switch.chosen.connect(self._segment)
            self._place.addWidget(switch)
            return
        button = Button(f"{marks[pair[0]]} → {marks[pair[1]]}", "caret-down")
        button.setAccessibleName(f"Difference: {button.text()}")
        menu_button(button, self._fill)
        self._place.addWidget(button)

    def _segment(self, key: str) -> None:
        one, _, two = key.partition("-")
        self.chosen.emit(int(one), int(two))

    def _fill(self, menu: QMenu) -> None:
        marks, names = letters(len(self._names)), self._names
        for one, two in combinations(range(len(names)), 2):
            words = f"{marks[one]} → {marks[two]}   {visible(names[one], 50)} → {visible(names[two], 50)}"
            menu.addAction(words.replace("&", "&&"), partial(self.chosen.emit, one, two))
