"""Every language's recipe. A new language is a file with a `RECIPE`, and a line here."""

from __future__ import annotations

import importlib
from typing import cast

from slimdesk.recipes.model import Recipe

# Profile -> module; imported when first asked for, because a project rarely has more than two languages.
_MODULES = {
    "dotnet": "slimdesk.recipes.dotnet",
    "go": "slimdesk.recipes.go",
    "java": "slimdesk.recipes.java",
    "node": "slimdesk.recipes.node",
    "php": "slimdesk.recipes.php",
    "python": "slimdesk.recipes.python",
    "rust": "slimdesk.recipes.rust",
    "cpp": "slimdesk.recipes.cpp",
    "ruby": "slimdesk.recipes.ruby",
    "web": "slimdesk.recipes.web",
}
PROFILES: tuple[str, ...] = tuple(_MODULES)


def recipe_for(profile: str) -> Recipe | None:
    """Return the recipe of a language profile; None if there is none."""
    module = _MODULES.get(profile)
    return None if module is None else cast("Recipe", importlib.import_module(module).RECIPE)
