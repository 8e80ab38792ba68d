"""The table that people look for: families side by side, from the catalogue's data, its words, and what was measured."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from slimdesk.basics.resources import resource
from slimdesk.basics.units import format_bytes
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import FAMILIES, BaseImage, Family
from slimdesk.catalog.programs import programs_of
from slimdesk.project.model import Component
from slimdesk.recipes.model import Fit

WORDS = "comparison.toml"
MEASURED = "measured on this machine"
_UNKNOWN = "Not known before it is built"


@dataclass(frozen=True, slots=True)
class Aspect:
    """A column: its key, such as `debugging`, and its title."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What is said of a family in one aspect, and where that comes from; `bytes` where it is a size."""

    text: str
    source: str
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One family: its image (None without one), whether it can serve the component (None without a component), a cell per aspect."""

    family: Family
    image: str | None
    available: bool | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The families as rows, the aspects as columns; `size_kind` is what the measured sizes are (files, download, …)."""

    columns: tuple[Aspect, ...]
    rows: tuple[ComparisonRow, ...]
    size_kind: str

    def cell(self, family: Family, key: str) -> Cell:
        """Return one cell. Raises KeyError for a family or an aspect that is not in the table."""
        for row in self.rows:
            if row.family == family:
                return dict(zip((column.key for column in self.columns), row.cells, strict=True))[key]
        raise KeyError(family)


def compare(
    catalog: Catalog,
    component: Component | None = None,
    found: tuple[Fit, ...] = (),
    measured: Mapping[Family, int] | None = None,
    size_kind: str = "files",
) -> Comparison:
    """Return the table: of all families, or with the images that would serve `component` (`found` are its fits).

    `measured` are bytes of the component's images that were built before, of the kind that `size_kind` names.
    """
    data = _data()
    columns = tuple(Aspect(key, title) for key, title in data["aspect"].items())
    fits = {fit.family: fit for fit in found}
    rows = []
    for family in FAMILIES:
        fit = fits.get(family)
        base = fit.base if fit is not None else _typical(catalog, family)
        words = data["family"][family]
        cells = {
            "size": _size(family, base, fit, measured or {}, size_kind),
            "updates": _updates(base, catalog),
            "security": _with_facts(words["security"], _security_facts(base)),
            "debugging": _with_facts(words["debugging"], _debug_facts(base)),
        }
        listed = tuple(cells.get(column.key) or _worded(words[column.key]) for column in columns)
        reference = base.reference if base is not None and (fit is None or fit.available) else None
        rows.append(ComparisonRow(family, reference, fit.available if component and fit else None, listed))
    return Comparison(columns, tuple(rows), size_kind)


def _typical(catalog: Catalog, family: Family) -> BaseImage | None:
    """Return the image that stands for a family where no component is asked about."""
    for word in ("static", "glibc", "python", "node", "dotnet", "go"):
        found = catalog.find(family, word)
        if found is not None:
            return found
    return None


def _size(
    family: Family, base: BaseImage | None, fit: Fit | None, measured: Mapping[Family, int], kind: str
) -> Cell:
    if family in measured:
        return Cell(f"{format_bytes(measured[family], ' ')} ({kind})", MEASURED, measured[family])
    if fit is not None and not fit.available:
        return Cell("It cannot serve this component", fit.reason)
    if base is None:
        return Cell(_UNKNOWN, "catalogue")
    if base.name == "scratch":
        return Cell("0 B before the program", "by its contents", 0)
    if base.size_download is not None:
        text = f"{base.reference}: {format_bytes(base.size_download, ' ')} to download, before the program"
        return Cell(text, base.size_source or "catalogue", base.size_download)
    return Cell(f"{base.reference}: {_UNKNOWN.lower()}", "catalogue")


def _security_facts(base: BaseImage | None) -> str:
    if base is None:
        return ""
    shell = "Shell" if base.shell else "No shell"
    manager = f", {base.package_manager}" if base.package_manager else ", no package manager"
    return f"{shell}{manager}; SlimDesk's images run as user {base.run_user}."


def _debug_facts(base: BaseImage | None) -> str:
    if base is None:
        return ""
    held = programs_of(base)
    names = [name for name in ("sh", "bash", "curl", "wget", "ps") if held.has(name)]
    if names:
        return f"Inside: {', '.join(names)}."
    return f"Debug image: {base.debug_reference}." if base.debug_reference else "No debug image."


def _updates(base: BaseImage | None, catalog: Catalog) -> Cell:
    if base is None:
        return Cell(_UNKNOWN, "catalogue")
    source = f"endoflife.date; catalogue of {catalog.checked.isoformat()}"
    if base.end_of_life is not None:
        return Cell(f"{base.reference} gets updates until {base.end_of_life.isoformat()}.", source)
    if base.name == "scratch":
        return Cell("Nothing to update but the program.", "by its contents")
    return Cell("Rolling: the tag always names the newest build.", base.source or source)


def _with_facts(words: Mapping[str, str], facts: str) -> Cell:
    return Cell(f"{facts} {words['text']}".strip(), words["source"])


def _worded(words: Mapping[str, str]) -> Cell:
    return Cell(words["text"], words["source"])


@cache
def _data() -> dict[str, Any]:
    with resource(f"catalog/{WORDS}").open("rb") as file:
        return tomllib.load(file)
