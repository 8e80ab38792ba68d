"""All jobs of the program, newest last, and who watches them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slimdesk.basics.job import Job, JobState

_FINISHED_KEPT = 100


class Jobs:
    """The list. Observers are called plainly after each change of any job, and with None when the list changed."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._observers: list[Callable[[Job | None], object]] = []

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._jobs))

    def __len__(self) -> int:
        return len(self._jobs)

    def observe(self, observer: Callable[[Job | None], object]) -> Callable[[], None]:
        """Call `observer` after each change; the answer ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer) if observer in self._observers else None

    def add(self, job: Job) -> Job:
        """Take a job on; very old ones that have ended go."""
        ended = [one for one in self._jobs if one.state.ended]
        for old in ended[: max(0, len(ended) - _FINISHED_KEPT)]:
            self._jobs.remove(old)
        self._jobs.append(job)
        job.observe(self._tell)
        self._tell(None)
        return job

    def start(self, title: str, kind: str = "") -> Job:
        """Make a job and take it on."""
        return self.add(Job(title, kind))

    @property
    def running(self) -> tuple[Job, ...]:
        """Those that run now, newest last."""
        return tuple(job for job in self._jobs if job.state is JobState.RUNNING)

    @property
    def waiting(self) -> tuple[Job, ...]:
        """Those that have not begun."""
        return tuple(job for job in self._jobs if job.state is JobState.QUEUED)

    @property
    def finished(self) -> tuple[Job, ...]:
        """Those that have ended, newest last."""
        return tuple(job for job in self._jobs if job.state.ended)

    @property
    def unseen_failures(self) -> tuple[Job, ...]:
        """Failures that nobody has looked at yet."""
        return tuple(job for job in self._jobs if job.state is JobState.FAILED and not job.seen)

    def see_all(self) -> None:
        """The person has looked at the list."""
        for job in self._jobs:
            if job.state.ended:
                job.seen = True
        self._tell(None)

    def clear_finished(self) -> None:
        """Forget those that have ended."""
        self._jobs = [job for job in self._jobs if not job.state.ended]
        self._tell(None)

    def cancel_all(self) -> None:
        """Stop whatever runs or waits."""
        for job in tuple(self._jobs):
            job.cancel()

    def _tell(self, job: Job | None) -> None:
        for observer in tuple(self._observers):
            observer(job)
