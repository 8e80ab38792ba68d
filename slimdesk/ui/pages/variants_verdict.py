"""What to take and why, in three answers: which variant, how much smaller, does it still run."""

from __future__ import annotations

from collections.abc import Sequence

from slimdesk.basics.units import format_bytes, format_change, format_factor, format_seconds
from slimdesk.ui.models.variants import SIZE_WORDS, VariantRow
from slimdesk.ui.widgets.figures import Answer


def best_row(rows: Sequence[VariantRow]) -> VariantRow | None:
    """Return the variant to take: one that runs before one that is not verified, then the smaller one.

    The recommended family is taken where a smaller one would save less than a hundredth of the reference: it is
    recommended for what it holds. What failed, or was built from something older, is never taken; the reference neither.
    """
    built = [
        row
        for row in rows
        if not row.reference and row.size is not None and not row.results.changes and not row.variant.debug
    ]
    proven = [row for row in built if row.verification is not None and row.verification.verdict == "runs"]
    candidates = proven or [row for row in built if row.verification is None]
    if not candidates:
        return None
    smallest = min(candidates, key=lambda row: row.size or 0)
    advised = next((row for row in candidates if row.recommended), smallest)
    more = (advised.size or 0) - (smallest.size or 0)
    return advised if more * 100 < (advised.reference_size or 0) else smallest


def answers(rows: Sequence[VariantRow]) -> list[Answer]:
    """Return the verdict's cells."""
    best = best_row(rows)
    if best is None:
        return [_nothing_yet(rows)]
    word = SIZE_WORDS[best.size_kind]
    cells = [Answer(f"Take {best.title}", _why(best, rows), "star-fill", "accent")]
    if best.reference_size:
        title = "the baseline" if best.reference_title == "baseline" else "yours"
        cells.append(
            Answer(
                format_factor(best.size, best.reference_size),
                f"than {title}: {format_bytes(best.reference_size)} → {format_bytes(best.size)} {word}, "
                f"{format_change(best.size, best.reference_size)}",
            )
        )
    else:
        cells.append(
            Answer(
                format_bytes(best.size),
                f"{word}; the {best.reference_title} is not measured, so there is no factor",
            )
        )
    cells.append(_proof(best))
    return cells


def _nothing_yet(rows: Sequence[VariantRow]) -> Answer:
    busy = [row for row in rows if row.busy]
    if busy:
        names = ", ".join(row.title for row in busy)
        return Answer("Building", f"{names}: sizes and the verdict follow", "spinner-gap", "accent_text")
    failed = [
        row
        for row in rows
        if row.available and (row.failed or (row.verification and row.verification.verdict == "fails"))
    ]
    if failed:
        return Answer(
            "Nothing to take yet",
            f"{failed[0].title} did not build or run; its log says why",
            "warning-fill",
            "warn",
        )
    not_proven = next(
        (row for row in rows if row.verification is not None and row.verification.verdict == "not-proven"),
        None,
    )
    if not_proven is not None and not_proven.verification is not None:
        return Answer("Not proven", not_proven.verification.reason, "question-fill", "warn")
    advised = next((row for row in rows if row.recommended), None)
    if advised is None:
        return Answer(
            "No family fits", "Each row says why, and what would make it possible", "prohibit", "text3"
        )
    return Answer("Nothing built yet", f"Recommended: {advised.title}. {advised.reason}", "star", "accent")


def _why(best: VariantRow, rows: Sequence[VariantRow]) -> str:
    proven = best.verification is not None and best.verification.verdict == "runs"
    smaller = [
        row
        for row in rows
        if row.size is not None and best.size is not None and row.size < best.size and not row.reference
    ]
    if not smaller:
        return (
            f"Smallest variant that still runs. {best.reason}"
            if proven
            else "Smallest variant built; none is verified yet."
        )
    other = min(smaller, key=lambda row: row.size or 0)
    saving = (
        f"{other.title.capitalize()} would save {format_bytes((best.size or 0) - (other.size or 0))} more"
    )
    if other.verification is not None and other.verification.verdict != "runs":
        return f"Smallest variant that still runs. {saving}, but {_lower(other.verification.reason)}"
    if best.recommended:
        return f"{best.reason} {saving}."
    return f"{saving}, but it is not proven to run."


def _proof(best: VariantRow) -> Answer:
    found = best.verification
    if found is None:
        return Answer("Not verified", "Verify it to see that it still runs", "minus-circle", "text3")
    passed = sum(1 for check in found.checks if check.passed)
    done = sum(1 for check in found.checks if check.passed is not None)
    when = f", starts in {format_seconds(found.first_answer)}" if found.first_answer is not None else ""
    return Answer("Still runs", f"{passed} of {done} checks passed{when}", "check-circle-fill", "good")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
