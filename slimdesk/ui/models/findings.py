"""Columns that every table of findings has, with the sign of each severity."""

from __future__ import annotations

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.ui.models.rows import Column
from slimdesk.ui.theme.tokens import Token

SIGNS: dict[str, tuple[str, Token]] = {
    "error": ("x-circle-fill", "bad"),
    "warning": ("warning-fill", "warn"),
    "info": ("info", "accent_text"),
}


def severity_column() -> Column[Finding]:
    """Return the column of the severity, which sorts by gravity."""
    return Column(
        "severity", "Severity", lambda one: one.severity.capitalize(), lambda one: SEVERITIES.index(one.severity),
        width=110, picture=lambda one: SIGNS[one.severity],
    )  # fmt: skip


def message_column(width: int) -> Column[Finding]:
    """Return the column of what was found; the whole of it is its cell's tip."""
    return Column(
        "message", "What", lambda one: visible(one.message), width=width, grows=True,
        cell_tip=lambda one: visible(one.message),
    )  # fmt: skip


def fix_column(width: int, missing: str = "") -> Column[Finding]:
    """Return the column of what to do; `missing` stands where nothing is known."""
    return Column(
        "fix", "What to do", lambda one: visible(one.fix or missing), width=width, grows=True,
        cell_tip=lambda one: visible(one.fix or ""),
    )  # fmt: skip
