"""What is worth telling about an image: one rule per file, each `find(survey) -> Iterator[Hint]`, listed here.

A rule that asks the survey for nodes by name or by ending says so in its NAMES and ENDINGS (`survey.Survey`).
"""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.image.findings import (
    caches,
    dead_weight,
    dev_dependencies,
    duplicates,
    end_of_life,
    entry_point,
    heavy_packages,
    modes,
    root_user,
    secrets,
    shell_form,
    tools,
)
from slimdesk.image.findings.survey import live_bytes, survey
from slimdesk.image.model import Image
from slimdesk.image.packages.look import Look

RULES = (
    entry_point,
    root_user,
    shell_form,
    secrets,
    end_of_life,
    modes,
    dev_dependencies,
    heavy_packages,
    duplicates,
    caches,
    tools,
    dead_weight,
)
# Which nodes the rules ask the survey for; most ask for none.
_NAMES = frozenset[bytes]().union(*(getattr(rule, "NAMES", ()) for rule in RULES))
_ENDINGS = frozenset[bytes]().union(*(getattr(rule, "ENDINGS", ()) for rule in RULES))


@dataclass(frozen=True, slots=True)
class Told:
    """All findings, the gravest first and of those the heaviest; the live bytes that following them gains, each counted once."""

    findings: tuple[Finding, ...]
    could_save: int


def find_all(image: Image, look: Look) -> Told:
    """Look at an image that has just been read."""
    seen = survey(image, look, _NAMES, _ENDINGS)
    hints = [hint for rule in RULES for hint in rule.find(seen)]
    found = sorted(
        (hint.finding for hint in hints),
        key=lambda finding: (SEVERITIES.index(finding.severity), -(finding.bytes or 0)),
    )
    return Told(tuple(found), live_bytes(look.table, (node for hint in hints for node in hint.nodes)))


def findings(image: Image) -> tuple[Finding, ...]:
    """Return what was found when the image was read, the gravest first."""
    return image.findings
