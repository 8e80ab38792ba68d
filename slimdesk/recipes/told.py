"""A finding that tells of something in the project's own files."""

from __future__ import annotations

from slimdesk.basics.finding import Finding, Severity
from slimdesk.project.model import Evidence


def told_at(
    place: Evidence | None, rule: str, severity: Severity, message: str, fix: str | None = None
) -> Finding:
    """Return a finding on the line where something was read; without a place where that is not known."""
    path, line = (None, None) if place is None else (place.path, place.line)
    return Finding(rule, severity, message, path=path, line=line, fix=fix)
