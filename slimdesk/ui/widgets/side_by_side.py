"""Two texts beside one another: equal lines at one height, removed ones left, added ones right, each with its sign."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QTextCursor, QTextFormat
from PySide6.QtWidgets import QSplitter, QTextEdit, QWidget

from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.code_view import CodeView
from slimdesk.ui.widgets.dockerfile_highlight import DockerfileHighlighter
from slimdesk.ui.widgets.layout import column, panel
from slimdesk.ui.widgets.text import Text

# Comparing is quadratic at worst; a Dockerfile has some dozen lines.
MOST_LINES = 4000


@dataclass(frozen=True, slots=True)
class Pair:
    """A row: the number (from 1) and text of the line at each side; None where that side has no such line."""

    left: tuple[int, str] | None
    right: tuple[int, str] | None

    @property
    def same(self) -> bool:
        """Whether both sides say the same."""
        return self.left is not None and self.right is not None and self.left[1] == self.right[1]


def pairs(before: str, after: str) -> list[Pair]:
    """Return the rows of both texts; changed lines stand beside one another as far as both sides have some."""
    old, new = before.splitlines()[:MOST_LINES], after.splitlines()[:MOST_LINES]
    found: list[Pair] = []
    # Empty lines are alike everywhere: they are no place to meet.
    matcher = difflib.SequenceMatcher(lambda line: not line.strip(), old, new, autojunk=False)
    for _, start, end, first, last in matcher.get_opcodes():
        for step in range(max(end - start, last - first)):
            at, there = start + step, first + step
            found.append(
                Pair(
                    (at + 1, old[at]) if at < end else None, (there + 1, new[there]) if there < last else None
                )
            )
    return found


class SideBySide(QWidget):
    """Read-only; both sides scroll together."""

    def __init__(self, left: str = "Now", right: str = "New") -> None:
        super().__init__()
        self._old = _Half(f"{left}: removed lines have a minus", "−", "bad_soft", "bad")
        self._new = _Half(f"{right}: added lines have a plus", "+", "good_soft", "good")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        for title, half in ((left, self._old), (right, self._new)):
            head = panel(column(Text(title, "small", "text2"), margins=(16, 5, 8, 5)), "bar", "bottom")
            holder = QWidget()
            holder.setLayout(column(head, half, spacing=0))
            split.addWidget(holder)
        split.setSizes([500, 500])
        for one, other in ((self._old, self._new), (self._new, self._old)):
            one.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
        self.setLayout(column(split, spacing=0))

    def show_texts(self, before: str, after: str) -> None:
        """Show both."""
        found = pairs(before, after)
        self._old.show_lines([(one.left, one.same) for one in found])
        self._new.show_lines([(one.right, one.same) for one in found])


class _Half(CodeView):
    """One side. A line that only the other side has is an empty one of the frame's colour."""

    def __init__(self, name: str, sign: str, fill: Token, tone: Token) -> None:
        self._lines: list[tuple[tuple[int, str] | None, bool]] = []
        self._sign, self._fill, self._tone = sign, fill, tone
        super().__init__(name)
        self._highlighter = DockerfileHighlighter(self.document())

    def show_lines(self, lines: list[tuple[tuple[int, str] | None, bool]]) -> None:
        """Show (line or None, whether both sides have it)."""
        self._lines = lines
        self.show_text("\n".join("" if one is None else one[1] for one, _ in lines), None)
        self._highlighter.rehighlight()

    def paint_numbers(self, painter: QPainter, area: QRect) -> None:
        """Draw the number of each line in its own text, and the sign of those that differ."""
        theme = current()
        painter.fillRect(area, theme.color("s1"))
        for number, rect in self.visible_numbers(area):
            one, same = self._lines[number - 1] if number <= len(self._lines) else (None, True)
            if not same:
                painter.fillRect(rect, theme.color("s2" if one is None else self._fill))
            if one is not None:
                painter.setPen(theme.color("text3" if same else self._tone))
                flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
                painter.drawText(rect.adjusted(0, 0, -18, 0), flags, str(one[0]))
                if not same:
                    painter.drawText(rect.adjusted(0, 0, -6, 0), flags, self._sign)

    def numbers_width(self) -> int:
        """Return the room for the numbers and the sign."""
        return super().numbers_width() + 10

    def _repaint(self) -> None:
        theme = current()
        made = []
        for at, (one, same) in enumerate(self._lines):
            if same:
                continue
            selection = QTextEdit.ExtraSelection()
            selection.cursor = QTextCursor(self.document().findBlockByNumber(at))
            selection.format.setBackground(theme.color("s2" if one is None else self._fill))
            selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            made.append(selection)
        self.setExtraSelections(made)
        self._numbers.update()
