"""The engine's state at the top right: a dot, its name, its context; a click tells more and offers the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QPushButton

from slimdesk.basics.escaping import visible
from slimdesk.ui.theme.fonts import font
from slimdesk.ui.theme.icons import icon, paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import menu_button
from slimdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from slimdesk.engine.model import EngineStatus

_PAD = 10


def engine_title(status: EngineStatus | None) -> str:
    """Return the engine's name in words."""
    if status is None:
        return "Asking the engine…"
    if not status.reachable:
        return "No engine"
    version = ".".join((status.version or "").split(".")[:2])
    return f"{_name(status)} {visible(version, 20)}".strip()


def _name(status: EngineStatus) -> str:
    return "Docker Engine" if status.product == "Docker" else status.product


class EngineChip(QPushButton):
    """Watches the workspace's engine."""

    def __init__(
        self, workspace: Workspace, retry: Callable[[], object], use: Callable[[str | None], object]
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._retry, self._use = retry, use
        self.setFixedHeight(28)
        self.setAutoDefault(False)
        menu_button(self, self._fill)
        workspace.observe("engine", self._changed)
        self._changed()

    def _texts(self) -> tuple[str, str]:
        status = self._workspace.engine
        return engine_title(status), visible(status.context or "", 24) if status else ""

    def _changed(self) -> None:
        status = self._workspace.engine
        title, context = self._texts()
        reason = visible(status.reason or "", 300) if status and not status.reachable else ""
        self.setToolTip(reason or "The container engine in use")
        self.setAccessibleName(" ".join(part for part in (title, context) if part))
        self.setAccessibleDescription(reason)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for both texts."""
        title, context = self._texts()
        width = QFontMetrics(font("medium")).horizontalAdvance(title)
        if context:
            width += QFontMetrics(font("body")).horizontalAdvance(context) + 8
        return QSize(width + 2 * _PAD + 20 + 20, 28)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for other room when the type changes."""
        super().changeEvent(event)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never cut the engine's name."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame, the dot or the warning, both texts, the caret."""
        super().paintEvent(event)
        status = self._workspace.engine
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = _PAD
        middle = self.height() // 2
        if status is not None and not status.reachable:
            paint_icon(painter, QRect(left, middle - 7, 14, 14), "warning-fill", "warn")
            left += 20
        else:
            role: Token = "good" if status is not None else "line_strong"
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(role))
            painter.drawEllipse(left, middle - 4, 8, 8)
            left += 15
        title, context = self._texts()
        for text, shape, tone in ((title, font("medium"), "text"), (context, font("body"), "text2")):
            painter.setFont(shape)
            painter.setPen(theme.color(tone))  # type: ignore[arg-type]
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(
                QRect(left, 0, width + 2, self.height()), int(Qt.AlignmentFlag.AlignVCenter), text
            )
            left += width + (8 if text else 0)
        paint_icon(painter, QRect(self.width() - 12 - _PAD, middle - 6, 12, 12), "caret-down", "text2")
        painter.end()

    def _fill(self, menu: QMenu) -> None:
        status = self._workspace.engine
        for text in _lines(status):
            line = QAction(text, menu)
            line.setEnabled(False)
            menu.addAction(line)
        if status is not None and status.reason:
            copy = QAction(icon("copy"), "Copy the reason", menu)
            reason = status.reason
            copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(reason))
            menu.addAction(copy)
        menu.addSeparator()
        head = QAction("Contexts", menu)
        head.setEnabled(False)
        menu.addAction(head)
        own = self._workspace.settings.context
        follow = QAction("As docker itself chooses", menu)
        follow.setCheckable(True)
        follow.setChecked(own is None)
        follow.triggered.connect(lambda: self._use(None))
        menu.addAction(follow)
        for context in status.contexts if status else ():
            choice = QAction(
                icon("check-circle" if context.reachable else "warning"), visible(context.name, 60), menu
            )
            choice.setCheckable(True)
            choice.setChecked(own == context.name)
            choice.setToolTip(visible(context.reason or context.endpoint, 300))
            if not context.reachable:
                choice.setText(
                    f"{visible(context.name, 60)}: {visible(context.reason or 'does not answer', 80)}"
                )
            choice.triggered.connect(lambda _checked=False, name=context.name: self._use(name))
            menu.addAction(choice)
        menu.addSeparator()
        retry = QAction(icon("arrow-clockwise"), "Ask again", menu)
        retry.triggered.connect(self._retry)
        menu.addAction(retry)


def _lines(status: EngineStatus | None) -> list[str]:
    if status is None:
        return ["Asking the engine…"]
    if not status.reachable:
        words = visible(status.reason or "The engine does not answer", 400).split()
        lines, line = [], ""
        for word in words:
            if len(line) + len(word) > 64:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        return [*lines, line]
    store = f", {status.store} image store" if status.store else ""
    return [
        f"{_name(status)} {visible(status.version or '', 40)}, API {visible(status.api_version or '', 20)}",
        f"{visible(status.platform or '', 40)}{store}{', rootless' if status.rootless else ''}",
        visible(status.endpoint or "", 80),
    ]
