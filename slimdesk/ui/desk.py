"""What a page is given: the workspace, and the few things that only the window can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtWidgets import QWidget

from slimdesk.basics.errors import OutputError, SlimDeskError
from slimdesk.ui.actions import Actions
from slimdesk.ui.tasks import spawn
from slimdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    import asyncio

    from slimdesk.basics.job import Job
    from slimdesk.ui.widgets.notice import Notice

T = TypeVar("T")


class Window(Protocol):
    """The parts of the main window that pages use, through `Desk`."""

    @property
    def page(self) -> str:
        """Key of the page that is open."""

    def show_notice(self, notice: Notice) -> None:
        """Show it above the page."""

    def go(self, page: str) -> None:
        """Open a page."""


class Desk:
    """One per window. `window` is the parent of dialogs.

    open_path and open_image are set by the wiring: they open a folder or file, and an image of the engine.
    """

    def __init__(self, workspace: Workspace, window: QWidget, frame: Window, actions: Actions) -> None:
        self.workspace = workspace
        self.window = window
        self.actions = actions
        self._frame = frame
        self.crashed: Callable[[BaseException], object] = lambda _error: None
        self.opener: Opener | None = None
        self.splits = dict(workspace.settings.splits)

    @property
    def page(self) -> str:
        """Key of the page that is open."""
        return self._frame.page

    def go(self, page: str) -> None:
        """Open a page by its key; an unknown one is ignored."""
        self._frame.go(page)

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run a coroutine; what it raises is told as a notice, or in the crash window if it is unforeseen."""
        return spawn(work, self.fail)

    async def blocking(self, work: Callable[..., T], *args: Any) -> T:
        """Run a blocking call in a thread."""
        import asyncio

        return await asyncio.to_thread(work, *args)

    async def job(
        self, title: str, kind: str, work: Callable[[Job], Awaitable[T]], *, summary: str = ""
    ) -> T:
        """Run `work(job)` as a job of the strip; raises what it raises. `kind` is build, verify, analyse, pull, read."""
        job = self.workspace.jobs.start(title, kind)
        result = await job.run(work(job))
        if summary and not job.summary:
            job.summary = summary
        return result

    def run_job(
        self, title: str, kind: str, work: Callable[[Job], Coroutine[Any, Any, T]], *, summary: str = ""
    ) -> asyncio.Task[T]:
        """Start a job and let go of it; failures become notices."""
        return self.spawn(self.job(title, kind, work, summary=summary))

    def notify(
        self,
        kind: str,
        what: str,
        why: str = "",
        *,
        actions: Sequence[tuple[str, Callable[[], object]]] = (),
        details: str = "",
    ) -> None:
        """Show a notice: info, good, warn or bad."""
        from slimdesk.ui.widgets.notice import Notice

        self._frame.show_notice(Notice(kind, what, why, actions=actions, details=details))  # type: ignore[arg-type]

    def fail(self, error: BaseException) -> None:
        """Tell an error: ours as a notice, cancellation not at all, anything else in the crash window."""
        from asyncio import CancelledError

        from slimdesk.ui.widgets.notice import notice_of

        if isinstance(error, CancelledError):
            return
        if isinstance(error, SlimDeskError):
            self._frame.show_notice(notice_of(error))
        else:
            self.crashed(error)

    def change_settings(self, **values: Any) -> None:
        """Change settings; if they cannot be written they hold until the end, and a notice says so."""
        try:
            self.workspace.change_settings(**values)
        except OutputError as error:
            self.fail(error)

    # Where splitters stand (widgets.splitter.Memory)

    def recall(self, key: str) -> tuple[int, ...] | None:
        """Return the sizes kept under `key`."""
        return self.splits.get(key)

    def keep(self, key: str, values: Sequence[int]) -> None:
        """Keep sizes; they are written with the window's geometry when it closes."""
        self.splits[key] = tuple(values)


class Opener(Protocol):
    """How things are opened; one object of the wiring."""

    def open_path(self, path: str) -> None:
        """Open a folder (project or OCI layout) or an archive."""

    def open_image(self, name: str) -> None:
        """Open an image of the engine by name."""

    def open_sample(self) -> None:
        """Open the bundled sample project."""

    def read_again(self) -> None:
        """Read the open project again."""

    def ask_engine(self) -> None:
        """Ask the engine how it is."""

    def use_context(self, name: str | None) -> None:
        """Use another Docker context."""
