"""The top bar: menu, where one is, the search box, the engine."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QMenu, QPushButton, QSizePolicy, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.ui.actions import MENUS, Actions, cap_text
from slimdesk.ui.frame.engine_chip import EngineChip
from slimdesk.ui.frame.rail import WIDTH
from slimdesk.ui.theme.fonts import fix_height, fix_width, font, set_font
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.buttons import Button, IconButton, menu_button
from slimdesk.ui.widgets.layout import row
from slimdesk.ui.widgets.text import Icon, Text
from slimdesk.workspace.workspace import Workspace


class TopBar(QFrame):
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
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(8)
        left, right = QWidget(), QWidget()
        left.setLayout(row(place, self.crumbs, 1))
        right.setLayout(row(1, self.chip))
        grid.addWidget(left, 0, 0)
        grid.addWidget(self.search, 0, 1)
        grid.addWidget(right, 0, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self.setLayout(grid)

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
        self._name = Text("SlimDesk", "strong", select=False)
        self._picture = Icon("folder", "text2")
        self._slash = Text("/", "body", "text3", select=False)
        self._component = Button("", kind="flat")
        set_font(self._component, "strong")
        self._component.set_caret("caret-down")
        menu_button(self._component, self._fill)
        self.setLayout(row(self._picture, self._name, self._slash, self._component, margins=(12, 0, 0, 0)))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        workspace.observe(("project", "component"), self._changed)
        self._changed()

    def _changed(self) -> None:
        project, component = self._workspace.project, self._workspace.component
        self._picture.setVisible(project is not None)
        self._name.setText(visible(project.root.name or str(project.root), 28) if project else "SlimDesk")
        self._name.setToolTip(visible(str(project.root)) if project else "")
        self._slash.setVisible(component is not None)
        self._component.setVisible(component is not None)
        if component is not None:
            self._component.setText(visible(component.name, 28))
            self._component.setAccessibleName(f"Component {component.name}")
            self._component.setToolTip("Choose another component")

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


class SearchBox(QPushButton):
    """Looks like a field, opens the command palette."""

    def __init__(self, search: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("kind", "search")
        self.setFixedHeight(28)
        fix_width(self, 400)
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
        area = QRect(30, 0, self.width() - 100, self.height())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), "Search commands, files and images")
        painter.setFont(font("rail"))
        text = cap_text("Ctrl+K")
        width = painter.fontMetrics().horizontalAdvance(text) + 10
        cap = QRect(self.width() - width - 6, middle - 9, width, 18)
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("s1"))
        painter.drawRoundedRect(cap, 3, 3)
        painter.setPen(theme.color("text2"))
        painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()
