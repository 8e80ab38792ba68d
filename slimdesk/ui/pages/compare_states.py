"""The Compare page before there are two images: what to do first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QMenu, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.ui.widgets.buttons import Button, PrimaryButton, menu_button
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Icon, Text

_FIRST = (
    "Pick two to six: built variants, engine images, archives or earlier analyses; files can be dropped here"
)


class NoComparison(QWidget):
    """One sentence, and the two ways on. `fill` writes the menu of what can be picked."""

    def __init__(self, fill: Callable[[QMenu], None], built: Callable[[], object]) -> None:
        super().__init__()
        self._title = Text("Nothing is compared yet", "section")
        self._words = Text(_FIRST, "body", "text2")
        self.pick = PrimaryButton("Pick an image", "plus")
        menu_button(self.pick, fill)
        self.built = Button("Compare built variants", "stack", built)
        self.setLayout(
            column(
                2,
                row(1, Icon("git-diff", "text3", 32), 1),
                row(1, self._title, 1),
                row(1, self._words, 1),
                row(1, self.pick, self.built, 1),
                3,
                margins=24,
                spacing=12,
            )
        )
        self.show_chosen(())

    def show_chosen(self, places: Sequence[str]) -> None:
        """Say what has been picked so far."""
        if places:
            name = visible(Path(places[0]).name if Path(places[0]).is_absolute() else places[0], 60)
            self._title.setText(f"{name} is picked")
            self._words.setText("Pick another image to compare it with")
            self.pick.setText("Pick another")
        else:
            self._title.setText("Nothing is compared yet")
            self._words.setText(_FIRST)
            self.pick.setText("Pick an image")
        self.setAccessibleName(f"{self._title.text()}. {self._words.text()}")

    def allow_built(self, why_not: str) -> None:
        """Enable comparing what was built, or say why not."""
        self.built.allow(not why_not, why_not[:1].upper() + why_not[1:])
