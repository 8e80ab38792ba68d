"""Which core serves."""

from __future__ import annotations

from slimdesk.terminal import ghostty
from slimdesk.terminal.screen import Screen


def make_screen(columns: int = 80, rows: int = 24) -> Screen:
    """Return Ghostty's core."""
    return ghostty.GhosttyScreen(columns, rows)
