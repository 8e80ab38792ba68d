"""Links in a terminal: underlined where the pointer is, told in full, opened only by Ctrl and a click or from the menu."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPainter

from slimdesk.terminal.links import Link, harmless, link_at
from slimdesk.ui.theme.theme import current

if TYPE_CHECKING:
    from slimdesk.ui.widgets.terminal_view import TerminalView


class TerminalLinks:
    """The link under the pointer in one view, if there is one."""

    def __init__(self, view: TerminalView) -> None:
        self._view = view
        self._cell = (-1, -1)
        self.hovered: Link | None = None

    def point(self, cell: tuple[int, int]) -> None:
        """The pointer is over a cell (column, row)."""
        if cell == self._cell:
            return
        self._cell = cell
        self._show(link_at(self._view.core, cell[1], cell[0]))

    def forget(self) -> None:
        """The text has changed, or the pointer has left."""
        self._cell = (-1, -1)
        self._show(None)

    def paint(self, painter: QPainter, thickness: int) -> None:
        """Underline the link under the pointer."""
        for row, first, last in self.hovered.cells if self.hovered is not None else ():
            rect = self._rect(row, first, last)
            painter.fillRect(
                QRect(rect.x(), rect.bottom() - thickness + 1, rect.width(), thickness),
                current().color("accent_text"),
            )

    def _show(self, link: Link | None) -> None:
        if link == self.hovered:
            return
        for row, first, last in (
            *(self.hovered.cells if self.hovered else ()),
            *(link.cells if link else ()),
        ):
            self._view.update(self._rect(row, first, last))
        self.hovered = link
        click = "⌘-click" if sys.platform == "darwin" else "Ctrl+click"
        self._view.setToolTip(f"{link.address}\n{click} to open" if link else "")

    def _rect(self, row: int, first: int, last: int) -> QRect:
        return self._view.cell_rect(first, row).united(self._view.cell_rect(last - 1, row))


def opens_link(modifiers: Qt.KeyboardModifier) -> bool:
    """Whether a click with these keys held opens a link."""
    return bool(modifiers & Qt.KeyboardModifier.ControlModifier)


def open_address(address: str) -> bool:
    """Hand an address to the browser; False where it is none for a browser, or nothing opens it."""
    return harmless(address) and QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))
