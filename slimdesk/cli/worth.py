"""`slimdesk worth IMAGE...`: what smaller images are worth, from measured download sizes and the caller's numbers."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from slimdesk.basics.errors import BadInput
from slimdesk.basics.units import format_bytes, format_seconds
from slimdesk.cli.output import TerminalReporter, print_json, say
from slimdesk.cli.words import named, platform
from slimdesk.operations.worth import FORMULAS, Assumptions, Weight, format_rate, parse_rate, weight_of, worth

if TYPE_CHECKING:
    from slimdesk.image.model import Image


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the images, the reference first, and the numbers."""
    parser.add_argument(
        "images", metavar="IMAGE", nargs="+", type=named, help="archives, layouts or engine images; the first is the reference"
    )  # fmt: skip
    parser.add_argument("--bandwidth", metavar="RATE", default="100Mbit", help="of a node; default 100Mbit")
    parser.add_argument("--nodes", metavar="N", type=int, default=10, help="that pull; default 10")
    parser.add_argument(
        "--versions", metavar="N", type=int, default=30, help="that a registry keeps; default 30"
    )
    parser.add_argument(
        "--platform", metavar="OS/ARCH", type=platform, help="which image of several platforms"
    )


def run(args: argparse.Namespace) -> int:
    """Measure, calculate, tell."""
    numbers = Assumptions(parse_rate(args.bandwidth), args.nodes, args.versions)
    found = worth(asyncio.run(_weights(args)), numbers)
    if args.json:
        print_json(found.to_json())
        return 0
    say(f"{format_rate(numbers.bandwidth)}, {numbers.nodes} nodes, {numbers.versions} versions")
    for row in found.rows:
        bound = " at most" if row.upper_bound else ""
        how = " (compressed here)" if row.compressed_here else ""
        say(
            f"{row.name}: download {format_bytes(row.download, ' ')}{how}, pull {format_seconds(row.pull_seconds)}, "
            f"all nodes over one link {format_seconds(row.shared_link_seconds)}, sent to new nodes {format_bytes(row.sent_new, ' ')}, "
            f"sent per release{bound} {format_bytes(row.sent_release, ' ')}, registry{bound} {format_bytes(row.registry, ' ')}"
        )
    if found.together is not None and len(found.rows) > 1:
        say(f"all of them in one registry, shared base layers once: {format_bytes(found.together, ' ')}")
    for name, formula in FORMULAS:
        say(f"  {name} = {formula}")
    return 0


async def _weights(args: argparse.Namespace) -> list[Weight]:
    from slimdesk.operations.analyze import analyze

    found = []
    for source in args.images:
        image: Image = await analyze(source, platform=args.platform, reporter=TerminalReporter(patience=0.5))
        weight = weight_of(image)
        if weight is None:
            raise BadInput(f"The download of {source} is not known", "", "Read the image without --fast")
        found.append(weight)
    return found
