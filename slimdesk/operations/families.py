"""Which families fit a component, which one is recommended, and the families side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import Family
from slimdesk.operations.advice import measured_sizes
from slimdesk.operations.catalog import catalog_for
from slimdesk.project.model import Component, Project
from slimdesk.recipes.advice import Prefer, wished
from slimdesk.recipes.comparison import Comparison, compare
from slimdesk.recipes.generate import fits, recommended
from slimdesk.recipes.model import Fit
from slimdesk.recipes.needs import with_calls
from slimdesk.workspace.history import History


@dataclass(frozen=True, slots=True)
class FamilyTable:
    """All families in their order, and the recommended one; None where none is available.

    `catalog_age` is a sentence when the catalogue is old.
    """

    component: Component
    fits: tuple[Fit, ...]
    recommended: Family | None
    catalog_age: str | None

    def fit(self, family: Family) -> Fit:
        """Return the row of a family."""
        return next(fit for fit in self.fits if fit.family == family)


def compare_families(
    project: Project,
    component: Component,
    catalog: Catalog | None = None,
    packages: tuple[str, ...] = (),
    prefer: Prefer = "smallest",
) -> FamilyTable:
    """Return the table for a component, with what calls into its image taken into account.

    `packages` are those that the image is to get besides; `prefer` is what the person weighs most. Raises CatalogError if
    a catalogue file is wrong, BadInput for a package that has no package's name.
    """
    used = catalog_for(project.root) if catalog is None else catalog
    found = wished(with_calls(component, fits(component, used, packages), project.calls, packages), prefer)
    best = recommended(found).family if any(fit.available for fit in found) else None
    return FamilyTable(component, found, best, used.age)


def comparison(
    component: Component | None,
    catalog: Catalog,
    measured: Mapping[Family, int] | None = None,
    size_kind: str = "files",
) -> Comparison:
    """Return the families side by side: in general, or with the images that would serve a component.

    `measured` are bytes of its images that were built before (`operations.advice.measured_sizes`).
    """
    found = fits(component, catalog) if component is not None else ()
    return compare(catalog, component, found, measured, size_kind)


def comparison_for(
    project: Project | None, component: Component | None, history: History, size_kind: str = "files"
) -> Comparison:
    """Return the families side by side for an open component, with what was measured of it; in general without one.

    Raises CatalogError.
    """
    if project is None or component is None:
        return comparison(None, catalog_for(None), None, size_kind)
    measured = measured_sizes(project, component, history, size_kind)
    return comparison(component, catalog_for(project.root), measured, size_kind)
