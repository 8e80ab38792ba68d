"""Garbage is collected on the window's thread only.

Python's collector runs in whatever thread happens to allocate. If that is a worker, it may delete Qt objects that belong to
the window's thread ("Timers cannot be stopped from another thread"), which ends in a crash sooner or later.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 1000


class Collector(QObject):
    """While it exists the automatic collector is off, and a timer does its work by the same thresholds."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        # What is there now stays until the end: no need to look through it again and again.
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the generations that are due."""
        counts = gc.get_count()
        due = [number for number in range(3) if counts[number] > self._thresholds[number]]
        if due:
            gc.collect(due[-1])

    def stop(self) -> None:
        """Give the work back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
