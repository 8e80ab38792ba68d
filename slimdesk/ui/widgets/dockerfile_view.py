"""A Dockerfile with the reason and the bytes of each instruction beside it: three columns, one scroll bar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QTextEdit, QToolTip, QVBoxLayout, QWidget

from slimdesk.basics.finding import Finding, Severity
from slimdesk.basics.units import UNKNOWN, format_bytes, format_exact
from slimdesk.operations.variant_notes import LineNote
from slimdesk.ui.theme import current
from slimdesk.ui.theme.fonts import fix_height, scaled, set_font
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.widgets.dockerfile_highlight import DockerfileHighlighter
from slimdesk.ui.widgets.dockerfile_text import SIGNS, marks_of
from slimdesk.ui.widgets.splitter import Memory

LINE = 21
HEADER = 28
MARGIN = 8
# Qt puts the letters of a fixed-height line nearer to its foot than a centred label does.
DROP = 2
MARK = 14


class DockerfileView(QWidget):
    """Shows and edits a Dockerfile. Signals: `edited(text)` after each change by the person, `line_chosen(line)`."""

    edited = Signal(str)
    line_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes: tuple[LineNote, ...] = ()
        self.marks: dict[int, tuple[Severity, str]] = {}
        self._loading = False
        self._code = _Code(self)
        self._gutter = _Gutter(self)
        self._reasons = _Reasons(self)
        self._bytes = _Bytes(self)
        self._highlighter = DockerfileHighlighter(self._code.document())
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setObjectName("dockerfile_columns")
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._gutter)
        row.addWidget(self._code, 1)
        self._bytes_title = QLabel("Adds")
        self._title = QLabel("Instruction")
        for widget, title, weight in (
            (left, self._title, 5),
            (self._reasons, QLabel("Why it is there"), 4),
            (self._bytes, self._bytes_title, 2),
        ):
            self._split.addWidget(_with_header(widget, title))
            self._split.setStretchFactor(self._split.count() - 1, weight)
        self._split.setSizes([500, 380, 190])
        self._bytes_title.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._split)
        self._code.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._code.cursorPositionChanged.connect(self._cursor_moved)
        self._code.textChanged.connect(self._text_changed)
        current().changed.connect(self._retinted)

    def remember(self, memory: Memory, key: str) -> None:
        """Keep the columns' widths in `memory` under `key`, and take what was kept there."""
        kept = memory.recall(key)
        if kept and len(kept) == self._split.count() and sum(kept) > 0:
            self._split.setSizes(list(kept))
        self._split.splitterMoved.connect(lambda _place, _index: memory.keep(key, self._split.sizes()))

    def show_text(self, text: str, notes: Sequence[LineNote], size_name: str = "files") -> None:
        """Show `text` with its notes; the undo history begins anew. The columns' head names the size."""
        self._bytes_title.setText(f"Adds, {size_name}")
        self._bytes_title.setToolTip(
            f"Bytes that this instruction adds to the image, {size_name}; known once it is built"
        )
        self._notes = tuple(notes)
        if text != self._code.toPlainText():
            self._loading = True
            self._code.setPlainText(text)
            self._loading = False
        self._code.fix_line_height()
        self._repaint()

    def replace_text(self, text: str, notes: Sequence[LineNote]) -> None:
        """Change the text as one step that can be undone."""
        self._notes = tuple(notes)
        cursor = QTextCursor(self._code.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self._code.fix_line_height()
        self._repaint()

    def text(self) -> str:
        """Return the text as it stands."""
        return self._code.toPlainText()

    def set_read_only(self, read_only: bool) -> None:
        """Forbid or allow editing."""
        self._code.setReadOnly(read_only)

    def go_to(self, line: int) -> None:
        """Put the cursor on a line, from 1."""
        block = self._code.document().findBlockByNumber(line - 1)
        if block.isValid():
            cursor = QTextCursor(block)
            self._code.setTextCursor(cursor)
            self._code.ensureCursorVisible()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Mark the lines of findings: the worst sign of each, all their messages as its tooltip."""
        marks = marks_of(findings)
        if marks != self.marks:
            self.marks = marks
            self._repaint()

    @property
    def editor(self) -> QTextEdit:
        """The text's widget, for focus and undo."""
        return self._code

    @property
    def notes(self) -> tuple[LineNote, ...]:
        """What stands beside the lines."""
        return self._notes

    def current_line(self) -> int:
        """Return the line of the cursor, from 1."""
        return self._code.textCursor().blockNumber() + 1

    def note_at(self, line: int) -> LineNote | None:
        """Return the note of the instruction on a line, from 1."""
        return next((note for note in self._notes if note.line <= line <= note.end_line), None)

    def line_rect(self, first: int, last: int, width: int) -> QRect:
        """Return where the lines stand in each of the columns' coordinates."""
        height = self._code.line_height()
        top = (
            round(self._code.document().documentMargin())
            + (first - 1) * height
            - self._code.verticalScrollBar().value()
        )
        return QRect(0, top, width, (last - first + 1) * height)

    def background(self, line: int) -> QColor | None:
        """Return the fill of a line: chosen, or left behind in a build stage; None for the plain page."""
        theme = current()
        if self._code.hasFocus() or self._notes:
            chosen = self.note_at(self.current_line())
            if chosen is not None and chosen.line <= line <= chosen.end_line and self._code.chosen:
                return theme.color("sel")
        note = self.note_at(line)
        if note is None:
            note = next((one for one in reversed(self._notes) if one.line < line), None)
            following = next((one for one in self._notes if one.line > line), None)
            if following is not None and following.shipped:
                return None
        return theme.color("s2") if note is not None and not note.shipped else None

    def paint_backgrounds(self, painter: QPainter, widget: QWidget) -> None:
        """Fill the lines of a column."""
        for number in range(1, self._code.document().blockCount() + 1):
            rect = self.line_rect(number, number, widget.width())
            if rect.bottom() < 0 or rect.top() > widget.height():
                continue
            fill = self.background(number)
            if fill is not None:
                painter.fillRect(rect, fill)

    def line_at(self, y: int) -> int:
        """Return the line at a height of any column; below the last one it is no line of the text."""
        margin = round(self._code.document().documentMargin())
        return (y - margin + self._code.verticalScrollBar().value()) // self._code.line_height() + 1

    def choose_at(self, y: int) -> None:
        """Choose the instruction under a height in any column."""
        line = self.line_at(y)
        if 1 <= line <= self._code.document().blockCount():
            self._code.chosen = True
            self.go_to(line)
            self._repaint()

    def _cursor_moved(self) -> None:
        self._repaint()
        self.line_chosen.emit(self.current_line())

    def _text_changed(self) -> None:
        if self._loading:
            return
        self._code.fix_line_height()
        self._repaint()
        self.edited.emit(self._code.toPlainText())

    def _scrolled(self) -> None:
        for widget in (self._gutter, self._reasons, self._bytes):
            widget.update()

    def _retinted(self) -> None:
        self._highlighter.rehighlight()
        self._repaint()

    def _repaint(self) -> None:
        self._gutter.fit()
        self._title.setContentsMargins(self._gutter.width() + MARGIN // 2, 0, 0, 0)
        self._code.viewport().update()
        self._scrolled()


class _Code(QTextEdit):
    """The text itself: fixed line height, so that the columns beside it agree to the pixel."""

    def __init__(self, view: DockerfileView) -> None:
        super().__init__()
        self._view = view
        self.chosen = False
        self.setAcceptRichText(False)
        self.setLineWrapMode(QTextEdit.LineWrapMode.NoWrap)
        self.setProperty("kind", "bare")
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Dockerfile")
        self.document().setDocumentMargin(4)
        set_font(self, "mono")

    def line_height(self) -> int:
        """Return the height of one line in pixels."""
        return max(scaled(LINE), QFontMetrics(self.font()).height())

    def fix_line_height(self) -> None:
        """Give every line the same height; typing keeps it, pasting and loading do not."""
        height = float(self.line_height())
        document = self.document()
        block = document.begin()
        while block.isValid():
            if block.blockFormat().lineHeight() != height:
                form = QTextBlockFormat()
                form.setLineHeight(height, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
                undo = document.isUndoRedoEnabled() and not document.isUndoAvailable()
                if undo:
                    document.setUndoRedoEnabled(False)
                self.blockSignals(True)
                cursor = QTextCursor(block)
                cursor.joinPreviousEditBlock()
                cursor.mergeBlockFormat(form)
                cursor.endEditBlock()
                self.blockSignals(False)
                if undo:
                    document.setUndoRedoEnabled(True)
            block = block.next()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the fills of the lines, then the text."""
        viewport = self.viewport()
        painter = QPainter(viewport)
        self._view.paint_backgrounds(painter, viewport)
        painter.end()
        super().paintEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click chooses the instruction."""
        self.chosen = True
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Reaching it by keyboard chooses too."""
        self.chosen = True
        super().focusInEvent(event)


class _Column(QWidget):
    """A column that is painted along the code's lines and scrolls with it."""

    def __init__(self, view: DockerfileView) -> None:
        super().__init__()
        self.view = view
        set_font(self, "small")

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Scroll the code."""
        self.view.editor.wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the instruction under the pointer."""
        self.view.choose_at(round(event.position().y()))

    def note_under(self, position: QPoint) -> LineNote | None:
        """Return the note at a point."""
        for note in self.view.notes:
            if self.view.line_rect(note.line, note.end_line, self.width()).contains(position):
                return note
        return None

    def tip(self, note: LineNote) -> str:
        """Return the whole text for the tooltip."""
        return note.reason

    def event(self, event: QEvent) -> bool:
        """Show what did not fit."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            note = self.note_under(event.pos())
            text = self.tip(note) if note else ""
            QToolTip.showText(event.globalPos(), text, self) if text else QToolTip.hideText()
            return True
        return super().event(event)


class _Gutter(_Column):
    """Line numbers."""

    def __init__(self, view: DockerfileView) -> None:
        super().__init__(view)
        set_font(self, "mono")

    def fit(self) -> None:
        """Take the width that the largest number needs."""
        digits = max(2, len(str(self.view.editor.document().blockCount())))
        numbers = QFontMetrics(self.font()).horizontalAdvance("9" * digits)
        self.setFixedWidth(numbers + 2 * MARGIN + MARK)

    def event(self, event: QEvent) -> bool:
        """Tell what a mark means."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.view.marks.get(self.view.line_at(event.pos().y()), ("", ""))[1]
            QToolTip.showText(event.globalPos(), text, self) if text else QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the numbers."""
        painter = QPainter(self)
        self.view.paint_backgrounds(painter, self)
        painter.setPen(current().color("text3"))
        for number in range(1, self.view.editor.document().blockCount() + 1):
            rect = self.view.line_rect(number, number, self.width()).adjusted(0, DROP, -MARGIN, DROP)
            if rect.bottom() >= 0 and rect.top() <= self.height():
                painter.drawText(
                    rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(number)
                )
                if number in self.view.marks:
                    picture, token, _ = SIGNS[self.view.marks[number][0]]
                    place = QRect(MARGIN // 2, rect.center().y() - MARK // 2 - DROP // 2, MARK, MARK)
                    paint_icon(painter, place, picture, token)
        painter.end()
        del event


class _Reasons(_Column):
    """Why each instruction is there; a long reason uses all lines of its instruction."""

    def __init__(self, view: DockerfileView) -> None:
        super().__init__(view)
        self.setAccessibleName("Why each instruction is there")
        self.setMinimumWidth(120)

    def tip(self, note: LineNote) -> str:
        """Return the reason and its evidence."""
        return f"{note.reason} ({note.place})" if note.place else note.reason

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the reasons."""
        painter = QPainter(self)
        self.view.paint_backgrounds(painter, self)
        for note in self.view.notes:
            painter.setPen(current().color("text3" if note.plain else "text2"))
            rect = self.view.line_rect(note.line, note.end_line, self.width()).adjusted(
                MARGIN, DROP, -MARGIN, DROP
            )
            if rect.bottom() < 0 or rect.top() > self.height():
                continue
            metrics = painter.fontMetrics()
            if note.end_line == note.line or metrics.horizontalAdvance(note.reason) <= rect.width():
                first = self.view.line_rect(note.line, note.line, self.width()).adjusted(
                    MARGIN, DROP, -MARGIN, DROP
                )
                text = metrics.elidedText(note.reason, Qt.TextElideMode.ElideRight, first.width())
                painter.drawText(first, Qt.AlignmentFlag.AlignVCenter, text)
            else:
                flags = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
                painter.drawText(rect.adjusted(0, 3, 0, 0), flags, note.reason)
        painter.end()
        del event


class _Bytes(_Column):
    """What each instruction adds, as a bar and a number; one sentence for a stage that is left behind."""

    def __init__(self, view: DockerfileView) -> None:
        super().__init__(view)
        self.setAccessibleName("Bytes that each instruction adds")
        self.setMinimumWidth(110)

    def tip(self, note: LineNote) -> str:
        """Return the exact count."""
        if note.plain:
            return note.reason
        if not note.shipped:
            return "This stage is left behind: nothing of it ships but what is copied from it"
        return (
            format_exact(note.bytes)
            if note.bytes is not None
            else "Not measured: it is known once this is built"
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw bars and numbers."""
        painter = QPainter(self)
        self.view.paint_backgrounds(painter, self)
        theme = current()
        largest = max((note.bytes or 0 for note in self.view.notes if note.shipped), default=0)
        said = False
        for note in self.view.notes:
            if note.plain:
                continue
            rect = self.view.line_rect(note.line, note.line, self.width()).adjusted(
                MARGIN, DROP, -MARGIN, DROP
            )
            if not note.shipped:
                if not said:
                    painter.setPen(theme.color("text3"))
                    words = "build stage, 0\u2009B shipped"
                    if painter.fontMetrics().horizontalAdvance(words) > rect.width():
                        words = "0\u2009B shipped"
                    painter.drawText(rect, _RIGHT, words)
                said = True
                continue
            said = False
            if rect.bottom() < 0 or rect.top() > self.height():
                continue
            painter.setPen(theme.color("text" if note.bytes else "text3"))
            painter.drawText(rect, _RIGHT, UNKNOWN if note.bytes is None else format_bytes(note.bytes))
            room = rect.width() - painter.fontMetrics().horizontalAdvance("888.8 MB") - MARGIN
            if note.bytes and largest and room >= 24:
                track = QRect(rect.left(), rect.center().y() - 3, room, 7)
                painter.fillRect(track, theme.color("s3"))
                filled = max(2, round(room * note.bytes / largest))
                painter.fillRect(
                    QRect(track.topLeft(), track.size()).adjusted(0, 0, filled - room, 0),
                    theme.color("line_strong" if note.base else "mark"),
                )
        painter.end()
        del event


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _with_header(widget: QWidget, title: QLabel) -> QWidget:
    holder = QWidget()
    holder.setProperty("surface", "page")
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    head = QWidget()
    head.setProperty("surface", "bar")
    fix_height(head, HEADER)
    row = QHBoxLayout(head)
    row.setContentsMargins(0 if title.text() == "Instruction" else MARGIN, 0, MARGIN, 0)
    set_font(title, "small")
    title.setProperty("tone", "text2")
    row.addWidget(title, 1)
    layout.addWidget(head)
    layout.addWidget(widget, 1)
    return holder
