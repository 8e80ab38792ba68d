"""The images that a plan stands on, or the error that says which one is missing."""

from __future__ import annotations

from typing import TypeVar

from slimdesk.basics.errors import CatalogError, UnavailableFamily
from slimdesk.catalog.model import BaseImage
from slimdesk.project.model import Component
from slimdesk.recipes.model import Fit

T = TypeVar("T")


def chosen_base(component: Component, fit: Fit) -> BaseImage:
    """Return the image that ships. Raises UnavailableFamily with the fit's reason if there is none."""
    if fit.base is None:
        raise UnavailableFamily(f"{fit.family} cannot serve {component.name}", fit.reason)
    return fit.base


def chosen(component: Component, fit: Fit) -> tuple[BaseImage, BaseImage]:
    """Return the image that ships and the one that builds. Raises UnavailableFamily with the fit's reason."""
    base = chosen_base(component, fit)
    if fit.builder is None:
        raise UnavailableFamily(f"{fit.family} cannot serve {component.name}", fit.reason)
    return base, fit.builder


def known(found: T | None, title: str) -> T:
    """Return what SlimDesk's own catalogue always has, such as an image. Raises CatalogError where its files are damaged."""
    if found is None:
        raise CatalogError(f"The catalogue has no image of {title}", todo="Install SlimDesk again")
    return found
