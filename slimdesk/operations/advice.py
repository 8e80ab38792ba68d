"""The advice for a component: a family with reasons, what calls into its image, and what would make a smaller one fit."""

from __future__ import annotations

from collections.abc import Mapping

from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import FAMILIES, Family
from slimdesk.operations.catalog import catalog_for
from slimdesk.project.model import Component, Project
from slimdesk.recipes.advice import Advice, Prefer, advise
from slimdesk.recipes.generate import fits
from slimdesk.workspace.history import History


def advice_for(
    project: Project,
    component: Component,
    *,
    catalog: Catalog | None = None,
    packages: tuple[str, ...] = (),
    prefer: Prefer = "smallest",
    measured: Mapping[Family, int] | None = None,
) -> Advice:
    """Return the advice for a component of a project; takes about a tenth of a second. Raises CatalogError."""
    used = catalog_for(project.root) if catalog is None else catalog
    found = fits(component, used, packages)
    return advise(component, found, project.calls, used, packages=packages, prefer=prefer, measured=measured)


def measured_sizes(
    project: Project, component: Component, history: History, kind: str = "files"
) -> dict[Family, int]:
    """Return the bytes of the newest build of each family, as the history has them; `kind` is a word of the four sizes."""
    sizes: dict[Family, int] = {}
    for result in sorted(history.results(str(project.root), component.name), key=lambda one: one.made):
        size = result.sizes.get(kind)
        family = next((one for one in FAMILIES if one == result.family), None)
        if size is not None and family is not None:
            sizes[family] = size
    return sizes
