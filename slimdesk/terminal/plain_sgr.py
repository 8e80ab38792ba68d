"""Select Graphic Rendition: colours and looks of the characters that follow (ECMA-48, xterm's ctlseqs.txt)."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from slimdesk.terminal.screen import PLAIN, TRUE, Color, Style

SGR = re.compile(r"\x1b\[([0-9;:]{0,64})m")
_ON = {1: "bold", 2: "faint", 3: "italic", 7: "inverse", 8: "hidden", 9: "struck", 53: "overlined"}
_OFF: dict[int, dict[str, Any]] = {
    22: {"bold": False, "faint": False},
    23: {"italic": False},
    24: {"underline": 0},
    27: {"inverse": False},
    28: {"hidden": False},
    29: {"struck": False},
    39: {"foreground": None},
    49: {"background": None},
    55: {"overlined": False},
    59: {"underline_color": None},
}  # fmt: skip
_TARGETS = {38: "foreground", 48: "background", 58: "underline_color"}


@lru_cache(maxsize=4096)
def graphics(style: Style, parameters: str) -> Style:
    """Return `style` after SGR with `parameters`; one object per look."""
    return _one(_applied(style, parameters))


@lru_cache(maxsize=4096)
def blank_of(style: Style) -> Style:
    """Return the style of cells that are erased while `style` is in force: its background alone."""
    return PLAIN if style.background is None else _one(Style(background=style.background))


@lru_cache(maxsize=4096)
def linked(style: Style, link: int) -> Style:
    """Return `style` with the number of another link, 0 for none."""
    return _one(replace(style, link=link))


def colors_of(style: Style) -> Style:
    """Return `style` without anything but its colours."""
    return _one(Style(foreground=style.foreground, background=style.background))


@lru_cache(maxsize=4096)
def _one(style: Style) -> Style:
    return PLAIN if style == PLAIN else style


def _applied(style: Style, parameters: str) -> Style:
    words = parameters.split(";")
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if ":" in word:
            style = _with_parts(style, word.split(":"))
            continue
        number = int(word or 0)
        if number in _TARGETS:
            color, used = _color(words[at : at + 4])
            at += used
            if color is not None:
                style = _with(style, **{_TARGETS[number]: color})
        else:
            style = _simple(style, number)
    return style


def _simple(style: Style, number: int) -> Style:
    if number == 0:
        return linked(PLAIN, style.link)
    if number in _ON:
        return _with(style, **{_ON[number]: True})
    if number in _OFF:
        return _with(style, **_OFF[number])
    if number in {4, 21}:
        return _with(style, underline=1 if number == 4 else 2)
    for first, name, color in (
        (30, "foreground", 0),
        (40, "background", 0),
        (90, "foreground", 8),
        (100, "background", 8),
    ):
        if first <= number < first + 8:
            return _with(style, **{name: number - first + color})
    return style


def _with_parts(style: Style, parts: list[str]) -> Style:
    """Apply one parameter with colons: 4:3, 38:5:n, 38:2:r:g:b, 38:2:space:r:g:b."""
    numbers = [int(part or 0) for part in parts]
    if numbers[0] == 4:
        return _with(style, underline=numbers[1]) if numbers[1] <= 5 else style
    name = _TARGETS.get(numbers[0])
    if name is None:
        return style
    if numbers[1] == 5 and len(numbers) > 2:
        return _with(style, **{name: min(numbers[2], 255)})
    if numbers[1] == 2 and len(numbers) > 4:
        red, green, blue = numbers[-3:] if len(numbers) == 5 else numbers[3:6]
        return _with(style, **{name: _true(red, green, blue)})
    return style


def _color(words: list[str]) -> tuple[Color, int]:
    """Return the colour after 38, 48 or 58, and how many parameters it took."""
    numbers = [int(word or 0) for word in words if ":" not in word]
    if numbers[:1] == [5] and len(numbers) > 1:
        return (numbers[1] if numbers[1] < 256 else None), 2
    if numbers[:1] == [2] and len(numbers) > 3:
        return _true(*numbers[1:4]), 4
    return None, min(len(words), 1)


def _with(style: Style, **changes: Any) -> Style:
    return replace(style, **changes)


def _true(red: int, green: int, blue: int) -> int:
    return TRUE | (red & 0xFF) << 16 | (green & 0xFF) << 8 | blue & 0xFF
