"""The main window: bar, rail, pages, jobs. It knows no page by name but the first one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget

from slimdesk.ui.actions import Actions
from slimdesk.ui.desk import Desk
from slimdesk.ui.frame.job_strip import JobStrip
from slimdesk.ui.frame.rail import Rail
from slimdesk.ui.frame.top_bar import TopBar
from slimdesk.ui.pages import pages_there
from slimdesk.ui.widgets.layout import column, row
from slimdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from slimdesk.basics.job import Job
    from slimdesk.ui.frame.crash import CrashWindow
    from slimdesk.ui.frame.focus import FocusRing
    from slimdesk.ui.frame.job_panel import JobPanel
    from slimdesk.ui.frame.palette import Palette
    from slimdesk.ui.pages.page import Page
    from slimdesk.ui.widgets.notice import Notice, NoticeArea

LEAST = (1024, 680)
FIRST = (1280, 800)


class MainWindow(QMainWindow):
    """The frame. `closing` is called when the person closes the window; the window closes when the wiring says so.

    What is not seen at first (palette, list of jobs, notices, pages) is made when it is first asked for: the frame is on
    screen in a fraction of the time that all of it takes.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.closing: Callable[[], object] = lambda: None
        self.painted: Callable[[], object] = lambda: None
        self._may_close = False
        self._first_paint = True
        self._back: list[str] = []
        self._crash: CrashWindow | None = None
        self.sources: object = None
        self.setAccessibleName("SlimDesk")
        self.setMinimumSize(*LEAST)
        self.setAcceptDrops(True)
        self._entries = {entry.key: entry for entry in pages_there()}
        self._pages: dict[str, Page] = {}
        self._page = ""
        self.commands = Actions(self, lambda: self._page, lambda text: self.desk.notify("info", f"{text}."))
        self.desk = Desk(workspace, self, self, self.commands)
        self.desk.crashed = self.show_crash
        self.rail = Rail(tuple(self._entries.values()))
        self.rail.chosen.connect(self.go)
        self.bar = TopBar(workspace, self.commands, self.open_palette, self._ask_engine, self._use_context)
        self.stack = QStackedWidget()
        self.strip = JobStrip(workspace.jobs, self.show_log, self.toggle_jobs)
        self._column = column(self.stack, spacing=0)
        self._column.setStretch(0, 1)
        middle = row(self.rail, self._column, spacing=0)
        whole = QWidget()
        whole.setLayout(column(self.bar, middle, self.strip, spacing=0))
        self.setCentralWidget(whole)
        self._notices: NoticeArea | None = None
        self._panel: JobPanel | None = None
        self._palette_box: Palette | None = None
        self._ring: FocusRing | None = None
        self._restore()
        workspace.observe(("project", "component", "image"), self._retitle)
        self._retitle()

    @property
    def notices(self) -> NoticeArea:
        """Where notices stand."""
        if self._notices is None:
            from slimdesk.ui.widgets.notice import NoticeArea

            self._notices = NoticeArea()
            self._column.insertWidget(0, self._notices)
        return self._notices

    @property
    def panel(self) -> JobPanel:
        """The list of all jobs."""
        if self._panel is None:
            from slimdesk.ui.frame.job_panel import JobPanel

            self._panel = JobPanel(self.desk, self.toggle_jobs)
            self._column.addWidget(self._panel)
        return self._panel

    @property
    def palette_box(self) -> Palette:
        """The command palette."""
        if self._palette_box is None:
            from slimdesk.ui.frame.palette import Palette

            self._palette_box = Palette(self, self.commands)
        return self._palette_box

    @property
    def page(self) -> str:
        """The key of the page that is open."""
        return self._page

    def page_of(self, key: str) -> Page:
        """Return a page, made if it was not there yet."""
        if key not in self._pages:
            page = self._entries[key].make(self.desk)
            self._pages[key] = page
            self.stack.addWidget(page)
        return self._pages[key]

    def go(self, key: str) -> None:
        """Open a page; an unknown key is ignored."""
        if key not in self._entries or key == self._page:
            return
        page = self.page_of(key)
        if self._page:
            self._back.append(self._page)
            del self._back[:-50]
        self._page = key
        self.stack.setCurrentWidget(page)
        self.rail.show_page(key)
        self._retitle()

    def back(self) -> None:
        """Open the page before."""
        if self._back:
            key = self._back.pop()
            here, self._page = self._page, ""
            self.go(key)
            if self._page != key:
                self._page = here

    def can_go_back(self) -> bool:
        """Whether there is a page before."""
        return bool(self._back)

    def show_notice(self, notice: Notice) -> None:
        """Show it above the page."""
        self.notices.show_notice(notice)

    def toggle_jobs(self) -> None:
        """Open or hide the list of jobs."""
        opened = not self.panel.isVisible()
        self.panel.setVisible(opened)
        self.strip.panel_open(opened)
        if opened:
            self.panel.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_log(self, job: Job) -> None:
        """Open a job's log."""
        self.panel.show_log(job)

    def open_palette(self, text: str = "") -> None:
        """Open the command palette."""
        self.palette_box.open(text)

    def show_crash(self, error: BaseException) -> None:
        """Tell of something unforeseen, and go on."""
        if self._crash is None:
            from slimdesk.ui.frame.crash import CrashWindow

            self._crash = CrashWindow(self)
            self._crash.finished.connect(self._crash_closed)
        self._crash.add(error)
        self._crash.show()

    @property
    def crash(self) -> CrashWindow | None:
        """The crash window, while it is open."""
        return self._crash

    def next_pane(self) -> None:
        """F6: from pane to pane, the rail among them."""
        checked = [button for button in self.rail.buttons if button.isChecked()]
        panes = [*(self._pages[self._page].panes() if self._page in self._pages else ()), *checked]
        panes = [pane for pane in panes if pane.isVisible() and pane.isEnabled()]
        if not panes:
            return
        focus = QApplication.focusWidget()
        inside = [number for number, pane in enumerate(panes) if focus is not None and _holds(pane, focus)]
        panes[(inside[0] + 1) % len(panes) if inside else 0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def reload(self) -> None:
        """F5: let the page read again."""
        if self._page:
            self._pages[self._page].reload()

    def show_filter(self) -> None:
        """Ctrl+F: let the page show its filter."""
        if self._page:
            self._pages[self._page].show_filter()

    def close_for_good(self) -> None:
        """Close without asking back; the wiring has put everything away."""
        self._may_close = True
        self.close()

    def remember(self) -> dict[str, object]:
        """Return what the settings keep of the window."""
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        return {"geometry": geometry, "page": self._page or "start", "splits": self.desk.splits}

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Put things away first: the loop must not be stopped in the middle of a call."""
        if self._may_close:
            super().closeEvent(event)
            return
        event.ignore()
        self.closing()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the palette in the middle."""
        super().resizeEvent(event)
        if self._palette_box is not None and self._palette_box.isVisible():
            self._palette_box.place()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the keyboard's ring once there is a native window."""
        super().showEvent(event)
        QTimer.singleShot(0, self._watch_keyboard)

    def _watch_keyboard(self) -> None:
        handle = self.windowHandle()
        if self._ring is None and handle is not None:
            from slimdesk.ui.frame.focus import FocusRing

            self._ring = FocusRing(handle, self)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Tell of the first paint: what is heavy may be loaded from now on."""
        super().paintEvent(event)
        if self._first_paint:
            self._first_paint = False
            self.painted()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc hides the jobs."""
        if event.key() == Qt.Key.Key_Escape and self._panel is not None and self._panel.isVisible():
            self.toggle_jobs()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Come back to the front: the engine may have been started meanwhile."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            status = self.workspace.engine
            if status is not None and not status.reachable:
                self._ask_engine()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Let the page have them first, else open the first."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            return
        event.acceptProposedAction()
        taken = self._page in self._pages and self._pages[self._page].drop_paths(paths)
        if not taken and self.desk.opener is not None:
            self.desk.opener.open_path(paths[0])

    def _restore(self) -> None:
        kept = self.workspace.settings.geometry
        if kept and self.restoreGeometry(QByteArray.fromBase64(QByteArray(kept.encode("ascii", "ignore")))):
            return
        room = QGuiApplication.primaryScreen().availableSize()
        width, height = min(FIRST[0], room.width()), min(FIRST[1], room.height())
        self.resize(max(width, LEAST[0]), max(height, LEAST[1]))

    def _retitle(self) -> None:
        project = self.workspace.project
        parts = [project.root.name] if project else []
        if self._page == "image" and self.workspace.image is not None:
            parts = [self.workspace.image.where.rsplit("/", 1)[-1]]
        self.setWindowTitle(" – ".join([*parts, "SlimDesk"]))

    def _crash_closed(self) -> None:
        if self._crash is not None:
            self._crash.deleteLater()
        self._crash = None

    def _ask_engine(self) -> None:
        if self.desk.opener is not None:
            self.desk.opener.ask_engine()

    def _use_context(self, name: str | None) -> None:
        if self.desk.opener is not None:
            self.desk.opener.use_context(name)


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return widget is pane or pane.isAncestorOf(widget)
