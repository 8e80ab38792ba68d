"""The wiring of the window: the only place where everything meets."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

# qasync takes whatever Qt it finds; it is to find this one.
os.environ["QT_API"] = "pyside6"

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from slimdesk.basics.escaping import visible

if TYPE_CHECKING:
    import asyncio

    from slimdesk.ui.frame.window import MainWindow
    from slimdesk.ui.opening import Opening
    from slimdesk.workspace.workspace import Workspace

DESKTOP_ID = "io.slimdesk.SlimDesk"
_THREADS = 16
_TURN = 0.0005
_SETTLED = 1.5


def main(words: Sequence[str]) -> int:
    """Open the window on a project, an archive or an image; return the exit status."""
    wanted = [word for word in words if not word.startswith("-")]
    unknown = [word for word in words if word.startswith("-")]
    if unknown or len(wanted) > 1:
        # Two words are a call of the command line, so that it is the first that is not known.
        print(
            f"slimdesk: {visible((unknown or wanted)[0], 80)} is not understood. Try slimdesk --help.",
            file=sys.stderr,
        )
        return 2
    if not has_display():
        print(
            "slimdesk: There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window. "
            "`slimdesk --help` names what works in a terminal.",
            file=sys.stderr,
        )
        return 2
    application = make_application()
    from slimdesk.workspace.workspace import Workspace

    window = build_frame(Workspace())
    painted: list[bool] = []
    window.painted = lambda: painted.append(True)
    window.show()
    # The frame goes on screen before the event loop is even imported.
    application.processEvents()
    import asyncio

    try:
        with asyncio.Runner(loop_factory=make_loop) as runner:
            runner.run(run(window, wanted[0] if wanted else None, painted=bool(painted)))
    except KeyboardInterrupt:
        # Ctrl+C in the terminal that the window was started from.
        return 130
    application.quit()
    return 0


def has_display() -> bool:
    """Say whether a window can open: where Qt looks for a display in vain it ends the whole process."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def make_application() -> QApplication:
    """Return the application object, named and undressed."""
    QCoreApplication.setApplicationName("SlimDesk")
    QCoreApplication.setOrganizationName("SlimDesk")
    application = QApplication.instance() or QApplication(["slimdesk"])
    assert isinstance(application, QApplication)  # noqa: S101 - there is no other kind in this program
    application.setApplicationDisplayName("SlimDesk")
    application.setDesktopFileName(DESKTOP_ID)
    # The loop ends when run() does: it must not be stopped in the middle of a call.
    application.setQuitOnLastWindowClosed(False)
    return application


def make_loop(kind: Callable[[Any], asyncio.AbstractEventLoop] | None = None) -> asyncio.AbstractEventLoop:
    """Return an event loop that Qt drives, with plain threads for blocking calls (qasync's own abort at exit)."""
    from concurrent.futures import ThreadPoolExecutor

    import qasync

    # What computes beside the loop gives way to it sooner: each call into Qt may have to ask for its turn again.
    sys.setswitchinterval(_TURN)
    loop: asyncio.AbstractEventLoop = (kind or qasync.QEventLoop)(QApplication.instance())
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="slimdesk"))
    return loop


async def run(window: MainWindow, path: str | None, *, painted: bool = False) -> None:
    """Furnish the window once it has been painted, and return when it has been closed."""
    import asyncio

    from slimdesk.ui.collector import Collector

    loop = asyncio.get_running_loop()
    closed: asyncio.Future[None] = loop.create_future()
    first_paint: asyncio.Future[None] = loop.create_future()
    hook = _catch(window)
    collector = Collector(window)
    window.closing = lambda: _settle(closed)
    window.painted = lambda: _settle(first_paint)
    if painted:
        _settle(first_paint)
    try:
        await asyncio.wait((first_paint, closed), return_when=asyncio.FIRST_COMPLETED)
        opening = furnish(window)
        warm = loop.run_in_executor(None, _warm_up)
        loading = loop.create_task(_load_pages())
        begin(window, opening, path)
        try:
            await closed
        finally:
            loading.cancel()
            await put_away(window, opening)
            await warm
            await loop.run_in_executor(None, _cool_down)
    finally:
        collector.stop()
        sys.excepthook = hook


def _warm_up() -> None:
    """Start the process that reads images before the first one is opened. Blocking, for a thread."""
    import contextlib

    from slimdesk.operations.analyze_worker import warm_up

    # Where no process can be started, the opening of an image says so.
    with contextlib.suppress(OSError):
        warm_up()


async def _load_pages() -> None:
    """Import the pages once the start is over, one after the other in a thread: the first click on one is answered sooner."""
    import asyncio

    from slimdesk.ui.pages import pages_there

    await asyncio.sleep(_SETTLED)
    for entry in pages_there():
        await asyncio.to_thread(entry.load)


def _cool_down() -> None:
    from slimdesk.operations.analyze_worker import end_spare

    end_spare()


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def build_frame(workspace: Workspace) -> MainWindow:
    """Return the main window without pages and commands, dressed, not yet shown."""
    from slimdesk.ui.frame.window import MainWindow
    from slimdesk.ui.theme import current

    current().start(workspace.settings.appearance, workspace.settings.zoom)
    return MainWindow(workspace)


def furnish(window: MainWindow) -> Opening:
    """Give the window its commands and its first page."""
    from slimdesk.ui.frame.commands import add_commands
    from slimdesk.ui.frame.sources import Sources
    from slimdesk.ui.opening import Opening

    opening = Opening(window.desk, window)
    window.desk.opener = opening
    add_commands(window, opening)
    window.go("start")
    window.sources = Sources(window.desk, opening, window.palette_box)
    return opening


def build_window(workspace: Workspace) -> tuple[MainWindow, Opening]:
    """Return the main window with everything wired to it, not yet shown (for tests and screenshots)."""
    window = build_frame(workspace)
    return window, furnish(window)


async def put_away(window: MainWindow, opening: Opening) -> None:
    """Stop jobs and tasks, keep what is to be kept, close the window."""
    from slimdesk.ui.tasks import stop_all

    window.setEnabled(False)
    window.workspace.jobs.cancel_all()
    await opening.stop()
    await stop_all()
    window.desk.change_settings(**window.remember())
    window.close_for_good()


def begin(window: MainWindow, opening: Opening, path: str | None) -> None:
    """Ask the engine, and open what was asked for."""
    from pathlib import Path

    opening.start()
    problem = window.workspace.settings_problem
    if problem:
        window.desk.notify("warn", problem)
    if path is None:
        return
    if Path(path).expanduser().exists():
        opening.open_path(path)
    else:
        opening.open_image(path)


def _catch(window: MainWindow) -> Any:
    """Let whatever nobody foresaw open the crash window; return the hook that was there."""
    import asyncio
    import traceback

    def crashed(error: BaseException) -> None:
        traceback.print_exception(error)
        window.show_crash(error)

    def from_qt(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
        else:
            crashed(error.with_traceback(trace))

    def from_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            crashed(error)

    asyncio.get_running_loop().set_exception_handler(from_loop)
    before = sys.excepthook
    sys.excepthook = from_qt
    window.desk.crashed = crashed
    return before
