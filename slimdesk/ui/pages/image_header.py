"""The head of the Image page: what image it is, its figures, and the bar of base, own and shadowed bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QMenu, QSizePolicy, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, format_bytes, format_exact, format_percent
from slimdesk.image.model import Image
from slimdesk.ui.models.roles import SizeBar
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.widgets.buttons import Button, IconButton, menu_button
from slimdesk.ui.widgets.figures import Figure, FigureStrip
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
        self.setFixedHeight(scaled(54))

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

    def set_wide(self, wide: bool) -> None:
        """Show or hide the bar."""
        # The empty room stays: it keeps the figures at the left.
        self._bar.setVisible(wide)
        self._words.setVisible(wide)


def figures(image: Image, engine_size: int | None = None) -> Sequence[Figure]:
    """Return the six figures: value, name, definition with exact bytes."""
    sizes = image.sizes
    if sizes.download is None:
        download = Figure(
            "not measured",
            "Download",
            "Compressed layers, as a registry sends them.\nThis was read without compressing them",
        )
    else:
        measured = sizes.download_from == "compressed"
        how = (
            "The layers are not compressed here, so SlimDesk compressed them to measure (fast level, about 1.15 times gzip)"
            if measured
            else "Compressed as they stand in the image"
        )
        download = Figure(
            format_bytes(sizes.download),
            "Download, measured here" if measured else "Download",
            f"Sum of the compressed layers, as a registry sends them\n{format_exact(sizes.download)}\n{how}",
        )
    engine = (
        f"\nThe engine itself says {format_exact(engine_size)}: it counts in its own way"
        if engine_size
        else ""
    )
    share = image.shadowed / sizes.files if sizes.files else None
    return (
        download,
        Figure(
            format_bytes(sizes.unpacked), "Unpacked",
            f"Sum of the uncompressed layer archives\n{format_exact(sizes.unpacked)}",
        ),
        Figure(
            format_bytes(sizes.files), "Files",
            f"Sum of all files of all layers, as dive and syft count\n{format_exact(sizes.files)}{engine}",
        ),
        Figure(
            format_bytes(sizes.live), "Live",
            f"Files that a container sees, each hard-linked body once\n{format_exact(sizes.live)}",
        ),
        Figure(
            format_bytes(image.shadowed), f"Shadowed, {format_percent(share)} of files",
            f"Bytes that one layer adds and a later one overwrites or deletes: files − live\n{format_exact(image.shadowed)}",
            "warn" if image.shadowed else "text",
        ),
        Figure(
            UNKNOWN if image.score is None else f"{image.score:.3f}", "Score, live / files",
            f"1 means that nothing is shadowed\n{_dive(image)}",
        ),
    )  # fmt: skip


def _dive(image: Image) -> str:
    dive = image.dive
    user = UNKNOWN if dive.user_wasted_percent is None else format_percent(dive.user_wasted_percent)
    return f"dive's figures: efficiency {format_percent(dive.efficiency)}, wasted {format_exact(dive.wasted_bytes)}, user wasted {user}"


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
