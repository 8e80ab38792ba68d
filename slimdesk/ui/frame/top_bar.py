"""The top bar: menu, where one is, the search box, the engine."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QPushButton, QSizePolicy, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.ui.actions import MENUS, Actions, cap_text
from slimdesk.ui.frame.engine_chip import EngineChip
from slimdesk.ui.frame.rail import WIDTH
from slimdesk.ui.theme.fonts import fix_height, fix_width, font, scaled, set_font
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.buttons import Button, IconButton, menu_button
from slimdesk.ui.widgets.fitted import FittedFrame
from slimdesk.ui.widgets.layout import row
from slimdesk.ui.widgets.text import Elided, Icon, Text
from slimdesk.workspace.workspace import Workspace

_SEARCH, _SEARCH_LEAST = 400, 150


class TopBar(FittedFrame):
    """44 px high, on the frame's grey."""

    def __init__(
        self,
        workspace: Workspace,
        actions: Actions,
        search: Callable[[], object],
        retry: Callable[[], object],
        use: Callable[[str | None], object],
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self.setProperty("surface", "frame")
        self.setProperty("rule", "bottom")
        fix_height(self, 44)
        self._actions = actions
        self.menu_button = IconButton("list", "Menu (F10)", size=18)
        self.menu = menu_button(self.menu_button, self._fill)
        place = QWidget()
        fix_width(place, WIDTH)
        place.setLayout(row(1, self.menu_button, 1))
        self.crumbs = Breadcrumb(workspace)
        self.search = SearchBox(search)
        self.chip = EngineChip(workspace, retry, use)
        grid = self._grid = QGridLayout()
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(8)
        self._left, self._right = QWidget(), QWidget()
        self._left.setLayout(row(place, self.crumbs, 1))
        self._right.setLayout(row(1, self.chip))
        grid.addWidget(self._left, 0, 0)
        grid.addWidget(self.search, 0, 1)
        grid.addWidget(self._right, 0, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self.setLayout(grid)

    def fit(self) -> None:
        """Let the search box give way before names are cut."""
        margins = self._grid.contentsMargins()
        around = margins.left() + margins.right() + 2 * self._grid.horizontalSpacing()
        room = self.width() - around - self._right.sizeHint().width()
        # Columns that stretch are sure of their minimum only.
        names = max(0, min(self._left.sizeHint().width(), room - scaled(_SEARCH_LEAST)))
        if names != self._grid.columnMinimumWidth(0):
            self._grid.setColumnMinimumWidth(0, names)
        width = max(scaled(_SEARCH_LEAST), min(scaled(_SEARCH), room - names))
        if width != self.search.minimumWidth():
            self.search.setFixedWidth(width)

    def _fill(self, menu: QMenu) -> None:
        offered = self._actions.offered()
        for name in MENUS:
            inside = [action for action in offered if action.menu == name]
            if not inside:
                continue
            under = menu.addMenu(name)
            under.setToolTipsVisible(True)
            for action in inside:
                under.addAction(self._actions.menu_action(action.key, under))


class Breadcrumb(QWidget):
    """The project and the component in hand; the component's name opens the list of the others."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._name = Elided("SlimDesk", "strong", mode=Qt.TextElideMode.ElideMiddle)
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._picture = Icon("folder", "text2")
        self._slash = Text("/", "body", "text3", select=False)
        self._component = _NameButton("", kind="flat")
        set_font(self._component, "strong")
        self._component.set_caret("caret-down")
        menu_button(self._component, self._fill)
        self._slash.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setLayout(row(self._picture, self._name, self._slash, self._component, margins=(12, 0, 0, 0)))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        workspace.observe(("project", "component"), self._changed)
        self._changed()

    def _changed(self) -> None:
        project, component = self._workspace.project, self._workspace.component
        self._picture.setVisible(project is not None)
        self._name.setText(visible(project.root.name or str(project.root), 28) if project else "SlimDesk")
        self.setToolTip(visible(str(project.root)) if project else "")
        self._slash.setVisible(component is not None)
        self._component.setVisible(component is not None)
        if component is not None:
            self._component.setText(visible(component.name, 28))
            self._component.setAccessibleName(f"Component {component.name}")
            self._component.setToolTip(f"{visible(component.name, 200)}\nChoose another component")

    def _fill(self, menu: QMenu) -> None:
        project, chosen = self._workspace.project, self._workspace.component
        for component in (*project.components, *project.joined) if project else ():
            choice = QAction(visible(component.name, 60), menu)
            choice.setCheckable(True)
            choice.setChecked(chosen is not None and component.name == chosen.name)
            choice.triggered.connect(
                lambda _checked=False, name=component.name: self._workspace.choose_component(name)
            )
            menu.addAction(choice)


class _NameButton(Button):
    """A button whose words give way, cut in the middle: names differ at both ends."""

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for the whole name."""
        metrics = self.fontMetrics()
        hidden = metrics.horizontalAdvance(self.text()) - metrics.horizontalAdvance(
            super(Button, self).text()
        )
        return super().sizeHint() + QSize(hidden, 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room for a few letters."""
        return QSize(64, super().minimumSizeHint().height())

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Change the name."""
        super().setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.updateGeometry()
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Cut anew."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        metrics, whole = self.fontMetrics(), self.text()
        lacking = self.sizeHint().width() - self.width()
        # Widths are rounded: a name that just fits must not be cut.
        room = metrics.horizontalAdvance(whole) - lacking
        shown = metrics.elidedText(whole, Qt.TextElideMode.ElideMiddle, room) if lacking > 0 else whole
        if shown != super(Button, self).text():
            super(Button, self).setText(shown)


class SearchBox(QPushButton):
    """Looks like a field, opens the command palette."""

    def __init__(self, search: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("kind", "search")
        self.setFixedHeight(28)
        self.setAutoDefault(False)
        self.setAccessibleName("Search commands, files and images")
        self.setToolTip("Command palette")
        self.clicked.connect(lambda _checked=False: search())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame, the glass, the hint and the shortcut."""
        super().paintEvent(event)
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() // 2
        paint_icon(painter, QRect(8, middle - 7, 14, 14), "magnifying-glass", "text2")
        painter.setPen(theme.color("text3"))
        painter.setFont(font("body"))
        text = cap_text("Ctrl+K")
        width = QFontMetrics(font("rail")).horizontalAdvance(text) + 10
        area = QRect(30, 0, self.width() - 30 - width - 14, self.height())
        hint = painter.fontMetrics().elidedText(
            "Search commands, files and images", Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), hint)
        painter.setFont(font("rail"))
        cap = QRect(self.width() - width - 6, middle - 9, width, 18)
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("s1"))
        painter.drawRoundedRect(cap, 3, 3)
        painter.setPen(theme.color("text2"))
        painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()
