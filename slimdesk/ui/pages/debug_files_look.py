"""A window on the beginning of one file of a running container: its text, or its bytes. It is not modal."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QTextCursor
from PySide6.QtWidgets import QDialog, QStackedWidget
from shiboken6 import isValid

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes
from slimdesk.debug.folder import FolderEntry
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.image_inside_parts import short_lines, slices
from slimdesk.ui.widgets.code_view import CodeView
from slimdesk.ui.widgets.headers import TabBar
from slimdesk.ui.widgets.hex_view import HexView
from slimdesk.ui.widgets.layout import column, panel
from slimdesk.ui.widgets.text import Elided

# What is read of a file: enough to see what it is, little enough for a terminal's stream.
LOOKED_AT = 1 << 18
_SIZE = (860, 600)


class LiveFileWindow(QDialog):
    """Shows `data`, the beginning of a file as it was when it was read."""

    def __init__(self, desk: Desk, where: str, path: str, entry: FolderEntry, data: bytes) -> None:
        super().__init__(desk.window, Qt.WindowType.Window)
        from slimdesk.image.text_guess import guess_text

        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name = visible(entry.name, 80)
        self.setWindowTitle(f"{name} – {where}")
        self.setAccessibleName(f"Look inside {name}")
        guess = guess_text(data)
        facts = [format_bytes(entry.size), f"mode {entry.mode:04o}", f"owner {entry.uid}:{entry.gid}"]
        if guess is not None and data:
            facts.append(guess.encoding)
        if entry.size > len(data):
            facts.append(f"the first {format_bytes(len(data))} are shown")
        title = Elided(visible(path), "mono_strong", mode=Qt.TextElideMode.ElideMiddle)
        told = Elided(", ".join(facts), "small", "text2")
        self.tabs = TabBar("How the file is shown", [("text", "Text"), ("hex", "Hex")])
        self.text = CodeView("Text of the file")
        self.hex = HexView("Bytes of the file")
        self.hex.show_bytes(data, 0)
        stack = QStackedWidget()
        views = {"text": self.text, "hex": self.hex}
        for view in views.values():
            stack.addWidget(view)
        self.tabs.chosen.connect(lambda key: stack.setCurrentWidget(views[key]))
        head = panel(column(title, told, margins=(16, 10, 16, 10), spacing=2), "bar", "bottom")
        self.setLayout(column(head, self.tabs, stack, spacing=0))
        self.resize(*_SIZE)
        for keys in QKeySequence.keyBindings(QKeySequence.StandardKey.Close):
            QShortcut(keys, self, self.close)
        if guess is None:
            self.tabs.allow("text", False, "These bytes are no text")
            self.tabs.choose("hex")
        else:
            first, *rest = slices(short_lines(guess.text)[0]) or [""]
            self.text.show_text(first, None)
            desk.spawn(self._fill(rest))

    async def _fill(self, rest: list[str]) -> None:
        for piece in rest:
            await asyncio.sleep(0)
            if not isValid(self):
                return
            cursor = QTextCursor(self.text.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(piece)
