"""Links in the terminal widget: seen under the pointer, told in full, opened by Ctrl and a click; and its text for others."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPlainTextEdit

from slimdesk.terminal.plain import PlainScreen
from slimdesk.ui.theme import current
from slimdesk.ui.widgets import terminal_links
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.terminal import TerminalWidget

CTRL = Qt.KeyboardModifier.ControlModifier
WRITTEN = b"at http://localhost:8080/ now"
BEHIND = b"see \x1b]8;;https://docs.example/page\x1b\\the docs\x1b]8;;\x1b\\ now"


class Browser:
    """Takes addresses, and opens none."""

    def __init__(self):
        self.addresses = []
        self.answers = True

    def openUrl(self, address):  # noqa: N802 - Qt's name
        self.addresses.append(address.toString())
        return self.answers


@pytest.fixture
def opened(monkeypatch):
    browser = Browser()
    monkeypatch.setattr(terminal_links, "QDesktopServices", browser)
    return browser


@pytest.fixture
async def terminal(qapp, settled):
    current().start("light")
    widget = TerminalWidget(screen=PlainScreen(80, 24))
    widget.resize(700, 420)
    widget.show()
    sizes = []
    widget.resized.connect(lambda *size: sizes.append(size))
    await settled(lambda: sizes)
    yield widget
    widget.shut()
    widget.deleteLater()
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


def place(terminal, column, row=0):
    return terminal.view.cell_rect(column, row).center()


def hover(terminal, column):
    """Move the pointer, wherever it is: QTest tells nothing of a move to where it was."""
    at, none = QPointF(place(terminal, column)), Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, at, at, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(terminal.view, move)


async def shows(terminal, settled, data):
    await terminal.feed(data)
    await settled(lambda: not terminal.view._frame_timer.isActive() and terminal.shown_text())


async def test_an_address_lights_up_under_the_pointer_and_opens_with_ctrl_alone(terminal, opened, settled):
    await shows(terminal, settled, WRITTEN)
    hover(terminal, 10)
    assert terminal.view.links.hovered.address == "http://localhost:8080/"
    assert terminal.view.toolTip().startswith("http://localhost:8080/\n")
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, pos=place(terminal, 10))
    assert opened.addresses == []
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, CTRL, place(terminal, 10))
    assert opened.addresses == ["http://localhost:8080/"]
    hover(terminal, 27)
    assert terminal.view.links.hovered is None
    assert terminal.view.toolTip() == ""


async def test_what_is_behind_other_words_is_told_before_it_is_opened(terminal, opened, settled):
    await shows(terminal, settled, BEHIND)
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, CTRL, place(terminal, 6))
    assert opened.addresses == []
    (notice,) = terminal.notices.notices
    assert "https://docs.example/page" in notice.text
    assert notice.findChildren(QPlainTextEdit) == []
    button = next(one for one in notice.findChildren(Button) if one.text() == "Open in the browser")
    button.click()
    assert opened.addresses == ["https://docs.example/page"]
    assert terminal.notices.notices == ()


async def test_a_long_address_is_told_in_full(terminal, opened, settled):
    address = "https://docs.example/" + "a" * 500
    await shows(terminal, settled, BEHIND.replace(b"https://docs.example/page", address.encode()))
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, CTRL, place(terminal, 6))
    (notice,) = terminal.notices.notices
    assert notice.findChild(QPlainTextEdit).toPlainText() == address
    assert opened.addresses == []


async def test_no_other_kind_of_address_is_a_link(terminal, opened, settled):
    await shows(terminal, settled, BEHIND.replace(b"https://docs.example/page", b"file:///etc/passwd"))
    hover(terminal, 6)
    assert terminal.view.links.hovered is None
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, CTRL, place(terminal, 6))
    assert (opened.addresses, terminal.notices.notices) == ([], ())
    assert not terminal_links.open_address("file:///etc/passwd")
    assert opened.addresses == []


async def test_where_no_browser_takes_it_the_address_can_be_copied(terminal, opened, settled):
    opened.answers = False
    await shows(terminal, settled, WRITTEN)
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, CTRL, place(terminal, 10))
    (notice,) = terminal.notices.notices
    assert "No browser" in notice.text
    next(one for one in notice.findChildren(Button) if one.text() == "Copy").click()
    assert QGuiApplication.clipboard().text() == "http://localhost:8080/"


async def test_a_program_that_has_the_mouse_keeps_its_clicks(terminal, opened, settled):
    await shows(terminal, settled, b"\x1b[?1000;1006h" + WRITTEN)
    hover(terminal, 10)
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, CTRL, place(terminal, 10))
    assert opened.addresses == []
    assert terminal.view.links.hovered is None
    both = CTRL | Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, both, place(terminal, 10))
    assert opened.addresses == ["http://localhost:8080/"]


async def test_the_menu_lists_the_links_in_sight_and_copies_what_is_shown(terminal, opened, settled):
    await shows(terminal, settled, BEHIND + b"\r\n" + WRITTEN)
    menu = QMenu()
    terminal.fill_menu(menu)
    actions = {action.text(): action for action in menu.actions()}
    actions["Copy what is shown"].trigger()
    assert QGuiApplication.clipboard().text() == "see the docs now\nat http://localhost:8080/ now"
    under = actions["Links"].menu()
    under.aboutToShow.emit()
    assert [action.text() for action in under.actions()] == [
        "https://docs.example/page",
        "http://localhost:8080/",
    ]
    under.actions()[1].trigger()
    assert opened.addresses == ["http://localhost:8080/"]
    await shows(terminal, settled, b"\x1b[2J\x1b[Hnothing")
    under.aboutToShow.emit()
    assert [action.text() for action in under.actions()] == ["There is no link in sight"]
    menu.deleteLater()


async def test_new_text_takes_the_light_away(terminal, settled):
    await shows(terminal, settled, WRITTEN)
    hover(terminal, 10)
    assert terminal.view.links.hovered is not None
    await shows(terminal, settled, b"\x1b[2J\x1b[Hgone")
    assert terminal.view.links.hovered is None
