"""A job: one thing that SlimDesk does for a while, with its state, progress and log, and a way to stop it."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from slimdesk.basics import clock
from slimdesk.basics.escaping import log_line

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

LOG_LINES = 50_000


class JobState(Enum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total` in `unit`; total None = not known."""

    step: str = ""
    done: float = 0
    total: float | None = None
    unit: str = ""

    @property
    def ratio(self) -> float | None:
        """0..1, or None where the total is not known."""
        return min(1.0, self.done / self.total) if self.total else None


class Reporter(Protocol):
    """What an operation tells while it runs. `Job` is one; `Silent` is another. Call it on the event loop only."""

    def progress(self, step: str = "", done: float = 0, total: float | None = None, unit: str = "") -> None:
        """Say where it is; `unit` is "bytes", "steps", "files" or nothing."""

    def log(self, text: str) -> None:
        """Add lines to the log."""


class Silent:
    """A reporter that nobody listens to."""

    def progress(self, step: str = "", done: float = 0, total: float | None = None, unit: str = "") -> None:
        """Ignore it."""

    def log(self, text: str) -> None:
        """Ignore it."""


class Job:
    """One running thing. Changed on the event loop alone; observers are called plainly, after each change."""

    _numbers = itertools.count(1)

    def __init__(self, title: str, kind: str = "") -> None:
        self.number = next(Job._numbers)
        self.title = title
        self.kind = kind
        self.state = JobState.QUEUED
        self.current = Progress()
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self.dropped_lines = 0
        self.error: BaseException | None = None
        self.summary = ""
        self.seen = False
        self.started: float | None = None
        self.ended: float | None = None
        self._task: asyncio.Future[Any] | None = None
        self._observers: list[Callable[[Job], None]] = []

    def observe(self, observer: Callable[[Job], None]) -> Callable[[], None]:
        """Call `observer` after each change; the answer ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer) if observer in self._observers else None

    def progress(self, step: str = "", done: float = 0, total: float | None = None, unit: str = "") -> None:
        """Say where it is; an empty step keeps the last one."""
        self.current = Progress(step or self.current.step, done, total, unit)
        self._changed()

    def log(self, text: str) -> None:
        """Add lines, made harmless."""
        for line in text.splitlines():
            if len(self.lines) == LOG_LINES:
                self.dropped_lines += 1
            self.lines.append(log_line(line))
        self._changed()

    @property
    def seconds(self) -> float | None:
        """How long it has run, in seconds; None before it starts."""
        if self.started is None:
            return None
        return (clock.monotonic() if self.ended is None else self.ended) - self.started

    async def run(self, work: Awaitable[T]) -> T:
        """Await `work` as this job; what it raises is kept in `error` and raised again."""
        # Imported here: whoever only shows or names jobs does not pay for the event loop.
        import asyncio

        task = asyncio.ensure_future(work)
        self._task = task
        self.state = JobState.RUNNING
        self.started = clock.monotonic()
        self._changed()
        try:
            result = await task
        except asyncio.CancelledError as error:
            self._finish(JobState.CANCELLED, error)
            if not task.done():
                task.cancel()
            raise
        except BaseException as error:
            self._finish(JobState.FAILED, error)
            raise
        self._finish(JobState.SUCCEEDED, None)
        return result

    def cancel(self) -> None:
        """Stop it; takes effect within a second. A job that has ended stays as it is."""
        if self.state.ended:
            return
        if self._task is None:
            self._finish(JobState.CANCELLED, None)
        else:
            self._task.cancel()

    def _finish(self, state: JobState, error: BaseException | None) -> None:
        self.state = state
        self.error = error
        self.ended = clock.monotonic()
        if self.started is None:
            self.started = self.ended
        self._changed()

    def _changed(self) -> None:
        for observer in tuple(self._observers):
            observer(self)
