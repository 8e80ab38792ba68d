"""Tells, once for each image, that a variant that was just built is over its component's budget."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from slimdesk.operations.history import over_budget
from slimdesk.project.model import Evidence
from slimdesk.ui.desk import Desk

_TOLD: WeakKeyDictionary[Desk, set[str]] = WeakKeyDictionary()


def watch_budgets(desk: Desk) -> None:
    """From now on, tell it; once per desk."""
    if desk not in _TOLD:
        _TOLD[desk] = set()
        desk.workspace.observe("results", lambda: _tell(desk))


def _tell(desk: Desk) -> None:
    project = desk.workspace.project
    told = _TOLD[desk]
    for variant, known in desk.workspace.all_results().items():
        component = project.component(variant.component) if project is not None else None
        # The reference is what the others are better than; a debug variant is not shipped.
        if component is None or known.analysis is None or variant.reference or variant.debug:
            continue
        image = known.analysis.value
        key = image.image_id or image.location
        over = over_budget(component, image.sizes) if key not in told else None
        told.add(key)
        if over is not None:
            desk.notify("warn", f"{variant.family}: {over.sentence}.", _place(over.budget.evidence))


def _place(evidence: Evidence | None) -> str:
    if evidence is None:
        return ""
    return f"The budget stands in {evidence.path}{f', line {evidence.line}' if evidence.line else ''}."
