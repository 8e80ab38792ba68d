"""Quick fixes: the edits that take a finding away, proven by reading the text again."""

from __future__ import annotations

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
from slimdesk.dockerfile.view import View, look

MAX_ROUNDS = 60
MAX_TRIES = 300
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
    state = _State.of(text, catalog, surroundings)
    found = (state.fix(finding) for finding in findings[:MAX_TRIES])
    return tuple(fix for fix in found if fix is not None)


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
    useless: set[tuple[str, str]] = set()
    state = _State.of(text, catalog, surroundings)
    for _ in range(MAX_ROUNDS):
        for finding in state.findings:
            key = (finding.rule, finding.message)
            if (
                (rules is not None and finding.rule not in rules)
                or key in useless
                or len(useless) > MAX_TRIES
            ):
                continue
            fix = state.fix(finding)
            changed = state.text if fix is None else apply(state.text, fix)
            if fix is None or changed in seen:
                useless.add(key)
                continue
            applied.append(fix)
            seen.add(changed)
            state = _State.of(changed, catalog, surroundings)
            break
        else:
            break
    return Mended(state.text, tuple(applied), state.findings)


@dataclass(frozen=True)
class _State:
    """A text, read and judged once."""

    text: str
    view: View
    findings: tuple[Finding, ...]
    catalog: Catalog | None
    surroundings: Surroundings | None

    @classmethod
    def of(cls, text: str, catalog: Catalog | None, surroundings: Surroundings | None) -> _State:
        """Read a text. Raises DockerfileError."""
        dockerfile = parse(text)
        findings = check(dockerfile, catalog, None, surroundings)
        return cls(text, look(dockerfile, catalog, surroundings), findings, catalog, surroundings)

    def fix(self, finding: Finding) -> Fix | None:
        """Return the edits that take a finding away, tried out; None where there are none."""
        mender = _MENDERS.get(finding.rule)
        edits = () if mender is None else mender.mend(self.view, Lines.of(self.text), finding)
        if not edits:
            return None
        try:
            changed = parse(apply_edits(self.text, edits))
        except (DockerfileError, ValueError):
            return None
        after = check(changed, self.catalog, None, self.surroundings)
        same = (finding.rule, finding.severity)
        before, now = (
            sum(1 for one in found if (one.rule, one.severity) == same) for found in (self.findings, after)
        )
        # A fix that only moves the fault, or trades it for a worse one, is none.
        if now >= before or _errors(after) > _errors(self.findings):
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
