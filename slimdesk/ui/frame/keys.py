"""All keys in one window (F1): those of the commands as they are bound, and those of lists, views and terminals."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLayout, QScrollArea, QWidget

from slimdesk.ui.actions import MENUS, Actions, cap_text
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import column, line, row
from slimdesk.ui.widgets.text import KeyCap, Text

TITLE = "Keys"
_SIZE = (760, 640)
Lines = Sequence[tuple[str, tuple[str, ...]]]
# What widgets do themselves, as look and habit have it; commands are read from where they are bound.
_LISTS: Lines = (
    ("Open the row", ("Return",)),
    ("Tick the row", ("Space",)),
    ("Copy the row or path", ("Ctrl+C",)),
    ("Menu of the row", ("Menu",)),
    ("Close a window or a search", ("Esc",)),
)
_TREEMAP: Lines = (
    ("Next tile", ("Left", "Right", "Up", "Down")),
    ("Into the folder", ("Return",)),
    ("Up a folder", ("Backspace",)),
)
_TERMINAL: Lines = (
    ("Copy", ("Ctrl+Shift+C",)),
    ("Paste", ("Ctrl+Shift+V",)),
    ("Select all", ("Ctrl+Shift+A",)),
    ("Find", ("Ctrl+Shift+F",)),
    ("Another shell", ("Ctrl+Shift+T",)),
    ("Close the tab", ("Ctrl+Shift+W",)),
    ("Next and previous tab", ("Ctrl+Shift+Right", "Ctrl+Shift+Left")),
    ("Leave the terminal", ("Ctrl+Shift+F6",)),
)


class KeysDialog(QDialog):
    """Not modal. The commands of the page that is open are among them."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        parts: list[tuple[str, Lines]] = []
        for menu in (*MENUS, None):
            lines = [(one.title, one.keys) for one in actions.offered() if one.menu == menu and one.keys]
            if lines:
                parts.append((menu or "Elsewhere", lines))
        parts += [("Lists and windows", _LISTS), ("Treemap", _TREEMAP), ("Terminal", _TERMINAL)]
        half = _half([len(lines) for _title, lines in parts])
        left, right = ([_section(*part) for part in some] for some in (parts[:half], parts[half:]))
        inside = QWidget()
        inside.setLayout(
            row(
                column(*left, 1, spacing=20),
                column(*right, 1, spacing=20),
                margins=(20, 16, 20, 16),
                spacing=40,
            )
        )
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(inside)
        self._scroll.setAccessibleName("List of keys")
        close = Button("Close", clicked=self.close)
        body = column(
            row(Text(TITLE, "section"), margins=(20, 14, 20, 10)),
            line(),
            self._scroll,
            line(),
            row(1, close, margins=(20, 10, 20, 14)),
            spacing=0,
        )
        body.setStretch(2, 1)
        self.setLayout(body)
        room = parent.size()
        self.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height()))
        # Arrows and the page keys scroll at once.
        self._scroll.setFocus(Qt.FocusReason.OtherFocusReason)


def show_keys(actions: Actions, parent: QWidget) -> KeysDialog:
    """Open it beside the window."""
    dialog = KeysDialog(actions, parent)
    dialog.show()
    return dialog


def _section(title: str, lines: Lines) -> QLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    for number, (words, keys) in enumerate(lines):
        grid.addWidget(Text(words.removesuffix("…"), "body", "text2", select=False), number, 0)
        caps = row(1, *(KeyCap(cap_text(one)) for one in keys), spacing=4)
        grid.addLayout(caps, number, 1)
    return column(Text(title, "strong", select=False), grid, spacing=8)


def _half(counts: Sequence[int]) -> int:
    """Return how many parts the left column takes, so that both are about as high; a title takes two lines."""
    heights = [count + 2 for count in counts]
    return min(range(1, len(heights)), key=lambda n: abs(sum(heights[:n]) - sum(heights[n:])))
