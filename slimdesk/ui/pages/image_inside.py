"""A window on one file of an image: its text, its bytes, its picture, what it needs to run, what it holds. It is not modal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence, QShortcut, QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLineEdit, QStackedWidget, QWidget
from shiboken6 import isValid

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes, format_exact, plural
from slimdesk.image.inside import Version, file_at, versions
from slimdesk.image.model import Image
from slimdesk.operations.look_inside import WINDOW, FileLook, look_inside
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.image_inside_parts import (
    Picture,
    archive_table,
    decoded,
    program_lines,
    program_table,
    short_lines,
    slices,
)
from slimdesk.ui.pages.image_inside_save import Running, engine_of, open_save
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import Button, IconButton
from slimdesk.ui.widgets.code_view import CodeView, Span, colours
from slimdesk.ui.widgets.headers import TabBar
from slimdesk.ui.widgets.hex_view import HexView
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.text import Elided, Text
from slimdesk.workspace.workspace import OpenedImage

__all__ = ["InsideWindow", "open_look_inside", "open_save"]

_SIZE = (940, 680)
_STEP = 28
_MOST_WINDOWS = 12
# So many letters are coloured within a frame or two.
_MOST_COLOURED = 40_000
_TABS = (
    ("text", "Text"),
    ("hex", "Hex"),
    ("picture", "Picture"),
    ("program", "Program"),
    ("archive", "Archive"),
)


def open_look_inside(
    desk: Desk, opened: OpenedImage, path: str, layer: int | None = None
) -> InsideWindow | None:
    """Open a window on a file of the image; `layer`: the copy that this layer brought. A notice says what is no file."""
    image = opened.image
    if image is None:
        return None
    try:
        node = file_at(image.table, path, layer)
    except SlimDeskError as error:
        desk.fail(error)
        return None
    there = [
        one for one in QApplication.topLevelWidgets() if isinstance(one, InsideWindow) and one.isVisible()
    ]
    if len(there) >= _MOST_WINDOWS:
        there[0].close()
    window = InsideWindow(desk, opened, image, node)
    window.resize(*_SIZE)
    middle = desk.window.frameGeometry().center() - window.rect().center()
    window.move(middle.x() + _STEP * (len(there) % 6), middle.y() + _STEP * (len(there) % 6))
    window.show()
    return window


class InsideWindow(QDialog):
    """One file; which copy of it can be changed."""

    def __init__(self, desk: Desk, opened: OpenedImage, image: Image, node: int) -> None:
        super().__init__(desk.window, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._opened, self._image, self._node = desk, opened, image, node
        self._look: FileLook | None = None
        self.running = Running()
        self._text = ""
        self.path = image.table.path(node)
        name = visible(self.path.rpartition("/")[2], 80)
        self.setWindowTitle(f"{name} – {visible(image.name or image.location, 80)}")
        self.setAccessibleName(f"Look inside {name}")
        self._build()
        self._shortcuts()
        self.destroyed.connect(self.running.stop)
        self._read(0)

    def _build(self) -> None:
        self.title = Elided(visible(self.path), "mono_strong", mode=Qt.TextElideMode.ElideMiddle)
        self.facts = Elided("", "small", "text2")
        self.copies = QComboBox()
        self.copies.setAccessibleName("Which copy of the file")
        self.copies.setToolTip("A later layer may overwrite a file; each copy is still in the image")
        self._fill_copies()
        self.save = Button("Save…", "download-simple", self._save, tip="Save this file (Ctrl+S)")
        self.copy = Button("Copy", "copy", self._copy, tip="Copy what is chosen, or the whole text (Ctrl+C)")
        head = row(
            column(self.title, self.facts, spacing=2),
            self.copies,
            self.copy,
            self.save,
            margins=(16, 10, 12, 8),
        )
        head.setStretch(0, 1)
        self.tabs = TabBar("What is shown", _TABS)
        self.tabs.chosen.connect(self._show_tab)
        self.search = QLineEdit()
        self.search.setAccessibleName("Search in the file")
        self.search.setPlaceholderText("Search (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("magnifying-glass"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMaximumWidth(260)
        self.search.returnPressed.connect(self.find_next)
        self.found = Text("", "small", "warn")
        self.found.hide()
        self.before = IconButton(
            "caret-up", "Find the one before (Shift+F3)", lambda: self.find_next(back=True)
        )
        self.after = IconButton("caret-down", "Find the next (F3)", self.find_next)
        bar = row(
            self.tabs, self.found, self.search, self.before, self.after, margins=(0, 0, 12, 0), spacing=4
        )
        bar.setStretch(0, 1)
        self.text = CodeView("Text of the file")
        self.text.setUndoRedoEnabled(False)
        self.hex = HexView("Bytes of the file")
        self.picture = Picture()
        self.program, self._program_rows = program_table()
        self.archive, self._archive_rows = archive_table()
        self.note = Text("", "body", "text2", wrap=True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._again = Button("Try again", "arrow-clockwise", lambda: self._read(0))
        nothing = QWidget()
        nothing.setLayout(column(1, self.note, row(1, self._again, 1), 1, margins=40, spacing=12))
        self._stack = QStackedWidget()
        self._nothing = nothing
        self._views = dict(
            zip(
                ("text", "hex", "picture", "program", "archive"),
                (self.text, self.hex, self.picture, self.program, self.archive),
                strict=True,
            )
        )
        for view in (nothing, *self._views.values()):
            self._stack.addWidget(view)
        self.where = Elided("", "small", "text2")
        self.back = Button("Part before", "arrow-left", lambda: self._turn(-1), kind="flat")
        self.on = Button("Next part", "arrow-right", lambda: self._turn(1), kind="flat")
        foot = row(self.where, self.back, self.on, margins=(16, 4, 12, 4))
        foot.setStretch(0, 1)
        self._foot = panel(foot, "bar", "top")
        body = column(panel(head, "bar"), line(), panel(bar), line(), self._stack, self._foot, spacing=0)
        body.setStretch(4, 1)
        self.setLayout(body)

    def _shortcuts(self) -> None:
        for keys, act in (
            (QKeySequence.StandardKey.Find, self._go_search),
            (QKeySequence.StandardKey.FindNext, self.find_next),
            (QKeySequence.StandardKey.FindPrevious, lambda: self.find_next(back=True)),
            (QKeySequence.StandardKey.Save, self._save),
            (QKeySequence.StandardKey.Close, self.close),
        ):
            # Some of these have other keys on other systems, and some systems have none.
            for sequence in QKeySequence.keyBindings(keys):
                QShortcut(sequence, self, act)

    # Reading

    def _read(self, start: int) -> None:
        self.running.stop()
        self.note.setText("Reading…")
        self._again.hide()
        if self._look is None:
            self._stack.setCurrentWidget(self._nothing)
        self.running.task = self._desk.spawn(self._load(self._node, start))

    async def _load(self, node: int, start: int) -> None:
        table = self._image.table
        layer = table.layer[node] if table.hidden_by[node] >= 0 else None

        async def work(job: Job) -> FileLook:
            self.running.job = job
            job.observe(self._tell_progress)
            async with engine_of(self._desk, self._image) as engine:
                return await look_inside(
                    self._image, table.path(node), layer=layer, start=start, engine=engine, reporter=job
                )

        try:
            name = visible(self.path.rpartition("/")[2], 40)
            look = await self._desk.job(f"Look inside {name}", "read", work)
            spans: list[Span] = []
            picture = QImage()
            if look.text is not None and len(look.text.text) <= _MOST_COLOURED:
                spans = await self._desk.blocking(colours, look.text.text, self.path.rpartition("/")[2])
            if look.picture_data:
                picture = await self._desk.blocking(decoded, look.picture_data)
        except SlimDeskError as error:
            self._failed(error)
            return
        self.running.job = None
        await self._fill(look, self._show(look, spans, picture))

    async def _fill(self, look: FileLook, rest: Sequence[str]) -> None:
        """Append what is left of a text, piece by piece, so that the window answers in between."""
        for piece in rest:
            await asyncio.sleep(0)
            if self._look is not look or not isValid(self):
                return
            cursor = QTextCursor(self.text.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(piece)

    def _tell_progress(self, job: Job) -> None:
        """Say how much was read: of a hidden copy an engine sends the whole image."""
        hidden = self._image.source == "engine" and self._image.table.hidden_by[self._node] >= 0
        if not job.state.ended and job.current.done and isValid(self):
            whole = " The engine sends the whole image for a copy that is hidden." if hidden else ""
            self.note.setText(f"Reading… {format_bytes(job.current.done)}.{whole}")

    def _failed(self, error: SlimDeskError) -> None:
        self.running.job = None
        self.note.setText(visible(str(error), 600))
        self._again.show()
        self._stack.setCurrentWidget(self._nothing)

    # Showing

    def _show(self, look: FileLook, spans: list[Span], picture: QImage) -> Sequence[str]:
        """Show a file; returns the pieces of its text that are still to be appended."""
        self._look = look
        broken = False
        self._text = ""
        if look.text is not None:
            self._text, broken = short_lines(look.text.text)
        first, *rest = slices(self._text)
        self.text.show_text(first, None)
        self.text.show_colours([] if broken else spans)
        self.hex.show_bytes(look.data, look.start)
        if not look.start:
            size = look.picture
            words = f"{size.form.upper()}, {size.width} × {size.height} pixels" if size else ""
            self.picture.show_image(picture, words)
            self._program_rows.show_rows(list(program_lines(look.program)) if look.program else [])
            self._archive_rows.show_rows(list(look.listing.members) if look.listing else [])
            self.tabs.allow("picture", not picture.isNull(), _no_picture(look))
            self.tabs.allow("program", look.program is not None, "This is no program or library (ELF)")
            self.tabs.allow("archive", look.listing is not None, "This is no zip, jar or tar")
            self.tabs.count("archive", len(look.listing.members) if look.listing else None)
        self.tabs.allow("text", look.text is not None, "These bytes are no text")
        if not look.start:
            self.tabs.choose(_first(look, picture))
        elif look.text is None and self.tabs.value == "text":
            self.tabs.choose("hex")
        self._show_tab(self.tabs.value)
        self._tell_facts(look, broken=broken)
        self._tell_part(look)
        return rest

    def _tell_facts(self, look: FileLook, *, broken: bool) -> None:
        facts = [format_bytes(look.size), f"mode {look.mode:04o}", f"from layer {look.layer}"]
        if look.text is not None and look.size:
            facts.append(look.text.encoding)
            if look.text.line_ends not in ("none", "LF"):
                facts.append(f"lines end with {look.text.line_ends}")
            if look.text.controls:
                facts.append(
                    plural(
                        look.text.controls,
                        "control character shown as a sign",
                        "control characters shown as signs",
                    )
                )
            if broken:
                facts.append("long lines are shown in pieces")
        if look.picture is not None:
            facts.append(f"{look.picture.form.upper()}, {look.picture.width} × {look.picture.height} pixels")
        if look.listing is not None:
            more = " and more" if look.listing.more else ""
            facts.append(f"{look.listing.form} of {plural(len(look.listing.members), 'file')}{more}")
            if look.listing.note:
                facts.append(visible(look.listing.note, 200))
        if look.note:
            facts.append(look.note)
        self.facts.setText(", ".join(facts))
        self.facts.setToolTip(f"{format_exact(look.size)}. {self.facts.text()}")

    def _tell_part(self, look: FileLook) -> None:
        stop = look.start + len(look.data)
        self._show_foot()
        self.where.setText(
            f"Bytes {format_exact(look.start).removesuffix(' bytes').removesuffix(' byte')} to {format_exact(stop)}, of {format_exact(look.size)}"
        )
        self.back.allow(look.start > 0, "this is the first part")
        self.on.allow(stop < look.size, "this is the last part")

    def _show_foot(self) -> None:
        # The other tabs are of the whole file.
        parted = self._look is not None and self._look.size > WINDOW
        self._foot.setVisible(parted and self.tabs.value in ("text", "hex"))

    def _turn(self, by: int) -> None:
        if self._look is not None:
            self._read(max(0, min(self._look.start + by * WINDOW, (self._look.size - 1) // WINDOW * WINDOW)))

    def _show_tab(self, key: str) -> None:
        if self._look is None:
            return
        self._stack.setCurrentWidget(self._views[key])
        self._show_foot()
        searched = key in ("text", "hex")
        for one in (self.search, self.before, self.after):
            one.setEnabled(searched)
        self._say_found("")

    def _fill_copies(self) -> None:
        found = versions(self._image.table, self.path)
        self.copies.setVisible(len(found) > 1)
        for one in found:
            self.copies.addItem(_copy_words(one), one.node)
            if one.node == self._node:
                self.copies.setCurrentIndex(self.copies.count() - 1)
        self.copies.activated.connect(self._choose_copy)

    def _choose_copy(self, index: int) -> None:
        node = self.copies.itemData(index)
        if isinstance(node, int) and node != self._node:
            self._node = node
            self._look = None
            self._read(0)

    # Acting

    def _go_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def find_next(self, *, back: bool = False) -> None:
        """Go to the next place of what is searched, from the other end when there is none."""
        wanted = self.search.text()
        if not wanted or self._look is None:
            return
        if self.tabs.value == "hex":
            there = any(self.hex.search(data, back=back) for data in _searched(wanted))
        else:
            flag = QTextDocument.FindFlag.FindBackward if back else QTextDocument.FindFlag(0)
            there = self.text.find(wanted, flag)
            if not there:
                cursor = self.text.textCursor()
                move = cursor.MoveOperation.End if back else cursor.MoveOperation.Start
                again = self.text.textCursor()
                again.movePosition(move)
                self.text.setTextCursor(again)
                there = self.text.find(wanted, flag)
                if not there:
                    self.text.setTextCursor(cursor)
        part = " in this part" if self._look.size > WINDOW else ""
        self._say_found("" if there else f"Not found{part}")

    def _say_found(self, words: str) -> None:
        self.found.setText(words)
        self.found.setVisible(bool(words))

    def _copy(self) -> None:
        if self.tabs.value == "hex":
            self.hex.copy()
        elif self.tabs.value == "text":
            chosen = self.text.textCursor().selectedText().replace("\u2029", "\n")
            QGuiApplication.clipboard().setText(chosen or self._text)
        elif self.tabs.value == "picture" and self._look is not None:
            QGuiApplication.clipboard().setImage(decoded(self._look.picture_data))
        else:
            rows = self._program_rows.rows if self.tabs.value == "program" else self._archive_rows.rows
            text = "\n".join("\t".join(map(str, _cells(one))) for one in rows)
            QGuiApplication.clipboard().setText(text)

    def _save(self) -> None:
        table = self._image.table
        layer = table.layer[self._node] if table.hidden_by[self._node] >= 0 else None
        open_save(self._desk, self._opened, table.path(self._node), layer, parent=self)


def _first(look: FileLook, picture: QImage) -> str:
    if not picture.isNull():
        return "picture"
    if look.program is not None:
        return "program"
    if look.listing is not None:
        return "archive"
    return "text" if look.text is not None else "hex"


def _no_picture(look: FileLook) -> str:
    if look.picture is None:
        return "This is no picture (PNG, JPEG, GIF, BMP, ICO, WebP)"
    if look.picture.too_large:
        return f"{look.picture.width} × {look.picture.height} pixels are too many to be shown here"
    return "The picture cannot be decoded"


def _copy_words(one: Version) -> str:
    hidden = "" if one.hidden_by is None else f", hidden by layer {one.hidden_by}"
    return f"Layer {one.layer}, {format_bytes(one.size)}{hidden}"


def _searched(words: str) -> list[bytes]:
    """Return what bytes may be meant: digits in pairs as bytes, anything as letters."""
    found = [words.encode()]
    digits = words.replace(" ", "").removeprefix("0x")
    if len(digits) >= 2 and len(digits) % 2 == 0:
        try:
            found.append(bytes.fromhex(digits))
        except ValueError:
            return found
    return found


def _cells(one: object) -> tuple[object, ...]:
    return tuple(getattr(one, name) for name in ("name", "value", "size") if hasattr(one, name))
