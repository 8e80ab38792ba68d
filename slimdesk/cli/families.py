"""`slimdesk families DIR`: which base-image families fit a component, and why; `--compare`: the families side by side."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Mapping
from typing import Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.units import UNKNOWN
from slimdesk.catalog.model import Family
from slimdesk.cli.options import add_component_arguments, add_package_argument, component_of
from slimdesk.cli.output import print_json, say, warn
from slimdesk.operations.advice import advice_for, measured_sizes
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.families import FamilyTable, compare_families, comparison
from slimdesk.project.model import Component, Evidence, Project
from slimdesk.recipes.advice import PREFERENCES, Advice, Reason
from slimdesk.recipes.comparison import Comparison
from slimdesk.recipes.model import Fit
from slimdesk.recipes.needs import Verdict
from slimdesk.recipes.packages import checked_names
from slimdesk.workspace.history import History

WIDTH = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR, --component, --set, --package, --prefer and --compare."""
    add_component_arguments(parser, optional=True)
    add_package_argument(parser)
    parser.add_argument(
        "--prefer",
        choices=PREFERENCES,
        default=PREFERENCES[0],
        help="what the advice puts first: small images, a shell to look around, or the most usual C library",
    )
    parser.add_argument(
        "--compare",
        action="store_true",
        help="print the families side by side: size, security, debugging, compatibility and use; DIR may be left out",
    )


def run(args: argparse.Namespace) -> int:
    """Print the table of families, or their comparison."""
    if args.folder is None:
        if not args.compare:
            raise BadInput(
                "Which project is not said",
                todo="Name its folder, or add --compare for the families in general",
            )
        _print_comparison(comparison(None, catalog_for(None)), None, as_json=args.json)
        return 0
    project, component = component_of(args)
    measured = measured_sizes(project, component, History())
    if args.compare:
        table = comparison(component, catalog_for(project.root), measured)
        _print_comparison(table, component, as_json=args.json)
        return 0
    return _families(project, component, measured, args)


def _families(
    project: Project, component: Component, measured: Mapping[Family, int], args: argparse.Namespace
) -> int:
    packages = checked_names(args.packages)
    table = compare_families(project, component, packages=packages)
    if table.catalog_age:
        warn(table.catalog_age)
    advice = advice_for(
        project,
        component,
        packages=packages,
        prefer=args.prefer,
        measured=measured,
    )
    best = advice.family
    if args.json:
        rows = [
            family_json(fit, recommended=fit.family == best)
            | {"breaks": [_verdict_json(one) for one in _breaking(advice, fit)]}
            for fit in table.fits
        ]
        print_json({"component": component.name, "families": rows, **_advice_json(advice)})
    else:
        _print_words(table, advice)
    return 0


def family_json(fit: Fit, *, recommended: bool) -> dict[str, Any]:
    """Return one family as the command line's JSON has it."""
    base = fit.base if fit.available else None
    ends = base.end_of_life if base is not None else None
    return {
        "family": fit.family,
        "image": None if base is None else base.reference,
        "available": fit.available,
        "reason": fit.reason,
        "needs": list(fit.needs),
        "recommended": recommended,
        "shell": None if base is None else base.shell,
        "libc": None if base is None else base.libc,
        "user": None if base is None else base.run_user,
        "debug_image": None if base is None else base.debug_reference,
        "end_of_life": None if ends is None else ends.isoformat(),
    }


def _breaking(advice: Advice, fit: Fit) -> list[Verdict]:
    return [one for one in advice.verdicts.get(fit.family, ()) if one.answer != "works"]


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "call": verdict.call.kind,
        "answer": verdict.answer,
        "program": verdict.program,
        "message": verdict.sentence,
        "replacement": verdict.replacement,
        "evidence": _evidence_json(verdict.call.evidence),
    }


def _advice_json(advice: Advice) -> dict[str, Any]:
    return {
        "reasons": [_reason_json(one) for one in advice.reasons],
        "warnings": [_reason_json(one) for one in advice.warnings],
        "better": [
            {"family": one.family, "change": one.change, "effect": one.effect} for one in advice.better
        ],
    }


def _reason_json(reason: Reason) -> dict[str, Any]:
    return {"message": reason.text, "evidence": _evidence_json(reason.evidence), "weight": reason.weight}


def _evidence_json(evidence: Evidence | None) -> dict[str, Any] | None:
    return None if evidence is None else {"path": evidence.path, "line": evidence.line}


def _print_words(table: FamilyTable, advice: Advice) -> None:
    say(f"{table.component.name}  {table.component.profile}")
    for fit in table.fits:
        mark = "*" if fit.family == advice.family else " " if fit.available else "-"
        image = fit.base.reference if fit.available and fit.base is not None else UNKNOWN
        say(f"{mark} {fit.family:<11}{image}")
        say(f"    {fit.reason}")
        if fit.needs:
            say(f"    Needs: {', '.join(fit.needs)}")
    say("* recommended   - cannot serve this component")
    if advice.family is not None:
        _print_advice(advice, advice.family)
    elif advice.better:
        _print_better(advice)


def _print_advice(advice: Advice, family: str) -> None:
    say()
    say(f"Why {family}")
    for reason in advice.reasons:
        _print_item(reason.text, reason.evidence)
    if advice.warnings:
        say("To know")
        for warning in advice.warnings:
            _print_item(warning.text, warning.evidence)
    changed = (
        [one for one in advice.verdicts.get(advice.family, ()) if one.answer != "works"]
        if advice.family
        else []
    )
    if changed:
        say("What calls into the image")
        for one in changed:
            _print_item(one.sentence, None)
            if one.replacement:
                say(f"      Instead: {one.replacement}")
    _print_better(advice)


def _print_better(advice: Advice) -> None:
    if advice.better:
        say("What would make a smaller image possible")
        for one in advice.better:
            _print_item(f"{one.change}: {one.effect}", None)


def _print_item(text: str, evidence: Evidence | None) -> None:
    place = f" ({evidence})" if evidence is not None and str(evidence) not in text else ""
    say(f"  - {text}{place}")


def _print_comparison(table: Comparison, component: Component | None, *, as_json: bool) -> None:
    if as_json:
        print_json(_comparison_json(table, component))
        return
    for row in table.rows:
        note = "  (cannot serve this component)" if row.available is False else ""
        say(f"{row.family}  {row.image or UNKNOWN}{note}")
        for column, cell in zip(table.columns, row.cells, strict=True):
            lines = textwrap.wrap(cell.text, WIDTH - 18) or [UNKNOWN]
            say(f"  {column.title:<14}  {lines[0]}")
            for line in lines[1:]:
                say(f"{'':<18}{line}")
        say()


def _comparison_json(table: Comparison, component: Component | None) -> dict[str, Any]:
    return {
        "component": None if component is None else component.name,
        "size_kind": table.size_kind,
        "columns": [{"key": column.key, "title": column.title} for column in table.columns],
        "rows": [
            {
                "family": row.family,
                "image": row.image,
                "available": row.available,
                "cells": {
                    column.key: {"text": cell.text, "source": cell.source, "bytes": cell.bytes}
                    for column, cell in zip(table.columns, row.cells, strict=True)
                },
            }
            for row in table.rows
        ],
    }
