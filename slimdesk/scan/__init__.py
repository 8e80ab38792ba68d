"""Vulnerability scanners: one file per scanner, listed here; and how much of an image such a scanner can see at all."""

from __future__ import annotations

from functools import cache

from slimdesk.scan.scanner import Scanner

AUTO = "auto"
"""In place of a scanner's name: whichever is there."""


@cache
def scanners() -> tuple[Scanner, ...]:
    """Return the scanners that SlimDesk knows, the one that is asked first in front."""
    from slimdesk.scan import grype, scout, trivy

    return trivy.SCANNER, grype.SCANNER, scout.SCANNER


def scanner_named(name: str) -> Scanner | None:
    """Return the scanner of that name."""
    return next((one for one in scanners() if one.name == name), None)
