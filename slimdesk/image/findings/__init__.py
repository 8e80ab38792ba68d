"""What is worth telling about an image: one rule per file, each `find(survey) -> Iterator[Hint]`, listed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from slimdesk.image.findings.survey import Hint, Survey, live_bytes, survey
from slimdesk.image.model import Image
from slimdesk.image.packages.look import Look

RULES: tuple[Callable[[Survey], Iterator[Hint]], ...] = (
    entry_point.find,
    root_user.find,
    shell_form.find,
    secrets.find,
    end_of_life.find,
    modes.find,
    dev_dependencies.find,
    heavy_packages.find,
    duplicates.find,
    caches.find,
    tools.find,
    dead_weight.find,
)
_NAMES = caches.NAMES | dead_weight.NAMES | heavy_packages.NAMES | secrets.NAMES
_ENDINGS = dead_weight.ENDINGS


@dataclass(frozen=True, slots=True)
class Told:
    """All findings, the gravest first and of those the heaviest; the live bytes that following them gains, each counted once."""

    findings: tuple[Finding, ...]
    could_save: int


def find_all(image: Image, look: Look) -> Told:
    """Look at an image that has just been read."""
    seen = survey(image, look, _NAMES, _ENDINGS)
    hints = [hint for rule in RULES for hint in rule(seen)]
    found = sorted(
        (hint.finding for hint in hints),
        key=lambda finding: (SEVERITIES.index(finding.severity), -(finding.bytes or 0)),
    )
    return Told(tuple(found), live_bytes(look.table, (node for hint in hints for node in hint.nodes)))


def findings(image: Image) -> tuple[Finding, ...]:
    """Return what was found when the image was read, the gravest first."""
    return image.findings
