"""Builds over time: sizes as series, what changed between two builds, and a component's budget against what was measured."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk.basics.units import format_bytes
from slimdesk.project.budget import Budget, budget_of
from slimdesk.project.model import Component
from slimdesk.workspace.history import SIZES, History, Measured
from slimdesk.workspace.kept_builds import BuildDetails, KeptPackage, details_of

if TYPE_CHECKING:
    from slimdesk.image.model import Image, Sizes

_MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Point:
    """One build in a series: bytes of one kind of size."""

    when: dt.datetime
    size: int
    build: Measured


@dataclass(frozen=True, slots=True)
class Series:
    """The builds of one variant, oldest first."""

    component: str
    family: str
    points: tuple[Point, ...]

    @property
    def title(self) -> str:
        """Return component:family."""
        return f"{self.component}:{self.family}"


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that came (`before` None), went (`after` None) or has another version. `grew` in bytes, None = not known."""

    type: str
    name: str
    before: str | None
    after: str | None
    grew: int | None

    def to_json(self) -> dict[str, Any]:
        """All keys of it as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class BuildChange:
    """What differs between two builds of a variant.

    sizes: bytes by kind, before and after, of the kinds that both have. packages: None where one of them kept none, the
    most bytes first. dockerfile: the unified difference, empty where it is the same, None where one kept none.
    """

    before: Measured
    after: Measured
    sizes: dict[str, tuple[int, int]]
    packages: tuple[PackageChange, ...] | None
    dockerfile: str | None

    @property
    def same(self) -> bool:
        """Whether nothing is known to differ."""
        return not (any(one != two for one, two in self.sizes.values()) or self.packages or self.dockerfile)


@dataclass(frozen=True, slots=True)
class Over:
    """A budget that is exceeded, with what was measured in bytes."""

    component: str
    budget: Budget
    size: int

    @property
    def sentence(self) -> str:
        """Return what is too large, in one sentence."""
        more = self.size - self.budget.limit
        return (
            f"{self.component} has {format_bytes(self.size)} {self.budget.kind}, "
            f"{format_bytes(more)} over its budget of {format_bytes(self.budget.limit)}"
        )

    def to_json(self) -> dict[str, Any]:
        """All keys of it as JSON."""
        return budget_json(self.budget, self.size) or {}


def series_of(results: Iterable[Measured], kind: str) -> tuple[Series, ...]:
    """Return the builds as series by component and variant, in the order in which the variants first came."""
    found: dict[tuple[str, str], list[Point]] = {}
    for one in results:
        size = one.sizes.get(kind)
        if isinstance(size, int):
            found.setdefault((one.component, one.family), []).append(Point(one.made, size, one))
    return tuple(Series(*key, tuple(points)) for key, points in found.items())


def changes_between(history: History, before: Measured, after: Measured) -> BuildChange:
    """Return what differs between two builds; reads the history. Raises OutputError."""
    one, two = history.details(before.number), history.details(after.number)
    sizes = {
        kind: (first, second)
        for kind in SIZES
        if isinstance(first := before.sizes.get(kind), int)
        and isinstance(second := after.sizes.get(kind), int)
    }
    return BuildChange(before, after, sizes, _packages(one, two), _dockerfile(one, two))


def _packages(before: BuildDetails | None, after: BuildDetails | None) -> tuple[PackageChange, ...] | None:
    if before is None or after is None or before.packages is None or after.packages is None:
        return None
    old, new = _by_name(before.packages), _by_name(after.packages)
    found = []
    for key in dict.fromkeys((*old, *new)):
        gone, come = old.get(key, ()), new.get(key, ())
        if {one.version for one in gone} == {one.version for one in come}:
            continue
        found.append(PackageChange(*key, _versions(gone), _versions(come), _grew(gone, come)))
    return tuple(sorted(found, key=lambda one: (-abs(one.grew or 0), one.type, one.name)))


def _by_name(packages: Iterable[KeptPackage]) -> dict[tuple[str, str], tuple[KeptPackage, ...]]:
    found: dict[tuple[str, str], tuple[KeptPackage, ...]] = {}
    for one in packages:
        found[one.type, one.name] = (*found.get((one.type, one.name), ()), one)
    return found


def _versions(packages: Sequence[KeptPackage]) -> str | None:
    return ", ".join(sorted({one.version for one in packages})) or None if packages else None


def _grew(before: Sequence[KeptPackage], after: Sequence[KeptPackage]) -> int | None:
    sizes = [one.size for one in (*before, *after)]
    if any(size is None for size in sizes):
        return None
    return sum(one.size or 0 for one in after) - sum(one.size or 0 for one in before)


def _dockerfile(before: BuildDetails | None, after: BuildDetails | None) -> str | None:
    if before is None or after is None or not before.dockerfile or not after.dockerfile:
        return None
    lines = list(
        difflib.unified_diff(
            before.dockerfile.splitlines(), after.dockerfile.splitlines(), "before", "after", lineterm="", n=2
        )
    )
    more = [f"… and {len(lines) - _MOST_LINES} more lines"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *more])


def over_budget(component: Component, sizes: Sizes) -> Over | None:
    """Return the budget that an image of the component exceeds; None where it holds, or there is none."""
    budget = budget_of(component)
    if budget is None:
        return None
    size: int | None = getattr(sizes, budget.kind)
    return Over(component.name, budget, size) if size is not None and size > budget.limit else None


def budget_json(budget: Budget | None, size: int | None) -> dict[str, Any] | None:
    """Return a budget and what was measured as the command line's JSON has it; None without a budget."""
    if budget is None:
        return None
    return {
        "limit": budget.limit,
        "kind": budget.kind,
        "size": size,
        "over": None if size is None else size > budget.limit,
        "path": budget.evidence.path if budget.evidence else None,
        "line": budget.evidence.line if budget.evidence else None,
    }


def remember_build(history: History, measured: Measured, image: Image, dockerfile: str) -> None:
    """Keep a build that was made outside of the window. Raises OutputError."""
    history.measured(measured, details_of(dockerfile, image))


def measured_build(
    root: Path, component: Component, family: str, image: Image, *, made: dt.datetime, seconds: float | None
) -> Measured:
    """Return a build that was measured and not verified, as the history keeps it."""
    sizes = {kind: getattr(image.sizes, kind) for kind in SIZES}
    return Measured(str(root), component.name, family, made, image.image_id, sizes, None, seconds)
