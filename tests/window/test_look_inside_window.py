"""The window on one file of an image: text, bytes, programs, archives, copies, search, saving."""

import io
import struct
import zipfile
import zlib

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from shiboken6 import isValid
from unit.image.images import Picture, layer, old_save
from window.test_accessible_names import nameless

from slimdesk.image.read import Wanted, read_path
from slimdesk.operations import look_inside, save_files
from slimdesk.ui.pages import image_inside, image_inside_parts, image_inside_save
from slimdesk.ui.pages.image_inside import open_look_inside, open_save
from slimdesk.workspace.workspace import OpenedImage


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff\0\0" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def jar():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("META-INF/MANIFEST.MF", "Main-Class: App\n")
        file.writestr("App.class", b"\xca\xfe" * 40)
    return buffer.getvalue()


ONE = layer(
    [
        ("app/main.py", b"# greet\nprint('hello')\n" + b"x = 1\n" * 40 + b"print('hello')\n"),
        ("app/raw", bytes(range(256)) * 8),
        ("app/logo.png", png(40, 20)),
        ("app/huge.png", png(40, 20).replace(struct.pack(">II", 40, 20), struct.pack(">II", 60_000, 60_000))),
        ("app/app.jar", jar()),
        ("app/long.log", b"line of a log\n" * 80_000),
        ("app/link", "->main.py"),
    ]
)
TWO = layer([("app/main.py", b"print('new')\r\n\x1b[31m")])


@pytest.fixture(autouse=True)
def in_place(monkeypatch):
    """What a worker would do is done here: its start is tested elsewhere, and takes half a second."""

    async def here(what, work, *arguments, reporter=None):
        return work(lambda *_: None, *arguments)

    monkeypatch.setattr(look_inside, "in_worker", here)
    monkeypatch.setattr(save_files, "in_worker", here)


@pytest.fixture
def opened(tmp_path):
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([ONE, TWO])]))
    return OpenedImage(str(path), read_path(path, Wanted(fast=True)))


@pytest.fixture
async def inside(window, opened, settled):
    made = []

    async def open_(path, layer=None):
        one = open_look_inside(window.desk, opened, path, layer)
        made.append(one)
        await settled(lambda: one._look is not None)
        return one

    yield open_
    for one in made:
        if isValid(one):
            one.close()


async def test_a_text_is_shown_searched_and_copied(inside):
    one = await inside("/app/main.py", 0)
    assert one.tabs.value == "text"
    assert one.text.toPlainText().startswith("# greet\nprint")
    assert "ASCII" in one.facts.text()
    one.search.setText("hello")
    QTest.keyClick(one.search, Qt.Key.Key_Return)
    first = one.text.textCursor().position()
    assert one.text.textCursor().selectedText() == "hello"
    one.find_next()
    assert one.text.textCursor().position() > first
    one.find_next()
    assert one.text.textCursor().position() == first
    one.copy.click()
    assert QGuiApplication.clipboard().text() == "hello"
    one.search.setText("nowhere")
    one.find_next()
    assert one.found.text() == "Not found"


async def test_the_copies_of_a_file_can_be_compared(inside, settled):
    one = await inside("/app/main.py")
    assert one.text.toPlainText() == "print('new')\n\u241b[31m"
    assert "CRLF" in one.facts.text()
    assert "1 control character" in one.facts.text()
    assert [one.copies.itemText(index) for index in range(one.copies.count())] == [
        "Layer 0, 278\u2009B, hidden by layer 1",
        "Layer 1, 19\u2009B",
    ]
    one.copies.setCurrentIndex(0)
    one.copies.activated.emit(0)
    await settled(lambda: one._look is not None)
    assert one.text.toPlainText().startswith("# greet")


async def test_bytes_are_shown_chosen_searched_and_copied(inside):
    one = await inside("/app/raw")
    assert one.tabs.value == "hex"
    assert not one.tabs._bar.isTabEnabled(0)
    assert one.hex.row_text(4).startswith("0000000040  40 41 42 43 44 45 46 47  48")
    assert one.hex.row_text(4).endswith("@ABCDEFGHIJKLMNO")
    one.search.setText("fe ff 00")
    one.find_next()
    assert one.hex.chosen == (254, 257)
    one.find_next()
    assert one.hex.chosen == (510, 513)
    one.find_next(back=True)
    assert one.hex.chosen == (254, 257)
    QTest.keyClick(one.hex, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    one.copy.click()
    assert QGuiApplication.clipboard().text() == "fe ff 00 01"
    QTest.keyClick(one.hex, Qt.Key.Key_End)
    assert one.hex.chosen == (2047, 2048)


async def test_a_picture_is_shown_and_one_that_would_fill_the_memory_is_not(inside):
    one = await inside("/app/logo.png")
    assert one.tabs.value == "picture"
    assert "PNG, 40 × 20 pixels" in one.facts.text()
    one.grab()
    other = await inside("/app/huge.png")
    assert other.tabs.value == "hex"
    assert "too many" in other.tabs._bar.tabToolTip(2)


async def test_an_archive_is_listed(inside):
    one = await inside("/app/app.jar")
    assert one.tabs.value == "archive"
    assert [row.name for row in one._archive_rows.rows] == ["META-INF/MANIFEST.MF", "App.class"]
    assert "zip of 2\u2009files" in one.facts.text() or "zip of 2 files" in one.facts.text()


async def test_a_long_file_is_read_part_by_part(inside, settled):
    one = await inside("/app/long.log")
    assert one._foot.isVisible()
    assert not one.back.isEnabled()
    one.on.click()
    await settled(lambda: one._look.start == look_inside.WINDOW)
    assert one.hex.row_text(0).startswith(f"{look_inside.WINDOW:010x}")
    one.on.click()
    await settled(lambda: one._look.start == 2 * look_inside.WINDOW)
    assert not one.on.isEnabled()
    assert one._look.start + len(one._look.data) == one._look.size


async def test_keys_search_save_and_copy(inside, monkeypatch, settled):
    saved = []
    monkeypatch.setattr(image_inside, "open_save", lambda *words, **_: saved.append(words[2]))
    one = await inside("/app/app.jar")
    one.activateWindow()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(one, Qt.Key.Key_S, control)
    await settled(lambda: saved == ["/app/app.jar"])
    one.copy.click()
    assert QGuiApplication.clipboard().text().splitlines()[0].startswith("META-INF/MANIFEST.MF\t")
    assert not one.search.isEnabled()
    one.tabs.choose("hex")
    one._show_tab("hex")
    QTest.keyClick(one, Qt.Key.Key_F, control)
    await settled(one.search.hasFocus)
    one.search.setText("App.class")
    QTest.keyClick(one, Qt.Key.Key_F3)
    await settled(lambda: one.hex.chosen[1] - one.hex.chosen[0] == 9)
    picture = await inside("/app/logo.png")
    picture.copy.click()
    assert QGuiApplication.clipboard().image().width() == 40


async def test_a_text_of_many_lines_is_there_in_the_end(inside, settled):
    one = await inside("/app/long.log")
    lines = look_inside.WINDOW // 14
    await settled(lambda: one.text.blockCount() >= lines)
    assert one.text.toPlainText() == one._look.data.decode()


@pytest.mark.parametrize("text", ["", "a", "a\n" * 10_000, "x" * 250_000, ("y" * 1999 + "\n") * 200, "\n" * 9000, "a" * 99_999 + "\nb"])  # fmt: skip
def test_a_text_is_divided_without_loss(text):
    pieces = image_inside_parts.slices(text)
    assert "".join(pieces) == text
    assert all(len(piece) <= 100_001 and piece.count("\n") <= 4001 for piece in pieces)


async def test_a_link_leads_to_its_file_and_a_folder_is_a_notice(inside, window, opened):
    one = await inside("/app/link")
    assert one.path == "/app/main.py"
    assert open_look_inside(window.desk, opened, "/app") is None
    assert open_look_inside(window.desk, OpenedImage("x"), "/app") is None


async def test_every_control_has_a_name_and_escape_closes(inside):
    one = await inside("/app/main.py")
    for tab in ("text", "hex"):
        one.tabs.choose(tab)
        one._show_tab(tab)
        assert nameless(one) == []
    QTest.keyClick(one, Qt.Key.Key_Escape)
    assert not one.isVisible()


async def test_an_archive_that_is_gone_is_said_and_can_be_tried_again(window, opened, tmp_path, settled):
    kept = (tmp_path / "image.tar").rename(tmp_path / "away.tar")
    one = open_look_inside(window.desk, opened, "/app/main.py")
    await settled(lambda: "cannot be read" in one.note.text())
    assert one._again.isVisible()
    kept.rename(tmp_path / "image.tar")
    one._again.click()
    await settled(lambda: one._look is not None)
    one.close()


async def test_a_window_that_is_closed_while_it_reads_leaves_no_task(window, opened, monkeypatch, settled):
    import asyncio

    ended = []

    async def forever(what, work, *arguments, reporter=None):
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(what)

    monkeypatch.setattr(look_inside, "in_worker", forever)
    one = open_look_inside(window.desk, opened, "/app/main.py")
    await settled(lambda: one.running.job is not None)
    await asyncio.sleep(0.02)
    one.close()
    await settled(lambda: ended)


async def test_a_file_and_a_folder_are_saved_where_the_person_says(
    window, opened, tmp_path, monkeypatch, settled
):
    async def new_file(parent, title, name, filters=()):
        return tmp_path / name

    async def folder(parent, title, start=""):
        return tmp_path

    async def yes(parent, title, text, answer, no="Cancel", *, details=()):
        asked.append(answer)
        return True

    asked = []
    monkeypatch.setattr(image_inside_save, "pick_new_file", new_file)
    monkeypatch.setattr(image_inside_save, "pick_folder", folder)
    monkeypatch.setattr(image_inside_save, "ask", yes)
    open_save(window.desk, opened, "/app/main.py")
    await settled((tmp_path / "main.py").exists)
    assert (tmp_path / "main.py").read_bytes().startswith(b"print('new')")
    open_save(window.desk, opened, "/app")
    await settled((tmp_path / "app").exists)
    assert (tmp_path / "app" / "link").is_symlink()
    open_save(window.desk, opened, "/app")
    await settled((tmp_path / "app-2").exists)
    assert asked == ["Save as app-2"]
    open_save(window.desk, opened, "/app", as_tar=True)
    await settled((tmp_path / "app.tar").exists)


@pytest.mark.parametrize(
    ("path", "name"), [("/a/b.txt", "b.txt"), ("/", ""), ("/a/..\x1b[2J", "[2J"), ('/x/a:b"c?', "a_b_c_")]
)
def test_a_name_from_an_image_becomes_one_that_any_file_system_takes(path, name):
    assert image_inside_save.file_name(path) == name


def test_what_is_searched_in_bytes_may_be_letters_or_digits():
    assert image_inside._searched("ab") == [b"ab", b"\xab"]
    assert image_inside._searched("0x41 42") == [b"0x41 42", b"AB"]
    assert image_inside._searched("xyz") == [b"xyz"]
