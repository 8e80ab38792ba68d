"""`slimdesk generate DIR --family F`: a multi-stage Dockerfile, with the reason of each line."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from slimdesk.basics.finding import Finding
from slimdesk.cli.options import (
    Chosen,
    add_component_arguments,
    add_dockerfile_options,
    add_family_arguments,
    component_of,
    family_of,
    options_of,
)
from slimdesk.cli.output import TerminalReporter, print_json, warn, warn_of
from slimdesk.cli.words import named_path
from slimdesk.operations.generate import (
    SavedIgnore,
    generate_dockerfile,
    save_dockerfile,
    save_ignore,
)
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Generated, Options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR, the family, OPTIONS and the output."""
    add_component_arguments(parser)
    add_family_arguments(parser)
    add_dockerfile_options(parser)
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=named_path,
        help="write it there instead of standard output, and its .dockerignore beside it",
    )
    _add_saved_arguments(parser)
    parser.add_argument(
        "--force", action="store_true", help="replace FILE and its .dockerignore, which are kept as NAME.orig"
    )


def _add_saved_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --check and --merge, which exclude one another."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--check",
        action="store_true",
        help="compare the Dockerfile in the project (or FILE) with what would be written now: "
        "1 if version, port, entry point or base no longer agree",
    )
    group.add_argument(
        "--merge",
        action="store_true",
        help="bring what has changed into the Dockerfile in the project (or FILE), and keep your own lines; "
        "what stood there is kept as NAME.orig",
    )


def run(args: argparse.Namespace) -> int:
    """Generate, save if asked, and print; or compare with what was saved."""
    if args.check or args.merge:
        from slimdesk.cli.saved_file import run_saved

        return run_saved(args)
    project, component = component_of(args)
    family, options = family_of(args), options_of(args)
    findings: tuple[Finding, ...] = ()
    if args.pin:
        import asyncio

        options, findings = asyncio.run(_pinned(project, component, family, options))
    generated = generate_dockerfile(project, component, family, options)
    findings = (*findings, *generated.findings)
    if args.output is not None:
        kept = save_dockerfile(generated, args.output, force=args.force)
        warn(f"Wrote {args.output}" + (f"; what stood there is kept as {kept}" if kept else ""))
        ignore = save_ignore(generated, project, args.output, force=args.force)
        if ignore is not None:
            warn(_ignore_sentence(ignore))
    if args.json:
        print_json(generated_json(generated, findings))
        return 0
    for finding in findings:
        warn_of(finding)
    if args.output is None:
        sys.stdout.write(generated.text)
    return 0


def _ignore_sentence(ignore: SavedIgnore) -> str:
    if not ignore.written:
        return f"{ignore.path} exists and was left as it is; --force replaces it and keeps it as {ignore.path.name}.orig"
    kept = f"; what stood there is kept as {ignore.kept}" if ignore.kept else ""
    return f"Wrote {ignore.path}, which keeps secrets and build output out of the build{kept}"


def generated_json(generated: Generated, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    final = generated.dockerfile.stage("final")
    return {
        "component": generated.component.name,
        "family": generated.family or "baseline",
        "image": final.base if final is not None else generated.base.reference,
        "context": generated.context,
        "target": generated.target,
        "dockerfile": generated.text,
        "dockerignore": generated.dockerignore,
        "lines": [
            {
                "line": one.line,
                "end_line": one.end_line,
                "keyword": one.keyword,
                "reason": one.reason,
                "evidence": None
                if one.evidence is None
                else {"path": one.evidence.path, "line": one.evidence.line},
            }
            for one in generated.dockerfile.instructions()
        ],
        "findings": [finding.to_json() for finding in findings],
    }


async def _pinned(
    project: Project, component: Component, family: Chosen, options: Options
) -> tuple[Options, tuple[Finding, ...]]:
    from slimdesk.operations.connect import connected
    from slimdesk.operations.pins import pinned_options

    async with connected() as engine:
        return await pinned_options(
            project, component, family, options, ask=engine.tag_digest, reporter=TerminalReporter()
        )
