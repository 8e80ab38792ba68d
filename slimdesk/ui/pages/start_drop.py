"""The field that takes what is dropped on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame

from slimdesk.ui.actions import shortcut_text
from slimdesk.ui.theme.fonts import fix_height
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Icon, Text


class DropTarget(QFrame):
    """A field with a dashed edge that takes a folder, an archive or a Dockerfile; `dropped` gets the paths."""

    def __init__(self, dropped: Callable[[Sequence[str]], object], paste: Callable[[], object]) -> None:
        super().__init__()
        self._dropped = dropped
        self._is_over = False
        self.setAcceptDrops(True)
        self.setAccessibleName("Drop a folder or an image here")
        fix_height(self, 160)
        hint = Text(
            "Project folder, Dockerfile, docker save archive, OCI layout or OCI tar",
            "small",
            "text2",
            wrap=True,
        )
        pasting = Button(
            "Paste a Dockerfile",
            "clipboard-text",
            paste,
            kind="link",
            tip=f"From an article, for example: it is mended and rewritten ({shortcut_text('Ctrl+V')})",
        )
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words = Text("Drop a folder or an image here", "strong", select=False)
        self.setLayout(
            column(
                1,
                row(1, Icon("download-simple", "accent_text", 24), 1),
                row(1, words, 1),
                hint,
                row(1, pasting, 1),
                1,
                margins=16,
                spacing=8,
            )
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Light up."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        """Go dark again."""
        self._over(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Hand over the paths."""
        self._over(False)
        paths = [str(Path(url.toLocalFile())) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self._dropped(paths)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the dashed edge; a style sheet's own dashes are dots."""
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("ring" if self._is_over else "line_strong"), 2 if self._is_over else 1)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(theme.color("accent_soft" if self._is_over else "s1"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _over(self, over: bool) -> None:
        self._is_over = over
        self.update()
