"""`slimdesk families DIR`: which base-image families fit a component, and why."""

from __future__ import annotations

import argparse
from typing import Any

from slimdesk.basics.units import UNKNOWN
from slimdesk.cli.options import add_component_arguments, add_package_argument, component_of
from slimdesk.cli.output import print_json, say, warn
from slimdesk.operations.families import FamilyTable, compare_families
from slimdesk.recipes.model import Fit
from slimdesk.recipes.packages import checked_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR, --component, --set and --package."""
    add_component_arguments(parser)
    add_package_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Print the table of families."""
    project, component = component_of(args)
    table = compare_families(project, component, packages=checked_names(args.packages))
    if table.catalog_age:
        warn(table.catalog_age)
    if args.json:
        print_json(
            {
                "component": component.name,
                "families": [
                    family_json(fit, recommended=fit.family == table.recommended) for fit in table.fits
                ],
            }
        )
    else:
        _print_words(table)
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


def _print_words(table: FamilyTable) -> None:
    say(f"{table.component.name}  {table.component.profile}")
    for fit in table.fits:
        mark = "*" if fit.family == table.recommended else " " if fit.available else "-"
        image = fit.base.reference if fit.available and fit.base is not None else UNKNOWN
        say(f"{mark} {fit.family:<11}{image}")
        say(f"    {fit.reason}")
        if fit.needs:
            say(f"    Needs: {', '.join(fit.needs)}")
    say("* recommended   - cannot serve this component")
