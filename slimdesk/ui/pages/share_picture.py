"""Before and after as a picture: seen first, then copied or saved as PNG or SVG, or copied as a line of Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QImageWriter,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QDialog, QWidget

from slimdesk.basics.escaping import slug, visible
from slimdesk.basics.files import write_whole
from slimdesk.image.compare import Side
from slimdesk.report.model import Report, Subject
from slimdesk.report.palette import Palette, palette
from slimdesk.report.picture import Box, Picture, markdown_line, picture, svg
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished, pick_new_file
from slimdesk.ui.pages.report_of_pages import compared_report
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.buttons import Button, PrimaryButton, SegmentedSwitch
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.text import Text
from slimdesk.workspace.workspace import OpenedImage

TITLE = "Copy as picture"
_SCALE = 2.0


async def share_picture(desk: Desk, report: Report, taken: Subject) -> None:
    """Show the picture of the reference and `taken`; both must have a size."""
    await finished(PictureDialog(desk, report, taken))


async def share_compared(desk: Desk, opened: Sequence[OpenedImage], sides: Sequence[Side]) -> None:
    """Show the picture of two compared images, the first as the reference."""
    report = await compared_report(desk.workspace, opened, sides, None)
    if report is None or not all(report.size_of(one) for one in report.subjects):
        kind = desk.workspace.current_size
        desk.notify("info", f"The {kind} size of one of the images is not known.", "Choose another size.")
        return
    await share_picture(desk, report, report.subjects[1])


class PictureDialog(QDialog):
    """Copies and saves; there is nothing to accept."""

    def __init__(self, desk: Desk, report: Report, taken: Subject) -> None:
        super().__init__(desk.window)
        self._desk = desk
        self._closed = False
        self.finished.connect(self._gone)
        self._name = slug(f"{report.component or report.reference.name}-{taken.name}", "before-and-after")
        self.drawn = picture(report, taken)
        self.line = markdown_line(report, taken)
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self.theme = SegmentedSwitch(
            "Colours", [("light", "Light"), ("dark", "Dark")], "dark" if current().dark else "light"
        )
        self.theme.chosen.connect(self._recolour)
        self.view = PictureView(self.drawn, self.colors)
        self.note = Text("", "small", "text2")
        self.copy_png = PrimaryButton("Copy picture", "copy", self._copy_png)
        self.copy_line = Button("Copy as Markdown", "copy", self._copy_line)
        self.save_png = Button("Save PNG…", "floppy-disk", lambda: desk.spawn(self._save("png")))
        self.save_svg = Button("Save SVG…", "floppy-disk", lambda: desk.spawn(self._save("svg")))
        words = Text(self.line, "mono", "text2", wrap=True)
        words.setAccessibleName("The same as Markdown")
        whole = column(
            panel(row(Text(TITLE, "section"), 1, self.theme, margins=(20, 12, 20, 12))),
            line(),
            column(self.view, words, margins=(20, 14, 20, 10), spacing=12),
            line(),
            row(
                self.note, 1, Button("Close", clicked=self.reject), self.copy_line, self.save_svg, self.save_png,
                self.copy_png, margins=(20, 10, 20, 14),
            ),
            spacing=0,
        )  # fmt: skip
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self.resize(min(880, desk.window.width()), min(560, desk.window.height()))

    @property
    def colors(self) -> Palette:
        """The colours of the picture: it may be for a place that is not as dark as this window."""
        return palette("dark" if self.theme.value == "dark" else "light")

    def png(self) -> bytes:
        """Return the picture as PNG, at twice its size."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, b"png").write(painted(self.drawn, self.colors, _SCALE))
        return bytes(buffer.data().data())

    def _gone(self, _code: int) -> None:
        # A file may still be written; its end has no words here any more.
        self._closed = True

    def _recolour(self, _key: str) -> None:
        self.view.show_colors(self.colors)

    def _copy_png(self) -> None:
        data = QMimeData()
        data.setImageData(painted(self.drawn, self.colors, _SCALE))
        data.setText(self.line)
        QGuiApplication.clipboard().setMimeData(data)
        self.note.setText("The picture is copied")

    def _copy_line(self) -> None:
        QGuiApplication.clipboard().setText(self.line)
        self.note.setText("The line is copied")

    async def _save(self, kind: str) -> None:
        path = await pick_new_file(self, TITLE, f"{self._name}.{kind}", (f"{kind.upper()} (*.{kind})",))
        if path is None:
            return
        data = self.png() if kind == "png" else svg(self.drawn, self.colors)
        await self._desk.blocking(write_whole, path, data)
        if not self._closed:
            self.note.setText(f"{visible(path.name, 60)} is written")


class PictureView(QWidget):
    """The picture, as large as there is room."""

    def __init__(self, drawn: Picture, colors: Palette) -> None:
        super().__init__()
        self._drawn = drawn
        self._colors = colors
        self.setAccessibleName(f"Before and after: {drawn.words}")
        self.setMinimumSize(480, 480 * drawn.height // drawn.width)

    def show_colors(self, colors: Palette) -> None:
        """Show it in other colours."""
        self._colors = colors
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As it is drawn."""
        return QSize(self._drawn.width, self._drawn.height)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the middle."""
        scale = min(self.width() / self._drawn.width, self.height() / self._drawn.height)
        painter = QPainter(self)
        painter.translate(
            (self.width() - self._drawn.width * scale) / 2, (self.height() - self._drawn.height * scale) / 2
        )
        painter.scale(scale, scale)
        paint(painter, self._drawn, self._colors)
        painter.end()


def painted(drawn: Picture, colors: Palette, scale: float) -> QImage:
    """Return the picture as an image, `scale` times its size."""
    image = QImage(QSize(round(drawn.width * scale), round(drawn.height * scale)), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(scale, scale)
    paint(painter, drawn, colors)
    painter.end()
    return image


def paint(painter: QPainter, drawn: Picture, colors: Palette) -> None:
    """Draw the shapes."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for shape in drawn.shapes:
        color = QColor(colors[shape.color])
        if isinstance(shape, Box):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(
                QRectF(shape.x, shape.y, shape.width, shape.height), shape.radius, shape.radius
            )
            continue
        font = QFont(QGuiApplication.font())
        font.setPixelSize(shape.size)
        font.setWeight(QFont.Weight.DemiBold if shape.bold else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(color)
        metrics = QFontMetricsF(font)
        text = (
            metrics.elidedText(shape.text, Qt.TextElideMode.ElideRight, drawn.width - shape.x - 20)
            if shape.anchor == "start"
            else shape.text
        )
        x = shape.x - metrics.horizontalAdvance(text) if shape.anchor == "end" else shape.x
        painter.drawText(QPointF(x, shape.y), text)
