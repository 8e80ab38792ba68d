"""A screen reader finds a name for whatever can take the focus, on every page, in both themes."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar, QWidget

from slimdesk.ui.pages import pages_there


def nameless(window):
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window) or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        if isinstance(widget, QScrollBar) or widget.focusProxy() is not None:
            continue
        # The viewport of a view is not what takes the focus.
        if isinstance(widget.parent(), QAbstractScrollArea) and widget.parent().viewport() is widget:
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        name = interface.text(QAccessible.Text.Name) if interface is not None else ""
        if not name.strip():
            found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


async def test_every_control_of_every_page_has_a_name(make_window, theme):
    window = make_window(theme)
    window.toggle_jobs()
    for entry in pages_there():
        window.go(entry.key)
        await asyncio.sleep(0.05)
        assert nameless(window) == [], entry.key


async def test_the_palette_has_names(make_window):
    window = make_window()
    window.open_palette("open")
    assert nameless(window.palette_box) == []
    window.palette_box.shut()
