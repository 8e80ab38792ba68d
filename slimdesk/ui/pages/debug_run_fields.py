"""Fields of the sheets that start something: a line, lines, and the engine's images to choose from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QLineEdit, QPlainTextEdit

from slimdesk.ui.desk import Desk
from slimdesk.ui.theme.fonts import fix_height, set_font


def text_field(name: str, hint: str) -> QLineEdit:
    """Return a line to type in; `hint` says how it is written."""
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(hint)
    return field


def text_area(name: str, hint: str, height: int) -> QPlainTextEdit:
    """Return lines to type in; `height` is in px for 10 pt type."""
    area = QPlainTextEdit()
    area.setAccessibleName(name)
    area.setPlaceholderText(hint)
    area.setTabChangesFocus(True)
    fix_height(area, height)
    set_font(area, "mono")
    return area


def with_images(field: QLineEdit, desk: Desk) -> QLineEdit:
    """Let a field offer the engine's images by any part of their names."""
    names = [tag for one in desk.workspace.engine_images for tag in one.tags]
    completer = QCompleter(names, field)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    popup = completer.popup()
    if popup is not None:
        popup.setAccessibleName("Images of the engine")
    field.setCompleter(completer)
    return field
