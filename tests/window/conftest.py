"""Tests of the window: Qt offscreen on a qasync loop, an empty SlimDesk of its own, and nothing left behind.

A test fails on a Qt warning (pytest's qt_log_level_fail), on a task that is still running at its end, on an error that only
the loop heard of, and on a crash window that it did not ask for.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from pathlib import Path

# A screen as people have it; the platform's own is 800x800.
os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={Path(__file__).with_name('screen.json')}"
os.environ["QT_API"] = "pyside6"

import pytest
import qasync
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from slimdesk import app


def pytest_collection_modifyitems(items):
    """A lost task never ends: then the stacks are told, not waited for."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(300))


def pytest_asyncio_loop_factories(config, item):
    """Every coroutine test of this folder runs as the program does."""
    return {"qasync": _loop}


def _loop():
    app.make_application()
    return app.make_loop(QuietLoop)


class QuietLoop(qasync.QEventLoop):
    """Does not handle events once more after it has ended: tasks of a test would go on there without their loop."""

    def run_until_complete(self, future):
        """Run until `future` is done."""
        future = asyncio.ensure_future(future, loop=self)

        def stop(_future):
            self.stop()

        future.add_done_callback(stop)
        try:
            self.run_forever()
        finally:
            future.remove_done_callback(stop)
        return future.result()


@pytest.fixture(autouse=True)
def slimdesk_home(tmp_path, monkeypatch):
    """Settings, history and sessions of one test alone."""
    home = tmp_path / "slimdesk-home"
    monkeypatch.setenv("SLIMDESK_HOME", str(home))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    return home


@pytest.fixture(params=["light", "dark"])
def theme(request):
    """Both themes, one after the other; name it before `window` or `make_window`."""
    return request.param


@pytest.fixture
async def make_window(qapp):
    """Make a wired window on demand: `make_window(appearance="dark", path=None)`; closed and checked at the end."""
    from slimdesk.ui import tasks
    from slimdesk.ui.frame.window import MainWindow
    from slimdesk.workspace.workspace import Workspace

    loop = asyncio.get_running_loop()
    orphans = []
    crashes = []
    made: list[tuple[MainWindow, object]] = []
    loop.set_exception_handler(lambda _loop, context: orphans.append(context))

    def make(appearance: str = "light", size: tuple[int, int] = (1280, 800)) -> MainWindow:
        workspace = Workspace()
        workspace.change_settings(appearance=appearance)
        window, opening = app.build_window(workspace)
        window.desk.crashed = crashes.append
        window.resize(*size)
        window.show()
        made.append((window, opening))
        return window

    make.crashes = crashes
    yield make
    for window, opening in made:
        await app.put_away(window, opening)
        window.deleteLater()
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))
    await asyncio.sleep(0)
    # On a busy machine a thread that a task waits for may take longer than the program gives it.
    await tasks.stop_all(20.0)
    assert not tasks.running(), f"tasks that nobody waits for: {tasks.running()}"
    assert not orphans, f"errors that only the loop heard of: {orphans}"
    for crash in crashes:
        raise crash


@pytest.fixture
async def window(make_window):
    """The window, light, 1280x800, no engine asked."""
    return make_window()


@pytest.fixture
def settled():
    """Let events run until `condition()` holds: `await settled(lambda: …)`; fails after a minute.

    A minute says that it never comes, not how fast it is: machines that others use take ten times as long.
    """

    async def wait(condition=lambda: True, seconds: float = 60.0) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while True:
            await asyncio.sleep(0.01)
            if condition():
                return
            if asyncio.get_running_loop().time() > end:
                pytest.fail(f"it did not come about within {seconds:g} seconds")

    return wait


@pytest.fixture(autouse=True)
def no_events_outside_the_loop(monkeypatch):
    """pytest-qt handles Qt's events between a test and its fixtures' ends: a task would go on there without its loop."""
    monkeypatch.setattr("pytestqt.plugin._process_events", lambda: None)


@pytest.fixture(scope="module", autouse=True)
def what_was_there_before():
    """Thousands of collected tests and all modules are not looked through again after each test: that took longer than they."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def garbage_on_this_thread(what_was_there_before):
    """As in the program (ui.collector): workers must not delete Qt objects."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def same_hooks():
    """No test leaves its own excepthook behind."""
    before = sys.excepthook
    yield
    assert sys.excepthook is before
