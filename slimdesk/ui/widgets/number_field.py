"""A field for a whole number."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox


class NumberField(QSpinBox):
    """A spin box whose digits keep the distance from its frame that other fields have: a style sheet does not reach them.

    The arrows are hidden by the style sheet; without them by `NoButtons`, Qt shows no digits either.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lineEdit().setTextMargins(6, 0, 4, 0)
