"""Pieces of a stream fetched in another thread, a few ahead of who reads them."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Generator, Iterable

DEPTH = 16
_LOOK = 0.1


def ahead(pieces: Iterable[bytes], depth: int = DEPTH) -> Generator[bytes, None, None]:
    """Yield what `pieces` yields, and raise what it raises. Close it to end the thread; it ends with its next piece."""
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(depth)
    closed = threading.Event()

    def hand_over(item: bytes | BaseException | None) -> bool:
        while not closed.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(item, timeout=_LOOK)
                return True
        return False

    def fetch() -> None:
        try:
            for piece in pieces:
                if not hand_over(piece):
                    return
        except BaseException as error:  # noqa: BLE001 - it belongs to the reader
            hand_over(error)
        else:
            hand_over(None)

    thread = threading.Thread(target=fetch, name="slimdesk-fetch", daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        closed.set()
