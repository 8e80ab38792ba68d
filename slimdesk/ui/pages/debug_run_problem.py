"""Why a container did not come up: the sentence, and a button for what helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame

from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import TOP, clear, column, row
from slimdesk.ui.widgets.text import Icon, Text

if TYPE_CHECKING:
    from slimdesk.verify.diagnose import Diagnosis

Fix = tuple[str, Callable[[], object]]


class ProblemCard(QFrame):
    """Hidden until there is something to tell."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("notice", "bad")
        self.title = Text("", "strong")
        self.words = Text("", "body", wrap=True)
        self._buttons = row()
        body = row(margins=(20, 10, 20, 12), spacing=10)
        body.addWidget(Icon("x-circle-fill", "bad", 16, "Error"), 0, TOP)
        body.addLayout(column(self.title, self.words, self._buttons, spacing=6), 1)
        self.setLayout(body)
        self.hide()

    def tell(self, problem: Diagnosis, exit_code: int | None, fixes: Sequence[Fix]) -> None:
        """Show a problem, and what can be done about it at once."""
        self.title.setText(
            f"It did not come up (exit code {exit_code})" if exit_code else "It did not come up"
        )
        self.words.setText(problem.message)
        self.setAccessibleName(f"{self.title.text()}. {problem.message}")
        clear(self._buttons)
        for words, act in fixes:
            self._buttons.addWidget(Button(words, clicked=act))
        self._buttons.addWidget(Button("Copy", "copy", self._copy, kind="flat"))
        self._buttons.addStretch(1)
        self.show()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.title.text()}. {self.words.text()}")
