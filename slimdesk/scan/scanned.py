"""A scan of one image together with its coverage, as results, cells and the command line have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slimdesk.scan.coverage import Coverage, ranked_by_counts
from slimdesk.scan.model import NotScanned, Scan


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scanner's answer on one image, with how much of the image it sees: never one without the other. `made` is UTC."""

    image_id: str | None
    name: str
    result: Scan | NotScanned
    coverage: Coverage | None = None
    made: dt.datetime | None = None

    @property
    def scan(self) -> Scan | None:
        """The answer, if there is one."""
        return self.result if isinstance(self.result, Scan) else None

    @property
    def words(self) -> str:
        """What a cell reads: 12, or 0 found, sees 4 % of this image, or not scanned: why."""
        if isinstance(self.result, NotScanned):
            return self.result.words
        count = len(self.result.vulnerabilities)
        if self.coverage is None:
            return f"{count} found, coverage not known"
        return f"{count}" if self.coverage.enough else f"{count} found, {self.coverage.words}"

    def to_json(self) -> dict[str, Any]:
        """All keys of it in the command line's JSON; what was not scanned has null where a count would be."""
        scan = self.scan
        refused = self.result if isinstance(self.result, NotScanned) else None
        return {
            "scanned": scan is not None,
            "reason": None if refused is None else refused.reason,
            "todo": (refused.todo or None) if refused is not None else None,
            "scanner": self.result.scanner or None,
            "version": (scan.version or None) if scan else None,
            "database": scan.database if scan else None,
            "made": self.made.isoformat(timespec="seconds") if self.made and scan else None,
            "counts": scan.counts if scan else None,
            "total": len(scan.vulnerabilities) if scan else None,
            "fixable": scan.fixable if scan else None,
            "coverage": self.coverage.to_json() if self.coverage else None,
            "vulnerabilities": [one.to_json() for one in scan.vulnerabilities] if scan else [],
        }


def ranked(scans: Sequence[Scanned | None]) -> bool:
    """Whether counts may put images in an order: those that were scanned were seen to the same extent, by one scanner."""
    known = [one for one in scans if one is not None and one.scan is not None]
    makers = {(one.scan.scanner, one.scan.database) for one in known if one.scan is not None}
    return len(makers) == 1 and ranked_by_counts(one.coverage for one in known)
