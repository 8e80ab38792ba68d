"""What was opened, built and measured, over time: one small SQLite file in the data folder.

Several programs may use it at once. A file that is damaged is kept aside and begun anew, and `take_problem` says so.
Bounded: the newest of each variant and image, of builds' Dockerfiles and packages fewer. Scans: workspace.kept_scans.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from slimdesk.basics import clock
from slimdesk.basics.errors import OutputError
from slimdesk.workspace.kept_builds import BuildDetails, unpacked
from slimdesk.workspace.places import folder

if TYPE_CHECKING:
    import sqlite3

    from slimdesk.image.model import Image
    from slimdesk.workspace.kept_scans import KeptScans

RecentKind = Literal["project", "image"]
SIZES = ("download", "unpacked", "files", "live")
_VERSION = 3
_KEPT = 200
# Builds of one variant, and of these such whose Dockerfile and packages are kept; analyses of one image; all of a kind.
_BUILDS, _DETAILS, _ANALYSES, _ALL = 300, 40, 100, 20_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS recent (
    kind TEXT NOT NULL, place TEXT NOT NULL, opened TEXT NOT NULL, about TEXT NOT NULL,
    PRIMARY KEY (kind, place)
);
CREATE TABLE IF NOT EXISTS result (
    number INTEGER PRIMARY KEY, project TEXT NOT NULL, component TEXT NOT NULL, family TEXT NOT NULL,
    made TEXT NOT NULL, image_id TEXT, sizes TEXT NOT NULL, verdict TEXT, seconds REAL, fingerprint TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS result_of ON result (project, component, family, made);
CREATE TABLE IF NOT EXISTS detail (number INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS analysis (
    number INTEGER PRIMARY KEY, place TEXT NOT NULL, made TEXT NOT NULL, image_id TEXT, about TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS analysis_of ON analysis (place, made);
CREATE TABLE IF NOT EXISTS scan (
    layers TEXT NOT NULL, scanner TEXT NOT NULL, made TEXT NOT NULL, name TEXT NOT NULL, packed BLOB NOT NULL,
    PRIMARY KEY (layers, scanner)
);
"""


@dataclass(frozen=True, slots=True)
class Recent:
    """Something that was opened. `place` is a path or an engine's image name; `about` is what Start shows of it."""

    kind: RecentKind
    place: str
    opened: dt.datetime
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """One built and measured variant. `family` is a family's word, `yours` or `baseline`; `sizes` are bytes by kind.

    `verdict` is runs, fails, not-proven or None where it was not verified. `seconds` is the build's time. `number` is its
    place in the file, None before it is kept there.
    """

    project: str
    component: str
    family: str
    made: dt.datetime
    image_id: str | None
    sizes: dict[str, int | None]
    verdict: str | None = None
    seconds: float | None = None
    fingerprint: dict[str, str] = field(default_factory=dict)
    number: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Analysed:
    """An image as it was when it was read; `sizes` are bytes by kind. One that had not changed since is not kept twice."""

    place: str
    made: dt.datetime
    image_id: str | None
    sizes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Best:
    """The smallest variant that is known to run, against its reference; sizes are bytes of the kind asked for."""

    component: str
    family: str
    size: int
    reference: str
    reference_size: int


def about_image(image: Image) -> dict[str, Any]:
    """Return what Start shows of an image."""
    sizes = image.sizes
    return {
        "name": image.name,
        "image_id": image.image_id,
        "platform": image.platform,
        "download": sizes.download,
        "unpacked": sizes.unpacked,
        "files": sizes.files,
        "live": sizes.live,
        "shadowed": image.shadowed,
    }


class History:
    """The file. Every call opens and closes it, and raises OutputError where the system does not let it.

    Reading takes well under a millisecond. Writing waits for the disk, a tenth of a second now and then: the window writes in
    a thread.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or folder("data") / "history.sqlite"
        self._problem = ""

    @property
    def scans(self) -> KeptScans:
        """What scanners said of images."""
        from slimdesk.workspace.kept_scans import KeptScans

        return KeptScans(self._open, self.path)

    def take_problem(self) -> str:
        """Return, once, a sentence on a damaged file; empty where there was none."""
        problem, self._problem = self._problem, ""
        return problem

    def opened(
        self,
        kind: RecentKind,
        place: str,
        about: dict[str, Any] | None = None,
        when: dt.datetime | None = None,
    ) -> None:
        """Note that it was opened, now unless `when` says when."""
        with self._open() as file:
            file.execute(
                "INSERT INTO recent VALUES (?, ?, ?, ?) ON CONFLICT (kind, place) "
                "DO UPDATE SET opened = excluded.opened, about = excluded.about",
                (kind, place, (when or clock.now()).isoformat(), json.dumps(about or {})),
            )
            if kind == "image" and about and isinstance(about.get("files"), int):
                _keep_analysis(file, place, (when or clock.now()).isoformat(), about)
            file.execute(
                "DELETE FROM recent WHERE kind = ? AND place NOT IN "
                "(SELECT place FROM recent WHERE kind = ? ORDER BY opened DESC LIMIT ?)",
                (kind, kind, _KEPT),
            )

    def recents(self, kind: RecentKind, limit: int = 50) -> list[Recent]:
        """Return what was opened, newest first."""
        if not self.path.exists():
            return []
        with self._open() as file:
            rows = file.execute(
                "SELECT kind, place, opened, about FROM recent WHERE kind = ? ORDER BY opened DESC LIMIT ?",
                (kind, limit),
            ).fetchall()
        return [Recent(row[0], row[1], dt.datetime.fromisoformat(row[2]), _mapping(row[3])) for row in rows]

    def forget(self, kind: RecentKind, place: str) -> None:
        """Take it off the list; nothing else is touched."""
        with self._open() as file:
            file.execute("DELETE FROM recent WHERE kind = ? AND place = ?", (kind, place))

    def moved(self, place: str, new: str) -> None:
        """A project's folder is now elsewhere: its list entry and results go with it."""
        with self._open() as file:
            file.execute("DELETE FROM recent WHERE kind = 'project' AND place = ?", (new,))
            file.execute("UPDATE recent SET place = ? WHERE kind = 'project' AND place = ?", (new, place))
            file.execute("UPDATE result SET project = ? WHERE project = ?", (new, place))

    def measured(self, result: Measured, details: BuildDetails | None = None) -> None:
        """Keep a result, with what it was built from and holds; the oldest of its variant go."""
        with self._open() as file:
            number = file.execute(
                "INSERT INTO result (project, component, family, made, image_id, sizes, verdict, seconds, fingerprint) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    result.project,
                    result.component,
                    result.family,
                    result.made.isoformat(),
                    result.image_id,
                    json.dumps(result.sizes),
                    result.verdict,
                    result.seconds,
                    json.dumps(result.fingerprint),
                ),
            ).lastrowid
            if details is not None:
                file.execute("INSERT OR REPLACE INTO detail VALUES (?, ?)", (number, details.pack()))
            _forget_old(file, result)

    def results(self, project: str, component: str | None = None) -> list[Measured]:
        """Return the results of a project, oldest first: the sizes over time."""
        if not self.path.exists():
            return []
        with self._open() as file:
            rows = file.execute(
                "SELECT project, component, family, made, image_id, sizes, verdict, seconds, fingerprint, number FROM result "
                "WHERE project = ? AND (? IS NULL OR component = ?) ORDER BY made, number",
                (project, component, component),
            ).fetchall()
        return [
            Measured(
                row[0],
                row[1],
                row[2],
                dt.datetime.fromisoformat(row[3]),
                row[4],
                _mapping(row[5]),
                row[6],
                row[7],
                _mapping(row[8]),
                row[9],
            )
            for row in rows
        ]

    def details(self, number: int | None) -> BuildDetails | None:
        """Return what is kept of a build beside its sizes; None where nothing is, or no longer."""
        if number is None or not self.path.exists():
            return None
        with self._open() as file:
            row = file.execute("SELECT packed FROM detail WHERE number = ?", (number,)).fetchone()
        return None if row is None else unpacked(row[0])

    def analyses(self, place: str) -> list[Analysed]:
        """Return how an image was whenever it was read and had changed, oldest first."""
        if not self.path.exists():
            return []
        with self._open() as file:
            rows = file.execute(
                "SELECT place, made, image_id, about FROM analysis WHERE place = ? ORDER BY made, number",
                (place,),
            ).fetchall()
        return [
            Analysed(
                row[0],
                dt.datetime.fromisoformat(row[1]),
                row[2],
                {key: value for key in SIZES if isinstance(value := _mapping(row[3]).get(key), int)},
            )
            for row in rows
        ]

    def best(self, project: str, size: str) -> Best | None:
        """Return the best newest result of a project by a kind of size: one that runs before one not verified.

        A variant that fails is never the best. None where there is no reference or nothing to compare with it.
        """
        newest: dict[tuple[str, str], Measured] = {
            (one.component, one.family): one for one in self.results(project)
        }
        found: list[tuple[bool, float, Best]] = []
        for (component, family), one in newest.items():
            reference = newest.get((component, "yours")) or newest.get((component, "baseline"))
            value = one.sizes.get(size)
            whole = reference.sizes.get(size) if reference else None
            if reference is None or family in ("yours", "baseline") or not value or not whole:
                continue
            if one.verdict in ("fails", "not-proven"):
                continue
            best = Best(component, family, value, reference.family, whole)
            found.append((one.verdict != "runs", value / whole, best))
        return min(found, key=lambda row: row[:2])[2] if found else None

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        import sqlite3

        try:
            try:
                connection = self._connect()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self._put_aside()
                connection = self._connect()
            try:
                with contextlib.closing(connection), connection:
                    yield connection
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                # Damaged further in: what was asked for now is lost, the next call finds a sound file.
                self._put_aside()
                raise OutputError(self.take_problem(), "", "Try again") from error
        except (sqlite3.OperationalError, OSError) as error:
            raise OutputError(
                "The list of what was opened and built could not be used",
                f"{self.path}: {error}",
                "Make room there, or give yourself the right to write it",
            ) from error

    def _put_aside(self) -> None:
        kept = self.path.with_name(f"{self.path.name}.unreadable")
        with contextlib.suppress(OSError):
            self.path.replace(kept)
        self._problem = (
            f"The history of builds was damaged; it is kept as {kept.name}, and a new one was begun"
        )

    def _connect(self) -> sqlite3.Connection:
        import sqlite3

        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=2)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
                connection.executescript(_SCHEMA)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection


def _keep_analysis(file: sqlite3.Connection, place: str, made: str, about: dict[str, Any]) -> None:
    newest = file.execute(
        "SELECT image_id, about FROM analysis WHERE place = ? ORDER BY made DESC, number DESC LIMIT 1",
        (place,),
    ).fetchone()
    image_id = about.get("image_id")
    kept = json.dumps({key: about.get(key) for key in SIZES})
    if newest is not None and (newest[0], newest[1]) == (image_id, kept):
        return
    file.execute(
        "INSERT INTO analysis (place, made, image_id, about) VALUES (?, ?, ?, ?)",
        (place, made, image_id, kept),
    )
    file.execute(
        "DELETE FROM analysis WHERE place = ? AND number NOT IN "
        "(SELECT number FROM analysis WHERE place = ? ORDER BY made DESC LIMIT ?)",
        (place, place, _ANALYSES),
    )
    file.execute(
        "DELETE FROM analysis WHERE number NOT IN (SELECT number FROM analysis ORDER BY number DESC LIMIT ?)",
        (_ALL,),
    )


def _forget_old(file: sqlite3.Connection, newest: Measured) -> None:
    """Keep what is bounded bounded: of this variant, then of all."""
    variant = (newest.project, newest.component, newest.family)
    for table, most in (("result", _BUILDS), ("detail", _DETAILS)):
        file.execute(
            f"DELETE FROM {table} WHERE number IN (SELECT number FROM result "  # noqa: S608 - of two names of ours
            "WHERE project = ? AND component = ? AND family = ? ORDER BY made DESC, number DESC LIMIT -1 OFFSET ?)",
            (*variant, most),
        )
    file.execute(
        "DELETE FROM result WHERE number NOT IN (SELECT number FROM result ORDER BY number DESC LIMIT ?)",
        (_ALL,),
    )
    file.execute("DELETE FROM detail WHERE number NOT IN (SELECT number FROM result)")


def _mapping(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
