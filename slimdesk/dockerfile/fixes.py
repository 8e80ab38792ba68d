"""Quick fixes: the edits that take a finding away, proven by reading the text again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from slimdesk.basics.errors import DockerfileError
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.dockerfile.check import check
from slimdesk.dockerfile.edits import Edit, Lines, apply_edits
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.rules.base import Mender
from slimdesk.dockerfile.rules.registry import RULES
from slimdesk.dockerfile.surroundings import Surroundings
from slimdesk.dockerfile.view import look

MAX_ROUNDS = 60
_MENDERS: dict[str, Mender] = {rule.RULE: rule for rule in RULES if isinstance(rule, Mender)}


@dataclass(frozen=True, slots=True)
class Fix:
    """A quick fix of one finding; `title` says what it does, `edits` speak of the lines of the text it was made for."""

    title: str
    finding: Finding
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """A text after its quick fixes: what was applied, in order, and what is still found."""

    text: str
    applied: tuple[Fix, ...]
    left: tuple[Finding, ...]


def quick_fixes(
    text: str,
    findings: tuple[Finding, ...],
    catalog: Catalog | None = None,
    surroundings: Surroundings | None = None,
) -> tuple[Fix, ...]:
    """Return a fix for each finding of the text that has one. Each was tried: the finding goes, the text stays readable.

    Raises DockerfileError for a text that BuildKit refuses.
    """
    found = []
    for finding in findings:
        fix = _fix(text, finding, catalog, surroundings)
        if fix is not None:
            found.append(fix)
    return tuple(found)


def apply(text: str, fix: Fix) -> str:
    """Return the text with the fix made; it must be the text that the fix was made for."""
    return apply_edits(text, fix.edits)


def mend(
    text: str,
    catalog: Catalog | None = None,
    surroundings: Surroundings | None = None,
    rules: frozenset[str] | None = None,
) -> Mended:
    """Apply quick fixes, the worst finding first, until none is left; `rules` limits them.

    Raises DockerfileError for a text that BuildKit refuses.
    """
    applied: list[Fix] = []
    seen = {text}
    for _ in range(MAX_ROUNDS):
        for finding in check(parse(text), catalog, None, surroundings):
            if rules is not None and finding.rule not in rules:
                continue
            fix = _fix(text, finding, catalog, surroundings)
            changed = text if fix is None else apply(text, fix)
            if fix is not None and changed not in seen:
                applied.append(fix)
                seen.add(changed)
                text = changed
                break
        else:
            break
    return Mended(text, tuple(applied), check(parse(text), catalog, None, surroundings))


def _fix(
    text: str, finding: Finding, catalog: Catalog | None, surroundings: Surroundings | None
) -> Fix | None:
    mender = _MENDERS.get(finding.rule)
    if mender is None:
        return None
    before = parse(text)
    edits = mender.mend(look(before, catalog, surroundings), Lines.of(text), finding)
    if not edits:
        return None
    try:
        after = check(parse(apply_edits(text, edits)), catalog, None, surroundings)
    except (DockerfileError, ValueError):
        return None
    old = check(before, catalog, None, surroundings)
    mine = Counter((one.rule, one.severity) for one in old)
    now = Counter((one.rule, one.severity) for one in after)
    same = (finding.rule, finding.severity)
    # A fix that only moves the fault, or trades it for a worse one, is none.
    if now[same] >= mine[same] or _errors(after) > _errors(old):
        return None
    return Fix(_title(finding, edits), finding, edits)


def _errors(findings: tuple[Finding, ...]) -> int:
    return sum(1 for one in findings if one.severity == "error")


def _title(finding: Finding, edits: tuple[Edit, ...]) -> str:
    """The first line that the fix writes, or that it takes lines away."""
    written = next((line.strip() for edit in edits for line in edit.text.splitlines() if line.strip()), "")
    if not written:
        place = edits[0]
        lines = (
            f"line {place.start_line}"
            if place.start_line == place.end_line
            else f"lines {place.start_line} to {place.end_line}"
        )
        return f"Take {lines} away"
    return f"Write {written[:100]}" if len(edits) == 1 else finding.fix or f"Write {written[:100]}"
