"""Figures that answer first: the verdict strip, and a strip of numbers with their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from slimdesk.ui.theme.fonts import fix_height, scaled
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.layout import clear, column, line, row
from slimdesk.ui.widgets.text import Icon, Text, Tone


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in words, what it is, and more in the tooltip (the exact bytes)."""

    value: str
    caption: str
    tip: str = ""
    tone: Tone = "text"


class FigureCell(QWidget):
    """A number and what it is."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self._value = Text(figure.value, "section", figure.tone)
        self._caption = Text(figure.caption, "small", "text2")
        self.setLayout(column(1, self._value, self._caption, 1, margins=(16, 4, 16, 4), spacing=0))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.show_figure(figure)

    def show_figure(self, figure: Figure) -> None:
        """Show another."""
        self._value.setText(figure.value)
        self._value.set_tone(figure.tone)
        self._caption.setText(figure.caption)
        self.setToolTip(figure.tip)
        self.setAccessibleName(f"{figure.caption}: {figure.value}")


class FigureStrip(QFrame):
    """Cells of number and caption, side by side, and room for one widget (a bar) at the right.

    Where there is too little room the last cells are hidden, never cut.
    """

    def __init__(self, name: str, figures: Sequence[Figure] = (), tail: QWidget | None = None) -> None:
        super().__init__()
        self.setProperty("surface", "bar")
        self.setProperty("rule", "bottom")
        self.setAccessibleName(name)
        self._cells = row(spacing=0)
        outer = row(self._cells, margins=(0, 0, 0, 0), spacing=0)
        self._shown: list[tuple[FigureCell, QWidget]] = []
        self._tail = tail
        if tail is not None:
            outer.addWidget(tail, 1)
        else:
            outer.addStretch(1)
        self.setLayout(outer)
        fix_height(self, 55)
        self.show_figures(figures)

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show these and no others. Cells that are there are kept: making and styling them takes most of the time."""
        for (cell, _), figure in zip(self._shown, figures, strict=False):
            cell.show_figure(figure)
        for figure in figures[len(self._shown) :]:
            cell, rule = FigureCell(figure), line("vertical")
            self._cells.addWidget(cell)
            self._cells.addWidget(rule)
            self._shown.append((cell, rule))
        for widgets in self._shown[len(figures) :]:
            for widget in widgets:
                self._cells.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        del self._shown[len(figures) :]
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never force the window wider."""
        return QSize(120, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Hide what there is no room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - (self._tail.minimumSizeHint().width() if self._tail is not None else 0)
        used = 0
        for cell, rule in self._shown:
            used += cell.sizeHint().width() + 1
            fits = used <= room or cell is self._shown[0][0]
            cell.setVisible(fits)
            rule.setVisible(fits)


@dataclass(frozen=True, slots=True)
class Answer:
    """One cell of the verdict: the conclusion, and its reason below it."""

    text: str
    reason: str = ""
    picture: str | None = None
    role: Token = "accent"
    tip: str = ""


class VerdictStrip(QFrame):
    """What to take and why, how much smaller, and whether it still runs; actions at the right. The first cell grows."""

    def __init__(self, name: str, actions: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self.setProperty("surface", "bar")
        self.setProperty("rule", "bottom")
        self.setAccessibleName(name)
        self._cells = row(spacing=0)
        actions_box = row(*actions, margins=(16, 0, 16, 0))
        outer = row(self._cells, spacing=0)
        outer.setStretch(0, 1)
        outer.addLayout(actions_box)
        self.setLayout(outer)
        self.setMinimumHeight(scaled(92))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_answers(self, answers: Sequence[Answer]) -> None:
        """Show these and no others."""
        clear(self._cells)
        for index, answer in enumerate(answers):
            if index:
                self._cells.addWidget(line("vertical"))
            head = row(
                Icon(answer.picture, answer.role, 20) if answer.picture else None,
                Text(answer.text, "verdict"),
                1,
            )
            reason = Text(answer.reason, "body", "text2", wrap=True)
            reason.setVisible(bool(answer.reason))
            cell = QWidget()
            cell.setLayout(column(1, head, reason, 1, margins=(16, 8, 20, 8), spacing=2))
            cell.setToolTip(answer.tip)
            cell.setAccessibleName(f"{answer.text}. {answer.reason}")
            self._cells.addWidget(cell, 2 if index == 0 else 1)
