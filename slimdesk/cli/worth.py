"""`slimdesk worth IMAGE...`: what smaller images are worth, from measured download sizes and the caller's numbers."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from slimdesk.basics.errors import BadInput
from slimdesk.basics.units import format_bytes, format_seconds
from slimdesk.cli.output import TerminalReporter, print_json, say
from slimdesk.cli.words import named, platform
from slimdesk.report.worth import FORMULAS, Assumptions, Weight, format_rate, parse_rate, weight_of, worth

if TYPE_CHECKING:
    from slimdesk.image.model import Image


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the images, the reference first, and the numbers."""
    parser.add_argument(
        "images", metavar="IMAGE", nargs="+", type=named, help="archives, layouts or engine images; the first is the reference"
    )  # fmt: skip
    add_numbers(parser)
    parser.add_argument(
        "--platform", metavar="OS/ARCH", type=platform, help="which image of several platforms"
    )


def add_numbers(parser: argparse._ActionsContainer) -> None:
    """Declare the person's numbers: --bandwidth, --nodes, --versions; None where they were not given."""
    usual = Assumptions()
    for name, kind, what in (
        (
            "bandwidth",
            "RATE",
            f"of a node; default {format_rate(usual.bandwidth).replace(' ', '').removesuffix('/s')}",
        ),
        ("nodes", "N", f"that pull; default {usual.nodes}"),
        ("versions", "N", f"that a registry keeps; default {usual.versions}"),
    ):
        parser.add_argument(f"--{name}", metavar=kind, type=str if kind == "RATE" else int, help=what)


def numbers_of(args: argparse.Namespace) -> Assumptions:
    """Return what was given, the usual for the rest. Raises BadInput for what no arithmetic can be done with."""
    usual = Assumptions()
    return Assumptions(
        usual.bandwidth if args.bandwidth is None else parse_rate(args.bandwidth),
        usual.nodes if args.nodes is None else args.nodes,
        usual.versions if args.versions is None else args.versions,
    )


def run(args: argparse.Namespace) -> int:
    """Measure, calculate, tell."""
    numbers = numbers_of(args)
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
