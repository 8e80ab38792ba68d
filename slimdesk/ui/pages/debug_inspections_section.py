"""What one inspection of a container is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from slimdesk.operations.sidecar import Sidecar


class Section(QWidget):
    """One question and its answer; `read` asks it, `tools` stand in the bar above.

    `live`: it may be asked every two seconds. `filters`: it can be narrowed by words.

    Signals: `told(words)` when the words beside the tools change, `wanted` when the person asks anew.
    """

    told = Signal(str)
    wanted = Signal()

    def __init__(self, *, live: bool = False, filters: bool = True) -> None:
        super().__init__()
        self.live = live
        self.filters = filters
        self.tools: Sequence[QWidget] = ()

    async def read(self, helper: Sidecar) -> str:
        """Ask the helper, show the answer, return what is said of it in a few words. Raises SlimDeskError."""
        raise NotImplementedError

    def keep_words(self, words: str) -> None:
        """Keep what has these words."""
        del words
