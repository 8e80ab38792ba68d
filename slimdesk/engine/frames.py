"""What an engine puts around a container's output when there is no terminal: 8 bytes in front of each piece.

One byte for the stream (0 and 1 standard output, 2 standard error), three zeros, four for the length, big-endian
(Docker Engine API, "Attach to a container", stream format).
"""

from __future__ import annotations

from typing import Literal

Stream = Literal["stdout", "stderr"]
_HEAD = 8


class Frames:
    """Takes the bytes as they come and returns the pieces in them, whole or in part."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._stream: Stream = "stdout"
        self._left = 0

    def feed(self, data: bytes) -> list[tuple[Stream, bytes]]:
        """Return (stream, bytes) for all that `data` completes; what is cut off waits for the next call."""
        self._rest += data
        found: list[tuple[Stream, bytes]] = []
        at, end = 0, len(self._rest)
        while True:
            if not self._left:
                if end - at < _HEAD:
                    break
                self._stream = "stderr" if self._rest[at] == 2 else "stdout"
                self._left = int.from_bytes(self._rest[at + 4 : at + _HEAD], "big")
                at += _HEAD
                continue
            if at == end:
                break
            piece = bytes(self._rest[at : at + self._left])
            found.append((self._stream, piece))
            at += len(piece)
            self._left -= len(piece)
        del self._rest[:at]
        return found
