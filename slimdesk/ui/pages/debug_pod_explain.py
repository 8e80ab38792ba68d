"""Explain an exit: pasted `kubectl describe pod`, a log, a status word or an exit code, and the cause in a sentence."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.debug.describe import MAX_TEXT
from slimdesk.ui.desk import Desk
from slimdesk.ui.theme.fonts import set_font
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.cards import Cards, lined, said
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.text import Icon, Text

if TYPE_CHECKING:
    from slimdesk.operations.explain_crash import Explained

TITLE = "Explain an exit"
_SIZE = (980, 560)
_STILL_MS = 200
_HINT = "Paste here: kubectl describe pod, kubectl logs --previous, docker logs,\na message such as CrashLoopBackOff, or an exit code such as 137"


class ExplainDialog(QDialog):
    """Not modal; explains as the text changes. Nothing of it is kept or sent anywhere."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.window)
        self.desk = desk
        self._asking: asyncio.Task[None] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("What it said")
        self.text.setPlaceholderText(_HINT)
        self.text.setTabChangesFocus(True)
        self.text.setProperty("kind", "bare")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.document().setDocumentMargin(12)
        set_font(self.text, "mono")
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
        room = desk.window.size()
        self.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height()))
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(self._ask)
        self.text.textChanged.connect(self._still.start)
        self._show(())

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Stop thinking."""
        self._still.stop()
        if self._asking is not None:
            self._asking.cancel()
        super().closeEvent(event)

    def _ask(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self.desk.spawn(self._explain(self.text.toPlainText()[-MAX_TEXT:]))

    async def _explain(self, text: str) -> None:
        from slimdesk.operations.explain_crash import explain

        self._show(await self.desk.blocking(explain, text))

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
    dialog.show()
    dialog.text.setFocus(Qt.FocusReason.OtherFocusReason)
    return dialog
