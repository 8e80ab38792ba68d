"""Lines and blocks (U+2500 to U+259F) drawn from edge to edge of their cells: a font's own leave gaps between rows."""

from __future__ import annotations

import re

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

# Stretches of characters that `draw_box` knows.
BOXES = re.compile("[─-┃┌┏┐┓└┗┘┛├┣┤┫┬┳┴┻┼╋═-║╔╗╚╝╠╣╦╩╬╭-╰╴-╻▀-▟]+")

# Arms to the left, to the right, up and down: none, light (1), heavy (2), double (3).
_ARMS = {
    "─": "1100", "│": "0011", "┌": "0101", "┐": "1001", "└": "0110", "┘": "1010",
    "├": "0111", "┤": "1011", "┬": "1101", "┴": "1110", "┼": "1111",
    "━": "2200", "┃": "0022", "┏": "0202", "┓": "2002", "┗": "0220", "┛": "2020",
    "┣": "0222", "┫": "2022", "┳": "2202", "┻": "2220", "╋": "2222",
    "═": "3300", "║": "0033", "╔": "0303", "╗": "3003", "╚": "0330", "╝": "3030",
    "╠": "0333", "╣": "3033", "╦": "3303", "╩": "3330", "╬": "3333",
    "╭": "0101", "╮": "1001", "╯": "1010", "╰": "0110",
    "╴": "1000", "╵": "0010", "╶": "0100", "╷": "0001", "╸": "2000", "╹": "0020", "╺": "0200", "╻": "0002",
}  # fmt: skip
# Which quarters are filled: upper left, upper right, lower left, lower right.
_QUARTERS = {
    "▖": "0010", "▗": "0001", "▘": "1000", "▙": "1011", "▚": "1001", "▛": "1110", "▜": "1101", "▝": "0100", "▞": "0110", "▟": "0111",
}  # fmt: skip
_SHADES = {"░": 64, "▒": 128, "▓": 192}


def draw_box(painter: QPainter, character: str, cell: QRect, thick: int, color: QColor) -> None:
    """Fill what `character` fills of `cell`; `thick` is the width of a light line."""
    if character in _ARMS:
        _draw_arms(painter, _ARMS[character], cell, thick, color)
    elif character in _QUARTERS:
        middle = cell.center()
        left = QRect(cell.left(), cell.top(), middle.x() - cell.left() + 1, middle.y() - cell.top() + 1)
        for filled, right, lower in zip(_QUARTERS[character], "0101", "0011", strict=True):
            if filled == "1":
                part = QRect(left)
                if right == "1":
                    part.setLeft(middle.x() + 1)
                    part.setRight(cell.right())
                if lower == "1":
                    part.setTop(middle.y() + 1)
                    part.setBottom(cell.bottom())
                painter.fillRect(part, color)
    elif character in _SHADES:
        shade = QColor(color)
        shade.setAlpha(_SHADES[character])
        painter.fillRect(cell, shade)
    else:
        painter.fillRect(_block(character, cell), color)


def _block(character: str, cell: QRect) -> QRect:
    """Return the part of `cell` that a block of eighths fills."""
    number = ord(character)
    wide, high = cell.width(), cell.height()
    if number == 0x2580:
        return QRect(cell.left(), cell.top(), wide, round(high / 2))
    if number <= 0x2588:
        part = round(high * (number - 0x2580) / 8)
        return QRect(cell.left(), cell.bottom() + 1 - part, wide, part)
    if number <= 0x258F:
        return QRect(cell.left(), cell.top(), max(1, round(wide * (0x2590 - number) / 8)), high)
    if number == 0x2590:
        part = wide - round(wide / 2)
        return QRect(cell.right() + 1 - part, cell.top(), part, high)
    if number == 0x2594:
        return QRect(cell.left(), cell.top(), wide, max(1, round(high / 8)))
    part = max(1, round(wide / 8))
    return QRect(cell.right() + 1 - part, cell.top(), part, high)


def _draw_arms(painter: QPainter, arms: str, cell: QRect, thick: int, color: QColor) -> None:
    left, right, up, down = (int(arm) for arm in arms)
    x, y = _middle(cell, thick)
    if 3 in {left, right, up, down}:
        _draw_double(painter, (left, right, up, down), cell, thick, color)
        return
    for arm, horizontal, begins in (
        (left, True, True),
        (right, True, False),
        (up, False, True),
        (down, False, False),
    ):
        if not arm:
            continue
        width = thick * 2 if arm == 2 else thick
        at_x, at_y = x - (width - thick) // 2, y - (width - thick) // 2
        if horizontal:
            first, last = (cell.left(), at_x + width) if begins else (at_x, cell.right() + 1)
            painter.fillRect(QRect(first, at_y, last - first, width), color)
        else:
            first, last = (cell.top(), at_y + width) if begins else (at_y, cell.bottom() + 1)
            painter.fillRect(QRect(at_x, first, width, last - first), color)


def _draw_double(painter: QPainter, arms: tuple[int, ...], cell: QRect, thick: int, color: QColor) -> None:
    """Draw two parallel lines: at a corner the outer ones meet outside and the inner ones inside, at a crossing they open."""
    left, right, up, down = arms
    gap = thick + 1
    x, y = _middle(cell, thick)
    for side in (-gap, gap):
        # The line above the middle is cut where an arm goes up, the one below where one goes down.
        opened = up if side < 0 else down
        across = down if side < 0 else up
        inner_left = x - gap if opened else (x - gap if across and not left else x + gap)
        inner_right = x + gap if opened else (x + gap if across and not right else x - gap)
        if left:
            painter.fillRect(QRect(cell.left(), y + side, inner_left + thick - cell.left(), thick), color)
        if right:
            painter.fillRect(QRect(inner_right, y + side, cell.right() + 1 - inner_right, thick), color)
        opened = left if side < 0 else right
        across = right if side < 0 else left
        inner_up = y - gap if opened else (y - gap if across and not up else y + gap)
        inner_down = y + gap if opened else (y + gap if across and not down else y - gap)
        if up:
            painter.fillRect(QRect(x + side, cell.top(), thick, inner_up + thick - cell.top()), color)
        if down:
            painter.fillRect(QRect(x + side, inner_down, thick, cell.bottom() + 1 - inner_down), color)


def _middle(cell: QRect, thick: int) -> tuple[int, int]:
    """Return where a vertical and a horizontal line of this width begin when they run through the middle."""
    return cell.left() + (cell.width() - thick) // 2, cell.top() + (cell.height() - thick) // 2
