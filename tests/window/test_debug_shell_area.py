"""The shells' area of the Debug page: which tools, what when one cannot be opened, its end, what is remembered."""

import asyncio
import contextlib
import types

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from window.played_container import container

from slimdesk.basics.errors import EngineError, ToolboxMissing
from slimdesk.debug.toolboxes import DEFAULT
from slimdesk.ui.pages import debug_shell_opening
from slimdesk.ui.pages.debug_shell import ShellArea
from slimdesk.ui.widgets.buttons import Button


class Stream:
    """A program that is played by the test."""

    def __init__(self):
        self.out = asyncio.Queue()
        self.closed = 0
        self.ending = ""

    async def read(self):
        return await self.out.get()

    async def write(self, data):
        """Take it."""

    async def resize(self, columns, rows):
        """Take it."""

    async def close(self):
        self.closed += 1
        self.out.put_nowait(b"")


class Opened:
    """Stands in for what opens shells; `answers` are streams or errors, one for each."""

    def __init__(self):
        self.calls = []
        self.answers = []

    def beside(self, _desk, _pane, target, toolbox, way):
        return self._open(("beside", target[:1], toolbox, way))

    def held(self, _desk, _pane, target, toolbox):
        return self._open(("held", target[:1], toolbox))

    async def _open(self, call):
        self.calls.append(call)
        answer = self.answers.pop(0) if self.answers else Stream()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
async def area(window, monkeypatch):
    made = ShellArea(window.desk)
    made.opened = Opened()
    made.now = container()
    for name in ("beside", "held"):
        monkeypatch.setattr(debug_shell_opening, name, getattr(made.opened, name))

    @contextlib.asynccontextmanager
    async def connected(_context=None):
        async def inspect(_target):
            return made.now

        yield types.SimpleNamespace(inspect_container=inspect)

    monkeypatch.setattr("slimdesk.operations.connect.connected", connected)
    made.resize(760, 480)
    made.show()
    yield made
    await made.tabs.close_all()
    made.deleteLater()
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


def press(notice, word):
    next(one for one in notice.findChildren(Button) if one.text() == word).click()


def lines(fill):
    menu = QMenu()
    fill(menu)
    return {one.text(): one for one in menu.actions() if one.text()}, menu


async def test_without_a_container_there_is_nothing_to_open(area):
    area.open_chosen()
    assert not area.tabs.panes
    assert not area.tabs.plus.isEnabled()
    assert area.tabs.empty.accessibleName() == "No container is chosen"
    assert not area.inspect.isEnabled()


async def test_plus_opens_beside_what_runs_and_in_the_image_of_what_does_not(area, settled):
    area.show_container(area.now)
    area.tabs.plus.click()
    area.show_container(container(state="exited", identity="d" * 64))
    assert "does not run" in area.inspect.toolTip()
    area.tabs.plus.click()
    await settled(lambda: len(area.opened.calls) == 2)
    assert area.opened.calls == [("beside", "c", DEFAULT, None), ("held", "d", DEFAULT)]
    assert [pane.title for pane in area.tabs.panes] == ["shop-api-1", "shop-api-1 held"]


async def test_tools_and_way_are_chosen_in_the_menu_and_the_tools_remembered(area, settled):
    area.show_container(area.now)
    entries, menu = lines(area.fill_kinds)
    assert entries[next(word for word in entries if word.startswith("BusyBox"))].isChecked()
    entries["The tools' own files at /"].trigger()
    entries[next(word for word in entries if word.startswith("Alpine"))].trigger()
    await settled(lambda: area.opened.calls)
    assert area.opened.calls == [("beside", "c", "alpine:3.24", "tools")]
    assert area.desk.workspace.settings.toolbox == "alpine:3.24"
    menu.deleteLater()
    area.open_with("ghcr.io/me/mine:1")
    entries, menu = lines(area.fill_kinds)
    assert entries["ghcr.io/me/mine:1"].isChecked()
    menu.deleteLater()


async def test_missing_tools_offer_another_image_that_is_there(area, settled):
    area.opened.answers = [
        ToolboxMissing("The tools are not here", "no network", "Connect", ("alpine:3.24",))
    ]
    area.show_container(area.now)
    pane = area.open_beside(area.now)
    await settled(lambda: pane.terminal.notices.notices)
    notice = pane.terminal.notices.notices[0]
    assert "no network" in notice.text.lower()
    assert {one.text() for one in notice.findChildren(Button)} >= {"Use Alpine", "Load an archive…"}
    press(notice, "Use Alpine")
    await settled(lambda: len(area.opened.calls) == 2)
    assert area.opened.calls[1] == ("beside", "c", "alpine:3.24", None)
    await settled(lambda: len(area.tabs.panes) == 1)
    assert area.tabs.panes[0] is not pane


async def test_tools_come_from_an_archive(area, settled, monkeypatch, tmp_path):
    archive = tmp_path / "tools.tar"
    archive.write_bytes(b"")
    loaded = []

    async def pick(*_words):
        return archive

    @contextlib.asynccontextmanager
    async def connected(_context=None):
        async def load(path):
            loaded.append(path)
            return ("busybox:mine",)

        async def inspect(_target):
            return area.now

        yield types.SimpleNamespace(load=load, inspect_container=inspect)

    monkeypatch.setattr("slimdesk.ui.pages.debug_shell.pick_file", pick)
    monkeypatch.setattr("slimdesk.operations.connect.connected", connected)
    area.opened.answers = [ToolboxMissing("The tools are not here")]
    area.show_container(area.now)
    pane = area.open_beside(area.now)
    await settled(lambda: pane.terminal.notices.notices)
    press(pane.terminal.notices.notices[0], "Load an archive…")
    await settled(lambda: len(area.opened.calls) == 2)
    assert loaded == [archive]
    assert area.opened.calls[1][2] == "busybox:mine"
    assert area.desk.workspace.settings.toolbox == "busybox:mine"


async def test_what_cannot_be_opened_can_be_tried_again(area, settled):
    area.opened.answers = [EngineError("There is no engine", "it was restarted")]
    area.show_container(area.now)
    pane = area.open_beside(area.now)
    await settled(lambda: pane.terminal.notices.notices)
    press(pane.terminal.notices.notices[0], "Try again")
    await settled(lambda: len(area.opened.calls) == 2 and len(area.tabs.panes) == 1)
    assert area.tabs.panes[0].running


async def test_the_targets_end_is_told_in_the_terminal_and_by_a_notice(area, settled, window):
    stream = Stream()
    area.opened.answers = [stream]
    pane = area.open_beside(area.now)
    await settled(lambda: pane.stream is not None)
    other = area.open_beside(container("web", identity="e" * 64))
    stream.ending = "shop-api-1 ended (exit code 137), and the shell with it."
    stream.out.put_nowait(b"")
    await settled(lambda: pane.terminal.notices.notices)
    assert "exit code 137" in pane.terminal.notices.notices[0].text
    # It was not in sight: the window says it too.
    assert any("exit code 137" in one.text for one in window.notices.notices)
    area.tabs.choose(pane)
    assert "exit code 137" in pane.terminal.shown_text()
    area.now = container(state="exited")
    press(pane.terminal.notices.notices[0], "Open again")
    await settled(lambda: area.opened.calls[-1] == ("held", "c", DEFAULT))
    assert other in area.tabs.panes


async def test_the_size_of_type_is_remembered(area, window):
    area.open_beside(area.now)
    area.tabs.panes[0].terminal.zoom(3)
    assert window.workspace.settings.terminal_zoom == 3.0
    again = ShellArea(window.desk)
    assert again.open_beside(area.now).terminal.points == 3.0
    await again.tabs.close_all()
    again.deleteLater()


async def test_keys_of_the_tabs(area, settled):
    area.show_container(area.now)
    first = area.open_beside(area.now)
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(first.terminal.view, Qt.Key.Key_T, held)
    assert len(area.tabs.panes) == 2
    second = area.tabs.current
    assert second is not first
    QTest.keyClick(second.terminal.view, Qt.Key.Key_Right, held)
    assert area.tabs.current is first
    QTest.keyClick(first.terminal.view, Qt.Key.Key_Left, held)
    assert area.tabs.current is second
    QTest.keyClick(second.terminal.view, Qt.Key.Key_W, held)
    await settled(lambda: area.tabs.panes == (first,))


async def test_a_command_of_this_machine_runs_in_a_tab(area, settled):
    pane = area.open_command("harbour", "echo from here; exit 4")
    await settled(lambda: "from here" in pane.terminal.shown_text())
    await settled(lambda: pane.terminal.notices.notices)
    assert "exit code 4" in pane.terminal.notices.notices[0].text
    press(pane.terminal.notices.notices[0], "Run again")
    await settled(lambda: area.tabs.panes and area.tabs.panes[0] is not pane)
