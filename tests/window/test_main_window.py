"""The frame: pages, shortcuts, notices, crashes, what is remembered."""

import asyncio

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from slimdesk import app
from slimdesk.basics.errors import BadInput
from slimdesk.operations.analyze_worker import spare_process
from slimdesk.ui.theme import current
from slimdesk.ui.theme.icons import glyph
from slimdesk.workspace.settings import SettingsFile
from slimdesk.workspace.workspace import Workspace

CTRL = Qt.KeyboardModifier.ControlModifier


async def natively(window, settled, *deeds):
    """Do something to the native window, so that shortcuts and the focus ring see it.

    QTest handles events meanwhile: never inside a task, or other tasks are lost.
    """
    window.activateWindow()
    await settled(window.isActiveWindow)
    for deed in deeds:
        done = asyncio.get_running_loop().create_future()
        QTimer.singleShot(
            0, lambda deed=deed, done=done: (deed(window.windowHandle()), done.set_result(None))
        )
        await done


def key(code, modifiers=Qt.KeyboardModifier.NoModifier):
    return lambda handle: QTest.keyClick(handle, code, modifiers)


async def test_it_opens_at_start(window):
    assert window.page == "start"
    assert window.windowTitle() == "SlimDesk"
    assert window.rail.buttons[0].isChecked()
    assert (window.width(), window.height()) == (1280, 800)


async def test_every_page_opens_by_its_shortcut_and_by_the_rail(window, settled):
    from slimdesk.ui.pages import pages_there

    for entry in pages_there():
        window.go("settings" if entry.key == "start" else "start")
        window.commands.run(f"go-{entry.key}")
        assert window.page == entry.key
    await natively(window, settled, key(Qt.Key.Key_1, CTRL))
    await settled(lambda: window.page == "start")
    QTest.mouseClick(window.rail.buttons[-1], Qt.MouseButton.LeftButton)
    assert window.page == "settings"


async def test_back_goes_to_the_page_before(window):
    assert not window.commands.run("back")
    window.notices.clear()
    window.go("settings")
    assert window.commands.run("back")
    assert window.page == "start"
    assert not window.can_go_back()


async def test_what_cannot_be_done_says_why(window):
    assert not window.commands.run("read-again")
    assert window.notices.notices[0].text == "Read the project again: no project is open."


async def test_our_errors_become_notices(window, settled):
    async def fail():
        raise BadInput("x.tar is not an image", "it is cut off", "Save it again")

    window.desk.spawn(fail())
    await settled(lambda: window.notices.notices)
    assert window.notices.notices[0].text == "x.tar is not an image. It is cut off. Save it again."


async def test_a_job_that_fails_is_told_and_cancelled_ones_are_silent(window, settled):
    async def fail(job):
        raise BadInput("no")

    async def long(job):
        await asyncio.sleep(60)

    window.desk.run_job("Fail", "build", fail)
    window.desk.run_job("Long", "build", long)
    await settled(lambda: window.notices.notices and window.workspace.jobs.running)
    window.workspace.jobs.cancel_all()
    await settled(lambda: not window.workspace.jobs.running)
    assert len(window.notices.notices) == 1


async def test_something_unforeseen_opens_the_crash_window_and_the_program_lives_on(
    make_window, settled, qtbot
):
    window = make_window()

    async def fail():
        return 1 / 0

    hook = app._catch(window)
    try:
        with qtbot.captureExceptions() as caught:
            QTimer.singleShot(0, lambda: {}["missing"])
            window.desk.spawn(fail())
            await settled(lambda: window.crash is not None and "ZeroDivisionError" in window.crash.text)
    finally:
        import sys

        sys.excepthook = hook
    assert caught is not None
    assert "SlimDesk 0" in window.crash.text
    assert "Python 3" in window.crash.text
    window.crash._copy()
    assert QGuiApplication.clipboard().text() == window.crash.text
    window.crash.close()
    assert window.crash is None
    window.go("settings")
    assert window.page == "settings"


async def test_an_unforeseen_error_twice_is_one_window(make_window):
    window = make_window()
    error = ValueError("the same")
    window.show_crash(error)
    window.show_crash(error)
    window.show_crash(KeyError("another"))
    assert window.crash.text.count("the same") == 1
    assert "another" in window.crash.text
    window.crash.close()


async def test_closing_puts_away_and_the_next_window_stands_where_this_one_did(qapp, settled):
    window = app.build_frame(Workspace())
    running = asyncio.ensure_future(app.run(window, None, painted=True))
    window.show()
    await settled(spare_process)
    window.desk.keep("image.left", (380, 900))
    window.resize(1400, 900)
    window.go("settings")
    window.close()
    assert window.isVisible()
    await asyncio.wait_for(running, 10)
    assert not window.isVisible()
    assert spare_process() is None
    window.deleteLater()
    kept = SettingsFile().value
    assert kept.splits == {"image.left": (380, 900)}
    again = app.build_frame(Workspace())
    assert (again.width(), again.height()) == (1400, 900)
    again.deleteLater()


async def test_closing_cancels_what_runs(make_window, settled):
    window = make_window()
    seen = []

    async def work(job):
        seen.append("begun")
        try:
            await asyncio.sleep(600)
        finally:
            seen.append("freed")

    window.desk.run_job("Build", "build", work)
    await settled(lambda: seen == ["begun"])
    window.workspace.jobs.cancel_all()
    await settled(lambda: seen == ["begun", "freed"])


async def test_a_geometry_that_makes_no_sense_is_ignored(qapp):
    workspace = Workspace()
    workspace.change_settings(geometry="no geometry at all")
    window = app.build_frame(workspace)
    assert window.width() >= 1024
    window.deleteLater()


async def test_the_theme_switches_while_it_runs(window):
    for appearance in ("dark", "light", "dark"):
        window.commands.run(f"appearance-{appearance}")
        assert current().tokens.name == appearance
        page = window.grab().toImage().pixelColor(500, window.height() - 100).name().upper()
        assert page == current().tokens["s1"]
    assert window.commands["appearance-dark"].refused() == "it is in use"
    assert SettingsFile().value.appearance == "dark"


async def test_zoom_by_keyboard_and_back(window, settled):
    before = window.font().pointSizeF()
    window.commands.run("zoom-in")
    await settled(lambda: window.font().pointSizeF() == before + 1)
    window.commands.run("zoom-reset")
    await settled(lambda: window.font().pointSizeF() == before)


async def test_f6_goes_from_pane_to_pane(window, settled):
    window.activateWindow()
    await settled(window.isActiveWindow)
    visited = []
    for _ in range(4):
        window.next_pane()
        visited.append(QApplication.focusWidget())
    assert window.rail.buttons[0] in visited
    assert len({id(one) for one in visited}) > 1


async def test_the_ring_is_for_the_keyboard_only(window, settled):
    await settled(lambda: window._ring is not None)
    await natively(window, settled, key(Qt.Key.Key_Tab))
    await settled()
    assert window._ring.keyboard
    assert window._ring._overlay.isVisible()
    left, none, place = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(300, 22)
    await natively(
        window,
        settled,
        lambda handle: QTest.mousePress(handle, left, none, place),
        lambda handle: QTest.mouseRelease(handle, left, none, place),
    )
    assert not window._ring.keyboard
    assert not window._ring._overlay.isVisible()


async def test_the_menu_holds_what_can_be_done_with_reasons(window):
    menu = QMenu(window)
    window.bar._fill(menu)
    titles = [action.text() for action in menu.actions()]
    assert titles[0] == "File"
    lines = {line.text().partition("\t")[0]: line for sub in menu.actions() for line in sub.menu().actions()}
    assert lines["Open folder…"].isEnabled()
    assert not lines["Close the project"].isEnabled()
    assert lines["Close the project"].toolTip() == "no project is open"
    menu.deleteLater()


async def test_every_action_has_a_picture_that_exists_and_no_two_share_keys(window):
    from slimdesk.ui.pages import pages_there

    for entry in pages_there():
        window.page_of(entry.key)
    taken = {}
    for action in window.commands:
        if action.picture:
            assert glyph(action.picture)
        for keys in action.keys:
            # Two pages may use the same keys, each for its own.
            place = (keys, action.page)
            assert place not in taken, (place, action.key, taken.get(place))
            taken[place] = action.key
            if action.page is not None:
                assert (keys, None) not in taken or action.page, keys


async def test_what_is_dropped_is_opened(window, tmp_path, settled):
    opened = []
    window.desk.opener = type("Opener", (), {"open_path": lambda _self, path: opened.append(path)})()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    assert opened == [str(tmp_path)]


@pytest.mark.parametrize("size", [(1024, 680), (1280, 800), (1920, 1080)])
async def test_nothing_is_cut_off_sideways(make_window, size, theme):
    window = make_window(theme, size)
    window.workspace.set_engine(None)
    await asyncio.sleep(0.05)
    assert (window.width(), window.height()) == size
    assert window.bar.chip.geometry().right() <= window.width()
    assert not window.grab().isNull()


async def test_the_search_box_gives_way_before_a_name_is_cut(window, settled):
    bar = window.bar
    await settled(lambda: bar.search.width() == 400)
    bar.crumbs._name.setText("a-project-with-a-long-name-1")
    bar.crumbs._component.setVisible(True)
    bar.crumbs._component.setText("a-component-with-a-long-name")
    window.resize(1024, 680)
    await settled(lambda: bar.search.width() < 400)
    assert bar.crumbs.width() >= bar.crumbs.sizeHint().width()
    assert bar.search.geometry().right() < bar.chip.mapTo(bar, QPoint(0, 0)).x()
    assert bar.crumbs._component.text() == "a-component-with-a-long-name"
