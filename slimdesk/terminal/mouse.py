"""The mouse to bytes, as xterm reports it (ctlseqs.txt, "Mouse Tracking")."""

from __future__ import annotations

from typing import Literal

from slimdesk.terminal.keys import Held
from slimdesk.terminal.screen import Modes

What = Literal["press", "release", "move"]
# 0 left, 1 middle, 2 right, 3 none, 64 wheel up, 65 wheel down.
Button = Literal[0, 1, 2, 3, 64, 65]
NO_BUTTON: Button = 3
WHEEL_UP: Button = 64
WHEEL_DOWN: Button = 65


def mouse_report(what: What, button: Button, cell: tuple[int, int], held: Held, modes: Modes) -> bytes:
    """Return what to send for an event at a cell (column, row from 0); empty where the program has not asked for it.

    For a move `button` is the one that is held down, or NO_BUTTON.
    """
    wheel = button >= WHEEL_UP
    wanted = modes.mouse != "none"
    if what == "release":
        wanted = modes.mouse not in {"none", "press"} and not wheel
    elif what == "move":
        wanted = modes.mouse == "move" or (modes.mouse == "drag" and button != NO_BUTTON)
    if not wanted:
        return b""
    code: int = button
    if modes.mouse != "press":
        code += 4 * held.shift + 8 * held.alt + 16 * held.ctrl
    if what == "move":
        code += 32
    return _formed(code, cell[0] + 1, cell[1] + 1, what, modes)


def wheel_keys(steps: int, modes: Modes) -> bytes:
    """Return the arrow keys that a wheel stands for on the alternate screen; up for `steps` below 0."""
    letter = "A" if steps < 0 else "B"
    one = f"\x1bO{letter}" if modes.application_cursor else f"\x1b[{letter}"
    return one.encode() * abs(steps)


def focus_report(*, inside: bool) -> bytes:
    """Return what tells a program that the terminal got or lost the focus."""
    return b"\x1b[I" if inside else b"\x1b[O"


def _formed(code: int, column: int, row: int, what: What, modes: Modes) -> bytes:
    if modes.mouse_form == "sgr":
        return f"\x1b[<{code};{column};{row}{'m' if what == 'release' else 'M'}".encode()
    if what == "release":
        code = code & ~3 | 3
    if modes.mouse_form == "urxvt":
        return f"\x1b[{code + 32};{column};{row}M".encode()
    most = 2015 if modes.mouse_form == "utf8" else 223
    if column > most or row > most:
        return b""
    coded = "".join(map(chr, (code + 32, column + 32, row + 32)))
    return b"\x1b[M" + coded.encode("utf-8" if modes.mouse_form == "utf8" else "latin-1")
