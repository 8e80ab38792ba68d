"""A plan without its images says which family cannot serve, or that the catalogue is damaged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slimdesk.basics.errors import CatalogError, UnavailableFamily
from slimdesk.project.model import Component
from slimdesk.recipes.chosen import chosen, chosen_base, known
from slimdesk.recipes.generate import fits
from slimdesk.recipes.model import Fit, Options
from slimdesk.recipes.registry import PROFILES, recipe_for

API = Component(name="api", path=".", profile="go", entrypoint=("api",))


def test_both_images_are_needed(catalog):
    fit = next(one for one in fits(API, catalog) if one.available)
    assert chosen(API, fit) == (fit.base, fit.builder)
    for lack in ({"base": None}, {"builder": None}):
        with pytest.raises(UnavailableFamily, match=f"{fit.family} cannot serve api"):
            chosen(API, replace(fit, **lack))
    assert chosen_base(API, replace(fit, builder=None)) == fit.base


def test_what_the_catalogue_always_has_is_missed_in_words():
    assert known("image", "Go") == "image"
    with pytest.raises(CatalogError) as raised:
        known(None, "Go")
    assert str(raised.value) == "The catalogue has no image of Go. Install SlimDesk again."


@pytest.mark.parametrize("profile", PROFILES)
def test_no_recipe_plans_for_a_family_that_cannot_serve(profile):
    component = replace(API, profile=profile)
    refused = Fit("slim", available=False, reason="It has no such thing.")
    with pytest.raises(UnavailableFamily, match="It has no such thing"):
        recipe_for(profile).plan(component, refused, Options())
