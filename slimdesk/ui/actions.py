"""Everything a person can do, as data: one list that feeds the menu, the shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from slimdesk.ui.theme.icons import icon

Menu = Literal["File", "Edit", "View", "Go", "Build", "Help"]
MENUS: tuple[Menu, ...] = ("File", "Edit", "View", "Go", "Build", "Help")


@dataclass(frozen=True)
class Action:
    """One thing to do.

    `key` is a stable word such as open-folder. `run` may start a task; it must not block. `keys` are shortcuts as
    QKeySequence reads them ("Ctrl+O"; Ctrl is ⌘ on macOS). `menu` None leaves it to the palette and its shortcut.
    `refused` returns why it cannot be done now, or "" where it can; it is asked whenever a menu or the palette opens.
    `detail` is the grey text beside it in the palette. `page` limits a shortcut to one page.
    """

    key: str
    title: str
    run: Callable[[], object]
    picture: str | None = None
    keys: tuple[str, ...] = ()
    menu: Menu | None = None
    refused: Callable[[], str] = field(default=lambda: "")
    detail: Callable[[], str] = field(default=lambda: "")
    page: str | None = None
    words: str = ""


class Actions:
    """The list. Shortcuts live on `owner`, the main window."""

    def __init__(self, owner: QWidget, page: Callable[[], str], say: Callable[[str], object]) -> None:
        """`page` returns the key of the page that is open; `say` tells why something cannot be done now."""
        self._owner = owner
        self._page = page
        self._say = say
        self._actions: dict[str, Action] = {}
        self._shortcuts: dict[str, QAction] = {}

    def __iter__(self) -> Iterator[Action]:
        return iter(tuple(self._actions.values()))

    def __getitem__(self, key: str) -> Action:
        return self._actions[key]

    def __contains__(self, key: str) -> bool:
        return key in self._actions

    def add(self, *actions: Action) -> None:
        """Take actions on; one with a known key replaces the old one."""
        for action in actions:
            self._actions[action.key] = action
            for sequence in action.keys:
                self._bind(sequence)

    def offered(self) -> list[Action]:
        """Return those that make sense on the page that is open."""
        page = self._page()
        return [action for action in self if action.page in (None, page)]

    def run(self, key: str) -> bool:
        """Do it, or say why not. False if it was refused."""
        action = self._actions[key]
        reason = action.refused()
        if reason:
            self._say(f"{action.title.removesuffix('…')}: {reason}")
            return False
        action.run()
        return True

    def menu_action(self, key: str, parent: QWidget) -> QAction:
        """Return a line for a menu; its shortcut is shown, not bound a second time."""
        action = self._actions[key]
        made = QAction(action.title, parent)
        if action.picture:
            made.setIcon(icon(action.picture))
        reason = action.refused()
        made.setEnabled(not reason)
        made.setToolTip(reason or action.title)
        if action.keys:
            made.setText(f"{action.title}\t{shortcut_text(action.keys[0])}")
        made.triggered.connect(lambda: self.run(key))
        return made

    def _bind(self, sequence: str) -> None:
        """One QAction per key sequence, so that two pages may use the same keys without Qt calling them ambiguous."""
        if sequence in self._shortcuts:
            return
        bound = QAction(self._owner)
        bound.setShortcut(QKeySequence(sequence))
        bound.triggered.connect(lambda: self._pressed(sequence))
        self._owner.addAction(bound)
        self._shortcuts[sequence] = bound

    def _pressed(self, sequence: str) -> None:
        here = [action for action in self.offered() if sequence in action.keys]
        if here:
            own = [action for action in here if action.page is not None]
            self.run((own or here)[0].key)


def shortcut_text(sequence: str) -> str:
    """Return how a shortcut is written on this platform."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText)


def cap_text(sequence: str) -> str:
    """Return a shortcut as keyboard caps show it: Ctrl K, Ctrl +."""
    text = shortcut_text(sequence)
    return text[:-1].replace("+", " ") + text[-1:]
