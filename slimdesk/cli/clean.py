"""`slimdesk clean [DIR]`: remove the images that SlimDesk built."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from slimdesk.basics.errors import BadInput
from slimdesk.basics.units import format_bytes, plural
from slimdesk.cli.output import TerminalReporter, print_json, say, warn
from slimdesk.cli.words import named_path

if TYPE_CHECKING:
    from slimdesk.operations.clean import Cleaned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR and --dry-run."""
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", type=named_path, help="only what was built of this project"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")


def run(args: argparse.Namespace) -> int:
    """Remove and tell; images that a container uses stay, with a warning."""
    if args.folder is not None and not args.folder.is_dir():
        raise BadInput(
            f"{args.folder} is not a folder", "", "Name a project's folder, or nothing for everything"
        )
    cleaned = asyncio.run(_clean(args))
    for name, reason in cleaned.kept:
        warn(f"{name} stays: {reason}")
    if args.json:
        print_json({"removed": [asdict(one) for one in cleaned.removed], "bytes": cleaned.bytes})
        return 0
    for one in cleaned.removed:
        say(f"{one.tag or one.image_id}  {format_bytes(one.bytes, ' ')}")
    gone = "would go" if args.dry_run else "removed"
    say(
        f"{plural(len(cleaned.removed), 'image')} {gone}, {format_bytes(cleaned.bytes, ' ')} by the engine's count"
    )
    return 0


async def _clean(args: argparse.Namespace) -> Cleaned:
    from slimdesk.operations.clean import clean
    from slimdesk.operations.connect import connected

    async with connected() as engine:
        return await clean(engine, args.folder, TerminalReporter(quiet=args.json), dry_run=args.dry_run)
