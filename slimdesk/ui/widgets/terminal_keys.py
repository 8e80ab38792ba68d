"""Qt's keys as a terminal's keys."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from slimdesk.terminal.keys import Held, NamedKey, named_key, typed_text
from slimdesk.terminal.screen import Modes

_MAC = sys.platform == "darwin"
_MODIFIER = Qt.KeyboardModifier
_NAMES: dict[int, NamedKey] = {
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Home: "home",
    Qt.Key.Key_End: "end",
    Qt.Key.Key_Insert: "insert",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_PageUp: "pageup",
    Qt.Key.Key_PageDown: "pagedown",
    Qt.Key.Key_Return: "enter",
    Qt.Key.Key_Enter: "enter",
    Qt.Key.Key_Tab: "tab",
    Qt.Key.Key_Backtab: "tab",
    Qt.Key.Key_Backspace: "backspace",
    Qt.Key.Key_Escape: "escape",
    Qt.Key.Key_F1: "f1",
    Qt.Key.Key_F2: "f2",
    Qt.Key.Key_F3: "f3",
    Qt.Key.Key_F4: "f4",
    Qt.Key.Key_F5: "f5",
    Qt.Key.Key_F6: "f6",
    Qt.Key.Key_F7: "f7",
    Qt.Key.Key_F8: "f8",
    Qt.Key.Key_F9: "f9",
    Qt.Key.Key_F10: "f10",
    Qt.Key.Key_F11: "f11",
    Qt.Key.Key_F12: "f12",
}


def held(modifiers: Qt.KeyboardModifier) -> Held:
    """Return the modifiers as the program inside knows them; on macOS Qt's Control is ⌘ and Meta is Control."""
    ctrl = _MODIFIER.MetaModifier if _MAC else _MODIFIER.ControlModifier
    return Held(
        shift=bool(modifiers & _MODIFIER.ShiftModifier),
        alt=bool(modifiers & _MODIFIER.AltModifier),
        ctrl=bool(modifiers & ctrl),
    )


def belongs_to_program(modifiers: Qt.KeyboardModifier) -> bool:
    """Whether these are the modifiers of SlimDesk's own keys: Ctrl+Shift, on macOS ⌘."""
    if _MAC:
        return bool(modifiers & _MODIFIER.ControlModifier)
    both = _MODIFIER.ControlModifier | _MODIFIER.ShiftModifier
    return modifiers & both == both and not modifiers & _MODIFIER.AltModifier


def key_bytes(event: QKeyEvent, modes: Modes) -> bytes:
    """Return what to send for a key; empty for one that only changes others."""
    modifiers = event.modifiers()
    down = held(modifiers)
    name = _NAMES.get(event.key())
    if name is not None:
        shift = down.shift or event.key() == Qt.Key.Key_Backtab
        return named_key(name, Held(shift, down.alt, down.ctrl, down.meta), modes)
    text = event.text()
    # AltGr comes as Ctrl+Alt on Windows, with the character already made.
    if down.ctrl and down.alt and text.isprintable() and text:
        return typed_text(text, Held())
    if down.ctrl and Qt.Key.Key_Space <= event.key() <= Qt.Key.Key_AsciiTilde:
        text = chr(event.key()).lower()
    return typed_text(text, down) if text else b""
