"""Words that the reasons of several profiles' fits are put together from."""

from __future__ import annotations

from collections.abc import Iterable

from slimdesk.basics.escaping import visible
from slimdesk.catalog.model import Family
from slimdesk.project.model import Fact
from slimdesk.recipes.model import Fit

FULL = "It works as in the compiler's own image, with a shell and every tool, and is by far the largest."
SLIM = "Debian with a shell and a package manager: easy to look into, larger than the program needs."


def unavailable(family: Family, reason: str) -> Fit:
    """Return the fit of a family that cannot serve, with the reason as a sentence."""
    return Fit(family=family, available=False, reason=reason)


def programs(facts: Iterable[Fact]) -> str:
    """Return the programs that facts of the keys `program` and `shell` name, each once."""
    found = ["a shell" if fact.key == "shell" else visible(str(fact.value), 40) for fact in facts]
    return ", ".join(dict.fromkeys(found))


def lacks_programs(facts: Iterable[Fact]) -> str:
    """Return the sentence of programs that are started but not in the image, with the first place that starts one."""
    found = tuple(facts)
    return f"But the program starts {programs(found)}{first_place(found)}, which is not in it."


def names(found: Iterable[object]) -> str:
    """Return names read from a project, each once and harmless, in one line."""
    return ", ".join(dict.fromkeys(visible(str(name), 40) for name in found))


def first_place(facts: Iterable[Fact]) -> str:
    """Return ` (path:line)` of the first fact that has a place; empty if none has."""
    place = next((fact.evidence for fact in facts if fact.evidence is not None), None)
    return "" if place is None else f" ({visible(str(place), 120)})"
