"""Which core serves."""

from __future__ import annotations

from slimdesk.terminal import ghostty
from slimdesk.terminal.plain import PlainScreen
from slimdesk.terminal.screen import Screen


def make_screen(columns: int = 80, rows: int = 24) -> Screen:
    """Return Ghostty's core where it is there and as expected, otherwise ours in plain Python."""
    if ghostty.available():
        return ghostty.GhosttyScreen(columns, rows)
    return PlainScreen(columns, rows)
