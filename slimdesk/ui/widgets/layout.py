"""Boxes without ceremony: the house's spacing, nothing else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

Margins = int | tuple[int, int, int, int]


def row(*items: QWidget | QLayout | int | None, margins: Margins = 0, spacing: int = 8) -> QHBoxLayout:
    """Lay `items` side by side; a number is a stretch, None is left out."""
    box = QHBoxLayout()
    _fill(box, items, margins, spacing)
    return box


def column(*items: QWidget | QLayout | int | None, margins: Margins = 0, spacing: int = 8) -> QVBoxLayout:
    """Lay `items` one below the other; a number is a stretch, None is left out."""
    box = QVBoxLayout()
    _fill(box, items, margins, spacing)
    return box


def panel(layout: QLayout, surface: str = "page", rule: str | None = None) -> QFrame:
    """Return a frame that holds `layout`; `surface` is frame, page, bar, card or well, `rule` an edge with a line."""
    frame = QFrame()
    frame.setProperty("surface", surface)
    if rule:
        frame.setProperty("rule", rule)
    frame.setLayout(layout)
    return frame


def line(orientation: str = "horizontal") -> QFrame:
    """Return a rule of one pixel."""
    frame = QFrame()
    frame.setProperty("line", orientation)
    fixed = QSizePolicy.Policy.Fixed
    grow = QSizePolicy.Policy.Expanding
    frame.setSizePolicy(grow, fixed) if orientation == "horizontal" else frame.setSizePolicy(fixed, grow)
    return frame


def clear(layout: QLayout) -> None:
    """Take everything out of `layout` and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def restyle(widget: QWidget) -> None:
    """Let the style sheet see a changed property."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _fill(
    box: QBoxLayout, items: tuple[QWidget | QLayout | int | None, ...], margins: Margins, spacing: int
) -> None:
    box.setSpacing(spacing)
    edges = (margins,) * 4 if isinstance(margins, int) else margins
    box.setContentsMargins(*edges)
    for item in items:
        if isinstance(item, int):
            box.addStretch(item)
        elif isinstance(item, QLayout):
            box.addLayout(item)
        elif item is not None:
            box.addWidget(item)


TOP = Qt.AlignmentFlag.AlignTop
