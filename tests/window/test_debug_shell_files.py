"""Files of a live container in the window: walked, what changed, looked into, copied out and in."""

import types

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window.played_container import Helper, container

from slimdesk.basics.errors import BadInput, ImageNotFound
from slimdesk.debug.folder import FolderEntry
from slimdesk.operations import container_files
from slimdesk.ui.pages import debug_files
from slimdesk.ui.pages.debug_files import FilesSection
from slimdesk.ui.pages.debug_files_look import LiveFileWindow


def entry(name, kind="file", size=6, target=""):
    return FolderEntry(name, kind, size, 0o644, 65532, 65532, 1_795_000_000, target)


FOLDERS = {
    "/": (entry("etc", "folder"), entry("app"), entry("page", "link", target="/etc/hosts")),
    "/etc": (entry("hosts"), entry("odd\nname")),
}


@pytest.fixture
async def files(window, monkeypatch):
    section = FilesSection(window.desk, container())
    helper = Helper()
    section.told_facts, section.errors, section.read_paths = [], [], []

    async def list_folder(_helper, path):
        if path not in FOLDERS:
            raise BadInput(f"{path} cannot be listed", "it is not there", "Choose another")
        return FOLDERS[path]

    async def changes(_engine, _container):
        change = types.SimpleNamespace
        return (change(path="/app", kind="added"), change(path="/etc/passwd", kind="removed"))

    async def read_file(_helper, path, _limit):
        section.read_paths.append(path)
        return b"\0\x01" if path == "/app" else b"127.0.0.1 localhost\n"

    for one in (list_folder, changes, read_file):
        monkeypatch.setattr(container_files, one.__name__, one)

    async def ask():
        try:
            section.told_facts.append(await section.read(helper))
        except BadInput as error:
            section.errors.append(error)

    section.wanted.connect(lambda: window.desk.spawn(ask()))
    section.resize(700, 400)
    section.show()
    await ask()
    yield section
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, LiveFileWindow):
            dialog.close()
    section.deleteLater()
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


def names(section):
    model = section.table.model()
    return [model.index(number, 0).data() for number in range(model.rowCount())]


def windows():
    return [
        one for one in QApplication.topLevelWidgets() if isinstance(one, LiveFileWindow) and one.isVisible()
    ]


async def test_folders_are_walked_with_what_changed(files, settled):
    assert names(files) == ["etc", "app", "page"]
    assert files.told_facts == ["3 entries, 1 changed since the start"]
    assert files.rows.rows[1].change == "added"
    assert not files.up.isEnabled()
    files.open(files.rows.rows[0])
    await settled(lambda: files.folder == "/etc")
    assert names(files) == ["hosts", "odd\\x0aname"]
    assert files.told_facts[-1] == "2 entries, 1 removed"
    QTest.keyClick(files.table, Qt.Key.Key_Backspace)
    await settled(lambda: files.folder == "/")
    files.path.setText("etc")
    QTest.keyClick(files.path, Qt.Key.Key_Return)
    await settled(lambda: files.folder == "/etc")


async def test_a_folder_that_cannot_be_listed_leaves_the_old_one(files, settled):
    files.go("/nowhere")
    await settled(lambda: files.errors)
    assert files.folder == "/"
    assert files.path.text() == "/"
    assert names(files) == ["etc", "app", "page"]


async def test_looking_inside_text_and_bytes(files, settled):
    files.open(files.rows.rows[1])
    await settled(windows)
    window = windows()[0]
    assert window.tabs.value == "hex"
    window.close()
    # A link to a file is followed by whatever lives there.
    files.open(files.rows.rows[2])
    await settled(windows)
    assert windows()[0].text.toPlainText() == "127.0.0.1 localhost\n"
    assert files.read_paths == ["/app", "/page"]


async def test_a_file_is_copied_out_also_from_memory(files, settled, monkeypatch, tmp_path, window):
    asked = []

    async def copy_out(_engine, _container, path, to, *, overwrite):
        asked.append((path, overwrite))
        if path != "/app":
            raise ImageNotFound("It is not there")
        to.write_bytes(b"program")
        return 7

    monkeypatch.setattr(container_files, "copy_out", copy_out)
    await files.copy_out("/app", tmp_path / "app")
    assert (tmp_path / "app").read_bytes() == b"program"
    await files.copy_out("/tmp/note", tmp_path / "note")
    assert (tmp_path / "note").read_bytes() == b"127.0.0.1 localhost\n"
    assert [path for path, _ in asked] == ["/app", "/tmp/note"]
    assert "copied out" in window.notices.notices[0].text


async def test_files_that_are_dropped_are_copied_in(files, settled, monkeypatch, tmp_path):
    copied = []

    async def copy_in(_engine, _container, source, path):
        copied.append((source.name, path))

    async def yes(*_words, **_more):
        return copied.append("asked") or True

    monkeypatch.setattr(container_files, "copy_in", copy_in)
    monkeypatch.setattr(debug_files, "ask", yes)
    for name in ("new.txt", "app"):
        (tmp_path / name).write_bytes(b"x")
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        event = QDropEvent(
            QPointF(10, 10),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        files.dropEvent(event)
        assert event.isAccepted()
        await settled(lambda name=name: (name, f"/{name}") in copied)
    # What is there already is replaced only when the person says so.
    assert copied == [("new.txt", "/new.txt"), "asked", ("app", "/app")]
    await settled(lambda: len(files.told_facts) == 3)


async def test_only_files_can_be_saved(files):
    files.table.choose(lambda row: row.one.name == "etc")
    assert not files.save.isEnabled()
    files.table.choose(lambda row: row.one.name == "app")
    assert files.save.isEnabled()
