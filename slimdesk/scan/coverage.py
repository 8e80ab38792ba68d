"""How much of an image a scanner can see: a count of faults says nothing of bytes that belong to no package it can name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from slimdesk.basics.units import THIN_SPACE, plural
from slimdesk.image.model import Image
from slimdesk.image.table import FileTable, Kind
from slimdesk.scan.model import Scan, package_key

# Below this share a count stands with how much of the image it is about.
ENOUGH = 0.8
# Two images whose coverage differs by more than this are not ranked by counts.
_ALIKE = 0.05
# An executable file below this is a script; the smallest ELF programs that compilers make are larger.
_PROGRAM = 16_000
_ARCHIVES = (b".jar", b".war", b".ear", b".whl")
_LIBRARIES = (b".so",)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Bytes and parts of an image that belong to a package which the scanner can name.

    live, named: bytes that a container sees, and those of named packages. parts: binaries (executable files of 16 kB or
    more, shared libraries), jars and wheels (with Python's installed packages); parts_named: those of named packages.
    """

    live: int
    named: int
    parts: int
    parts_named: int

    @property
    def share(self) -> float | None:
        """Share of the live bytes, 0..1; None for an image without any."""
        return self.named / self.live if self.live else None

    @property
    def parts_share(self) -> float | None:
        """Share of the parts, 0..1; None where there are none."""
        return self.parts_named / self.parts if self.parts else None

    @property
    def least(self) -> float | None:
        """The smaller of the two shares: what a count can be trusted for."""
        known = [one for one in (self.share, self.parts_share) if one is not None]
        return min(known) if known else None

    @property
    def enough(self) -> bool:
        """Whether a count may stand alone."""
        least = self.least
        return least is not None and least >= ENOUGH

    @property
    def words(self) -> str:
        """What stands behind a count: sees 4 % of this image."""
        share, parts = self.share, self.parts_share
        if share is None:
            return "there is nothing to see"
        if parts is not None and parts < ENOUGH <= share:
            return f"sees {_count(self.parts_named)} of {plural(self.parts, 'program or library', 'programs and libraries')}"
        return f"sees {_percent(share)} of this image"

    @property
    def share_words(self) -> str:
        """The share of the live bytes: 4 % of live bytes."""
        return "nothing to see" if self.share is None else f"{_percent(self.share)} of live bytes"

    @property
    def parts_words(self) -> str:
        """The share of the parts: 3 of 10 binaries, jars and wheels; empty where there are none."""
        if not self.parts:
            return ""
        return f"{_count(self.parts_named)} of {plural(self.parts, 'binary, jar or wheel', 'binaries, jars and wheels')}"

    def to_json(self) -> dict[str, Any]:
        """All keys of it in the command line's JSON."""
        return {
            "live_bytes": self.live,
            "named_bytes": self.named,
            "share": self.share,
            "parts": self.parts,
            "parts_named": self.parts_named,
            "enough": self.enough,
        }


def coverage(image: Image, scan: Scan) -> Coverage | None:
    """Return how much of the image the scanner sees; None where the image's packages were not read."""
    if image.packages is None:
        return None
    import numpy as np

    table = image.table
    named = [
        (key := package_key(one.purl)) is not None and scan.names(key[0], key[1]) for one in image.packages
    ]
    # A file of no package has the owner -1: the last of these.
    by_owner = np.array([*named, False], dtype=bool)
    nodes = len(table)
    owner = (
        np.frombuffer(image.package_of, dtype=np.int32)
        if len(image.package_of)
        else np.full(nodes, -1, np.int32)
    )
    size = np.frombuffer(table.size, dtype=np.int64)
    kind = np.frombuffer(table.kind, dtype=np.uint8)
    seen = np.frombuffer(table.hidden_by, dtype=np.int16) < 0
    theirs = by_owner[owner]
    counted = seen & (kind != Kind.FOLDER)
    parts = np.zeros(nodes, dtype=bool)
    executable = np.array([bool(mode & 0o111) for mode in table.owner_mode], dtype=bool)
    parts |= executable[np.frombuffer(table.owner, dtype=np.uint32)] & (size >= _PROGRAM)
    parts[list(_named_like(table, (*_ARCHIVES, *_LIBRARIES)))] = True
    parts &= seen & (kind == Kind.FILE)
    wheels = [
        index
        for index, one in enumerate(image.packages)
        if one.type == "pypi" and (one.path or "").endswith((".dist-info/METADATA", ".egg-info/PKG-INFO"))
    ]
    return Coverage(
        live=image.sizes.live if image.sizes.live is not None else int(size[counted].sum()),
        named=int(size[counted & theirs].sum()),
        parts=int(parts.sum()) + len(wheels),
        parts_named=int((parts & theirs).sum()) + sum(1 for index in wheels if named[index]),
    )


def ranked_by_counts(coverages: Iterable[Coverage | None]) -> bool:
    """Whether images may be put in an order by their counts: all were scanned, and the scanner sees as much of each."""
    shares = [None if one is None else one.least for one in coverages]
    known = [share for share in shares if share is not None]
    return len(known) == len(shares) and bool(known) and max(known) - min(known) <= _ALIKE


def _named_like(table: FileTable, endings: tuple[bytes, ...]) -> Iterable[int]:
    """Yield the nodes whose name ends so (a library's version may follow); found in the buffer of all names at once."""
    text, starts = table.name_text, table.name_starts
    for ending in endings:
        at = text.find(ending)
        while at >= 0:
            node = bisect_right(starts, at) - 1
            rest = text[at + len(ending) : starts[node + 1]]
            if not rest or (ending in _LIBRARIES and rest[:1] == b"." and rest[1:2].isdigit()):
                yield node
            at = text.find(ending, at + 1)


def _count(number: int) -> str:
    return f"{number:,}".replace(",", THIN_SPACE)


def _percent(share: float) -> str:
    percent = share * 100
    number = f"{percent:.0f}" if percent >= 1 or percent == 0 else "under 1"
    # All is said of all alone.
    return f"{'99' if number == '100' and share < 1 else number}{THIN_SPACE}%"
