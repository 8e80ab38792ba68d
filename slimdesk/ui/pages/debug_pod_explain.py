"""Explain an exit: pasted `kubectl describe pod`, a log, a status word or an exit code, and the cause in a sentence."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from slimdesk.basics.escaping import visible
from slimdesk.debug.describe import MAX_TEXT
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.debug_paste import PasteDialog
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.cards import Cards, lined, said
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.text import Icon, Text

if TYPE_CHECKING:
    from slimdesk.operations.explain_crash import Explained

TITLE = "Explain an exit"
_HINT = "Paste here: kubectl describe pod, kubectl logs --previous, docker logs,\na message such as CrashLoopBackOff, or an exit code such as 137"


class ExplainDialog(PasteDialog):
    """Explains as the text changes. Nothing of it is kept or sent anywhere."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, TITLE, name="What it said", hint=_HINT, size=(980, 560))
        self.causes = Cards("Causes")
        self.copy = Button("Copy the answer", "copy", self._copy)
        self._answer = ""
        split = RememberedSplitter(desk, "explain", [self.text, self.causes], [540, 440])
        head = column(
            Text(TITLE, "section"),
            Text("Why a container or a pod does not run, and what to do. The text stays on this machine.", "body", "text2"),
            margins=(20, 16, 20, 12), spacing=2,
        )  # fmt: skip
        foot = row(1, self.copy, Button("Close", clicked=self.close), margins=(20, 10, 20, 14))
        whole = column(panel(head), line(), split, line(), panel(foot), spacing=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self._show(())

    async def take(self, text: str) -> None:
        """Look for causes."""
        from slimdesk.operations.explain_crash import explain

        self._show(await self.desk.blocking(explain, text[-MAX_TEXT:]))

    def _show(self, found: tuple[Explained, ...]) -> None:
        self._answer = "\n\n".join(str(one.cause) for one in found)
        self.copy.allow(bool(found), "There is no answer yet")
        if found:
            self.causes.show_cards([partial(_card, one) for one in found])
        elif self.text.toPlainText().strip():
            words = "Nothing in it is known to end a container. The last lines of its log, or its exit code, may say more."
            self.causes.show_cards([partial(said, words, "question")])
        else:
            self.causes.show_cards(
                [partial(said, "The cause stands here as soon as there is something to read.")]
            )

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._answer)


def _card(one: Explained) -> QWidget:
    place = f"line {one.line}: " if one.line else ""
    whose = f"{visible(one.container, 60)}: " if one.container else ""
    return lined(
        Icon("lightbulb", "accent_text", 16, "Cause"),
        column(
            Text(f"{whose}{one.cause.message}", "strong", wrap=True),
            Text(one.cause.fix, "body", wrap=True) if one.cause.fix else None,
            Text(f"{place}{one.evidence}", "small", "text2", wrap=True) if one.evidence else None,
            spacing=4,
        ),
    )


def explain_dialog(desk: Desk) -> ExplainDialog:
    """Open it beside the window's pages."""
    dialog = ExplainDialog(desk)
    dialog.begin()
    return dialog
