"""What is worth telling about an image: one rule per file, each `find(survey) -> Iterator[Hint]`, listed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.image.findings import root_user, shell_form
from slimdesk.image.model import Image
from slimdesk.image.packages.look import Look

RULES: tuple[Callable[[Image], Iterator[Finding]], ...] = (root_user.find, shell_form.find)


@dataclass(frozen=True, slots=True)
class Told:
    """All findings, the gravest first, and the live bytes that following them gains, each counted once."""

    findings: tuple[Finding, ...]
    could_save: int


def find_all(image: Image, look: Look) -> Told:
    """Look at an image that has just been read."""
    found = [finding for rule in RULES for finding in rule(image)]
    return Told(tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))), 0)


def findings(image: Image) -> tuple[Finding, ...]:
    """Return all findings, the gravest first."""
    return image.findings
