"""Buttons: primary (one per page), plain, flat, link, icon alone, and a switch of segments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
)

from slimdesk.ui.theme.fonts import set_font
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.layout import row

# Four pixels more than the picture: with Qt's own four they are the gap of eight before the words.
_ICON = QSize(20, 16)
_ALONE = QSize(16, 16)
_CARET = QSize(16, 12)


class Button(QPushButton):
    """A button with words; `picture` is an icon's name, `clicked` is called without arguments.

    `kind` is plain, primary, flat or link. When disabled, give the reason with `allow(False, reason)`.
    Where room lacks, `shorten` leaves the icon alone, with the words as its tooltip and accessible name.
    """

    def __init__(
        self,
        text: str,
        picture: str | None = None,
        clicked: Callable[[], object] | None = None,
        *,
        kind: str = "plain",
        tip: str = "",
        role: Token | None = None,
    ) -> None:
        super().__init__(text)
        self._words, self._short = text, False
        self.setProperty("kind", kind)
        set_font(self, "body" if kind == "link" else "medium")
        if picture:
            self.setIcon(icon(picture, role or ("on_accent" if kind == "primary" else "text2")))
            self.setIconSize(_ICON if text else _ALONE)
        self._tip = tip
        self._reason = ""
        self.setToolTip(tip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        if kind == "link":
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        if clicked is not None:
            self.clicked.connect(lambda _checked=False: clicked())

    def set_caret(self, name: str) -> None:
        """Show the icon `name` small, behind the words: the sign of something that folds out."""
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setIcon(icon(name, after=True))
        self.setIconSize(_CARET)

    def allow(self, allowed: bool, reason: str = "") -> None:
        """Enable it, or disable it and say why."""
        self.setEnabled(allowed)
        self._reason = "" if allowed else reason
        self._explain()
        self.setAccessibleDescription(self._reason)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Change the words, shown or not."""
        self._words = text
        if self._short:
            self.setAccessibleName(text)
            self._explain()
        else:
            super().setText(text)

    def text(self) -> str:
        """Return the words, shown or not."""
        return self._words

    @property
    def can_shorten(self) -> bool:
        """Whether its icon can stand for it: a flat one with an icon of its own."""
        return self.property("kind") == "flat" and self.menu() is None and not self.icon().isNull()

    def shorten(self, short: bool) -> None:
        """Show the icon alone, or the words again."""
        if short == self._short:
            return
        self._short = short
        super().setText("" if short else self._words)
        self.setIconSize(_ALONE if short else _ICON)
        self.setAccessibleName(self._words if short else "")
        self._explain()

    def whole_width(self) -> int:
        """Return the width with its words, shown or not."""
        if not self._short:
            return self.sizeHint().width()
        words = self.fontMetrics().size(int(Qt.TextFlag.TextShowMnemonic), self._words).width()
        return self.sizeHint().width() + words + _ICON.width() - _ALONE.width()

    def least_width(self) -> int:
        """Return the width of the icon alone."""
        if self._short:
            return self.sizeHint().width()
        words = self.fontMetrics().size(int(Qt.TextFlag.TextShowMnemonic), self._words).width()
        return self.sizeHint().width() - words - _ICON.width() + _ALONE.width()

    def _explain(self) -> None:
        tip = self._reason or self._tip
        self.setToolTip("\n".join(part for part in (self._words if self._short else "", tip) if part))


class PrimaryButton(Button):
    """The one filled button of a page."""

    def __init__(
        self,
        text: str,
        picture: str | None = None,
        clicked: Callable[[], object] | None = None,
        *,
        tip: str = "",
    ) -> None:
        super().__init__(text, picture, clicked, kind="primary", tip=tip)


class IconButton(QToolButton):
    """A button with an icon alone; `name` is its tooltip and its accessible name."""

    def __init__(
        self,
        picture: str,
        name: str,
        clicked: Callable[[], object] | None = None,
        *,
        role: Token = "text2",
        framed: bool = False,
        size: int = 16,
    ) -> None:
        super().__init__()
        self._name = name
        self.setIcon(icon(picture, role))
        self.setIconSize(QSize(size, size))
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setFixedSize(28, 28)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        if framed:
            self.setProperty("kind", "framed")
        if clicked is not None:
            self.clicked.connect(lambda _checked=False: clicked())

    def allow(self, allowed: bool, reason: str = "") -> None:
        """Enable it, or disable it and say why."""
        self.setEnabled(allowed)
        self.setToolTip(self._name if allowed else f"{self._name}: {reason}")
        self.setAccessibleDescription("" if allowed else reason)


class SegmentedSwitch(QFrame):
    """One choice of a few, all visible. Arrow keys move, Space chooses.

    Signals: `chosen(key)` when the person chose another; not when `choose` did.
    """

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], chosen: str | None = None) -> None:
        """`choices` are (key, word); `name` says what is chosen."""
        super().__init__()
        self.setProperty("segments", True)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for index, (key, word) in enumerate(choices):
            button = QPushButton(word)
            button.setCheckable(True)
            button.setProperty("kind", "segment")
            button.setProperty("first", index == 0)
            button.setAccessibleName(f"{name}: {word}")
            button.setAutoDefault(False)
            set_font(button, "medium")
            self._group.addButton(button, index)
            self._buttons[key] = button
        self._keys = [key for key, _ in choices]
        self.setLayout(row(*self._buttons.values(), margins=1, spacing=0))
        self.choose(chosen or self._keys[0])
        self._group.idToggled.connect(self._toggled)

    @property
    def value(self) -> str:
        """The key that is chosen."""
        return self._keys[self._group.checkedId()]

    def choose(self, key: str) -> None:
        """Choose `key` without telling."""
        blocked = self._group.blockSignals(True)
        self._buttons[key].setChecked(True)
        self._group.blockSignals(blocked)
        reach_by_tab(self._buttons.values(), self._buttons[key])

    def allow(self, key: str, allowed: bool, reason: str = "") -> None:
        """Enable one choice, or disable it and say why."""
        button = self._buttons[key]
        button.setEnabled(allowed)
        button.setToolTip("" if allowed else reason)
        button.setAccessibleDescription("" if allowed else reason)

    def tip(self, key: str, text: str) -> None:
        """Explain one choice."""
        self._buttons[key].setToolTip(text)

    def _toggled(self, number: int, checked: bool) -> None:
        if checked:
            self.chosen.emit(self._keys[number])


def reach_by_tab(buttons: Iterable[QAbstractButton], chosen: QAbstractButton) -> None:
    """Let Tab reach the chosen one of a group, arrows the others; Qt sees to it only once one has had the focus."""
    for button in buttons:
        reached = button is chosen
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if reached else Qt.FocusPolicy.ClickFocus)


def menu_button(button: QPushButton | QToolButton, fill: Callable[[QMenu], None]) -> QMenu:
    """Let `button` open a menu that `fill` writes anew each time it opens."""
    menu = QMenu(button)
    menu.setToolTipsVisible(True)

    def about_to_show() -> None:
        menu.clear()
        fill(menu)

    menu.aboutToShow.connect(about_to_show)
    button.setMenu(menu)
    return menu
