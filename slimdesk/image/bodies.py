"""The few file bodies that matter, kept while a layer flows by: package records, archives of classes, programs, secrets.

Which file matters is told from its path, size and mode before its body comes. The body is held while it flows, looked at
once it is there, and only what the look returns is kept: memory stays bounded whatever the image holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# What all looks of one image may keep together, and the largest body that is held at one time.
MAX_KEPT = 128 << 20
MAX_BODY = 96 << 20
# Kept in place of what a look would have kept of a file that was too large, or came when all room was taken.
TOO_LARGE = "too-large"
_START = 4


@dataclass(frozen=True, slots=True)
class Interest:
    """Why a body is looked at.

    word: under which its look is found again. limit: the largest body that is taken. look(key, body, size) returns what is
    kept, None for nothing; `body` may be a part of the `size` bytes. wanted(start, size) says after the first four bytes how
    many are wanted; without it all are. weighs: bytes counted for what is kept, or how to tell; None = the length of the body.
    """

    word: str
    look: Callable[[bytes, bytes, int], object | None]
    limit: int = 16 << 20
    wanted: Callable[[bytes, int], int] | None = None
    weighs: int | Callable[[object], int] | None = None


Choose = Callable[[bytes, bytes], Interest | None]
"""(key of the path, octal text of the mode) -> why its body is wanted, or None."""

Kept = dict[int, tuple[str, object]]
"""Entry of a layer -> (word of the interest, what its look kept)."""


@dataclass(slots=True)
class Budget:
    """What the looks of an image may still keep, in bytes."""

    choose: Choose
    left: int = MAX_KEPT


class Bodies:
    """Collects the bodies of one layer; at most one is under way, for a tar's bodies follow one another."""

    def __init__(self, budget: Budget) -> None:
        self.kept: Kept = {}
        self.choose = budget.choose
        self._budget = budget
        self._interest: Interest | None = None
        self._entry = 0
        self._key = b""
        self._size = 0
        self._want = 0
        self._asked = False
        self._body = bytearray()

    def begin(self, interest: Interest, entry: int, key: bytes, size: int, piece: bytes) -> None:
        """Begin a body of `size` bytes with as much of it as is there."""
        want = size
        if interest.wanted is None and size > min(interest.limit, MAX_BODY):
            self.kept[entry] = TOO_LARGE, size
            return
        asked = False
        if interest.wanted is not None and len(piece) >= min(_START, size):
            want = min(interest.wanted(piece[:_START], size), size)
            asked = True
            if not want:
                return
        if (asked or interest.wanted is None) and len(piece) >= want:
            self._done(interest, entry, key, piece[:want], size)
            return
        self._interest, self._entry, self._key, self._size = interest, entry, key, size
        self._want, self._asked = want, asked or interest.wanted is None
        self._body = bytearray(piece[:want] if asked else piece)

    @property
    def open(self) -> bool:
        """Whether more of a body is awaited."""
        return self._interest is not None

    def more(self, data: bytes) -> None:
        """Take what goes on with the body that is under way."""
        interest = self._interest
        if interest is None:
            return
        self._body += data[: self._want - len(self._body)]
        if not self._asked and len(self._body) >= min(_START, self._size) and interest.wanted:
            self._asked = True
            self._want = min(interest.wanted(bytes(self._body[:_START]), self._size), self._size)
        if self._asked and len(self._body) >= self._want:
            self._interest = None
            body, self._body = bytes(self._body[: self._want]), bytearray()
            if self._want:
                self._done(interest, self._entry, self._key, body, self._size)

    def _done(self, interest: Interest, entry: int, key: bytes, body: bytes, size: int) -> None:
        if self._budget.left <= 0:
            self.kept[entry] = TOO_LARGE, size
            return
        value = interest.look(key, body, size)
        if value is None:
            return
        weighs = interest.weighs
        weight = len(body) if weighs is None else weighs if isinstance(weighs, int) else weighs(value)
        if weight > self._budget.left:
            self.kept[entry] = TOO_LARGE, size
            return
        self._budget.left -= weight
        self.kept[entry] = interest.word, value
