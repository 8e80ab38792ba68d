"""The matrix of a component: its variants side by side as they were measured together, kept until the next one.

Of each project the newest matrix of every component is kept in SlimDesk's own data folder, never in the project.
Logs and environments are not in it: they may hold secrets.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from slimdesk.basics.errors import OutputError
from slimdesk.basics.files import write_whole
from slimdesk.basics.finding import Finding
from slimdesk.engine.model import BuildError, BuildResult
from slimdesk.image.model import Sizes
from slimdesk.operations.variant_figures import Figures
from slimdesk.project.model import Project
from slimdesk.verify.model import Check, Verification
from slimdesk.workspace.places import folder

VERSION = 1
_VERDICT_KEYS = (
    "verdict", "reason", "kind", "port", "http_status", "exit_code", "first_answer", "seconds", "user", "emulated",
)  # fmt: skip
# A file of ours is some ten kilobytes for each variant.
_MAX_FILE = 32_000_000


@dataclass(frozen=True, slots=True)
class Repair:
    """A change of a Dockerfile against a known cause. `helped` None = it was not tried; False = it was taken back.

    `lines` are what is new in the Dockerfile, `bytes` the change of the live size, None where it was not measured.
    """

    kind: str
    subject: str
    title: str
    reason: str
    lines: tuple[str, ...]
    bytes: int | None = None
    helped: bool | None = None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One variant. `family` is a family's word, or `yours` or `baseline` for the reference; `base` the image it stands on.

    None = not known: `build` of an image that was picked instead of built, `figures` of one that could not be measured,
    `verification` of one that was not started. `error` says in words why there is no image; `older` what has changed
    since it was built at `made` (UTC) from `made_from` (short hashes, workspace.fingerprint); `score` is 0..100 by the weights of the moment, `place` its place from 1, where it is ranked.
    `repairs` are what it was mended with, then what could be tried; `mended` is the whole Dockerfile with those that helped.
    """

    family: str
    base: str = ""
    context: str = "."
    reason: str = ""
    recommended: bool = False
    debug: bool = False
    build: BuildResult | None = None
    figures: Figures | None = None
    verification: Verification | None = None
    findings: tuple[Finding, ...] = ()
    error: str | None = None
    older: tuple[str, ...] = ()
    made: dt.datetime | None = None
    made_from: Mapping[str, str] = field(default_factory=dict)
    score: float | None = None
    place: int | None = None
    repairs: tuple[Repair, ...] = ()
    mended: str = ""

    @property
    def reference(self) -> bool:
        """Whether the others are measured against it."""
        return self.family in ("yours", "baseline")

    @property
    def runs(self) -> bool:
        """Whether it is proven to run."""
        return self.verification is not None and self.verification.verdict == "runs"

    @property
    def sizes(self) -> Sizes | None:
        """Its sizes in bytes."""
        return None if self.figures is None else self.figures.sizes


@dataclass(frozen=True, slots=True)
class Matrix:
    """All rows, the reference first; families that cannot serve stand in `unavailable` with the reason.

    `project` is the folder's path, `made` when the newest row was built (UTC), `size_kind` the current size of then,
    `weights` what was weighed for the scores, by criterion.
    """

    project: str
    component: str
    reference: str
    recommended: str | None
    rows: tuple[MatrixRow, ...]
    made: dt.datetime
    unavailable: tuple[tuple[str, str], ...] = ()
    size_kind: str = "files"
    weights: Mapping[str, int] = field(default_factory=dict)
    engine: str | None = None
    platform: str | None = None

    def row(self, family: str) -> MatrixRow | None:
        """Return the row of a family or of the reference."""
        return next((row for row in self.rows if row.family == family), None)

    @property
    def ranked(self) -> tuple[MatrixRow, ...]:
        """Return the rows that have a place, the first place first."""
        return tuple(
            sorted((row for row in self.rows if row.place is not None), key=lambda row: row.place or 0)
        )

    @property
    def complete(self) -> bool:
        """Whether every row was built and none fails."""
        return all(
            row.error is None and (row.verification is None or row.verification.verdict == "runs")
            for row in self.rows
        )


def newest_matrix(project: Project | Path, component: str | None = None) -> Matrix | None:
    """Return the newest matrix of a project, or of one of its components; None where there is none. Blocking."""
    wanted = [one for one in kept_matrices(project) if component is None or one.component == component]
    return max(wanted, key=lambda one: one.made, default=None)


def kept_matrices(project: Project | Path) -> list[Matrix]:
    """Return the newest matrix of each component of a project that has one, in the order they were kept. Blocking."""
    root = project.root if isinstance(project, Project) else project
    try:
        path = matrix_path(root)
        if path.stat().st_size > _MAX_FILE:
            return []
        data = json.loads(path.read_text(encoding="utf-8"))
        return [_matrix(one, root) for one in data["matrices"]] if data["version"] == VERSION else []
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # Not there, or damaged: the next run writes it anew.
        return []


def keep_matrix(matrix: Matrix) -> None:
    """Keep it in place of the component's last one; blocking. Raises OutputError."""
    root = Path(matrix.project)
    path = matrix_path(root)
    others: list[Any] = []
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        data = json.loads(path.read_text(encoding="utf-8"))
        others = [one for one in data["matrices"] if one["component"] != matrix.component]
    kept = {"version": VERSION, "project": matrix.project, "matrices": [*others, matrix_json(matrix)]}
    write_whole(path, json.dumps(kept, indent=1))


def try_to_keep(matrix: Matrix) -> str:
    """Keep it; return why it could not be kept, empty where it was. Blocking."""
    try:
        keep_matrix(matrix)
    except OutputError as error:
        return str(error)
    return ""


def matrix_path(root: Path) -> Path:
    """Return where a project's matrices are kept."""
    name = hashlib.sha256(str(root).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return folder("data") / "matrices" / f"{name}.json"


def matrix_json(matrix: Matrix) -> dict[str, Any]:
    """Return it as plain JSON values; without logs."""
    rows = [
        {
            **asdict(_without_logs(row)),
            "findings": [one.to_json() for one in row.findings],
            "made": None if row.made is None else row.made.isoformat(),
        }
        for row in matrix.rows
    ]
    values = asdict(replace(matrix, rows=()))
    return {**values, "rows": rows, "made": matrix.made.isoformat(), "weights": dict(matrix.weights)}


def _without_logs(row: MatrixRow) -> MatrixRow:
    build, found = row.build, row.verification
    if build is not None:
        error = None if build.error is None else replace(build.error, log=())
        build = replace(build, steps=(), error=error)
    return replace(row, build=build, verification=None if found is None else replace(found, log=()))


def _matrix(data: Mapping[str, Any], root: Path) -> Matrix:
    """Read it back. Raises KeyError, TypeError, ValueError for what is none."""
    return Matrix(
        project=str(root),
        component=str(data["component"]),
        reference=str(data["reference"]),
        recommended=data["recommended"],
        rows=tuple(_row(one) for one in data["rows"]),
        made=dt.datetime.fromisoformat(data["made"]),
        unavailable=tuple((str(family), str(why)) for family, why in data["unavailable"]),
        size_kind=str(data["size_kind"]),
        weights={str(key): int(value) for key, value in data["weights"].items()},
        engine=data["engine"],
        platform=data["platform"],
    )


def _row(data: Mapping[str, Any]) -> MatrixRow:
    build, figures, found = data["build"], data["figures"], data["verification"]
    return MatrixRow(
        **{
            **data,
            "build": None if build is None else _build(build),
            "figures": None if figures is None else _figures(figures),
            "verification": None if found is None else _verification(found),
            "findings": tuple(Finding(**one) for one in data["findings"]),
            "older": tuple(data["older"]),
            "made": None if data["made"] is None else dt.datetime.fromisoformat(data["made"]),
            "made_from": dict(data["made_from"]),
            "repairs": tuple(
                Repair(**{**one, "lines": tuple(one["lines"])}) for one in data.get("repairs", ())
            ),
        }
    )


def _build(data: Mapping[str, Any]) -> BuildResult:
    error = data["error"]
    made = None if error is None else BuildError(**{**error, "log": ()})
    return BuildResult(**{**data, "steps": (), "warnings": (), "error": made})


def _figures(data: Mapping[str, Any]) -> Figures:
    lists = {key: tuple(data[key]) for key in ("shells", "managers", "usual")}
    return Figures(**{**data, **lists, "sizes": Sizes(**data["sizes"])})


def _verification(data: Mapping[str, Any]) -> Verification:
    plain = {key: data[key] for key in _VERDICT_KEYS}
    return Verification(**plain, checks=tuple(Check(**one) for one in data["checks"]))
