"""Today and now, in one place, so that a test can set them."""

from __future__ import annotations

import datetime as dt
import time


def today() -> dt.date:
    """Today, local."""
    return dt.datetime.now().astimezone().date()


def now() -> dt.datetime:
    """Now, in UTC."""
    return dt.datetime.now(dt.UTC)


def monotonic() -> float:
    """Seconds that only go forward; for durations."""
    return time.monotonic()
