"""`slimdesk scan IMAGE`: known vulnerabilities, by a scanner that is installed, with how much of the image it sees."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from slimdesk.cli.output import TerminalReporter, print_json, say, warn
from slimdesk.cli.words import add_image_argument, platform
from slimdesk.scan.model import SEVERITIES, Severity

if TYPE_CHECKING:
    from slimdesk.scan.scanned import Scanned

_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare IMAGE, the scanner, what it may do, and the gate."""
    add_image_argument(parser)
    parser.add_argument(
        "--scanner",
        choices=("trivy", "grype", "scout"),
        help="which one; default the first that is installed",
    )
    parser.add_argument(
        "--network",
        action="store_true",
        help="let the scanner use the network; without it, it is kept off it",
    )
    parser.add_argument(
        "--update-db", action="store_true", help="let the scanner fetch its database first (uses the network)"
    )
    parser.add_argument(
        "--platform", metavar="OS/ARCH", type=platform, help="which image of several platforms in a file"
    )
    parser.add_argument(
        "--fail-on",
        choices=SEVERITIES[:4],
        metavar="SEVERITY",
        help="exit 1 at a fault that is so grave, or graver",
    )


def run(args: argparse.Namespace) -> int:
    """Scan, tell, and return 1 if it could not be scanned or the gate fails."""
    found = asyncio.run(_scanned(args))
    grave = _grave(found, args.fail_on)
    if args.json:
        print_json({"image": found.name, "image_id": found.image_id, **found.to_json()})
    else:
        _tell(found)
    if grave:
        warn(f"{grave} at {args.fail_on} or graver")
    return 1 if found.scan is None or grave else 0


async def _scanned(args: argparse.Namespace) -> Scanned:
    from slimdesk.operations.analyze import analyze, existing_path
    from slimdesk.operations.connect import connected
    from slimdesk.operations.scan_kept import scan_and_keep

    reporter = TerminalReporter()
    if existing_path(args.image) is not None:
        image = await analyze(args.image, platform=args.platform, reporter=reporter)
        return await scan_and_keep(
            image, scanner=args.scanner, network=args.network, update=args.update_db, reporter=reporter
        )
    async with connected() as engine:
        image = await analyze(args.image, engine=engine, platform=args.platform, reporter=reporter)
        return await scan_and_keep(
            image, scanner=args.scanner, engine=engine, network=args.network, update=args.update_db, reporter=reporter
        )  # fmt: skip


def _grave(found: Scanned, limit: Severity | None) -> int:
    if limit is None or found.scan is None:
        return 0
    worst = SEVERITIES[: SEVERITIES.index(limit) + 1]
    return sum(1 for one in found.scan.vulnerabilities if one.severity in worst)


def _tell(found: Scanned) -> None:
    scan = found.scan
    if scan is None:
        say(f"{found.name}: {found.words}")
        todo = getattr(found.result, "todo", "")
        if todo:
            warn(f"{todo}.")
        return
    database = f", database of {scan.database}" if scan.database else ""
    say(f"{found.name}: {found.words} ({scan.scanner} {scan.version}{database})")
    counts = [f"{count} {word}" for word, count in scan.counts.items() if count]
    if counts:
        say(f"  {', '.join(counts)}; {scan.fixable} with a version that mends it")
    for one in scan.vulnerabilities[:_SHOWN]:
        mended = f"mended in {one.fixed}" if one.fixed else "not mended yet"
        say(f"  {one.severity:<10} {one.id:<20} {one.package} {one.version}: {mended}")
    if len(scan.vulnerabilities) > _SHOWN:
        say(f"  and {len(scan.vulnerabilities) - _SHOWN} more: --json has them all")
