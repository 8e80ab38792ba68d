"""What is worth telling about an image: one rule per file, each `find(image) -> Iterator[Finding]`, listed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.image.findings import root_user, shell_form
from slimdesk.image.model import Image

RULES: tuple[Callable[[Image], Iterator[Finding]], ...] = (root_user.find, shell_form.find)


def findings(image: Image) -> tuple[Finding, ...]:
    """Return all findings, the gravest first."""
    found = [finding for rule in RULES for finding in rule(image)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
