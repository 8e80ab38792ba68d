"""Advice: why this family, what calls into its image and what becomes of that, and what would make a smaller one fit."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from slimdesk.operations.families import FamilyTable
from slimdesk.recipes.advice import Advice, Reason
from slimdesk.recipes.advice_better import Better
from slimdesk.recipes.needs import Verdict
from slimdesk.ui.theme.fonts import most_width
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button, IconButton, SegmentedSwitch
from slimdesk.ui.widgets.layout import TOP, clear, column, line, panel, row
from slimdesk.ui.widgets.text import Icon, Tag, Text
from slimdesk.workspace.session import PREFERENCES

WIDTH = 860
_ANSWERS: dict[str, tuple[str, Token, str]] = {
    "works": ("check-circle-fill", "good", "Works"),
    "replace": ("warning-fill", "warn", "Works with what is said"),
    "fails": ("x-circle-fill", "bad", "Fails"),
}


class AdvicePane(QScrollArea):
    """Shows the advice for one row. Signals: `preferred(word)`, `comparison_wanted`."""

    preferred = Signal(str)
    comparison_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Advice")
        self._shown: tuple[object, ...] = ()
        self._wish = wish_switch()
        self._wish.chosen.connect(self.preferred.emit)
        compare = Button("Compare families…", "columns", self.comparison_wanted.emit, kind="flat")
        self._rows = column(spacing=8)
        body = QWidget()
        most_width(body, WIDTH)
        body.setLayout(
            column(
                row(Text("What matters most", "body", "text2"), self._wish, 1, compare),
                self._rows,
                1,
                margins=(16, 10, 16, 16),
                spacing=10,
            )
        )
        outer = row(body, 1, spacing=0)
        outer.setStretch(0, 1_000)
        self.setWidget(panel(outer))

    def show_advice(self, advice: Advice | None, table: FamilyTable | None, family: str, prefer: str) -> None:
        """Show what is said of `family`, a family's word or a reference's."""
        shown = (advice, family, prefer)
        if shown == self._shown:
            return
        self._shown = shown
        self._wish.choose(prefer)
        clear(self._rows)
        if advice is None or table is None:
            return
        fit = next((one for one in table.fits if one.family == family), None)
        if family == advice.family:
            self._section(f"Why {family}", [_reason(one) for one in advice.reasons])
        elif fit is not None:
            title = f"{family} instead of {advice.family}" if fit.available else f"Why {family} does not fit"
            self._section(title, [_sentence(fit.reason, "")])
        called = next((found for key, found in advice.verdicts.items() if key == family), ())
        if called:
            self._section("What calls into the image", [_verdict(one) for one in called])
        if family == advice.family and advice.warnings:
            self._section("Before it ships", [_reason(one, "warning") for one in advice.warnings])
        if advice.better:
            self._section(
                "What would make a smaller family possible", [_better(one) for one in advice.better]
            )

    def _section(self, title: str, rows: list[QWidget]) -> None:
        if self._rows.count():
            self._rows.addWidget(line())
        self._rows.addWidget(Text(title, "strong"))
        for one in rows:
            self._rows.addWidget(one)


def wish_switch() -> SegmentedSwitch:
    """Return the choice of what matters most when a family is recommended."""
    switch = SegmentedSwitch(
        "What matters most", [(word, word.capitalize()) for word in PREFERENCES], PREFERENCES[0]
    )
    switch.tip("smallest", "The fewest bytes and the least to attack")
    switch.tip("debuggable", "A shell inside of the image, to look around")
    switch.tip("compatible", "Debian's C library and a shell, for which most software is made")
    return switch


def _reason(one: Reason, picture: str = "check") -> QWidget:
    return _sentence(one.text, str(one.evidence or ""), picture)


def _sentence(text: str, place: str, picture: str = "check") -> QWidget:
    tone: Token = "warn" if picture == "warning" else "text3"
    words = Text(text, "body", "text", wrap=True)
    where = Text(place, "mono", "text3") if place else None
    return _lined(Icon(picture, tone), column(words, where, spacing=1))


def _verdict(one: Verdict) -> QWidget:
    picture, tone, meaning = _ANSWERS[one.answer]
    place = Text(str(one.call.evidence), "mono", "text3") if one.call.evidence else None
    inside = column(Text(one.sentence, "body", "text", wrap=True), place, spacing=1)
    if one.replacement:
        instead = Text(one.replacement, "mono" if "\n" in one.replacement else "body", "text2", wrap=True)
        copy = IconButton("copy", "Copy", lambda: QGuiApplication.clipboard().setText(one.replacement or ""))
        held = row(instead, copy)
        held.setStretch(0, 1)
        inside.addLayout(held)
    return _lined(Icon(picture, tone, 16, meaning), inside)


def _better(one: Better) -> QWidget:
    return _lined(
        Tag(one.family),
        column(
            Text(one.change, "body", "text", wrap=True),
            Text(one.effect, "small", "text2", wrap=True),
            spacing=1,
        ),
    )


def _lined(first: QWidget, rest: object) -> QWidget:
    holder = QWidget()
    body = row(spacing=10)
    body.addWidget(first, 0, TOP)
    body.addLayout(rest, 1)  # type: ignore[arg-type]
    holder.setLayout(body)
    return holder
