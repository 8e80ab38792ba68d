"""`slimdesk matrix DIR`: build all fitting variants and the reference, measure and verify each, and rank them."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk.basics.units import UNKNOWN, format_bytes, format_factor, format_seconds
from slimdesk.catalog.model import FAMILIES
from slimdesk.cli.build import result_json
from slimdesk.cli.options import add_component_arguments, add_dockerfile_options, component_of, options_of
from slimdesk.cli.output import TerminalReporter, print_json, say
from slimdesk.cli.verify import environment_of, verification_json
from slimdesk.cli.words import named, platform
from slimdesk.workspace.session import PREFERENCES

if TYPE_CHECKING:
    from slimdesk.operations.matrix import Matrix, MatrixRow, Repair

MOST_JOBS = 16
_VERDICTS = {"runs": "runs", "fails": "fails", "not-proven": "not proven"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR, which variants, OPTIONS, and how they are run."""
    add_component_arguments(parser)
    parser.add_argument(
        "--families",
        metavar="F,F",
        type=_families,
        help=f"only these of {', '.join(FAMILIES)}; default all that fit. The reference is always built",
    )
    add_dockerfile_options(parser)
    parser.add_argument(
        "--platform", metavar="P", type=platform, help="os/arch to build for; default the engine's"
    )
    parser.add_argument(
        "--reference",
        metavar="R",
        type=named,
        help="what all are measured against: baseline, or an image that the engine has; default the project's own "
        "Dockerfile, else the baseline",
    )
    parser.add_argument(
        "--jobs", metavar="N", type=_jobs, help="builds side by side; default by this machine's processors"
    )
    parser.add_argument(
        "--prefer",
        choices=PREFERENCES,
        help="what the ranking weighs most; default what was set in the window, else smallest",
    )
    parser.add_argument("--no-verify", action="store_true", help="build and measure, but start nothing")
    parser.add_argument(
        "--fix",
        action="store_true",
        help="mend what fails for a known cause, build it and verify it again, once per cause",
    )
    parser.add_argument(
        "--compose",
        type=Path,
        metavar="FILE",
        help="start the services of a compose file beside each for verify",
    )
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="K=V",
        help="set a variable for verify; K alone takes it from here",
    )
    parser.add_argument(
        "--env-file", action="append", default=[], type=Path, metavar="F", help="a file of K=V lines for verify"
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Build all and tell; 1 if a build or a check failed."""
    found = asyncio.run(_matrix(args))
    if args.json:
        print_json(matrix_json(found))
    else:
        _print_words(found, args.reference if args.reference not in (None, found.reference) else None)
    return 0 if found.complete else 1


def matrix_json(found: Matrix) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    reference = next((row for row in found.rows if row.reference), None)
    return {
        "component": found.component,
        "reference": found.reference,
        "recommended": found.recommended,
        "variants": [_variant_json(row, reference, found.size_kind) for row in found.rows],
        "unavailable": [{"family": family, "reason": reason} for family, reason in found.unavailable],
        "size_kind": found.size_kind,
        "weights": dict(found.weights),
    }


def _variant_json(row: MatrixRow, reference: MatrixRow | None, kind: str) -> dict[str, Any]:
    figures = row.figures
    return {
        "family": row.family,
        "base": row.base or None,
        "recommended": row.recommended,
        "debug": row.debug,
        "build": None if row.build is None else result_json(row.build, row.build.tag, row.context),
        "verify": None if row.verification is None else _verify_json(row),
        "sizes": None if row.sizes is None else asdict(row.sizes),
        "reduction": _reduction(row, reference, kind),
        "packages": None if figures is None else figures.packages,
        "layers": None if figures is None else figures.layers,
        "shells": None if figures is None else list(figures.shells),
        "user": None if figures is None else figures.user,
        "findings": [finding.to_json() for finding in row.findings],
        "score": row.score,
        "place": row.place,
        "fixes": [_repair_json(one) for one in row.repairs if one.helped is not None],
        "dockerfile": row.mended or None,
        "error": row.error,
    }


def _verify_json(row: MatrixRow) -> dict[str, Any] | None:
    """Return the proof; its fix is what could be tried next, else what helped."""
    if row.verification is None:
        return None
    fix = next((one for one in reversed(row.repairs) if one.helped is not False), None)
    return {**verification_json(row.verification), "fix": None if fix is None else _repair_json(fix)}


def _repair_json(one: Repair) -> dict[str, Any]:
    return {**asdict(one), "lines": list(one.lines)}


def _reduction(row: MatrixRow, reference: MatrixRow | None, kind: str) -> dict[str, float] | None:
    """Return what is saved against the reference, as a share and as a factor; None where one is not measured."""
    size, whole = _size(row, kind), _size(reference, kind)
    if not size or not whole or row.reference:
        return None
    return {"ratio": round((whole - size) / whole, 6), "factor": round(whole / size, 4)}


def _size(row: MatrixRow | None, kind: str) -> int | None:
    value: int | None = getattr(row.sizes, kind) if row is not None and row.sizes is not None else None
    return value


async def _matrix(args: argparse.Namespace) -> Matrix:
    from slimdesk.operations.connect import connected
    from slimdesk.operations.variant_matrix import MatrixOrder, refuse_unavailable, run_matrix
    from slimdesk.operations.verify import profile_for
    from slimdesk.verify.compose import read_compose_file

    project, component = await asyncio.to_thread(component_of, args)
    # What cannot be built is said without an engine, too.
    refuse_unavailable(project, component, args.families or (), args.packages)
    compose = (
        None
        if args.compose is None
        else await asyncio.to_thread(read_compose_file, args.compose, app=project.root / component.path)
    )
    profile = replace(profile_for(component), environment=environment_of(args.env_file, args.env))
    order = MatrixOrder(
        families=args.families,
        options=options_of(args),
        pin=args.pin,
        at_once=args.jobs,
        verify=not args.no_verify,
        reference=args.reference,
        fix=args.fix and not args.no_verify,
        prefer=args.prefer,
        profile=profile,
        compose=compose,
    )
    async with connected() as engine:
        return await run_matrix(engine, project, component, order, TerminalReporter())


def _print_words(found: Matrix, picked: str | None = None) -> None:
    """Print a line per variant, the ranked ones in their order; `picked` is the image that is the reference."""
    reference = next((row for row in found.rows if row.reference), None)
    ranked = found.ranked
    rest = [row for row in found.rows if row.place is None and not row.reference]
    say(f"{found.component}: {found.size_kind} sizes, measured against {picked or found.reference}")
    for row in (*([reference] if reference else []), *ranked, *rest):
        say(_line(row, reference, found.size_kind))
        if row.error:
            say(f"      {row.error}")
        elif row.verification is not None and not row.runs:
            say(f"      {row.verification.reason}")
        for repair in row.repairs:
            _print_repair(repair)
    if reference is not None and _size(reference, found.size_kind) is None:
        other = (
            ""
            if found.reference == "baseline"
            else " --reference baseline measures against the baseline instead."
        )
        say(f"{picked or found.reference} was not measured, so there is no factor.{other}")
    for family, reason in found.unavailable:
        say(f"  –   {family:<12} not available: {reason}")
    if ranked:
        weighed = ", ".join(f"{name} {weight}" for name, weight in found.weights.items() if weight)
        say(f"Ranked by {weighed or 'nothing'}; what runs stands before what is not proven.")


def _print_repair(one: Repair) -> None:
    from slimdesk.operations.fix_variant import signed_bytes

    if one.helped is None:
        say(f"      Known fix: {one.title}. {one.reason} Run it again with --fix, or write:")
    elif one.helped:
        cost = "" if one.bytes is None else f", {signed_bytes(one.bytes)} live"
        say(f"      Fixed: {one.title}{cost}. {one.reason} New in the Dockerfile:")
    else:
        say(f"      Tried without success, and taken back: {one.title}.")
        return
    for line in one.lines:
        say(f"        {line}")


def _line(row: MatrixRow, reference: MatrixRow | None, kind: str) -> str:
    size = _size(row, kind)
    factor = "" if row.reference else format_factor(size, _size(reference, kind))
    verdict = "failed" if size is None else "not verified"
    if row.verification is not None:
        verdict = _VERDICTS[row.verification.verdict]
        if row.runs and row.verification.first_answer is not None:
            verdict += f" in {format_seconds(row.verification.first_answer)}"
    took = format_seconds(row.build.seconds) if row.build is not None else UNKNOWN
    score = "" if row.score is None else f"{row.score:.0f} points"
    place = "ref" if row.reference else UNKNOWN if row.place is None else str(row.place)
    return (
        f"  {place:<3} {row.family:<12} {format_bytes(size, ' '):>9}  {factor:<15} {verdict:<22} {score:<10} "
        f"built in {took}"
    ).rstrip()


def _families(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in FAMILIES]
    if unknown or not names:
        raise argparse.ArgumentTypeError(
            f"{', '.join(unknown) or 'nothing'} is no family; there are {', '.join(FAMILIES)}"
        )
    return names


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"it is 1 to {MOST_JOBS}")
    return int(text)
