"""A component's budget: the largest that its image may be, from `budget = "50MB"` in slimdesk.toml.

A word behind the size says which size is meant: `"20MB download"`; without one it is `files`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

from slimdesk.basics.units import parse_size
from slimdesk.project.model import Component, Evidence

KEY = "budget"
BudgetKind = Literal["download", "unpacked", "files", "live"]


@dataclass(frozen=True, slots=True)
class Budget:
    """The limit in bytes, of which size, and where it is stated."""

    limit: int
    kind: BudgetKind = "files"
    evidence: Evidence | None = None


def parse_budget(text: str) -> Budget:
    """Return the budget that a text states. Raises ValueError with a sentence."""
    words = text.split()
    kind = words.pop().lower() if words and words[-1].lower() in get_args(BudgetKind) else "files"
    limit = parse_size(" ".join(words))
    if limit <= 0:
        raise ValueError("a budget is above zero")
    return Budget(limit, cast("BudgetKind", kind))


def budget_of(component: Component) -> Budget | None:
    """Return a component's budget; None where it has none."""
    fact = component.fact(KEY)
    if fact is None or not isinstance(fact.value, str):
        return None
    try:
        stated = parse_budget(fact.value)
    except ValueError:
        return None
    return Budget(stated.limit, stated.kind, fact.evidence)
