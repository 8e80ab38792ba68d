"""`slimdesk generate DIR --check` and `--merge`: a Dockerfile that was saved, against what would be written now."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.catalog.model import Family
from slimdesk.cli.options import options_of
from slimdesk.cli.output import TerminalReporter, print_json, say, warn, warn_of
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.saved import STATE_WORDS, Saved, save_merged, saved_path, state_of
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options

if TYPE_CHECKING:
    from typing import Literal

    Wanted = Family | Literal["recommended", "recorded"] | None


def run_saved(args: argparse.Namespace) -> int:
    """Check or merge, and tell; 1 where the answer is no, or where somebody has to choose."""
    project = open_project(Path(args.folder))
    component = choose_component(project, args.component) if args.component or not args.output else None
    path = args.output or saved_path(project, _only(component))
    if not path.is_file():
        raise BadInput(
            f"There is no Dockerfile at {path}",
            "",
            "Write one first with slimdesk generate DIR --family F --output FILE",
        )
    wanted: Wanted = None if args.baseline else args.family or "recorded"
    given = options_of(args)
    saved = state_of(project, component, path, family=wanted, given=given)
    findings: tuple[Finding, ...] = ()
    if args.pin and saved.generated is not None:
        saved, findings = _pinned(project, saved, given, wanted)
    findings = (*findings, *saved.findings)
    return _merge(args, saved, findings) if args.merge else _check(args, saved, findings)


def _only(component: Component | None) -> Component:
    if component is None:  # pragma: no cover - without a file the component is chosen
        raise BadInput("Which component is not said", todo="Add --component")
    return component


def _check(args: argparse.Namespace, saved: Saved, findings: tuple[Finding, ...]) -> int:
    disagrees = bool(saved.disagreements) or saved.problem is not None
    if args.json:
        print_json(saved_json(saved, findings))
        return int(disagrees)
    say(f"{saved.path}: {STATE_WORDS[saved.state]}")
    for one in saved.disagreements:
        say(f"  {one}")
    if saved.problem is not None:
        say(f"  {saved.problem}")
    if disagrees and saved.diff:
        say()
        for line in saved.diff.split("\n")[:-1]:
            say(line)
    elif saved.moved_on:
        say("  Version, port, entry point and base still agree; --merge brings in the rest.")
    if disagrees and saved.recorded is not None and saved.problem is None:
        warn("slimdesk generate --merge brings this in and keeps your own lines")
    for finding in findings:
        warn_of(finding)
    return int(disagrees)


def _merge(args: argparse.Namespace, saved: Saved, findings: tuple[Finding, ...]) -> int:
    if saved.recorded is None:
        raise BadInput(
            f"{saved.path} was not written by SlimDesk",
            "it has no comment that says which lines were generated",
            "Compare it with --check --family F, or replace it with --output FILE --force",
        )
    if saved.problem is not None:
        raise saved.problem
    kept = save_merged(saved) if saved.moved_on or args.pin or args.family or args.baseline else None
    if args.json:
        print_json({**saved_json(saved, findings), "kept": None if kept is None else str(kept)})
        return int(bool(saved.conflicts))
    if kept is None:
        say(f"{saved.path}: {STATE_WORDS[saved.state]}; there is nothing to bring in")
    else:
        say(f"Wrote {saved.path}; what stood there is kept as {kept}")
    for conflict in saved.conflicts:
        say(
            f"  line {conflict.line}: you and the project changed the same lines; keep one of the two versions"
        )
    for finding in findings:
        warn_of(finding)
    return int(bool(saved.conflicts))


def saved_json(saved: Saved, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    generated = saved.generated
    return {
        "component": saved.component.name,
        "family": None if generated is None else generated.family or "baseline",
        "path": visible(str(saved.path)),
        "state": saved.state,
        "moved_on": saved.moved_on,
        "disagreements": [asdict(one) for one in saved.disagreements],
        "diff": saved.diff if saved.moved_on or saved.disagreements else "",
        "conflicts": [asdict(one) for one in saved.conflicts],
        "problem": None if saved.problem is None else str(saved.problem),
        "findings": [finding.to_json() for finding in findings],
    }


def _pinned(
    project: Project, saved: Saved, given: Options, wanted: Wanted
) -> tuple[Saved, tuple[Finding, ...]]:
    """Ask the engine for every digest anew."""
    import asyncio

    from slimdesk.operations.connect import connected
    from slimdesk.operations.pins import refreshed

    async def ask() -> tuple[Saved, tuple[Finding, ...]]:
        async with connected() as engine:
            return await refreshed(
                project, saved, ask=engine.tag_digest, reporter=TerminalReporter(), family=wanted, given=given
            )

    return asyncio.run(ask())
