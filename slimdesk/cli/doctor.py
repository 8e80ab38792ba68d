"""`slimdesk doctor IMAGE`: whether an image is likely to run, without starting it."""

from __future__ import annotations

import argparse

from slimdesk.cli.output import TerminalReporter, print_json, say
from slimdesk.cli.words import add_image_argument, named_path, platform

PATIENCE = 0.5  # seconds
_SAID = {
    "likely": "It is likely to run.",
    "unlikely": "It is unlikely to run.",
    "unknown": "Whether it runs cannot be told without starting it.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare IMAGE, the Dockerfile that it was built from, and the platform."""
    add_image_argument(parser)
    parser.add_argument(
        "--dockerfile",
        metavar="FILE",
        type=named_path,
        help="what it was built from: findings name its lines",
    )
    parser.add_argument(
        "--platform", metavar="OS/ARCH", type=platform, help="which image of several platforms in a file"
    )


def run(args: argparse.Namespace) -> int:
    """Look into the image, print what was found, and return 1 if it is unlikely to run."""
    from slimdesk.operations.analyze import existing_path
    from slimdesk.operations.doctor import examine_here, examine_image

    path = existing_path(args.image)
    if path is not None:
        # No worker: its start would take longer than most images.
        found = examine_here(path, dockerfile=args.dockerfile, platform=args.platform)
    else:
        import asyncio

        reporter = TerminalReporter(patience=PATIENCE)
        found = asyncio.run(examine_image(args.image, dockerfile=args.dockerfile, reporter=reporter))
    if args.json:
        print_json({"runs": found.runs, "findings": [finding.to_json() for finding in found.findings]})
    else:
        say(f"{found.name}{f' ({found.platform})' if found.platform else ''}: {_SAID[found.runs]}")
        for finding in found.findings:
            place = f"{finding.path}:{finding.line}: " if finding.line else ""
            say(f"  {finding.severity}: {place}{finding.message} ({finding.rule})")
            if finding.fix:
                say(f"    {finding.fix}")
    return 1 if found.runs == "unlikely" else 0
