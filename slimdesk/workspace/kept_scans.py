"""What a scanner said of an image, kept in the history: found again by the layers, whatever the image is called then.

An answer ages: vulnerabilities become known after it was given. So its date stands beside it, and after 90 days it goes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from slimdesk.basics import clock
from slimdesk.scan.coverage import Coverage
from slimdesk.scan.model import Scan, Severity, Vulnerability
from slimdesk.scan.scanned import Scanned

if TYPE_CHECKING:
    import sqlite3

    from slimdesk.image.model import Image

MOST = 300
OLDEST = dt.timedelta(days=90)
_MOST_BYTES = 256_000_000
_SEVERITIES = frozenset(get_args(Severity))


def layers_key(image: Image) -> str | None:
    """Return what stands for these very layers; None where nothing vouches for them.

    An archive read by its headers alone only states its diff IDs: it could take another image's answer for its own.
    """
    ids = [layer.diff_id for layer in image.layers]
    if not ids or not all(ids) or not (image.verified or image.source == "engine"):
        return None
    return hashlib.sha256("\n".join(one or "" for one in ids).encode()).hexdigest()


class KeptScans:
    """The scans in a history's file at `path`; `opened` opens it. Blocking; raises OutputError where the system does not let it."""

    def __init__(self, opened: Callable[[], AbstractContextManager[sqlite3.Connection]], path: Path) -> None:
        self._opened = opened
        self._path = path

    def keep(self, image: Image, scanned: Scanned) -> bool:
        """Keep an answer in place of the same scanner's last one, and let old ones go; whether it could be kept at all."""
        key, scan = layers_key(image), scanned.scan
        if key is None or scan is None:
            return False
        made = scanned.made or clock.now()
        with self._opened() as file:
            file.execute(
                "INSERT OR REPLACE INTO scan VALUES (?, ?, ?, ?, ?)",
                (key, scan.scanner, made.isoformat(), scanned.name, _pack(scan, scanned.coverage)),
            )
            file.execute("DELETE FROM scan WHERE made < ?", ((clock.now() - OLDEST).isoformat(),))
            file.execute(
                "DELETE FROM scan WHERE rowid NOT IN (SELECT rowid FROM scan ORDER BY made DESC LIMIT ?)",
                (MOST,),
            )
        return True

    def of(self, image: Image, scanner: str | None = None) -> Scanned | None:
        """Return the newest answer on these layers, of that scanner if one is named; None where there is none."""
        key = layers_key(image)
        if key is None or not self._path.exists():
            return None
        with self._opened() as file:
            row = file.execute(
                "SELECT made, packed, scanner FROM scan WHERE layers = ? AND (? IS NULL OR scanner = ?) AND made >= ? "
                "ORDER BY made DESC LIMIT 1",
                (key, scanner, scanner, (clock.now() - OLDEST).isoformat()),
            ).fetchone()
        if row is None:
            return None
        try:
            scan, coverage = _unpacked(row[1], str(row[2]))
            made = dt.datetime.fromisoformat(row[0])
        except (zlib.error, ValueError, TypeError, KeyError, RecursionError):
            # Damaged: as if it was never asked.
            return None
        return Scanned(image.image_id, image.name or image.location, scan, coverage, made)


def _pack(scan: Scan, coverage: Coverage | None) -> bytes:
    seen = None if coverage is None else [coverage.live, coverage.named, coverage.parts, coverage.parts_named]
    values = {
        "version": scan.version,
        "database": scan.database,
        "coverage": seen,
        "faults": [[getattr(one, name) for name in Vulnerability.__slots__] for one in scan.vulnerabilities],
    }
    return zlib.compress(json.dumps({"names": list(Vulnerability.__slots__), **values}).encode(), 6)


def _unpacked(data: bytes, scanner: str) -> tuple[Scan, Coverage | None]:
    """Read it back. Raises ValueError and its like for what is none."""
    whole: Any = json.loads(zlib.decompressobj().decompress(data, _MOST_BYTES))
    faults = [Vulnerability(**dict(zip(whole["names"], one, strict=True))) for one in whole["faults"]]
    if any(one.severity not in _SEVERITIES for one in faults):
        raise ValueError("no severity")
    seen = whole["coverage"]
    scan = Scan(scanner, str(whole["version"]), tuple(faults), whole["database"])
    return scan, None if seen is None else Coverage(*(int(one) for one in seen))
