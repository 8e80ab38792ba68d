"""A file to read: line numbers, colours once they are known, one line lit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from slimdesk.ui.theme.fonts import set_font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token

MAX_COLOURED = 200_000
Span = tuple[int, int, Token]


def colours(text: str, name: str) -> list[Span]:
    """Return (start, length, token) of everything that has a colour of its own; blocking, for a thread."""
    from pygments.lexers import get_lexer_for_filename
    from pygments.token import Comment, Keyword, Name, Number, String
    from pygments.util import ClassNotFound

    if len(text) > MAX_COLOURED:
        return []
    try:
        lexer = get_lexer_for_filename(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return []
    kinds: tuple[tuple[Any, Token], ...] = (
        (Comment, "code_comment"),
        (String, "code_string"),
        (Number, "code_number"),
        (Keyword, "code_keyword"),
        (Name.Decorator, "code_number"),
        (Name.Tag, "code_keyword"),
    )
    spans: list[Span] = []
    for start, kind, value in lexer.get_tokens_unprocessed(text):
        token = next((token for parent, token in kinds if kind in parent), None)
        if token is not None:
            spans.append((start, len(value), token))
    return spans


class CodeView(QPlainTextEdit):
    """Read-only."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setProperty("kind", "bare")
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        set_font(self, "mono")
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self._numbers = _Numbers(self)
        self._line: int | None = None
        self._spans: Sequence[Span] = ()
        self.blockCountChanged.connect(lambda _count: self._fit())
        self.updateRequest.connect(self._scrolled)
        current().changed.connect(self._repaint)
        self._fit()

    def show_text(self, text: str, line: int | None) -> None:
        """Show a file with its line (from 1) in the middle of the view."""
        self._spans = ()
        self._line = line
        self.setPlainText(text)
        self._repaint()
        if line is not None:
            block = self.document().findBlockByNumber(line - 1)
            if block.isValid():
                self.setTextCursor(QTextCursor(block))
                self.centerCursor()

    def show_colours(self, spans: Sequence[Span]) -> None:
        """Colour the text that is shown."""
        self._spans = spans
        self._repaint()

    def numbers_width(self) -> int:
        """Return the room for the line numbers."""
        return self.fontMetrics().horizontalAdvance("9" * max(3, len(str(self.blockCount())))) + 20

    def paint_numbers(self, painter: QPainter, area: QRect) -> None:
        """Draw the numbers of the visible lines, and a mark at the lit one."""
        theme = current()
        painter.fillRect(area, theme.color("s1"))
        for number, rect in self.visible_numbers(area):
            lit = number == self._line
            if lit:
                painter.fillRect(rect, theme.color("sel"))
                painter.fillRect(QRect(0, rect.top(), 3, rect.height()), theme.color("accent"))
            painter.setPen(theme.color("text" if lit else "text3"))
            painter.drawText(
                rect.adjusted(0, 0, -10, 0),
                # At the top: the last line's block is higher, by the document's margin.
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
                str(number),
            )

    def visible_numbers(self, area: QRect) -> Iterator[tuple[int, QRect]]:
        """Yield each visible line, from 1, with its place among the numbers."""
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= area.bottom():
            height = self.blockBoundingRect(block).height()
            yield block.blockNumber() + 1, QRect(0, round(top), self._numbers.width(), round(height))
            top += height
            block = block.next()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the numbers at the left edge, and the lit line in sight if it was."""
        lit = self._line is not None and 0 <= self.cursorRect().top() < event.oldSize().height()
        super().resizeEvent(event)
        if lit and self.cursorRect().bottom() > self.viewport().height():
            self.centerCursor()
        area = self.contentsRect()
        self._numbers.setGeometry(QRect(area.left(), area.top(), self.numbers_width(), area.height()))

    def _fit(self) -> None:
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)

    def _scrolled(self, area: QRect, moved: int) -> None:
        if moved:
            self._numbers.scroll(0, moved)
        else:
            self._numbers.update(0, area.y(), self._numbers.width(), area.height())

    def _repaint(self) -> None:
        theme = current()
        made = []
        for start, length, token in self._spans:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(min(start, self.document().characterCount() - 1))
            end = min(start + length, self.document().characterCount() - 1)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            form = QTextCharFormat()
            form.setForeground(QColor(theme.tokens[token]))
            selection.cursor = cursor
            selection.format = form
            made.append(selection)
        if self._line is not None:
            lit = QTextEdit.ExtraSelection()
            lit.cursor = QTextCursor(self.document().findBlockByNumber(self._line - 1))
            lit.format.setBackground(theme.color("sel"))
            lit.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            made.insert(0, lit)
        self.setExtraSelections(made)
        self._numbers.update()


class _Numbers(QWidget):
    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._view.numbers_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setFont(self._view.font())
        self._view.paint_numbers(painter, event.rect())
        painter.end()
