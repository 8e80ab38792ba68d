"""Keys to bytes, as xterm sends them (ctlseqs.txt, "Alt and Meta Keys", "PC-Style Function Keys")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from slimdesk.terminal.screen import Modes

NamedKey = Literal[
    "up", "down", "right", "left", "home", "end", "insert", "delete", "pageup", "pagedown",
    "enter", "tab", "backspace", "escape",
    "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12",
]  # fmt: skip
NAMED_KEYS: tuple[NamedKey, ...] = get_args(NamedKey)

_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_FIRST_FOUR = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERED = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6,
    "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24,
}  # fmt: skip
# Ctrl with these gives what a VT220 gave.
_WITH_CTRL = {
    " ": 0, "@": 0, "2": 0, "3": 27, "[": 27, "4": 28, "\\": 28, "5": 29, "]": 29, "6": 30, "^": 30, "~": 30,
    "7": 31, "/": 31, "_": 31, "-": 31, "8": 127, "?": 127,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """The keys that are held down with another."""

    shift: bool = False
    alt: bool = False
    ctrl: bool = False
    meta: bool = False

    @property
    def number(self) -> int:
        """The parameter that tells them: 1 for none."""
        return 1 + self.shift + 2 * self.alt + 4 * self.ctrl + 8 * self.meta


NOTHING_HELD = Held()


def named_key(key: NamedKey, held: Held, modes: Modes) -> bytes:
    """Return the bytes of a key that has a name instead of a character."""
    if key in _CURSOR:
        return _lettered(_CURSOR[key], held, application=modes.application_cursor)
    if key in _FIRST_FOUR:
        return _lettered(_FIRST_FOUR[key], held, application=True)
    if key in _NUMBERED:
        more = f";{held.number}" if held.number > 1 else ""
        return f"\x1b[{_NUMBERED[key]}{more}~".encode()
    before = b"\x1b" if held.alt else b""
    if key == "tab":
        return b"\x1b[Z" if held.shift else before + b"\t"
    if key == "enter":
        return before + (b"\r\n" if modes.new_line else b"\r")
    if key == "backspace":
        return before + (b"\x08" if held.ctrl else b"\x7f")
    return before + b"\x1b"


def typed_text(text: str, held: Held) -> bytes:
    """Return the bytes of a key that gives `text`; empty if there is nothing to send."""
    if held.ctrl and len(text) == 1:
        lower = text.lower()
        if "a" <= lower <= "z":
            text = chr(ord(lower) & 0x1F)
        elif text in _WITH_CTRL:
            text = chr(_WITH_CTRL[text])
    before = "\x1b" if held.alt and text else ""
    return (before + text).encode("utf-8", "ignore")


def _lettered(letter: str, held: Held, *, application: bool) -> bytes:
    if held.number > 1:
        return f"\x1b[1;{held.number}{letter}".encode()
    return f"\x1b{'O' if application else '['}{letter}".encode()
