"""Tasks of the window: each is held by a strong reference, and its failure always reaches somebody."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

_tasks: set[asyncio.Task[Any]] = set()


def spawn(
    work: Coroutine[Any, Any, T], failed: Callable[[BaseException], object] | None = None
) -> asyncio.Task[T]:
    """Run `work` on the loop. What it raises goes to `failed`, else to the loop's exception handler.

    Cancellation is silent.
    """
    import asyncio

    task = asyncio.get_running_loop().create_task(work)
    _tasks.add(task)

    def done(finished: asyncio.Task[T]) -> None:
        _tasks.discard(finished)
        if finished.cancelled():
            return
        error = finished.exception()
        if error is None:
            return
        if failed is not None:
            failed(error)
        else:
            finished.get_loop().call_exception_handler(
                {"message": "A task of the window failed", "exception": error, "task": finished}
            )

    task.add_done_callback(done)
    return task


async def stop_all(seconds: float = 2.0) -> None:
    """Cancel whatever still runs, and wait for it, at most `seconds`."""
    import asyncio

    me = asyncio.current_task()
    rest = [task for task in _tasks if task is not me and not task.done()]
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=seconds)


def running() -> tuple[asyncio.Task[Any], ...]:
    """Return the tasks that have not ended (for tests)."""
    return tuple(_tasks)
