"""All rules over one Dockerfile."""

from __future__ import annotations

from dataclasses import replace

from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.rules.registry import RULES
from slimdesk.dockerfile.surroundings import Surroundings
from slimdesk.dockerfile.view import look


def check(
    dockerfile: Dockerfile,
    catalog: Catalog | None = None,
    path: str | None = None,
    surroundings: Surroundings | None = None,
) -> tuple[Finding, ...]:
    """Return what the rules find, the worst first, then by line.

    With a catalogue its own images are known exactly and versions that have ended are told; without it the names
    alone speak. `path` stands in the findings; `surroundings` is the build context, where there is one. Lines are those of the model; None before it is written or parsed.
    """
    view = look(dockerfile, catalog, surroundings)
    found = [
        replace(finding, path=path, line=finding.line or None)
        for rule in RULES
        for finding in rule.check(view)
    ]
    # A stable sort keeps the order of the rules within a line.
    return tuple(sorted(found, key=lambda one: (SEVERITIES.index(one.severity), one.line or 0)))
