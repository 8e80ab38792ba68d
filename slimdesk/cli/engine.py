"""`slimdesk engine`: which engine is in use, whether it answers, and why not."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict

from slimdesk.cli.output import print_json, say
from slimdesk.engine.model import EngineStatus


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the context."""
    parser.add_argument("--context", metavar="NAME", help="a Docker context, instead of the one in use")


def run(args: argparse.Namespace) -> int:
    """Print its state; 1 if it does not answer."""
    from slimdesk.operations.connect import engine_status

    state = asyncio.run(engine_status(args.context))
    if args.json:
        print_json(asdict(state))
    else:
        _print(state)
    return 0 if state.reachable else 1


def _print(state: EngineStatus) -> None:
    if state.reachable:
        store = {
            "containerd": "containerd image store",
            "classic": "classic image store",
            None: "image store unknown",
        }
        say(
            f"{state.context}: {state.product} {state.version} (API {state.api_version}), {state.platform}, "
            f"{store[state.store]}{', rootless' if state.rootless else ''}"
        )
        say(f"  {state.endpoint}")
    else:
        say(f"{state.context or 'No engine'}: not reachable: {state.reason}")
    for one in state.contexts:
        if one.name != state.context:
            answer = "answers" if one.reachable else f"not reachable: {one.reason}"
            say(f"{one.name}: {one.endpoint}: {answer}")
