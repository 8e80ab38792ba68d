"""What all checkers say of one variant's Dockerfile: our rules, the recipe, hadolint, and the engine that built it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from slimdesk.basics.errors import DockerfileError
from slimdesk.basics.finding import SEVERITIES
from slimdesk.dockerfile.hadolint import run_hadolint
from slimdesk.dockerfile.surroundings import Surroundings, look_around
from slimdesk.engine.model import BuildWarning
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.checks import OURS, Told, all_checks
from slimdesk.operations.variant_text import VariantText


@dataclass(frozen=True, slots=True)
class Checked:
    """The faults, each told once, the worst first. `lint_missing` says why hadolint was not asked; empty where it was."""

    told: tuple[Told, ...] = ()
    lint_missing: str = ""


def check_variant(
    text: VariantText, root: Path, warnings: Iterable[BuildWarning] = (), *, lint: bool = True
) -> Checked:
    """Check a variant's text as it stands; blocking, hadolint is a program of its own. Raises CatalogError.

    `warnings` are those of the build of this very text. A text that cannot be read has no findings: its error is told.
    """
    if text.problem is not None:
        return Checked()
    around = look_around(root / text.context)
    given = None if around is None else Surroundings(around.names, text.dockerignore or None)
    linted = run_hadolint(text.text) if lint else None
    try:
        told = all_checks(
            text.text, catalog_for(root), surroundings=given, lint=linted, warnings=tuple(warnings)
        )
    except DockerfileError:
        return Checked()
    known = {(one.finding.rule, one.finding.line) for one in told}
    # What the recipe itself says, such as what a package brings, is in no rule.
    more = [Told(one, (OURS,)) for one in text.findings if (one.rule, one.line) not in known]
    in_order = sorted(
        (*told, *more), key=lambda one: (SEVERITIES.index(one.finding.severity), one.finding.line or 0)
    )
    missing = linted.reason if linted is not None and linted.findings is None else ""
    return Checked(tuple(in_order), missing)


def unchecked(text: VariantText) -> tuple[Told, ...]:
    """Return what is known of a text before the checkers were asked."""
    return tuple(Told(one, (OURS,)) for one in text.findings)
