"""What counts when variants are ranked: a weight for each criterion, and below them the ranking with its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from slimdesk.operations.ranking import CRITERIA, TITLES, Criterion, Ranked
from slimdesk.ui.theme.fonts import fix_width
from slimdesk.ui.widgets.buttons import Button, SegmentedSwitch
from slimdesk.ui.widgets.layout import clear, column, line, row
from slimdesk.ui.widgets.text import Text

# The words of the weights 0..4.
WORDS = ("Not", "Little", "Some", "Much", "Most")
MEANING: dict[Criterion, str] = {
    "size": "Bytes that are saved against the reference",
    "attack-surface": "Packages, shell, root, set-uid files, package manager: less is better",
    "debuggability": "A shell, and a package manager that installs tools",
    "compatibility": "A usual C library, CA certificates, time zones, /tmp, a passwd entry",
}
RULE = (
    "Score = weight × value, added up and divided by the weights. What is not proven to run never stands above what is; "
    "scores closer than one point are equal, then the recommended one is taken. Start times are not ranked: one start says too little."
)
_WORDS_OF_VERDICTS = {"runs": "runs", "fails": "fails", "not-proven": "not proven", None: "not verified"}


class WeightsDialog(QDialog):
    """Stays open beside the table, which follows at once. Signals: `changed(weights)` with a number 0..4 by criterion, `reset` where the advice's own weights shall hold."""

    changed = Signal(dict)
    reset = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("What counts")
        self.setAccessibleName("What counts")
        self._switches: dict[Criterion, SegmentedSwitch] = {}
        self._weights: dict[Criterion, int] = {}
        choices = QGridLayout()
        choices.setHorizontalSpacing(16)
        choices.setVerticalSpacing(8)
        for number, name in enumerate(CRITERIA):
            switch = SegmentedSwitch(TITLES[name], [(str(weight), word) for weight, word in enumerate(WORDS)])
            switch.chosen.connect(self._teller(name))
            self._switches[name] = switch
            choices.addLayout(
                column(Text(TITLES[name], "medium"), Text(MEANING[name], "small", "text2"), spacing=0),
                number,
                0,
            )
            choices.addWidget(switch, number, 1)
        choices.setColumnStretch(0, 1)
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(20)
        self._table.setVerticalSpacing(6)
        self._rule = Text(RULE, "small", "text2", wrap=True)
        self._none = Text("Build two variants, then their ranking stands here", "body", "text2")
        self._back = Button("As recommended", "arrow-counter-clockwise", self.reset.emit, kind="flat")
        self.setLayout(
            column(
                row(Text("What counts", "section"), 1, self._back),
                choices,
                line(),
                self._none,
                self._table,
                self._rule,
                margins=(16, 12, 16, 14),
                spacing=10,
            )
        )
        fix_width(self, 720)

    def show_weights(self, weights: Mapping[Criterion, int], *, own: bool) -> None:
        """Show these; `own` = the person set them."""
        self._weights = dict(weights)
        for name, switch in self._switches.items():
            switch.choose(str(self._weights.get(name, 0)))
        self._back.allow(own, "These are the recommended ones")

    def show_ranking(self, ranking: Sequence[Ranked]) -> None:
        """Show who stands where, and why."""
        clear(self._table)
        several = len(ranking) > 1
        self._none.setVisible(not several)
        self._rule.setVisible(several)
        if not several:
            self.adjustSize()
            return
        heads = ("", "Variant", "Score", *(TITLES[name] for name in CRITERIA), "")
        for number, head in enumerate(heads):
            self._table.addWidget(Text(head, "small", "text2"), 0, number, _side(number))
        for line_number, one in enumerate(ranking, 1):
            score = Text(f"{one.score:.0f}", "strong" if one.place == 1 else "body")
            score.setToolTip(f"Score = {one.arithmetic}")
            cells = [
                Text(str(one.place), "body", "text2"),
                Text(one.family, "strong" if one.place == 1 else "body"),
                score,
            ]
            for part in one.parts:
                cell = Text(f"{part.value:.2f}", "body", "text" if part.weight else "text3")
                cell.setToolTip(f"{TITLES[part.criterion]} {part.value:.2f} = {part.how}")
                cells.append(cell)
            tone = "good" if one.verdict == "runs" else "bad" if one.verdict == "fails" else "warn"
            cells.append(Text(_WORDS_OF_VERDICTS[one.verdict], "small", tone))  # type: ignore[arg-type]
            for number, widget in enumerate(cells):
                self._table.addWidget(widget, line_number, number, _side(number))
        self._table.setColumnStretch(1, 1)
        self.adjustSize()

    def show_below(self, widget: QWidget) -> None:
        """Open below a button, inside of its window."""
        self.adjustSize()
        at = widget.mapToGlobal(QPoint(0, widget.height() + 4))
        window = widget.window()
        edge = window.mapToGlobal(QPoint(window.width(), window.height()))
        self.move(min(at.x(), edge.x() - self.width() - 8), min(at.y(), edge.y() - self.height() - 8))
        self.show()
        self.activateWindow()
        next(iter(self._switches.values())).setFocus(Qt.FocusReason.PopupFocusReason)

    def _teller(self, name: Criterion) -> Callable[[str], None]:
        def tell(key: str) -> None:
            self._weights[name] = int(key)
            self.changed.emit(dict(self._weights))

        return tell


def _side(number: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if 2 <= number <= len(CRITERIA) + 2 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
