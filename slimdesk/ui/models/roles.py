"""What cells know beside their text; the table's delegates read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import Qt

_FIRST = int(Qt.ItemDataRole.UserRole)


class Role(IntEnum):
    """Data roles of the house. Text itself stands in DisplayRole, a tooltip in ToolTipRole."""

    SORT = _FIRST + 1
    """A value that can be compared; None sorts last in both directions."""
    SECOND = _FIRST + 2
    """A second text: below the first in two-line rows, after it in others, in text3."""
    TONE = _FIRST + 3
    """A theme token for the text."""
    FONT = _FIRST + 4
    """A FontRole for the text."""
    PICTURE = _FIRST + 5
    """(icon name, theme token) before the text."""
    BAR = _FIRST + 6
    """A SizeBar."""
    LINK = _FIRST + 7
    """True where a click does something."""
    ITEM = _FIRST + 8
    """The whole row's object."""
    MUTED = _FIRST + 9
    """True where the row is not available: it is painted in text3."""
    SPAN = _FIRST + 10
    """True where the text runs on over the columns to the right."""


@dataclass(frozen=True, slots=True)
class SizeBar:
    """Bytes for one bar: what the base brought, own layers, shadowed, on a track that is `full` long.

    `base` None = not known which part the base brought: the whole is drawn as own. `label` stands beside the bar
    and has at least `label_width` px, so that the bars of a column are of one length.
    """

    own: int
    full: int
    base: int | None = None
    shadowed: int = 0
    label: str = ""
    strong: bool = False
    label_width: int = 76
