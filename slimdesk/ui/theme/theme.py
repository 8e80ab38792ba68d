"""The theme in use: it follows the system or the person's choice, and switches while the program runs."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from slimdesk.ui.theme.fonts import keep_fonts, set_zoom
from slimdesk.ui.theme.style import stylesheet
from slimdesk.ui.theme.tokens import Appearance, ThemeName, Token, Tokens, read_tokens


class Theme(QObject):
    """One for the program. Widgets that paint themselves ask `color()` in paintEvent; all are repainted on a switch.

    Signals: `changed` after colours have been switched.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._appearance: Appearance = "system"
        self._tokens = read_tokens("light")

    @property
    def tokens(self) -> Tokens:
        """The colours in use."""
        return self._tokens

    @property
    def appearance(self) -> Appearance:
        """What the person chose."""
        return self._appearance

    @property
    def dark(self) -> bool:
        """Whether the dark theme is in use."""
        return self._tokens.name == "dark"

    def color(self, token: Token) -> QColor:
        """Return the colour of `token`."""
        return QColor(self._tokens[token])

    def start(self, appearance: Appearance, zoom: float = 0.0) -> None:
        """Dress the application; call it once, before the first window. `zoom` is in points, see fonts."""
        set_zoom(zoom)
        QApplication.setStyle("Fusion")
        QApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._appearance = appearance
        self._dress()

    def choose(self, appearance: Appearance) -> None:
        """Switch to system, light or dark."""
        if appearance != self._appearance:
            self._appearance = appearance
            self._dress()

    def _system_changed(self) -> None:
        if self._appearance == "system":
            self._dress()

    def _dress(self) -> None:
        self._tokens = read_tokens(self._wanted())
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(_palette(self._tokens))
            application.setStyleSheet(stylesheet(self._tokens))
            keep_fonts()
        self.changed.emit()

    def _wanted(self) -> ThemeName:
        if self._appearance != "system":
            return self._appearance
        scheme = QApplication.styleHints().colorScheme()
        return "dark" if scheme == Qt.ColorScheme.Dark else "light"


@cache
def current() -> Theme:
    """Return the program's theme."""
    return Theme()


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    colors: list[tuple[QPalette.ColorRole, Token]] = [
        (role.Window, "s1"),
        (role.WindowText, "text"),
        (role.Base, "s1"),
        (role.AlternateBase, "s2"),
        (role.Text, "text"),
        (role.Button, "s1"),
        (role.ButtonText, "text"),
        (role.BrightText, "on_accent"),
        (role.Highlight, "sel"),
        (role.HighlightedText, "text"),
        (role.Link, "accent_text"),
        (role.LinkVisited, "accent_text"),
        (role.PlaceholderText, "text3"),
        (role.ToolTipBase, "s2"),
        (role.ToolTipText, "text"),
        (role.Light, "s2"),
        (role.Midlight, "s3"),
        (role.Mid, "line"),
        (role.Dark, "line_strong"),
        (role.Shadow, "line_strong"),
        (role.Accent, "accent"),
    ]
    for one, token in colors:
        palette.setColor(one, QColor(tokens[token]))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(tokens["text3"]))
    return palette
