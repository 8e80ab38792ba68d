"""Which families fit a component, and which one is recommended."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import Family
from slimdesk.operations.catalog import catalog_for
from slimdesk.project.model import Component, Project
from slimdesk.recipes.generate import fits, recommended
from slimdesk.recipes.model import Fit


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
    project: Project, component: Component, catalog: Catalog | None = None, packages: tuple[str, ...] = ()
) -> FamilyTable:
    """Return the table for a component whose image is to get `packages` besides.

    Raises CatalogError if a catalogue file is wrong, BadInput for what is no package's name.
    """
    used = catalog_for(project.root) if catalog is None else catalog
    found = fits(component, used, packages)
    best = recommended(found).family if any(fit.available for fit in found) else None
    return FamilyTable(component, found, best, used.age)
