"""The focus ring: 2 px inside the edge of whatever has the focus, for people at the keyboard only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QWindow
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from slimdesk.ui.theme.theme import current

_MOVING = {
    Qt.Key.Key_Tab,
    Qt.Key.Key_Backtab,
    Qt.Key.Key_F6,
    Qt.Key.Key_F10,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
}


class FocusRing(QObject):
    """Watches a window's input: the ring appears with Tab, F6 and arrows, and goes with a press of the mouse.

    Fields that are typed into draw a ring of their own, always.
    """

    def __init__(self, window: QWindow, parent: QWidget) -> None:
        super().__init__(parent)
        self._home = parent
        self._overlay = _Overlay(parent)
        self._target: QWidget | None = None
        self.keyboard = False
        window.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Note keyboard or mouse; follow the target's size."""
        kind = event.type()
        if watched is self._target:
            if kind in (QEvent.Type.Resize, QEvent.Type.Show) and self._target is not None:
                self._overlay.setGeometry(self._target.rect())
        elif kind == QEvent.Type.MouseButtonPress:
            self._set_keyboard(False)
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _MOVING:
            self._set_keyboard(True)
        return False

    def _set_keyboard(self, keyboard: bool) -> None:
        if keyboard != self.keyboard:
            self.keyboard = keyboard
            self._focus_changed(None, QApplication.focusWidget())

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._target is not None:
            self._target.removeEventFilter(self)
            self._target.destroyed.disconnect(self._gone)
        if new is not None and self.keyboard:
            _into_view(new)
        wanted = new is not None and self.keyboard and _ringed(new)
        self._target = new if wanted else None
        if self._target is None:
            self._overlay.hide()
            self._overlay.setParent(self._home)
            return
        self._overlay.setParent(self._target)
        self._overlay.setGeometry(self._target.rect())
        self._overlay.raise_()
        self._overlay.show()
        self._target.installEventFilter(self)
        self._target.destroyed.connect(self._gone)

    def _gone(self) -> None:
        """The target is being deleted, and the overlay with it: have a new one."""
        self._target = None
        self._overlay = _Overlay(self._home)


def _ringed(widget: QWidget) -> bool:
    if isinstance(widget, QComboBox | QLineEdit | QPlainTextEdit):
        return False
    return isinstance(widget, QAbstractButton) or widget.focusPolicy() != Qt.FocusPolicy.NoFocus


def _into_view(widget: QWidget) -> None:
    """Scroll to it; Qt does so within a scrolled page, not where the focus comes in from outside."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea) and around.widget() is not None:
            around.ensureWidgetVisible(widget, 16, 16)
        around = around.parentWidget()


class _Overlay(QWidget):
    """The ring itself; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current().color("ring"), 2))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        painter.end()
