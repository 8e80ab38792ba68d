"""What to take and why, in three answers: which variant, how much smaller, does it still run."""

from __future__ import annotations

from collections.abc import Sequence

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, format_change, format_exact, format_factor, format_seconds
from slimdesk.operations.fix_variant import FIX
from slimdesk.operations.image_findings import gain_beyond_family
from slimdesk.ui.models.variants import SIZE_WORDS, VariantRow, comparison, rank_tip, why_not_proven
from slimdesk.ui.widgets.figures import Answer
from slimdesk.ui.widgets.notice import sentence

# The check of the reference, which says nothing of the variant itself.
CONTROL = "control"


def best_row(rows: Sequence[VariantRow]) -> VariantRow | None:
    """Return the variant to take: the first of the ranking, if it runs, or if nobody looked whether any does.

    What failed, was built from something older, or is a debug variant, is never taken; the reference neither.
    """
    first = next((row for row in rows if row.ranked is not None and row.ranked.place == 1), None)
    if first is None or first.size is None or first.reference:
        return None
    return first if first.verification is None or first.verification.verdict == "runs" else None


def to_open(chosen: VariantRow | None, rows: Sequence[VariantRow]) -> VariantRow | None:
    """Return the row whose image is meant: the chosen one; of an unbuilt one, the best."""
    return chosen if chosen is not None and chosen.image is not None else best_row(rows)


def to_save(chosen: VariantRow | None, rows: Sequence[VariantRow]) -> VariantRow | None:
    """Return the row whose Dockerfile is meant: the chosen one; of an unavailable one, the best."""
    return chosen if chosen is not None and chosen.text is not None else best_row(rows)


def action_words(chosen: VariantRow | None, rows: Sequence[VariantRow]) -> tuple[str, str]:
    """Return the words to open and to save: beside the verdict on one variant they name any other that they are about."""
    best, opened, saved = best_row(rows), to_open(chosen, rows), to_save(chosen, rows)
    if best is None or opened is None or saved is None:
        return "Open image", "Save to project…"
    return (
        "Open image" if opened.variant == best.variant else f"Open {opened.title}",
        "Save to project…" if saved.variant == best.variant else f"Save {saved.title}…",
    )


def answers(rows: Sequence[VariantRow]) -> list[Answer]:
    """Return the verdict's cells."""
    best = best_row(rows)
    if best is None:
        return [_nothing_yet(rows)]
    return [
        *_dependency_first(best),
        Answer(f"Take {best.title}", _why(best, rows), "star-fill", "accent", _tip(best)),
        _how_much(best, rows),
        _proof(best),
    ]


def _tip(best: VariantRow) -> str:
    return "\n\n".join(text for text in (best.reason, rank_tip(best)) if text)


def _dependency_first(best: VariantRow) -> list[Answer]:
    """What a dependency weighs more than the family saves is said before the family."""
    if best.image is None:
        return []
    gained = max(0, (best.reference_size or 0) - (best.size or 0))
    found = gain_beyond_family(best.image.findings, gained)
    if found is None or best.reference_size is None:
        return []
    return [
        Answer(
            f"First leave out {format_bytes(found.bytes)}",
            f"{sentence(visible(found.message, 240))} That is more than {best.title} saves.",
            "warning-fill",
            "warn",
            visible(found.fix or "", 400),
        )
    ]


def _how_much(best: VariantRow, rows: Sequence[VariantRow]) -> Answer:
    word = SIZE_WORDS[best.size_kind]
    if not best.reference_size:
        what = "the baseline" if best.reference_title == "baseline" else "yours"
        failed = any(row.reference and row.failed for row in rows)
        return Answer(
            format_bytes(best.size),
            f"{word}; {what} {'did not build' if failed else 'is not measured'}, so there is no factor",
            tip=format_exact(best.size),
        )
    whom = "the baseline" if best.reference_title == "baseline" else "yours"
    older = "an older build of " if best.reference_older else ""
    return Answer(
        format_factor(best.size, best.reference_size),
        f"than {older}{whom}: {format_bytes(best.reference_size)} → {format_bytes(best.size)} {word}, "
        f"{format_change(best.size, best.reference_size)}",
        tip=comparison(best),
    )


def _nothing_yet(rows: Sequence[VariantRow]) -> Answer:
    busy = [row for row in rows if row.busy]
    if busy:
        names = ", ".join(row.title for row in busy)
        word = "Verifying" if all(row.proving for row in busy) else "Building"
        return Answer(word, f"{names}: sizes and the verdict follow", "spinner-gap", "accent_text")
    others = [row for row in rows if not row.reference]
    debug = [row.title for row in others if row.variant.debug and row.size is not None]
    if debug:
        return Answer(
            "Debug variants",
            f"{', '.join(debug)}: with a shell, for looking into it. Production takes the variant without one",
            "terminal-window",
            "warn",
        )
    failed = [
        row
        for row in others
        if row.available and (row.failed or (row.verification and row.verification.verdict == "fails"))
    ]
    mendable = next((row for row in failed if row.fix is not None and row.verification is not None), None)
    if mendable is not None and mendable.verification is not None:
        return Answer(
            "Nothing to take yet",
            f"{mendable.title} did not run. {mendable.verification.reason} “{FIX}” in its row may mend that",
            "warning-fill",
            "warn",
        )
    not_proven = [row for row in rows if row.verification and row.verification.verdict == "not-proven"]
    built = [row for row in not_proven if not row.reference and not row.results.changes]
    if built:
        # A word from the person may prove it: that is nearer than what did not build at all.
        return _not_proven(next((row for row in built if row.recommended), built[0]))
    if failed:
        did = "did not build" if failed[0].failed else "did not run"
        return Answer(
            "Nothing to take yet", f"{failed[0].title} {did}; its log says why", "warning-fill", "warn"
        )
    older = [row for row in others if row.results.changes and row.size is not None]
    if older:
        changed = ", ".join(dict.fromkeys(word for row in older for word in row.results.changes))
        return Answer(
            "Only older results", f"Changed since: {changed}. Build again", "clock-counter-clockwise", "warn"
        )
    if not_proven:
        return _not_proven(not_proven[0])
    advised = next((row for row in rows if row.recommended), None)
    if advised is None:
        return Answer(
            "No family fits", "Each row says why, and what would make it possible", "prohibit", "text3"
        )
    return Answer("Nothing built yet", f"Recommended: {advised.title}. {advised.reason}", "star", "accent")


def _not_proven(row: VariantRow) -> Answer:
    why = "" if row.verification is None else sentence(why_not_proven(row.verification))
    return Answer("Not proven", f"{why} “How it runs” takes what it needs", "question-fill", "warn")


def _why(best: VariantRow, rows: Sequence[VariantRow]) -> str:
    proven = best.verification is not None and best.verification.verdict == "runs"
    others = [row for row in rows if row is not best and row.size is not None and not row.reference]
    if not others:
        return (
            f"It still runs; no other is built yet. {best.reason}" if proven else "Built, not verified yet."
        )
    first = "Smallest variant that still runs." if proven else "Smallest variant built; none is verified yet."
    smaller = [
        row
        for row in others
        if (row.size or 0) < (best.size or 0) and row.verification is not None and not row.results.changes
    ]
    if not smaller:
        return f"{first} {best.reason}" if proven else first
    other = min(smaller, key=lambda row: row.size or 0)
    saved = format_bytes((best.size or 0) - (other.size or 0))
    more = f"{other.title.capitalize()} would save {saved} more"
    if other.verification is not None and other.verification.verdict == "runs":
        why = best.reason if best.recommended else f"First of {best.contenders} by what counts to you."
        return f"{why} {more}."
    if any(row.verification and row.verification.verdict == "runs" for row in smaller):
        first = f"First of {best.contenders} by what counts to you."
    mends = "" if other.fix is None else f" “{FIX}” in its row may mend that."
    return f"{first} {more}, but {_lower(other.verification.reason if other.verification else '')}{mends}"


def _proof(best: VariantRow) -> Answer:
    found = best.verification
    if found is None:
        return Answer("Not verified", "Verify it to see that it still runs", "minus-circle", "text3")
    own = [check for check in found.checks if check.name != CONTROL]
    passed = sum(1 for check in own if check.passed)
    done = sum(1 for check in own if check.passed is not None)
    when = f", starts in {format_seconds(found.first_answer)}" if found.first_answer is not None else ""
    emulated = "; emulated, so its times say nothing" if found.emulated else ""
    return Answer(
        "Still runs", f"{passed} of {done} checks passed{when}{emulated}", "check-circle-fill", "good"
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
