"""What must be fetched before the ticked variants can be built, in a few words."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.units import plural
from slimdesk.operations.pull import missing_words
from slimdesk.operations.variants import Variants
from slimdesk.ui.desk import Desk
from slimdesk.ui.widgets.text import Elided


class FetchWords(Elided):
    """Empty where nothing is missing, or no engine can be asked. `ticked` returns the families that are meant."""

    def __init__(self, desk: Desk, variants: Variants, ticked: Callable[[], tuple[str, ...]]) -> None:
        super().__init__("", "small", "text2")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._desk, self._variants, self._ticked = desk, variants, ticked

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for all of it: the tool bar leaves it out rather than cut it."""
        return self.sizeHint()

    def ask(self) -> None:
        """Ask the engine, and say what it lacks."""
        status = self._desk.workspace.engine
        if status is None or not status.reachable or self._desk.workspace.component is None:
            self.setText("")
            return
        self._desk.spawn(self._say())

    async def _say(self) -> None:
        ticked = self._ticked()
        try:
            missing = await self._variants.to_fetch(ticked)
        except SlimDeskError:
            # What is wrong with the engine or a text is told where it is used.
            missing = ()
        if ticked != self._ticked():
            return
        words = missing_words(missing)
        self.setText(f"To be fetched first: {words}" if words else "")
        self.setToolTip("\n".join([words, *(one.reference for one in missing)]) if words else "")
        self.setAccessibleDescription(plural(len(missing), "image") if missing else "")
