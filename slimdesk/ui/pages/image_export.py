"""What can be taken away from the Image page: the treemap as a picture, the analysis as JSON."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QRect, QSize
from PySide6.QtGui import QPainter, QPixmap

from slimdesk.image.findings import findings
from slimdesk.image.model import Image
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.treemap_paint import Picture, paint_tiles

_SCALE = 2.0


def treemap_png(picture: Picture, size: QSize) -> bytes:
    """Return the map as PNG, at twice its size on screen."""
    pixmap = QPixmap(size * _SCALE)
    pixmap.setDevicePixelRatio(_SCALE)
    pixmap.fill(current().color("s1"))
    painter = QPainter(pixmap)
    paint_tiles(painter, picture)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pixmap.save(buffer, "PNG")
    return bytes(buffer.data().data())


def treemap_svg(picture: Picture, size: QSize, title: str) -> bytes:
    """Return the map as SVG."""
    from PySide6.QtSvg import QSvgGenerator

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    painter = QPainter(generator)
    painter.fillRect(QRect(0, 0, size.width(), size.height()), current().color("s1"))
    paint_tiles(painter, picture)
    painter.end()
    return bytes(buffer.data().data())


def analysis_json(image: Image) -> bytes:
    """Return what `slimdesk analyze --json` prints."""
    import json

    from slimdesk.image.summary import image_json

    whole = {"schema": 1, **image_json(image, findings(image))}
    return (json.dumps(whole, indent=2, allow_nan=False) + "\n").encode("ascii")
