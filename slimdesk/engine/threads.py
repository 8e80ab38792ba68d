"""Blocking calls beside the event loop, each in a thread of its own.

Not in a pool: a pool's threads are few, and a build, a pull and an event stream each hold one for minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# How long a cancelled call may take to end before it is left to itself, in seconds.
GRACE = 2.0

_numbers = itertools.count(1)


async def in_thread(work: Callable[[], T], stop: Callable[[], None] | None = None, name: str = "engine") -> T:
    """Run `work` in a thread and return what it returns, or raise what it raises.

    If the awaiting task is cancelled, `stop` is called in another thread: it makes `work` end (by shutting its
    socket, say). The cancellation goes on as soon as `work` has ended, at the latest after GRACE seconds.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the caller
            _deliver(loop, done, None, error)
        else:
            _deliver(loop, done, result, None)

    # A daemon: an engine that never answers must not keep the program from ending.
    threading.Thread(target=run, name=f"{name}-{next(_numbers)}", daemon=True).start()
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        if stop is not None and not done.done():
            threading.Thread(target=stop, name=f"{name}-stop-{next(_numbers)}", daemon=True).start()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([done], timeout=GRACE)
        # Nobody waits for its result or its error any more.
        done.add_done_callback(lambda future: future.cancelled() or future.exception())
        raise


def _deliver(
    loop: asyncio.AbstractEventLoop, done: asyncio.Future[T], result: T | None, error: BaseException | None
) -> None:
    def hand_over() -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    # The loop may be gone: the program has ended meanwhile.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(hand_over)
