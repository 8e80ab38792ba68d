"""How the C library keeps the memory of a process that only reads: what is freed is used again, not handed back and fetched anew."""

from __future__ import annotations

import sys
from functools import cache

# Of mallopt(3), glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_KEPT = 32 << 20
# The most that glibc takes.
_FROM_THE_HEAP = 32 << 20
_ARENAS = 4


@cache
def reuse_freed_memory() -> bool:
    """Tell the C library once that pieces of some MiB come and go; returns whether it took that.

    By default glibc gives a freed piece of a MiB back to the system, which then clears every page of the next one: measured as
    half the time that reading takes beyond hashing and inflating. Other C libraries are left as they are.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    wanted = ((_TRIM_THRESHOLD, _KEPT), (_MMAP_THRESHOLD, _FROM_THE_HEAP), (_ARENA_MAX, _ARENAS))
    return all(mallopt(what, value) for what, value in wanted)
