"""What is learnt from a layer's bytes beside its entries: digests, and how small they compress."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from itertools import cycle
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future, ThreadPoolExecutor

# Blocks are compressed on their own, so that cores can share a layer; that costs under one per cent in size.
BLOCK = 2 << 20
_AHEAD = 6


class Threads:
    """The threads that hash and compress while the caller parses; hashlib and isal release the GIL."""

    def __init__(self) -> None:
        from concurrent.futures import ThreadPoolExecutor

        # One thread each, for a hash takes its pieces in order; of several layers each gets the next one.
        count = max(2, min(8, os.cpu_count() or 1))
        self._hashing = [ThreadPoolExecutor(1, "slimdesk-hash") for _ in range(count)]
        self._next = cycle(self._hashing)
        self._compressing = ThreadPoolExecutor(max(1, min(8, os.cpu_count() or 1)), "slimdesk-compress")

    def hasher(self) -> Hasher:
        """Return a new SHA-256."""
        return Hasher(next(self._next))

    def compressor(self) -> Compressor:
        """Return a new measure of the compressed size."""
        return Compressor(self._compressing)

    def close(self) -> None:
        """End the threads; what they still had to do is dropped."""
        for pool in (*self._hashing, self._compressing):
            pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Hasher:
    """SHA-256 of a stream, taken in another thread; at most a few pieces wait."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._hash = hashlib.sha256()
        self._pool = pool
        self._waiting: deque[Future[None]] = deque()

    def feed(self, piece: bytes) -> None:
        """Take the next piece; waits where the hashing cannot keep up."""
        self._waiting.append(self._pool.submit(self._hash.update, piece))
        if len(self._waiting) > _AHEAD:
            self._waiting.popleft().result()

    def digest(self) -> str:
        """Return sha256:<hex> of all that was fed."""
        while self._waiting:
            self._waiting.popleft().result()
        return f"sha256:{self._hash.hexdigest()}"


class Compressor:
    """Size of a stream after gzip by isal at level 1, in blocks shared by all cores."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._parts: list[bytes] = []
        self._gathered = 0
        self._waiting: deque[Future[int]] = deque()
        self._total = 0
        self._compressed = _isal_level_1()

    def feed(self, piece: bytes) -> None:
        """Take the next piece; waits where the compressing cannot keep up."""
        start = 0
        while start < len(piece):
            taken = piece[start : start + BLOCK - self._gathered]
            self._parts.append(taken)
            self._gathered += len(taken)
            start += len(taken)
            if self._gathered == BLOCK:
                self._submit()

    def size(self) -> int:
        """Return the compressed size of all that was fed, in bytes."""
        if self._parts:
            self._submit()
        while self._waiting:
            self._total += self._waiting.popleft().result()
        return self._total

    def _submit(self) -> None:
        self._waiting.append(self._pool.submit(self._compressed, self._parts))
        self._parts, self._gathered = [], 0
        if len(self._waiting) > _AHEAD:
            self._total += self._waiting.popleft().result()


def _isal_level_1() -> Callable[[list[bytes]], int]:
    from isal import isal_zlib

    def compressed(parts: list[bytes]) -> int:
        block = parts[0] if len(parts) == 1 else b"".join(parts)
        return len(isal_zlib.compress(block, 1, wbits=31))

    return compressed
