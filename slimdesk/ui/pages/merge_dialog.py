"""The saved Dockerfile and what SlimDesk would write now, as one: the difference, and a choice where both changed a place."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QDialog, QWidget

from slimdesk.basics.units import plural
from slimdesk.dockerfile.merge import Conflict
from slimdesk.operations.saved import Saved
from slimdesk.operations.variant_saved import Side, resolved
from slimdesk.ui.theme.fonts import fix_width
from slimdesk.ui.widgets.buttons import Button, PrimaryButton, SegmentedSwitch
from slimdesk.ui.widgets.diff_view import DiffView
from slimdesk.ui.widgets.layout import column, line, row
from slimdesk.ui.widgets.text import Icon, Text

_SIZE = (980, 680)
_SHOWN_CONFLICTS = 8


class MergeDialog(QDialog):
    """Shows old -> merged; accepted = save `text`. `replace_wanted`: the person would rather replace the file.

    `others` are (name, before, after) of files that are saved with it.
    """

    def __init__(self, parent: QWidget, saved: Saved, *, title: str, about: str, may_replace: bool = False,
                 others: list[tuple[str, str, str]] | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self._saved = saved
        self._others = others or []
        self.replace_wanted = False
        self._sides: list[Side] = ["yours"] * len(saved.conflicts)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.view = DiffView()
        self.switches: list[SegmentedSwitch] = []
        choices = [self._choice(number, one) for number, one in enumerate(saved.conflicts[:_SHOWN_CONFLICTS])]
        more = len(saved.conflicts) - len(choices)
        conflicts = None
        if choices:
            words = f"{plural(len(saved.conflicts), 'place')} changed on both sides. Yours is kept unless you say otherwise."
            rest = Text(f"{more} more keep yours.", "small", "text2") if more > 0 else None
            conflicts = column(
                row(Icon("warning-fill", "warn", 16, "Decide"), Text(words, "strong"), 1), *choices, rest
            )
        self.save = PrimaryButton("Save merged", "floppy-disk", self.accept)
        self.save.setDefault(True)
        instead = None
        if may_replace:
            instead = Button("Replace it instead…", clicked=self._replace, kind="flat")
        body = column(
            Text(title, "section"),
            Text(about, "body", "text2", wrap=True),
            conflicts,
            line() if choices else None,
            self.view,
            row(instead, 1, Button("Cancel", clicked=self.reject), self.save, margins=(0, 4, 0, 0)),
            margins=20,
            spacing=8,
        )
        self.setLayout(body)
        room = parent.size()
        self.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height()))
        self._show()

    @property
    def text(self) -> str:
        """The merged text as it is decided now."""
        return resolved(self._saved.merged, self._sides)

    def _choice(self, number: int, conflict: Conflict) -> QWidget:
        switch = SegmentedSwitch(
            f"Place {number + 1}", [("yours", "Keep yours"), ("generated", "Take the new")], "yours"
        )
        switch.tip("yours", "\n".join(conflict.yours) or "(these lines are taken away)")
        switch.tip("generated", "\n".join(conflict.generated) or "(these lines are taken away)")
        switch.chosen.connect(partial(self._decide, number))
        self.switches.append(switch)
        told = column(_lines("Yours", conflict.yours), _lines("New", conflict.generated), spacing=1)
        holder = QWidget()
        line_of = row(switch, spacing=12)
        line_of.addLayout(told, 1)
        holder.setLayout(line_of)
        return holder

    def _replace(self) -> None:
        self.replace_wanted = True
        self.reject()

    def _decide(self, number: int, side: str) -> None:
        self._sides[number] = "generated" if side == "generated" else "yours"
        self._show()

    def _show(self) -> None:
        text = self.text
        self.view.show_files([(self._saved.path.name, self._saved.text, text), *self._others])
        changes = text != self._saved.text or bool(self._others)
        self.save.allow(changes, "Nothing would change")


def _lines(whose: str, lines: tuple[str, ...]) -> QWidget:
    label = Text(whose, "small", "text3")
    fix_width(label, 44)
    words = Text("\n".join(lines) or "(nothing)", "mono", "text" if lines else "text3", wrap=True)
    holder = QWidget()
    body = row(label, words, spacing=6)
    body.setStretch(1, 1)
    holder.setLayout(body)
    return holder
