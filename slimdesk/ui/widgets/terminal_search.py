"""The bar that searches a terminal."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit

from slimdesk.terminal import search
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.layout import row
from slimdesk.ui.widgets.terminal_view import TerminalView
from slimdesk.ui.widgets.text import Text

# While output comes in the places are counted anew, but not with every picture.
_AGAIN_MS = 400


class TerminalSearch(QFrame):
    """Words, how many places, up and down. Enter goes up, Shift+Enter down, Esc closes. Signals: `shut`."""

    shut = Signal()

    def __init__(self, view: TerminalView) -> None:
        super().__init__()
        self._view = view
        self._hits: list[search.Hit] = []
        self._at = -1
        self.setProperty("surface", "bar")
        self.setProperty("rule", "bottom")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find in the terminal")
        self.field.setAccessibleName("Find in the terminal")
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(220)
        self.field.textChanged.connect(lambda _text: self._look())
        self.field.installEventFilter(self)
        self.count = Text("", "body", "text2", select=False)
        self.setLayout(
            row(
                self.field,
                self.count,
                1,
                IconButton("arrow-up", "Previous place", lambda: self.step(-1)),
                IconButton("arrow-down", "Next place", lambda: self.step(1)),
                IconButton("x", "Close the search", self.close_bar),
                margins=(8, 4, 8, 4),
            )
        )
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._look_again)
        view.drawn.connect(self._drawn)
        self.hide()

    def open_bar(self) -> None:
        """Show it, with the selected words if they are on one line."""
        chosen = self._view.selection.text()
        self.show()
        if chosen and "\n" not in chosen:
            self.field.setText(chosen)
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._look()

    def close_bar(self) -> None:
        """Hide it, and mark nothing."""
        self.hide()
        self._again.stop()
        self._hits = []
        self._view.mark(None)
        self.shut.emit()

    def step(self, by: int) -> None:
        """Go to the next place, or the one before; round and round."""
        if self._hits:
            self._at = (self._at + by) % len(self._hits)
            self._show_hit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Enter, Shift+Enter, up, down and Esc in the field."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if event.key() == Qt.Key.Key_Escape:
                self.close_bar()
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.step(1 if shift else -1)
                return True
            if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
                self.step(-1 if event.key() == Qt.Key.Key_Up else 1)
                return True
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        if not self._view.open:
            return
        wanted = search.pattern(self.field.text())
        self._hits = search.hits(self._view.core, wanted) if wanted else []
        self._at = len(self._hits) - 1
        if self._hits:
            self._show_hit()
        else:
            self._view.mark(None)
            self.count.setText("No place found" if wanted else "")

    def _look_again(self) -> None:
        """Count anew, and stay with the place that is shown if it is still there."""
        wanted = search.pattern(self.field.text())
        if wanted is None or not self._view.open or not self.isVisible():
            return
        here = self._hits[self._at] if self._hits else None
        self._hits = search.hits(self._view.core, wanted)
        self._at = self._hits.index(here) if here in self._hits else len(self._hits) - 1
        self._view.mark(wanted, self._hits[self._at] if self._hits else None)
        self._tell()

    def _drawn(self, new_text: bool) -> None:
        if new_text and self.isVisible() and self.field.text() and not self._again.isActive():
            self._again.start()

    def _show_hit(self) -> None:
        hit, screen = self._hits[self._at], self._view.core
        top = screen.top()
        if not top <= hit.line < top + screen.rows:
            self._view.scroll_to(max(0, hit.line - screen.rows // 2))
        self._view.mark(search.pattern(self.field.text()), hit)
        self._tell()

    def _tell(self) -> None:
        if not self._hits:
            self.count.setText("No place found")
            return
        more = " or more" if len(self._hits) >= search.MOST_HITS else ""
        self.count.setText(f"{self._at + 1} of {len(self._hits)}{more}")
