"""A notice: what happened, why, and what to do, in the page; it never covers anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.ui.theme.fonts import font, scaled
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button, IconButton
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Icon, Text

# Of so many lines the reason stands below the sentence, no longer beside it.
_BESIDE_LINES = 2
# About eighty letters: longer lines are hard to read.
_HINT_WIDTH = 560
Kind = Literal["info", "good", "warn", "bad"]
_ICONS: dict[Kind, tuple[str, Token, str]] = {
    "info": ("info", "accent_text", "Information"),
    "good": ("check-circle-fill", "good", "Done"),
    "warn": ("warning-fill", "warn", "Warning"),
    "bad": ("x-circle-fill", "bad", "Error"),
}


class Notice(QFrame):
    """One sentence in a soft colour, at most two actions, details on demand, and a way to close it.

    `actions` are (words, call-back). Signals: `closed`.
    """

    closed = Signal()

    def __init__(
        self,
        kind: Kind,
        what: str,
        why: str = "",
        *,
        actions: Sequence[tuple[str, Callable[[], object]]] = (),
        details: str = "",
        unfolded: bool = False,
        closable: bool = True,
    ) -> None:
        """`unfolded`: the details are in sight at once."""
        super().__init__()
        self.setProperty("notice", kind)
        picture, role, meaning = _ICONS[kind]
        self.text = " ".join(part for part in (visible(what), visible(why)) if part)
        self.setAccessibleName(f"{meaning}: {self.text}")
        self._details = details or self.text
        head = Text(visible(what), "strong", wrap=not why)
        body = Text(visible(why), "body", "text2", wrap=True) if why else None
        stretchy = body or head
        stretchy.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        buttons: list[QWidget] = [Button(word, clicked=act) for word, act in actions[:2]]
        if details:
            self._more = Button("Details", clicked=self._toggle, kind="flat")
            buttons.append(self._more)
        if kind == "bad" or details:
            buttons.append(Button("Copy", "copy", self._copy, kind="flat"))
        if closable:
            buttons.append(IconButton("x", "Close this notice", self._close))
        self._head, self._body = head, body
        self._words = row(head, body)
        self._line = row(Icon(picture, role, 16, meaning), self._words, *buttons, margins=(16, 5, 8, 5))
        self._line.setStretchFactor(self._words, 1)
        self.setLayout(column(self._line, spacing=0))
        self._box: QPlainTextEdit | None = None
        self.setMinimumHeight(40)
        if unfolded:
            self._toggle()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the reason below the sentence where it would be a narrow column beside it."""
        super().resizeEvent(event)
        if self._body is None:
            return
        # What the icon and the buttons leave is the same in both directions.
        room = self._words.geometry().width()
        beside = room - _line_of(self._head) - self._words.spacing()
        below = _line_of(self._body) > beside * _BESIDE_LINES
        way = QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight
        if self._words.direction() != way:
            self._words.setDirection(way)
            self._words.setSpacing(0 if below else 8)
            self._head.setWordWrap(below)

    def _toggle(self) -> None:
        if self._box is None:
            self._box = QPlainTextEdit(self._details)
            self._box.setReadOnly(True)
            self._box.setAccessibleName("Details")
            self._box.setFixedHeight(140)
            layout = self.layout()
            if isinstance(layout, QVBoxLayout):
                layout.addLayout(row(self._box, margins=(40, 0, 16, 8)))
        else:
            self._box.setVisible(not self._box.isVisible())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)

    def _close(self) -> None:
        self.hide()
        self.closed.emit()


def _line_of(words: Text) -> int:
    """The width of a text on one line."""
    return words.fontMetrics().horizontalAdvance(words.text())


def notice_of(error: SlimDeskError, *, actions: Sequence[tuple[str, Callable[[], object]]] = ()) -> Notice:
    """Return the notice that tells an error."""
    return Notice(
        "bad",
        sentence(error.what),
        " ".join(sentence(part) for part in (error.why, error.todo) if part),
        actions=actions,
    )


def sentence(text: str) -> str:
    """Return an error's words as a sentence: begun with a capital unless a name begins it, and ended."""
    if not text:
        return ""
    # What begins with the name of a file or an image keeps it as it is.
    named = any(mark in text.split(" ", 1)[0].rstrip(".,:;") for mark in "./:_-@")
    begun = text if named else text[0].upper() + text[1:]
    return begun if begun.endswith((".", "?", "!")) else f"{begun}."


class NoticeArea(QWidget):
    """A place for notices above a page's content; the newest on top, at most three."""

    def __init__(self) -> None:
        super().__init__()
        self._box = column(spacing=0)
        self.setLayout(self._box)
        self._notices: list[Notice] = []
        self.hide()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is shown, newest first."""
        return tuple(self._notices)

    def show_notice(self, notice: Notice) -> None:
        """Show it; one that says the same is replaced."""
        for old in [one for one in self._notices if one.text == notice.text] + self._notices[2:]:
            self._drop(old)
        notice.closed.connect(lambda: self._drop(notice))
        self._notices.insert(0, notice)
        self._box.insertWidget(0, notice)
        self.show()

    def clear(self) -> None:
        """Take all away."""
        for notice in list(self._notices):
            self._drop(notice)

    def _drop(self, notice: Notice) -> None:
        if notice in self._notices:
            self._notices.remove(notice)
            self._box.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        if not self._notices:
            self.hide()


class EmptyState(QWidget):
    """What to do where there is nothing yet: one sentence, one button, at most another `beside` it."""

    def __init__(
        self,
        picture: str,
        sentence: str,
        button: str = "",
        clicked: Callable[[], object] | None = None,
        *,
        hint: str = "",
        primary: bool = False,
        beside: QWidget | None = None,
    ) -> None:
        super().__init__()
        self._sentence = Text("", "section", wrap=False)
        self._hint = Text("", "body", "text2", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.button = (
            Button(button, clicked=clicked, kind="primary" if primary else "plain") if button else None
        )
        middle = column(
            row(1, Icon(picture, "text3", 32), 1),
            row(1, self._sentence, 1),
            row(1, self._hint, 1),
            row(1, self.button, beside, 1) if self.button else None,
            spacing=12,
        )
        self.setLayout(column(2, middle, 3, margins=24))
        self.say(sentence, hint)

    def say(self, sentence: str, hint: str = "") -> None:
        """Change the words."""
        self._sentence.setText(sentence)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._fit_hint()
        self.setAccessibleName(sentence)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the hint's width in step with the type."""
        super().changeEvent(event)
        if hasattr(self, "_hint"):
            self._fit_hint()

    def _fit_hint(self) -> None:
        """Give the hint its width: a label that wraps asks for none of its own."""
        words = QFontMetrics(font("body")).horizontalAdvance(self._hint.text()) + 4
        self._hint.setFixedWidth(min(words, scaled(_HINT_WIDTH)))
