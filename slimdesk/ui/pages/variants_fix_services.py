"""The services of compose.yaml beside a variant: offered by name, started for the proof alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.operations.variants import Variants
from slimdesk.operations.verify import services_of
from slimdesk.project.model import Component, Project
from slimdesk.ui.desk import Desk
from slimdesk.ui.widgets.layout import column, line
from slimdesk.ui.widgets.text import Text
from slimdesk.verify.compose import ComposeFile

MOST_NAMES = 4


class ServicesBeside(QWidget):
    """One per page: reads the compose file of the chosen component. Signals: `changed` once there is something to offer."""

    changed = Signal()

    def __init__(self, desk: Desk, variants: Variants) -> None:
        super().__init__()
        self.desk = desk
        self.variants = variants
        self._read: tuple[Project, str] | None = None
        self._found: tuple[Path, ComposeFile] | None = None
        self._box = QCheckBox("Start the services beside it")
        self._box.setAccessibleName("Start the services beside it")
        self._box.toggled.connect(self.choose)
        self._images = Text("", "small", "text2", wrap=True)
        self.setAccessibleName("Services beside it")
        words = column(self._box, self._images, margins=(16, 8, 16, 10), spacing=4)
        self.setLayout(column(line(), words, spacing=0))
        self.hide()

    @property
    def names(self) -> str:
        """The services, such as "redis, postgres from compose.yaml"; empty where there are none."""
        if self._found is None:
            return ""
        path, compose = self._found
        names = [visible(one.name, 40) for one in compose.services]
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        return f"{', '.join(names[:MOST_NAMES])}{more} from {visible(path.name)}"

    @property
    def chosen(self) -> bool:
        """Whether they are started."""
        component = self.desk.workspace.component
        return component is not None and component.name in self.variants.beside

    def show_component(self) -> None:
        """Show what the chosen component's compose file names; it is read again where the project was."""
        project, component = self.desk.workspace.project, self.desk.workspace.component
        if project is None or component is None:
            self._read, self._found = None, None
        elif self._read is None or self._read[0] is not project or self._read[1] != component.name:
            self._read, self._found = (project, component.name), None
            self.desk.spawn(self._look(project, component))
        self._show()

    def choose(self, wanted: bool) -> None:
        """Start them from now on with each proof, or no longer."""
        component = self.desk.workspace.component
        if component is None:
            return
        if wanted and self._found is not None:
            self.variants.beside[component.name] = self._found[1]
        else:
            self.variants.beside.pop(component.name, None)
        self._show()
        self.changed.emit()

    async def _look(self, project: Project, component: Component) -> None:
        found = await self.desk.blocking(services_of, project, component)
        if self._read is None or self._read[0] is not project or self._read[1] != component.name:
            return
        self._found = found
        if component.name in self.variants.beside:
            # The file may have changed since it was chosen.
            self.choose(found is not None)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        blocked = self._box.blockSignals(True)
        self._box.setChecked(self.chosen)
        self._box.setText(f"Start {self.names} beside it")
        self._box.setAccessibleName(self._box.text())
        self._box.blockSignals(blocked)
        services = self._found[1].services if self._found is not None else ()
        images = ", ".join(dict.fromkeys(visible(one.image, 80) for one in services))
        self._images.setText(f"{images}, in a network of their own; they go when the proof is done.")
        self.setVisible(self._found is not None)
