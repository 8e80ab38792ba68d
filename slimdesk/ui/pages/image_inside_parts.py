"""What the window of one file shows beside its text and bytes: a picture, what a program needs, what an archive holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, format_bytes, format_exact, plural
from slimdesk.image.elf_summary import ElfSummary
from slimdesk.image.listing import Member
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.image_lines import Line, line_table
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.cells import CellDelegate
from slimdesk.ui.widgets.table import Table

_MOST_DECODED = 256  # MiB
_LONGEST = 2400
# What the window takes at once of a very long line; Qt lays a line out as a whole.
_LINE = 2000
_SLICE_LINES = 4000
_SLICE_LETTERS = 100_000


def program_table() -> tuple[Table, Rows[Line]]:
    """Return a table of what is known of a program, and its model."""
    return line_table("Program", "What", 190)


def archive_table() -> tuple[Table, Rows[Member]]:
    """Return a table of what an archive holds, and its model."""
    rows: Rows[Member] = Rows(
        [
            Column("name", "Name", lambda one: one.name, width=400, grows=True, font="mono"),
            Column(
                "size", "Size", lambda one: format_bytes(one.size), sort=lambda one: one.size, right=True, width=90,
                tip="Bytes of the file, unpacked", cell_tip=lambda one: format_exact(one.size),
            ),
            Column(
                "stored", "Stored", lambda one: format_bytes(one.stored), sort=lambda one: one.stored, right=True,
                width=90, tip="Bytes that it takes in the archive; – where nothing says it",
            ),
        ]
    )  # fmt: skip
    table = Table("Files of the archive", rows)
    table.setItemDelegate(CellDelegate(table))
    return table, rows


def program_lines(found: ElfSummary) -> Sequence[Line]:
    """Return a program's summary in words, made harmless."""

    def shown(text: str | None) -> str:
        return visible(text, 400) if text else UNKNOWN

    linking = "static: it needs no library"
    if found.linked and found.needed:
        linking = "dynamic"
    elif found.linked:
        linking = "static, at any address" if not found.interpreter else "dynamic, but needs no library"
    lines = [
        Line("Kind", found.kind),
        Line(
            "Architecture",
            f"{visible(found.architecture, 40)}, {found.bits} bits",
            "As image platforms name it",
        ),
        Line("Linking", linking),
        Line("Loader", shown(found.interpreter), "The program that loads it and its libraries (PT_INTERP)"),
    ]
    lines += [
        Line("Needs", shown(name), "A library that must be there (DT_NEEDED)") for name in found.needed[:200]
    ]
    if len(found.needed) > 200:
        lines.append(Line("Needs", plural(len(found.needed) - 200, "more library", "more libraries")))
    if found.soname:
        lines.append(Line("Own name", shown(found.soname), "What other programs ask for (DT_SONAME)"))
    for name, folders in (("Looked for in", found.run_path), ("Looked for first in", found.old_run_path)):
        if folders:
            lines.append(
                Line(name, visible(":".join(folders), 400), "Folders of libraries that it brings along")
            )
    if found.glibc:
        lines.append(Line("glibc", f"{found.glibc} or later", "The newest version of glibc that it asks for"))
    if found.go:
        lines.append(Line("Built by", visible(found.go, 80), "Go's build information"))
    if found.go_module:
        lines.append(Line("Go package", shown(found.go_module)))
    symbols = (
        "stripped" if found.stripped else f"{format_bytes(found.symbol_bytes)} (`strip` leaves them out)"
    )
    lines.append(Line("Symbols", symbols, "Names for debuggers; the program runs without them"))
    debug = format_bytes(found.debug_bytes) if found.debug_bytes else "none"
    lines.append(Line("Debug information", debug, "Sections that only debuggers read"))
    if found.build_id:
        lines.append(Line("Build ID", shown(found.build_id)))
    return lines


class Picture(QWidget):
    """A picture, as large as there is room for, never larger than it is."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Picture")
        self._image = QImage()

    def show_image(self, image: QImage, words: str) -> None:
        """Show it; `words` say for a screen reader what it is."""
        self._image = image
        self.setAccessibleDescription(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it on a chequered ground, so that what is transparent shows."""
        painter = QPainter(self)
        theme = current()
        painter.fillRect(event.rect(), theme.color("s2"))
        if not self._image.isNull():
            room = self.size() - QSize(32, 32)
            size = self._image.size()
            if size.width() > room.width() or size.height() > room.height():
                size.scale(room, Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
            cell = 8
            for row in range(-(-size.height() // cell)):
                for column in range(-(-size.width() // cell)):
                    high = min(cell, size.height() - row * cell)
                    wide = min(cell, size.width() - column * cell)
                    tone = theme.color("s1" if (row + column) % 2 else "s3")
                    painter.fillRect(left + column * cell, top + row * cell, wide, high, tone)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(
                self.rect().adjusted(
                    left, top, left + size.width() - self.width(), top + size.height() - self.height()
                ),
                self._image,
            )
        painter.end()


def decoded(data: bytes) -> QImage:
    """Return a picture, at most some thousand pixels wide; a null one if it cannot be decoded. Blocking, for a thread."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    reader.setAllocationLimit(_MOST_DECODED)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > _LONGEST:
        size.scale(QSize(_LONGEST, _LONGEST), Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(size)
    return reader.read()


def short_lines(text: str) -> tuple[str, bool]:
    """Return text whose lines a window can lay out, and whether any had to be broken for that."""
    if all(len(line) <= _LINE for line in text.split("\n")):
        return text, False
    pieces = []
    for line in text.split("\n"):
        pieces += [line[at : at + _LINE] for at in range(0, max(1, len(line)), _LINE)]
    return "\n".join(pieces), True


def slices(text: str) -> list[str]:
    """Divide text at ends of lines into pieces that Qt lays out within some 30 ms each; joined they are the text."""
    pieces: list[str] = []
    start = 0
    while start < len(text):
        stop = min(len(text), start + _SLICE_LETTERS)
        lines = text.count("\n", start, stop)
        if lines > _SLICE_LINES:
            stop = start + len("\n".join(text[start:stop].split("\n", _SLICE_LINES)[:_SLICE_LINES])) + 1
        elif stop < len(text):
            # At least to the end of a line, so that no line is laid out twice.
            stop = text.rfind("\n", start, stop) + 1 or stop
        stop = max(stop, start + 1)
        pieces.append(text[start:stop])
        start = stop
    return pieces or [""]
