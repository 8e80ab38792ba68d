"""Every language profile that projects are searched for. A new one is a file and a line here."""

from __future__ import annotations

import importlib
from functools import cache

from slimdesk.project.languages.base import Language

# The module of that name in this folder holds LANGUAGE.
LANGUAGES = ("go", "node", "python", "java", "rust", "cpp", "dotnet", "php", "ruby", "web")


@cache
def languages() -> tuple[Language, ...]:
    """Every language, in the order in which a folder with several of them is described."""
    here = __name__.rpartition(".")[0]
    return tuple(importlib.import_module(f"{here}.{name}").LANGUAGE for name in LANGUAGES)
