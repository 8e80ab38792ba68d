"""The tab of the Dockerfile that an image was built from: each line with the bytes that it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.units import format_bytes, plural
from slimdesk.image.model import Image
from slimdesk.ui.desk import Desk
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.dockerfile_view import DockerfileView
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.text import Elided
from slimdesk.workspace.settings import SizeKind
from slimdesk.workspace.workspace import OpenedImage

if TYPE_CHECKING:
    from slimdesk.operations.variant_notes import LineNote

NOT_KNOWN = "Which Dockerfile it was built from is not known: open the project that SlimDesk built it from"
_CHOOSE = "choose a line that made a layer first"


@dataclass(frozen=True, slots=True)
class Known:
    """The text, a note per line, and which line made which layer (a layer's number, lines from 1)."""

    text: str
    notes: tuple[LineNote, ...]
    lines: dict[int, tuple[int, int]]
    changed: tuple[str, ...]
    size_kind: SizeKind

    def layer_of(self, line: int) -> int | None:
        """Return the layer that a line made, None for none."""
        return next((layer for layer, (first, last) in self.lines.items() if first <= line <= last), None)


class DockerfilePane(QWidget):
    """Signals: `layer_wanted(layer)` what a line brought is to be shown alone."""

    layer_wanted = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.known: Known | None = None
        self._layer: int | None = None
        self.setAccessibleName("The Dockerfile of the image")
        self.words = Elided("", "body", "text2")
        self.show_button = Button("Show what the line brings", "stack", self._show_layer, kind="flat")
        self.view = DockerfileView()
        self.view.set_read_only(True)
        self.view.remember(desk, "image-dockerfile")
        bar = ToolBar(self.words, self.show_button)
        layout = bar.layout()
        if layout is not None:
            layout.setStretchFactor(self.words, 1)  # type: ignore[attr-defined]
        self.setLayout(column(bar, self.view, spacing=0))
        self.view.line_chosen.connect(self._chosen)
        self.show_button.allow(False, _CHOOSE)

    async def find_for(self, opened: OpenedImage, image: Image) -> Known | None:
        """Find the Dockerfile and show it; None where it is not known."""
        self.known = await self._desk.blocking(known_dockerfile, self._desk, opened, image)
        self._layer = None
        self.show_button.allow(False, _CHOOSE)
        if self.known is not None:
            from slimdesk.ui.models.variants import SIZE_WORDS

            self.view.show_text(self.known.text, self.known.notes, SIZE_WORDS[self.known.size_kind])
            self.words.setText(_in_words(image, self.known))
        return self.known

    def forget(self) -> None:
        """Show none."""
        self.known = None

    def _chosen(self, line: int) -> None:
        self._layer = self.known.layer_of(line) if self.known is not None else None
        self.show_button.allow(self._layer is not None, _CHOOSE)

    def _show_layer(self) -> None:
        if self._layer is not None:
            self.layer_wanted.emit(self._layer)


def known_dockerfile(desk: Desk, opened: OpenedImage, image: Image) -> Known | None:
    """Return what an image was built from, if SlimDesk built it from the open project; reads the project's files."""
    from slimdesk.operations.build import LABEL_PROJECT, project_mark
    from slimdesk.operations.variant_notes import (
        instructions_of_layers,
        line_notes,
        shipped_stages,
        with_own_comment,
    )
    from slimdesk.ui.pages.leave_out_dialog import built_from

    workspace = desk.workspace
    project = workspace.project
    if project is None:
        return None
    if opened.variant is None and image.config.labels.get(LABEL_PROJECT) != project_mark(project.root):
        return None
    try:
        _, text = built_from(workspace, project, opened, image)
    except SlimDeskError:
        return None
    changed = workspace.results(opened.variant).changes if opened.variant is not None else ()
    kind = workspace.current_size
    notes = line_notes(text.dockerfile, text.target, None if changed else image, kind)
    made = instructions_of_layers(text.dockerfile, shipped_stages(text.dockerfile, text.target), image)
    lines = {} if changed else {layer: (one.line, one.end_line) for layer, one in made.items()}
    return Known(text.text, with_own_comment(notes, text.text), lines, tuple(changed), kind)


def _in_words(image: Image, known: Known) -> str:
    if known.changed:
        return f"It has changed since the image was built ({', '.join(known.changed)}): which line costs what is not known"
    own = [layer for layer in image.layers if not layer.base]
    base = sum(layer.sizes.files for layer in image.layers if layer.base)
    missing = sum(1 for layer in own if layer.index not in known.lines)
    words = f"{plural(len(own) - missing, 'layer')} by its lines"
    if image.base_layers is not None:
        words += f", the base brings {format_bytes(base)}"
    if missing:
        words += f"; of {plural(missing, 'layer')} the line was not found"
    return words
