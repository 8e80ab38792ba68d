"""Reading ahead: the same pieces, the same error, and a thread that ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from slimdesk.image.ahead import ahead


def fetching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "slimdesk-fetch"]


def gone() -> bool:
    end = time.monotonic() + 60
    while fetching() and time.monotonic() < end:
        time.sleep(0.01)
    return not fetching()


def test_pieces_come_in_order() -> None:
    pieces = [bytes([number]) for number in range(100)]
    assert list(ahead(pieces, depth=3)) == pieces
    assert list(ahead([])) == []
    assert gone()


def test_an_error_comes_after_the_pieces_before_it() -> None:
    def broken() -> Iterator[bytes]:
        yield b"1"
        raise ConnectionError("gone")

    reader = ahead(broken())
    assert next(reader) == b"1"
    with pytest.raises(ConnectionError, match="gone"):
        next(reader)
    assert gone()


def test_who_stops_early_leaves_no_thread() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x"

    reader = ahead(endless(), depth=2)
    assert next(reader) == b"x"
    reader.close()
    assert gone()
