"""Layers that have been read, kept for the next time: one SQLite file in the cache folder that may be deleted at any time.

Several programs may use it at once. It never grows beyond a bound: what was used longest ago goes first. Whatever goes wrong
with it (no room, no permission, damaged, locked) means that nothing is known, never an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import slimdesk
from slimdesk.workspace.places import folder

if TYPE_CHECKING:
    import sqlite3

Result = TypeVar("Result")

MAX_BYTES = 512 << 20
_FORMAT = 1
_PATIENCE = 2.0
_SCHEMA = """
CREATE TABLE about (maker TEXT NOT NULL);
CREATE TABLE layer (
    digest TEXT PRIMARY KEY, diff_id TEXT NOT NULL, used REAL NOT NULL, bytes INTEGER NOT NULL, packed BLOB NOT NULL
);
CREATE INDEX layer_of ON layer (diff_id);
CREATE TABLE source (
    place TEXT PRIMARY KEY, used REAL NOT NULL, bytes INTEGER NOT NULL, packed BLOB NOT NULL
);
"""


class AnalysisCache:
    """A slimdesk.image.known.LayerStore. `maximum` bounds what it holds, in bytes."""

    def __init__(self, path: Path | None = None, maximum: int = MAX_BYTES) -> None:
        self.path = path or folder("cache") / "layers.sqlite"
        self._maximum = maximum

    def layer(self, digest: str) -> bytes | None:
        """Return the layer whose blob, or whose tar, has that digest."""
        return self._take(
            "SELECT rowid, packed FROM layer WHERE digest = ? OR diff_id = ? ORDER BY digest = ? DESC LIMIT 1",
            (digest, digest, digest),
            "layer",
        )

    def newest(self, diff_id: str) -> str | None:
        """Return the digest of the blob, of all that hold this tar, that was used last."""
        if not self.path.exists():
            return None
        query = "SELECT digest FROM layer WHERE diff_id = ? ORDER BY used DESC LIMIT 1"
        row = self._do(lambda file: file.execute(query, (diff_id,)).fetchone())
        return str(row[0]) if row else None

    def keep_layer(self, diff_id: str, digest: str, packed: bytes) -> None:
        """Keep a layer under the digests that were hashed."""
        self._keep(
            "INSERT OR REPLACE INTO layer (digest, diff_id, used, bytes, packed) VALUES (?, ?, ?, ?, ?)",
            (digest, diff_id, time.time(), len(packed), packed),
        )

    def source(self, place: str) -> bytes | None:
        """Return the record of a source."""
        return self._take("SELECT rowid, packed FROM source WHERE place = ?", (place,), "source")

    def keep_source(self, place: str, record: bytes) -> None:
        """Keep the record of a source."""
        self._keep(
            "INSERT OR REPLACE INTO source (place, used, bytes, packed) VALUES (?, ?, ?, ?)",
            (place, time.time(), len(record), record),
        )

    def size(self) -> int:
        """Return how many bytes it holds."""
        return self._do(_total) or 0

    def clear(self) -> None:
        """Forget everything."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _take(self, query: str, words: tuple[str, ...], table: str) -> bytes | None:
        if not self.path.exists():
            return None

        def take(file: sqlite3.Connection) -> bytes | None:
            row = file.execute(query, words).fetchone()
            if row is None:
                return None
            file.execute(f"UPDATE {table} SET used = ? WHERE rowid = ?", (time.time(), row[0]))  # noqa: S608 - ours
            return bytes(row[1])

        return self._do(take)

    def _keep(self, query: str, row: tuple[object, ...]) -> None:
        def put(file: sqlite3.Connection) -> None:
            file.execute(query, row)
            self._shrink(file)

        self._do(put)

    def _shrink(self, file: sqlite3.Connection) -> None:
        over = _total(file) - self._maximum
        if over <= 0:
            return
        # A tenth more than needed, so that not every layer that comes has to push another out.
        over += self._maximum // 10
        oldest = file.execute(
            "SELECT 'layer', rowid, bytes, used FROM layer UNION ALL "
            "SELECT 'source', rowid, bytes, used FROM source ORDER BY 4"
        ).fetchall()
        for table, number, count, _ in oldest:
            if over <= 0:
                break
            file.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))  # noqa: S608 - one of our two tables
            over -= count

    def _do(self, work: Callable[[sqlite3.Connection], Result]) -> Result | None:
        import sqlite3

        try:
            with self._open() as file:
                return work(file)
        except sqlite3.OperationalError:
            # Locked, full, not to be written: another time.
            return None
        except (sqlite3.DatabaseError, OSError):
            self.clear()
            return None

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        import sqlite3

        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=_PATIENCE)
        try:
            if not _is_ours(connection):
                connection.close()
                self.clear()
                connection = sqlite3.connect(self.path, timeout=_PATIENCE)
                # Deleted rows give their room back to the disk at once.
                connection.execute("PRAGMA auto_vacuum = FULL")
                connection.executescript(_SCHEMA)
                connection.execute("INSERT INTO about VALUES (?)", (_maker(),))
                connection.commit()
                # Paths of what the person looked at are nobody else's business.
                with contextlib.suppress(OSError):
                    self.path.chmod(0o600)
            with connection:
                yield connection
        finally:
            connection.close()


def _is_ours(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT name FROM sqlite_master WHERE name = 'about'").fetchone()
    return found is not None and connection.execute("SELECT maker FROM about").fetchone() == (_maker(),)


def _total(file: sqlite3.Connection) -> int:
    row = file.execute(
        "SELECT (SELECT coalesce(sum(bytes), 0) FROM layer) + (SELECT coalesce(sum(bytes), 0) FROM source)"
    ).fetchone()
    return int(row[0])


_known_maker: list[str] = []


def _maker() -> str:
    """Say which code made the entries: what is read of a layer may be more, or other, in the next version."""
    if not _known_maker:
        files = sorted((Path(slimdesk.__file__).parent / "image").rglob("*.py"))
        text = "".join(f"{file.name} {file.stat().st_mtime_ns} {file.stat().st_size}\n" for file in files)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16] if files else ""
        _known_maker.append(f"{_FORMAT} {slimdesk.__version__} {digest}")
    return _known_maker[0]
