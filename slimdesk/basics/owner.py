"""Whose something is that outlives a program: a mark to leave on it, and whether the one who left it is gone."""

from __future__ import annotations

import os
import socket
import sys


def owner_mark() -> str:
    """Return what says whose it is: this machine and this process."""
    return f"{socket.gethostname()}/{os.getpid()}"


def is_orphan(mark: str) -> bool:
    """Whether the owner was a process of this machine that has ended; False where that cannot be told."""
    host, _, number = mark.rpartition("/")
    if host != socket.gethostname() or not number.isdigit():
        return False
    return not _lives(int(number))


def _lives(pid: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        # Signal 0 would end it there. 0x1000: PROCESS_QUERY_LIMITED_INFORMATION.
        handle = ctypes.windll.kernel32.OpenProcess(0x1000, 0, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
