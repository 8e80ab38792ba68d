"""`slimdesk packages DIR --family F --package NAME`: what packages bring and cost, before and after the build."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from slimdesk.basics.errors import BadInput
from slimdesk.basics.units import UNKNOWN, format_bytes
from slimdesk.catalog.model import FAMILIES, Family
from slimdesk.cli.options import add_component_arguments, add_package_argument, component_of
from slimdesk.cli.output import TerminalReporter, print_json, say
from slimdesk.cli.words import platform
from slimdesk.recipes.model import Options
from slimdesk.recipes.packages import checked_names

if TYPE_CHECKING:
    from slimdesk.image.model import Layer
    from slimdesk.operations.packages import Costs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR, the family, the packages, and the image to measure."""
    add_component_arguments(parser)
    parser.add_argument("--family", metavar="F", choices=FAMILIES, help=", ".join(FAMILIES))
    add_package_argument(parser)
    parser.add_argument("--platform", metavar="P", type=platform, help="os/arch; default the engine's")
    parser.add_argument("--image", metavar="IMAGE", help="an image built with them, to be measured")


def run(args: argparse.Namespace) -> int:
    """Ask, and print the packages with their sizes."""
    if args.family is None:
        raise BadInput(
            "Which family is not said", "there are " + ", ".join(FAMILIES), "Add --family distroless"
        )
    costs, layer = asyncio.run(_costs(args))
    if args.json:
        print_json(costs_json(costs, layer))
    else:
        _print_words(costs, layer)
    return 0


def costs_json(costs: Costs, layer: Layer | None) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    return {
        "family": costs.base.family,
        "image": costs.base.reference,
        "names": list(costs.names),
        "packages": [asdict(one) for one in costs.packages or ()],
        "download": costs.download,
        "unpacked": costs.unpacked,
        "reason": costs.reason or None,
        "measured": None
        if layer is None
        else {
            "download": layer.sizes.download,
            "unpacked": layer.sizes.unpacked,
            "files": layer.sizes.files,
        },
    }


def _print_words(costs: Costs, layer: Layer | None) -> None:
    for one in costs.packages or ():
        why = f"needed by {one.because}" if one.because else "asked for"
        say(f"{_size(one.unpacked):>10}  {one.name} {one.version}  {why}")
    if costs.packages is None:
        say(f"Not known before the build: {costs.reason}.")
    elif not costs.packages:
        say(f"{costs.base.reference} has all of it already.")
    else:
        say(
            f"{_size(costs.unpacked):>10}  unpacked with manuals, {_size(costs.download)} to fetch, as Debian states it"
        )
    if layer is not None:
        say(f"{_size(layer.sizes.files):>10}  measured in the image (files)")


def _size(number: int | None) -> str:
    return UNKNOWN if number is None else format_bytes(number, " ")


async def _costs(args: argparse.Namespace) -> tuple[Costs, Layer | None]:
    from slimdesk.operations.analyze import ENGINE_PREFIX, analyze
    from slimdesk.operations.connect import connected
    from slimdesk.operations.packages import measured, package_costs

    project, component = await asyncio.to_thread(component_of, args)
    options = Options(packages=checked_names(args.packages), platform=args.platform)
    async with connected() as engine:
        told = TerminalReporter()
        costs = await package_costs(
            engine, project, component, cast("Family", args.family), options=options, reporter=told
        )
        if args.image is None:
            return costs, None
        image = await analyze(f"{ENGINE_PREFIX}{args.image.removeprefix(ENGINE_PREFIX)}", engine=engine)
    return costs, measured(image)
