"""Want a shell in the image? The debug variant of an image that the open project's variants include."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from slimdesk.engine.model import LABEL_PREFIX
from slimdesk.ui.desk import Desk
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.layout import column, line, row
from slimdesk.ui.widgets.text import Text

if TYPE_CHECKING:
    from slimdesk.ui.models.containers import ContainerRow

_NO_VARIANT = ("yours", "baseline")


class DebugVariantCard(QWidget):
    """Shown for a container without a shell whose image was built from the open project."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._component = self._family = ""
        self._words = Text("", "body", "text2", wrap=True)
        self.build = Button("Build debug variant", "wrench", self._go)
        inner = column(
            Text("Want a shell in the image?", "strong"),
            self._words,
            row(self.build, 1),
            margins=(16, 12, 16, 12),
            spacing=6,
        )
        self.setLayout(column(line(), inner, spacing=0))
        self.hide()

    def show_container(self, one: ContainerRow | None) -> None:
        """Offer it where it helps."""
        self._component, self._family = self._of(one)
        self._words.setText(
            f"The debug variant of {self._family} is built from the same Dockerfile, with a shell."
        )
        self.setVisible(bool(self._family))

    def _of(self, one: ContainerRow | None) -> tuple[str, str]:
        from slimdesk.operations.build import LABEL_PROJECT, project_mark

        project = self.desk.workspace.project
        labels = one.record.labels if one is not None else {}
        if (
            one is None
            or one.shell != ""
            or project is None
            or labels.get(LABEL_PROJECT) != project_mark(project.root)
        ):
            return "", ""
        component, family = (
            labels.get(f"{LABEL_PREFIX}component", ""),
            labels.get(f"{LABEL_PREFIX}family", ""),
        )
        if project.component(component) is None or family in _NO_VARIANT:
            return "", ""
        return component, family

    def _go(self) -> None:
        workspace = self.desk.workspace
        workspace.choose_component(self._component)
        workspace.choose(debug=True)
        workspace.select(self._family)
        self.desk.go("variants")
        self.desk.notify("info", f"Debug variants are on. Tick {self._family}, and build it.")
