"""The head of the Image page: what image it is, its figures, and the bar of base, own and shadowed bytes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QMenu, QSizePolicy, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes
from slimdesk.image.model import Image
from slimdesk.image.picture import Picture
from slimdesk.ui.models.roles import SizeBar
from slimdesk.ui.pages.image_figures import figures, figures_so_far
from slimdesk.ui.theme.fonts import fix_height
from slimdesk.ui.widgets.buttons import Button, IconButton, menu_button
from slimdesk.ui.widgets.figures import FigureStrip
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.size_bar import SizeBarView
from slimdesk.ui.widgets.text import Elided, Icon, Text

SOURCES = {
    "engine": "in Docker Engine",
    "docker-archive": "Docker archive",
    "oci-archive": "OCI archive",
    "oci-layout": "OCI layout",
}


class ImageHeader(QFrame):
    """Name, source, platform, digest; at the right what concerns the whole image. `export` fills the Export menu."""

    def __init__(self, hide_base: Callable[[bool], object], export: Callable[[QMenu], None]) -> None:
        super().__init__()
        self.setProperty("surface", "page")
        self.setProperty("rule", "bottom")
        self._digest_text = ""
        self._title = Text("", "page")
        self._facts = Elided("", "body", "text2")
        self._digest = Text("", "mono", "text2")
        self._copy = IconButton("copy", "Copy the image's digest", self._copy_digest)
        self.hide_base = QCheckBox("Hide base image")
        self.hide_base.toggled.connect(hide_base)
        self._export = Button("Export…", "export")
        menu_button(self._export, export)
        line = row(
            Icon("cube", "text2", 20), self._title, self._facts, self._digest, self._copy,
            self.hide_base, self._export, margins=(16, 0, 16, 0), spacing=12,
        )  # fmt: skip
        line.setStretch(2, 1)
        self.setLayout(line)
        fix_height(self, 54)

    def show_image(self, image: Image, where: str) -> None:
        """Show another image."""
        self._title.setText(visible(image.name or _last(where), 48))
        self._title.setToolTip(visible(image.name or where))
        platform = visible(image.platform) if image.platform else "platform not stated"
        place = f" {visible(_last(where), 60)}" if image.source != "engine" and image.name else ""
        self._facts.setText(f"{SOURCES[image.source]}{place}, {platform}")
        self._digest_text = image.image_id or ""
        self._digest.setText(_short(self._digest_text))
        self._digest.setToolTip(self._digest_text)
        self._copy.setVisible(bool(self._digest_text))
        known = image.base_layers is not None
        blocked = self.hide_base.blockSignals(True)
        self.hide_base.setChecked(False)
        self.hide_base.blockSignals(blocked)
        self.hide_base.setEnabled(known)
        reason = "Which layers the base image brought is not known: the image does not say, and the engine does not have its base"
        self.hide_base.setToolTip("Show own layers alone" if known else reason)
        self.hide_base.setAccessibleDescription("" if known else reason)

    def set_wide(self, wide: bool) -> None:
        """Show the digest only where there is room."""
        self._digest.setVisible(wide)

    def _copy_digest(self) -> None:
        QGuiApplication.clipboard().setText(self._digest_text)


class ImageFigures(QFrame):
    """The strip of figures; each explains itself, with exact bytes. The bar hides where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = SizeBarView("Base, own and shadowed bytes", 10)
        self._words = Elided("", "small", "text2")
        self._tail = QWidget()
        self._tail.setLayout(column(1, self._bar, self._words, 1, margins=(16, 4, 16, 4), spacing=4))
        self._strip = FigureStrip("Sizes", tail=self._tail)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setLayout(column(self._strip, spacing=0))

    def show_image(self, image: Image, engine_size: int | None = None) -> None:
        """Show another image; `engine_size` is what the engine says of it."""
        self._strip.show_figures(figures(image, engine_size))
        live = image.sizes.live or 0
        base = image.base_layers
        base_live = _base_live(image) if base is not None else None
        full = live + image.shadowed
        self._bar.show_bar(SizeBar(full - (base_live or 0), full, base_live, image.shadowed))
        parts = []
        if base_live is not None:
            parts += [f"Base {format_bytes(base_live)}", f"Own, live {format_bytes(live - base_live)}"]
        else:
            parts.append(f"Live {format_bytes(live)}")
        parts.append(f"Shadowed {format_bytes(image.shadowed)}")
        self._words.setText("    ".join(parts))

    def show_picture(self, picture: Picture, image: Image) -> None:
        """Show what is known of an image that is being read."""
        self._strip.show_figures(figures_so_far(picture, image))
        self._bar.show_bar(SizeBar(0, 1))
        self._words.setText("")

    def set_wide(self, wide: bool) -> None:
        """Show or hide the bar."""
        # The empty room stays: it keeps the figures at the left.
        self._bar.setVisible(wide)
        self._words.setVisible(wide)


def _base_live(image: Image) -> int:
    return sum(layer.sizes.files - layer.shadowed for layer in image.layers if layer.base)


def _short(digest: str) -> str:
    return f"{digest[:15]}…{digest[-4:]}" if len(digest) > 24 else digest


def _last(where: str) -> str:
    return (
        where.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
        if where.startswith(("/", "\\")) or ":\\" in where
        else where
    )
