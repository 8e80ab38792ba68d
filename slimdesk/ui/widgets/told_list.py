"""Findings as a list to read: where, what, what to do, who says so, and a button where a quick fix is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from slimdesk.operations.checks import OURS, Told
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.cards import Cards, lined, said
from slimdesk.ui.widgets.dockerfile_text import SIGNS
from slimdesk.ui.widgets.layout import TOP, column, row
from slimdesk.ui.widgets.text import Icon, Text

__all__ = ["ToldList", "said"]

# More are not read, and each is a handful of widgets.
MOST = 60


class ToldList(Cards):
    """Signals: `line_wanted(int)`, `fix_wanted(Told)`."""

    line_wanted = Signal(int)
    fix_wanted = Signal(object)

    def __init__(self, name: str = "Findings", *, fix_word: str = "Fix…") -> None:
        super().__init__(name)
        self._fix_word = fix_word

    def show_told(
        self,
        told: Sequence[Told],
        nothing: str = "Nothing to complain about.",
        *,
        above: Sequence[QWidget | Callable[[], QWidget]] = (),
    ) -> None:
        """Show findings, the worst first as they come; `nothing` where there are none, `above` in front of all."""
        makers: list[Callable[[], QWidget]] = [partial(_made, one) for one in above]
        makers += [partial(self._card, one) for one in told[:MOST]]
        if len(told) > MOST:
            makers.append(partial(said, f"{len(told) - MOST} more are not shown: these are the worst."))
        if not told and nothing:
            makers.append(partial(said, nothing, "check-circle-fill"))
        self.show_cards(makers)

    def _card(self, told: Told) -> QWidget:
        finding = told.finding
        picture, tone, meaning = SIGNS[finding.severity]
        foot = row(spacing=8)
        if told.fix is not None:
            fix = Button(self._fix_word, "wrench", partial(self.fix_wanted.emit, told), tip=told.fix.title)
            fix.setProperty("compact", True)
            fix.setAccessibleName(f"Fix line {finding.line}: {finding.message}" if finding.line else "Fix")
            foot.addWidget(fix)
        if told.sources != (OURS,):
            foot.addWidget(Text(f"Says {' and '.join(told.sources)}", "small", "text3", wrap=True), 1)
        else:
            foot.addStretch(1)
        head = row(spacing=8)
        if finding.line:
            line = Button(
                f"line {finding.line}", clicked=partial(self.line_wanted.emit, finding.line), kind="link"
            )
            line.setAccessibleName(f"Show line {finding.line}")
            head.addWidget(line, 0, TOP)
        message = Text(finding.message, "body", wrap=True)
        # The link beside it is a button, and two pixels higher.
        message.setContentsMargins(0, 2 if finding.line else 0, 0, 0)
        head.addWidget(message, 1)
        advice = Text(finding.fix, "small", "text2", wrap=True) if finding.fix else None
        words = column(
            head, advice, foot if told.fix is not None or told.sources != (OURS,) else None, spacing=4
        )
        return lined(Icon(picture, tone, 16, meaning), words)


def _made(one: QWidget | Callable[[], QWidget]) -> QWidget:
    return one if isinstance(one, QWidget) else one()
