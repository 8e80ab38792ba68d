"""What can be taken away from the Image page: the treemap as a picture, the analysis as JSON."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QMenu

from slimdesk.basics.escaping import slug, visible
from slimdesk.basics.files import write_whole
from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes
from slimdesk.image.model import Image
from slimdesk.image.table import ROOT
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import pick_new_file
from slimdesk.ui.pages.image_map import MapPane, narrowed
from slimdesk.ui.pages.image_view import ImageView
from slimdesk.ui.theme.fonts import font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.treemap_paint import Pens, Picture, brush_of, render, tile_color
from slimdesk.ui.widgets.treemap_svg import SIDE, TITLE_HEIGHT, Caption, legend_marks, treemap_svg

_SCALE = 2.0
_SWATCH = 12


class Exporter:
    """Asks where to, makes the file, writes it as a job."""

    def __init__(self, desk: Desk, view: ImageView, pane: MapPane) -> None:
        self._desk = desk
        self._view = view
        self._pane = pane

    def fill(self, menu: QMenu) -> None:
        """Fill the Export menu."""
        for key in ("image-report", "export-png", "export-svg", "export-json"):
            menu.addAction(self._desk.actions.menu_action(key, menu))

    def export(self, kind: str) -> None:
        """Write png, svg or json."""
        self._desk.spawn(self._export(kind))

    async def _export(self, kind: str) -> None:
        image = self._view.image
        if image is None:
            return
        name = slug(image.name or "image", "image")
        path = await pick_new_file(
            self._desk.window, f"Export as {kind.upper()}", f"{name}.{kind}", (f"{kind.upper()} (*.{kind})",)
        )
        if path is None:
            return

        async def work(job: Job) -> None:
            job.progress("Drawing" if kind != "json" else "Writing down the analysis")
            data = await self._data(kind, image)
            job.progress("Writing")
            await self._desk.blocking(write_whole, path, data)
            job.summary = format_bytes(len(data))

        await self._desk.job(f"Export {visible(path.name, 60)}", "read", work)
        self._desk.notify("good", f"{visible(path.name, 100)} is written.", visible(str(path.parent), 300))

    async def _data(self, kind: str, image: Image) -> bytes:
        if kind == "json":
            return await self._desk.blocking(analysis_json, image)
        picture, size = self._pane.map.picture, self._pane.map.size()
        if picture is None:
            return b""
        caption = caption_of(self._view)
        return treemap_svg(picture, size, caption) if kind == "svg" else treemap_png(picture, size, caption)


def caption_of(view: ImageView) -> Caption:
    """Say what the map shows: the image, the folder, what narrows it, and what its colours mean."""
    image, shown, coloring = view.image, view.shown, view.coloring
    if image is None or shown is None or coloring is None:
        return Caption("Treemap")
    parts = [image.name or "image"]
    if view.root != ROOT:
        parts.append(image.table.path(view.root))
    parts += [*narrowed(view.wanted, view.root, image), format_bytes(shown.weight[view.root])]
    return Caption(
        visible(", ".join(parts), 160), coloring.legend, bool(image.shadowed and view.wanted.shadowed)
    )


def treemap_png(picture: Picture, size: QSize, caption: Caption) -> bytes:
    """Return the map with its caption as PNG, at twice its size on screen; `size` is the map's alone."""
    pens = Pens()
    marks, below = legend_marks(caption, size.width(), TITLE_HEIGHT + size.height() + 8, pens)
    whole = QSize(size.width(), TITLE_HEIGHT + size.height() + (below + 8 if below else 0))
    image = QImage(whole * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    theme = current()
    image.fill(theme.color("s1"))
    painter = QPainter(image)
    middle = int(Qt.AlignmentFlag.AlignVCenter)
    painter.setPen(theme.color("text"))
    painter.setFont(font("section"))
    painter.drawText(QRect(SIDE, 0, size.width() - 2 * SIDE, TITLE_HEIGHT), middle, caption.title)
    painter.drawImage(QPointF(0, TITLE_HEIGHT), render(picture, size, _SCALE))
    painter.setFont(font("small"))
    for mark in marks:
        fill = brush_of(("base", 2), shadowed=True) if mark.paint is None else tile_color(mark.paint)
        painter.fillRect(QRect(mark.x, mark.y + 4, _SWATCH, _SWATCH), fill)
        painter.drawText(QRect(mark.x + _SWATCH + 6, mark.y, size.width(), 20), middle, mark.word)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())


def analysis_json(image: Image) -> bytes:
    """Return what `slimdesk analyze --json` prints."""
    import json

    from slimdesk.image.findings import findings
    from slimdesk.image.summary import image_json

    whole = {"schema": 1, **image_json(image, findings(image))}
    return (json.dumps(whole, indent=2, allow_nan=False) + "\n").encode("ascii")
