"""Which core serves."""

from __future__ import annotations

import threading

from slimdesk.terminal import ghostty
from slimdesk.terminal.plain import PlainScreen
from slimdesk.terminal.screen import Screen

# Declarations of the library may be made once; the window prepares them in a thread.
_PREPARING = threading.Lock()


def make_screen(columns: int = 80, rows: int = 24) -> Screen:
    """Return Ghostty's core where it is there and as expected, otherwise ours in plain Python. For any thread."""
    with _PREPARING:
        there = ghostty.available()
    return ghostty.GhosttyScreen(columns, rows) if there else PlainScreen(columns, rows)
