"""Every language profile that projects are searched for. A new one is a file and a line here."""

from __future__ import annotations

import importlib
from functools import cache

from slimdesk.project.languages.base import Language

# Profile -> what people call it. The module of that name in this folder holds LANGUAGE; folders with several languages
# are described in this order.
TITLES = {
    "go": "Go",
    "node": "Node.js",
    "python": "Python",
    "java": "Java",
    "rust": "Rust",
    "cpp": "C and C++",
    "dotnet": ".NET",
    "php": "PHP",
    "ruby": "Ruby",
    "web": "Static web",
}
LANGUAGES = tuple(TITLES)


@cache
def languages() -> tuple[Language, ...]:
    """Return every language, in their order."""
    here = __name__.rpartition(".")[0]
    return tuple(importlib.import_module(f"{here}.{name}").LANGUAGE for name in LANGUAGES)


def title_of(profile: str) -> str:
    """Return what people call a profile: `node` is Node.js; one that is not known is its own word."""
    return TITLES.get(profile, profile)
