"""The images that were read last, kept whole in memory: one that is opened again is there at once.

Nothing is taken on trust: an engine's image goes by its ID, a file by device, number, length and times.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import replace

from slimdesk.image.model import Image
from slimdesk.operations.analyze_read import Request

# Nodes of all trees that are kept; each takes some 70 bytes.
MAX_NODES = 1_000_000

Key = tuple[object, ...]


class RecentImages:
    """Use it from any thread. What was used longest ago goes first; the one put in last stays, however large."""

    def __init__(self, maximum: int = MAX_NODES) -> None:
        self._maximum = maximum
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Image] = OrderedDict()

    def get(self, key: Key | None, request: Request) -> Image | None:
        """Return what was kept under a key, under the name that it is asked by now."""
        with self._lock:
            image = self._kept.get(key) if key is not None else None
            if key is None or image is None:
                return None
            self._kept.move_to_end(key)
        if request.path is None and image.location != request.name:
            return replace(image, location=request.name, name=request.name)
        return image

    def keep(self, key: Key | None, image: Image) -> None:
        """Keep an image; nothing without a key."""
        if key is None:
            return
        with self._lock:
            self._kept[key] = image
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(len(one.table) for one in self._kept.values()) > self._maximum:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


recent = RecentImages()
"""Those of this program."""


def key_of(request: Request) -> Key | None:
    """Return what stands for exactly this image, read in this way; None where nothing vouches that it is still the same.

    Touches the disk, so not for an event loop.
    """
    from slimdesk.image.known import Answers, marks_of

    if request.path is None:
        return (request.image_id, request.wanted) if request.image_id else None
    if not request.path.is_file():
        # A folder of many files is told from its cached layers.
        return None
    marks = marks_of(request.path, Answers(folder=False), time.time())
    mark = (marks or {}).get("")
    return (str(request.path.absolute()), mark, request.wanted) if mark else None
