"""The terminal widget: keys in, bytes out, pictures, selection, search, paste, sizes; over both cores."""

import asyncio

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from slimdesk.terminal import ghostty
from slimdesk.terminal.plain import PlainScreen
from slimdesk.ui.theme import current
from slimdesk.ui.widgets.terminal import TerminalWidget

BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def dress(qapp):
    def choose(appearance="light"):
        current().start(appearance) if current().appearance == "system" else current().choose(appearance)

    choose()
    yield choose
    choose("light")


class Seen:
    """A widget with what it has said."""

    def __init__(self, widget):
        self.widget = widget
        self.view = widget.view
        self.typed = bytearray()
        self.sizes = []
        widget.typed.connect(self.typed.extend)
        widget.resized.connect(lambda columns, rows: self.sizes.append((columns, rows)))

    def taken(self):
        typed = bytes(self.typed)
        self.typed.clear()
        return typed

    def shown(self):
        """The text that is in the picture; nothing while a new picture is due."""
        return "" if self.view._frame_timer.isActive() else self.widget.shown_text()

    def key(self, key, modifiers=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.view, key, modifiers)

    def point(self, column, row):
        return self.view.cell_rect(column, row).center()

    def drag(self, start, end, modifiers=Qt.KeyboardModifier.NoModifier):
        QTest.mousePress(self.view, Qt.MouseButton.LeftButton, modifiers, self.point(*start))
        QTest.mouseMove(self.view, self.point(*end))
        QTest.mouseRelease(self.view, Qt.MouseButton.LeftButton, modifiers, self.point(*end))

    def color_at(self, column, row):
        """The colour that most of a cell has."""
        picture = self.view.grab().toImage()
        rect = self.view.cell_rect(column, row)
        found = [
            picture.pixelColor(x, y).name()
            for x in range(rect.left(), rect.right())
            for y in range(rect.top(), rect.bottom())
        ]
        return max(set(found), key=found.count)


@pytest.fixture(params=["ghostty", "plain"])
async def terminal(request, dress, settled):
    if request.param == "ghostty" and not ghostty.available():
        pytest.skip("pyghostty has no wheel for this machine")
    kind = ghostty.GhosttyScreen if request.param == "ghostty" else PlainScreen
    widget = TerminalWidget(screen=kind(80, 24))
    widget.resize(700, 420)
    widget.show()
    widget.activateWindow()
    widget.view.setFocus()
    seen = Seen(widget)
    await settled(lambda: seen.sizes)
    yield seen
    widget.shut()
    widget.deleteLater()
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


async def test_it_fits_its_cells_to_its_size(terminal, settled):
    columns, rows = terminal.sizes[-1]
    assert terminal.widget.size_in_cells == (columns, rows)
    assert columns > 60
    terminal.widget.resize(500, 300)
    terminal.widget.resize(520, 310)
    await settled(lambda: len(terminal.sizes) == 2)
    assert terminal.sizes[-1] < (columns, rows)


async def test_it_shows_what_is_fed(terminal, settled):
    await terminal.widget.feed("hello \x1b[31mrot\x1b[0m 你好\r\n".encode())
    await settled(lambda: terminal.shown() == "hello rot 你好")
    ground = QColor(current().tokens["terminal"]).name()
    assert terminal.color_at(30, 10) == ground


async def test_backgrounds_are_painted_in_both_themes(terminal, dress, settled):
    await terminal.widget.feed(b"\x1b[48;2;10;200;30m    \x1b[0m")
    await settled(lambda: not terminal.view._frame_timer.isActive() and terminal.color_at(1, 0) == "#0ac81e")
    dress("dark")
    assert terminal.color_at(1, 0) == "#0ac81e"
    assert terminal.color_at(30, 5) == QColor(current().tokens["terminal"]).name()


async def test_lines_join_from_cell_to_cell(terminal, settled):
    await terminal.widget.feed("┌─┐ ╔═╗ ███\r\n│x│ ║x║ ███\r\n└─┘ ╚═╝ ▐▌▞".encode())
    await settled(lambda: "└─┘" in terminal.shown())
    picture = terminal.view.grab().toImage()
    ground = QColor(current().tokens["terminal"]).name()
    upper, lower = terminal.view.cell_rect(0, 0), terminal.view.cell_rect(0, 2)
    columns = [
        x
        for x in range(upper.left(), upper.right() + 1)
        if picture.pixelColor(x, upper.bottom()).name() != ground
    ]
    assert columns
    for x in columns:
        for y in range(upper.bottom(), lower.top() + 1):
            assert picture.pixelColor(x, y).name() != ground
    full = terminal.view.cell_rect(8, 0).united(terminal.view.cell_rect(10, 1))
    ink = QColor(current().tokens["text"]).name()
    assert {
        picture.pixelColor(x, y).name()
        for x in range(full.left(), full.right() + 1)
        for y in range(full.top(), full.bottom() + 1)
    } == {ink}


async def test_marks_above_a_letter_stay_in_their_row(terminal, settled):
    """What went beyond would stay there: only the row that changed is painted anew."""
    ground = QColor(current().tokens["terminal"]).name()

    def ink_beside(row):
        picture = terminal.view.grab().toImage()
        rect = terminal.view.cell_rect(0, row)
        beyond = [
            *range(max(0, rect.top() - rect.height()), rect.top()),
            *range(rect.bottom() + 1, rect.bottom() + 8),
        ]
        return {picture.pixelColor(x, y).name() for x in range(4 * rect.width()) for y in beyond} - {ground}

    tall = "A" + "\u0303" * 8 + "A" + "\u0323" * 8
    await terminal.widget.feed(f"\x1b[?25l{tall}\r\n\r\n{tall}".encode())
    await settled(lambda: terminal.shown().count("A") == 4)
    assert terminal.color_at(0, 0) == ground
    assert not ink_beside(0)
    assert not ink_beside(2)


async def test_keys_go_to_the_program_inside(terminal):
    terminal.key(Qt.Key.Key_A)
    terminal.key(Qt.Key.Key_C, CTRL)
    terminal.key(Qt.Key.Key_Tab)
    terminal.key(Qt.Key.Key_Backtab, SHIFT)
    terminal.key(Qt.Key.Key_Return)
    terminal.key(Qt.Key.Key_F5)
    terminal.key(Qt.Key.Key_Up)
    assert terminal.taken() == b"a\x03\t\x1b[Z\r\x1b[15~\x1b[A"
    await terminal.widget.feed(b"\x1b[?1h")
    terminal.key(Qt.Key.Key_Up)
    assert terminal.taken() == b"\x1bOA"


async def test_the_windows_shortcuts_are_kept_out(terminal):
    def overridden(key, modifiers):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
        event.ignore()
        QApplication.sendEvent(terminal.view, event)
        return event.isAccepted()

    assert overridden(Qt.Key.Key_K, CTRL)
    assert overridden(Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier)
    assert not overridden(Qt.Key.Key_P, BOTH)


async def test_questions_are_answered(terminal):
    await terminal.widget.feed(b"\x1b[6n")
    assert terminal.taken() == b"\x1b[1;1R"


async def test_selecting_and_copying(terminal, settled):
    await terminal.widget.feed(b"hello world\r\nsecond line")
    await settled(lambda: "second" in terminal.shown())
    terminal.drag((6, 0), (5, 1))
    terminal.key(Qt.Key.Key_C, BOTH)
    assert QGuiApplication.clipboard().text() == "world\nsecond"
    await settled(lambda: terminal.color_at(3, 1) == QColor(current().tokens["sel"]).name())
    terminal.drag((0, 0), (3, 1), Qt.KeyboardModifier.AltModifier)
    assert terminal.view.selection.text() == "hell\nseco"
    terminal.key(Qt.Key.Key_X)
    assert terminal.view.selection.text() == ""
    assert terminal.taken() == b"x"


async def test_two_clicks_select_a_word_three_a_line(terminal, settled):
    await terminal.widget.feed(b"cat /etc/hosts now")
    await settled(lambda: "now" in terminal.shown())
    point = terminal.point(8, 0)
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, pos=point)
    assert terminal.view.selection.text() == ""
    QTest.mouseDClick(terminal.view, Qt.MouseButton.LeftButton, pos=point)
    assert terminal.view.selection.text() == "/etc/hosts"
    QTest.mouseClick(terminal.view, Qt.MouseButton.LeftButton, pos=point)
    assert terminal.view.selection.text() == "cat /etc/hosts now"


async def test_dragging_outside_scrolls(terminal, settled):
    await terminal.widget.feed(b"".join(b"line %d\r\n" % number for number in range(200)))
    await settled(lambda: "line 199" in terminal.shown())
    top = terminal.view.core.top()
    QTest.mousePress(terminal.view, Qt.MouseButton.LeftButton, pos=terminal.point(3, 3))
    QTest.mouseMove(terminal.view, QPoint(30, -60))
    await settled(lambda: terminal.view.core.top() < top - 5)
    QTest.mouseRelease(terminal.view, Qt.MouseButton.LeftButton, pos=QPoint(30, -60))
    assert terminal.view.selection.text().count("\n") > 5


async def test_pasting_one_line(terminal):
    QGuiApplication.clipboard().setText("ls\x1b[201~ -l")
    terminal.key(Qt.Key.Key_V, BOTH)
    assert terminal.taken() == b"ls[201~ -l"


async def test_pasting_lines_asks_once(terminal):
    QGuiApplication.clipboard().setText("one\ntwo\n")
    terminal.key(Qt.Key.Key_V, BOTH)
    assert terminal.taken() == b""
    (notice,) = terminal.widget.notices.notices
    assert "2 lines" in notice.text
    from slimdesk.ui.widgets.buttons import Button

    button = next(one for one in notice.findChildren(Button) if one.text() == "Paste")
    button.click()
    assert terminal.taken() == b"one\rtwo\r"
    assert terminal.widget.notices.notices == ()
    terminal.key(Qt.Key.Key_V, BOTH)
    assert terminal.taken() == b"one\rtwo\r"


async def test_bracketed_paste_does_not_ask(terminal):
    await terminal.widget.feed(b"\x1b[?2004h")
    QGuiApplication.clipboard().setText("one\ntwo")
    terminal.key(Qt.Key.Key_Insert, SHIFT)
    assert terminal.taken() == b"\x1b[200~one\rtwo\x1b[201~"


async def test_far_too_much_is_not_pasted(terminal):
    QGuiApplication.clipboard().setText("x" * 5_000_001)
    terminal.widget.paste()
    assert terminal.taken() == b""
    assert "too much" in terminal.widget.notices.notices[0].text


def wheel(terminal, up, modifiers=Qt.KeyboardModifier.NoModifier):
    point = QPointF(terminal.point(4, 2))
    event = QWheelEvent(
        point, QPointF(terminal.view.mapToGlobal(point)), QPoint(), QPoint(0, 120 if up else -120),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(terminal.view, event)


async def test_the_wheel_scrolls_or_sends_arrows_or_is_reported(terminal, settled):
    await terminal.widget.feed(b"".join(b"line %d\r\n" % number for number in range(100)))
    await settled(lambda: terminal.widget.bar.maximum() > 0)
    top = terminal.view.core.top()
    wheel(terminal, up=True)
    assert terminal.view.core.top() == top - 3
    await settled(lambda: terminal.widget.bar.value() == top - 3)
    terminal.widget.bar.setValue(0)
    assert terminal.view.core.top() == 0
    terminal.key(Qt.Key.Key_A)
    assert terminal.view.core.top() == top
    terminal.taken()
    await terminal.widget.feed(b"\x1b[?1049h")
    wheel(terminal, up=False)
    assert terminal.taken() == b"\x1b[B" * 3
    await terminal.widget.feed(b"\x1b[?1000h\x1b[?1006h")
    wheel(terminal, up=True)
    assert terminal.taken() == b"\x1b[<64;5;3M"


async def test_the_mouse_is_reported_where_asked_for_and_shift_selects(terminal, settled):
    await terminal.widget.feed(b"some words\x1b[?1002h\x1b[?1006h")
    await settled(lambda: "some" in terminal.shown())
    terminal.drag((1, 0), (3, 0))
    assert terminal.taken() == b"\x1b[<0;2;1M\x1b[<32;4;1M\x1b[<0;4;1m"
    assert terminal.view.selection.text() == ""
    terminal.drag((0, 0), (3, 0), SHIFT)
    assert terminal.taken() == b""
    assert terminal.view.selection.text() == "some"


async def test_searching(terminal, settled):
    await terminal.widget.feed(b"an Error here\r\n" + b"fine\r\n" * 100 + b"error again\r\n")
    await settled(lambda: "again" in terminal.shown())
    terminal.key(Qt.Key.Key_F, BOTH)
    bar = terminal.widget.search
    assert bar.isVisible()
    QTest.keyClicks(bar.field, "error")
    assert bar.count.text() == "2 of 2"
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.count.text() == "1 of 2"
    assert terminal.view.core.top() == 0
    await settled(lambda: terminal.color_at(4, 0) == QColor(current().tokens["warn"]).name())
    QTest.keyClicks(bar.field, "!")
    assert bar.count.text() == "No place found"
    bar.field.setText("error")
    await terminal.widget.feed(b"error three\r\n")
    await settled(lambda: bar.count.text() == "2 of 3")
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()


async def test_the_size_of_type(terminal, settled):
    columns, _rows = terminal.widget.size_in_cells
    zooms = []
    terminal.widget.zoomed.connect(zooms.append)
    terminal.key(Qt.Key.Key_Plus, BOTH)
    terminal.key(Qt.Key.Key_Plus, BOTH)
    assert zooms == [1.0, 2.0]
    assert terminal.widget.size_in_cells[0] < columns
    terminal.key(Qt.Key.Key_Minus, BOTH)
    terminal.key(Qt.Key.Key_0, BOTH)
    assert terminal.widget.size_in_cells[0] == columns


async def test_ctrl_shift_f6_leaves(terminal):
    left = []
    terminal.widget.leaving.connect(lambda: left.append(1))
    terminal.key(Qt.Key.Key_F6, BOTH)
    assert left == [1]
    assert terminal.taken() == b""


async def test_titles_and_bells(terminal, settled):
    titles, bells = [], []
    terminal.widget.set_title_callback(titles.append)
    terminal.widget.rang.connect(lambda: bells.append(1))
    await terminal.widget.feed("\x1b]2;vi \u202emain.go\x07\x07".encode())
    await settled(lambda: titles == ["vi main.go"] and bells)


async def test_own_lines_and_the_end(terminal, settled):
    await terminal.widget.feed(b"/ $ ")
    terminal.widget.note("The container has \x1b[31mrestarted")
    terminal.widget.note("and again")
    await settled(lambda: "and again" in terminal.shown())
    assert terminal.widget.shown_text() == "/ $\nThe container has \\x1b[31mrestarted\nand again"
    await terminal.widget.feed(b"\x1b[?1049h\x1b[?1000hfull screen")
    terminal.widget.ended("The shell has ended.")
    await settled(lambda: "has ended" in terminal.shown())
    assert "full screen" not in terminal.widget.shown_text()
    assert "/ $" in terminal.widget.shown_text()
    terminal.key(Qt.Key.Key_A)
    assert terminal.taken() == b""
    assert terminal.widget.has_ended


async def test_focus_is_told_where_asked_for(terminal):
    await terminal.widget.feed(b"\x1b[?1004h")
    terminal.taken()
    terminal.widget.search.open_bar()
    terminal.view.setFocus()
    assert terminal.taken() == b"\x1b[O\x1b[I"


async def test_input_methods(terminal):
    event = QInputMethodEvent("に", [])
    QApplication.sendEvent(terminal.view, event)
    assert terminal.taken() == b""
    done = QInputMethodEvent()
    done.setCommitString("日本")
    QApplication.sendEvent(terminal.view, done)
    assert terminal.taken() == "日本".encode()
    assert terminal.view.inputMethodQuery(Qt.InputMethodQuery.ImEnabled)


async def test_a_screen_reader_finds_the_line_of_the_cursor(terminal, settled):
    was = QAccessible.isActive()
    QAccessible.setActive(True)
    try:
        await terminal.widget.feed(b"before\r\n/ $ echo hello")
        await settled(lambda: terminal.view.accessibleDescription() == "/ $ echo hello")
        assert terminal.view.accessibleName() == "Terminal"
    finally:
        QAccessible.setActive(was)


async def test_the_menu_key_opens_the_menu_at_the_cursor(terminal, settled):
    wanted = []
    terminal.view.menu_wanted.disconnect()
    terminal.view.menu_wanted.connect(wanted.append)
    await terminal.widget.feed(b"12345")
    await settled(lambda: terminal.shown() == "12345")
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(terminal.view, QContextMenuEvent(reason, QPoint(1, 1), QPoint(1, 1)))
    assert wanted == [terminal.view.cell_rect(5, 0).bottomLeft()]


async def test_the_menu(terminal, settled):
    menu = QMenu()
    terminal.widget.fill_menu(menu)
    words = {action.text().split("\t")[0]: action for action in menu.actions() if action.text()}
    assert not words["Copy"].isEnabled()
    keyless = {name for name, action in words.items() if "\t" not in action.text()}
    assert keyless == {"Clear scroll-back", "Copy what is shown", "Links"}
    await terminal.widget.feed(b"line\r\n" * 100)
    words["Select all"].trigger()
    assert terminal.view.selection.text().count("line") == 100
    words["Clear scroll-back"].trigger()
    assert terminal.view.core.lines() == terminal.view.core.rows
    menu.deleteLater()


async def test_a_flood_leaves_the_window_alive(terminal, monkeypatch):
    # Every slice is over its time: the loop must turn after each, also where a stream gives piece after piece at once.
    monkeypatch.setattr("slimdesk.ui.widgets.terminal._TURN_SECONDS", -1.0)
    turns = []

    async def watch():
        while True:
            await asyncio.sleep(0)
            turns.append(1)

    watching = asyncio.get_running_loop().create_task(watch())
    data = b"".join(b"\x1b[32m%d\x1b[0m a line of a log\r\n" % number for number in range(20_000))
    await terminal.widget.feed(data)
    assert len(turns) >= len(data) // 65_536
    turns.clear()
    for _ in range(50):
        await terminal.widget.feed(b"piece\r\n")
    watching.cancel()
    assert len(turns) >= 49
    assert terminal.view.core.texts(terminal.view.core.lines() - 52, 1) == ["19999 a line of a log"]


async def test_what_comes_out_of_sight_is_painted_when_it_is_shown(terminal, settled):
    bells = []
    terminal.widget.rang.connect(lambda: bells.append(1))
    terminal.widget.hide()
    await terminal.widget.feed(b"\x1b[48;2;10;200;30m    \x1b[0mhidden\x07")
    await settled(lambda: bells)
    assert terminal.widget.shown_text() == "    hidden"
    terminal.widget.show()
    await settled(lambda: terminal.color_at(1, 0) == "#0ac81e")


async def test_nothing_happens_after_it_is_shut(terminal):
    terminal.widget.shut()
    await terminal.widget.feed(b"late")
    terminal.widget.note("later")
    terminal.key(Qt.Key.Key_A)
    terminal.widget.resize(400, 300)
    terminal.widget.view.grab()
    assert terminal.taken() == b""
