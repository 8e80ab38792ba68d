"""A Dockerfile to read or to edit: its colours, line numbers, and marks at the lines of which something is to be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QHelpEvent, QPainter, QTextCursor
from PySide6.QtWidgets import QToolTip

from slimdesk.basics.finding import SEVERITIES, Finding, Severity
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.code_view import CodeView
from slimdesk.ui.widgets.dockerfile_highlight import DockerfileHighlighter

# Picture, colour and word of a finding's severity, wherever one is shown.
SIGNS: dict[Severity, tuple[str, Token, str]] = {
    "error": ("x-circle-fill", "bad", "Error"),
    "warning": ("warning-fill", "warn", "Warning"),
    "info": ("info", "accent_text", "Hint"),
}
_MARK = 14


def marks_of(findings: Iterable[Finding]) -> dict[int, tuple[Severity, str]]:
    """Return by line, from 1, the worst severity of its findings and all their messages."""
    marks: dict[int, tuple[Severity, str]] = {}
    for one in sorted(findings, key=lambda one: SEVERITIES.index(one.severity)):
        if one.line is not None:
            worst, words = marks.get(one.line, (one.severity, ""))
            marks[one.line] = (worst, f"{words}\n{one.message}".strip())
    return marks


class DockerfileText(CodeView):
    """Read-only unless `editable`; then its changes can be undone, those made by `replace_text` too."""

    def __init__(self, name: str = "Dockerfile", *, editable: bool = False) -> None:
        self._marks: dict[int, tuple[Severity, str]] = {}
        super().__init__(name)
        self.setReadOnly(not editable)
        self.setTabChangesFocus(True)
        self._highlighter = DockerfileHighlighter(self.document())
        current().changed.connect(self._tint)
        self._numbers.installEventFilter(self)

    def show_findings(self, findings: tuple[Finding, ...]) -> None:
        """Mark the lines of findings: the worst sign of each line, all messages as its tooltip."""
        self.show_marks(marks_of(findings))

    def show_marks(self, marks: Mapping[int, tuple[Severity, str]]) -> None:
        """Mark lines, from 1, with a severity and the words of the tooltip."""
        self._marks = dict(marks)
        self._numbers.update()

    @property
    def marks(self) -> dict[int, tuple[Severity, str]]:
        """What is marked."""
        return dict(self._marks)

    def light(self, line: int | None, *, go: bool = True) -> None:
        """Light a line, None lights none; with `go` the cursor goes there and the line comes into view."""
        self._line = line
        self._repaint()
        block = self.document().findBlockByNumber((line or 0) - 1)
        if go and line is not None and block.isValid():
            self.setTextCursor(QTextCursor(block))
            self.centerCursor()

    @property
    def lit(self) -> int | None:
        """The line that is lit."""
        return self._line

    def replace_text(self, text: str) -> None:
        """Change the text as one step that can be undone."""
        if text == self.toPlainText():
            return
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)

    def numbers_width(self) -> int:
        """Return the room for the marks and the line numbers."""
        return super().numbers_width() + _MARK

    def paint_numbers(self, painter: QPainter, area: QRect) -> None:
        """Draw the numbers, then the marks left of them."""
        super().paint_numbers(painter, area)
        for line, (severity, _) in self._marks.items():
            place = self._row(line)
            if place is None or place.bottom() < area.top() or place.top() > area.bottom():
                continue
            picture, tone, _ = SIGNS[severity]
            square = QRect(5, place.center().y() - _MARK // 2 + 1, _MARK, _MARK)
            paint_icon(painter, square, picture, tone)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Say what is to be said of the line under the pointer."""
        if watched is self._numbers and event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = self.cursorForPosition(event.pos()).blockNumber() + 1
            words = self._marks.get(line, ("info", ""))[1]
            QToolTip.showText(event.globalPos(), words, self._numbers)
            return True
        return super().eventFilter(watched, event)

    def _row(self, line: int) -> QRect | None:
        block = self.document().findBlockByNumber(line - 1)
        if not block.isValid():
            return None
        place = self.blockBoundingGeometry(block).translated(self.contentOffset())
        return QRect(0, round(place.top()), self.numbers_width(), self.fontMetrics().height())

    def _tint(self) -> None:
        self._highlighter.rehighlight()
