"""Many ordinary tar headers at once: what costs a step of the interpreter for each is done by few calls over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import itemgetter
from zlib import adler32

from slimdesk.image.table import Kind
from slimdesk.image.tarheader import KIND_OF_TYPE

# A header's fields before its type: name, mode, uid, gid, size, mtime and the sum of all its bytes. What a link says comes
# after its type.
HEAD = 156
MODE = slice(100, 108)
SIZE = slice(124, 135)
_TIME, _SUM = slice(136, 147), slice(148, 156)
_owners, _times, _sums = itemgetter(slice(100, 124)), itemgetter(_TIME), itemgetter(_SUM)
_LINK = slice(1, 101)
USUAL_TYPES = frozenset(b"0125346")
_KIND = {type_: int(KIND_OF_TYPE[type_]) for type_ in USUAL_TYPES}
_LINKS = (int(Kind.HARD_LINK), int(Kind.SYMLINK))
_SUMS_KEPT = 1 << 14
# Between the names of rows; no path has it between two slashes.
_MARK = b"\1"
_BETWEEN, _BETWEEN_KEYS = b"/\1/", b"\0\1\0"
# What a path that must be cleaned, and a mark for what is removed, hold; the latter three only beside a "/.".
_EMPTY, _DOTTED = b"//", b"/."
_DOTS_OR_MARKS = (b"/./", b"/../", b"/.wh.")
# A sum that no header has.
_NEVER = -1


def size_of(head: bytes) -> int:
    """Return the size that a head states; -1 where that is not octal text."""
    try:
        return int(head[SIZE], 8)
    except ValueError:
        return -1


class Rows:
    """Ordinary headers that stand behind one another, the first at `first`: heads, paths, sizes, and ends from the type on.

    kind_of: by end; links: what links say, by row. keys, times, owners: as read, the latter the 24 bytes that hold them.
    """

    def __init__(self, first: int) -> None:
        self.first = first
        self.heads: list[bytes] = []
        self.names: list[bytes] = []
        self.sizes: list[int] = []
        self.ends: list[bytes] = []
        self.kind_of: dict[bytes, int] = {}
        self.links: dict[int, bytes] = {}
        self.keys: list[bytes] = []
        self.times: list[int] = []
        self.owners: list[bytes] = []
        self._sum_of: dict[bytes, int] = {}

    def see(self, end: bytes) -> None:
        """Look into the end of the next row."""
        kind = _KIND[end[0]]
        self._sum_of[end] = (adler32(end) & 0xFFFF) - 1
        self.kind_of[end] = kind
        if kind in _LINKS:
            self.links[len(self.heads)] = end[_LINK].split(b"\0", 1)[0]

    def read(self, sums: Sums) -> set[int]:
        """Read all rows; returns those that another reader must decide on."""
        self.keys, odd = keys_of(self.names)
        self.times, untimed = times_of(self.heads)
        self.owners = list(map(_owners, self.heads))
        return odd | untimed | sums.wrong(self.heads, map(self._sum_of.__getitem__, self.ends))

    def clear(self, first: int) -> None:
        """Begin anew at `first`."""
        self.first = first
        for column in (self.heads, self.names, self.sizes, self.ends, self.kind_of, self.links, self._sum_of):
            column.clear()


def keys_of(names: Sequence[bytes]) -> tuple[list[bytes], set[int]]:
    """Return paths as keys (see LayerColumns), and the rows whose path is not clean or may be a mark: their keys mean nothing."""
    text = b"/" + _BETWEEN.join(names) + b"/"
    if text.count(_MARK) != len(names) - 1:
        return list(names), set(range(len(names)))
    odd: set[int] = set()
    if text.find(_EMPTY) >= 0:
        odd |= _rows_with(text, _EMPTY)
    if text.find(_DOTTED) >= 0:
        for what in _DOTS_OR_MARKS:
            odd |= _rows_with(text, what)
    return text[1:-1].replace(b"/", b"\0").split(_BETWEEN_KEYS), odd


def _rows_with(text: bytes, what: bytes) -> set[int]:
    found: set[int] = set()
    at = text.find(what)
    row = counted = 0
    while at >= 0:
        row += text.count(_MARK, counted, at)
        counted = at
        found.add(row)
        at = text.find(what, at + 1)
    return found


class Sums:
    """Compares the sums that headers state with those of their bytes."""

    def __init__(self) -> None:
        self._meant: dict[bytes, int] = {}

    def wrong(self, heads: Sequence[bytes], ends: Iterable[int]) -> set[int]:
        """Return the rows whose sum is another. ends: the sum of each header's bytes from the type on."""
        meant = list(map(self._meant.get, map(_sums, heads)))
        if None in meant:
            meant = [self._meaning(head[_SUM]) for head in heads]
        # Adler-32's low half is 1 + the sum of the bytes: so few bytes stay below its modulus.
        found = [(adler32(head) & 0xFFFF) + end for head, end in zip(heads, ends, strict=True)]
        if found == meant:
            return set()
        return {row for row, (one, other) in enumerate(zip(found, meant, strict=True)) if one != other}

    def _meaning(self, text: bytes) -> int:
        """Return what a header's bytes add up to, its field of the sum included (which counts as blanks in the sum), and 1."""
        known = self._meant.get(text)
        if known is not None:
            return known
        try:
            meant = int(text[:6], 8) + sum(text) - 8 * ord(" ") + 1
        except ValueError:
            meant = _NEVER
        if len(self._meant) >= _SUMS_KEPT:
            self._meant.clear()
        self._meant[text] = meant
        return meant


def times_of(heads: Sequence[bytes]) -> tuple[list[int], set[int]]:
    """Return when the files were changed, and the rows that do not say it in octal text."""
    try:
        times = list(map(int, map(_times, heads), repeat(8)))
    except ValueError:
        times = list(map(_time, heads))
    return times, {row for row, time in enumerate(times) if time < 0} if min(times) < 0 else set()


def _time(head: bytes) -> int:
    try:
        return int(head[_TIME], 8)
    except ValueError:
        return -1
