"""Pasted text to bytes: nothing in it may act as a key."""

from __future__ import annotations

import re

from slimdesk.terminal.screen import Modes

# C0 but tab, line feed and carriage return, DEL, and C1: a pasted escape could end bracketed paste and type a command.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ENDS = re.compile("\r\n|\n")


def pasted(text: str, modes: Modes) -> bytes:
    """Return what to send for pasted `text`: ends of line as Return, control characters left out."""
    plain = _ENDS.sub("\r", _CONTROLS.sub("", text)).encode("utf-8", "ignore")
    if modes.bracketed_paste:
        return b"\x1b[200~" + plain + b"\x1b[201~"
    return plain


def lines_run(text: str, modes: Modes) -> int:
    """Return how many lines a shell would run at once if `text` is pasted: 0 where it holds them for editing."""
    if modes.bracketed_paste:
        return 0
    return len(_ENDS.findall(text)) + text.replace("\r\n", "").count("\r")
