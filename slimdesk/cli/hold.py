"""`slimdesk hold TARGET`: a shell in this terminal in what does not run, its entry point held."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from slimdesk.cli.output import TerminalReporter, print_json, say, warn
from slimdesk.cli.words import named

if TYPE_CHECKING:
    from slimdesk.debug.held import HeldPlan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare TARGET and what stands in for its image."""
    parser.add_argument(
        "target",
        metavar="TARGET",
        type=named,
        help="a container that has ended, crashed or never started, or an image",
    )
    parser.add_argument(
        "--image",
        metavar="IMAGE",
        type=named,
        help="an image that stands in for the container's, such as its debug variant",
    )
    parser.add_argument(
        "--toolbox",
        metavar="IMAGE",
        type=named,
        help="where the static busybox comes from, for an image without a shell; default busybox:1-musl",
    )
    parser.add_argument(
        "--print", action="store_true", help="print the equal command instead of opening a shell"
    )


def run(args: argparse.Namespace) -> int:
    """Open the shell, or print the command; 1 if the engine ended it."""
    if args.print or args.json:
        plan, command = asyncio.run(_plan(args))
        _print(plan, command, as_json=args.json)
        return 0
    from slimdesk.cli.terminal import need_terminal

    need_terminal("command")
    return asyncio.run(_shell(args))


async def _shell(args: argparse.Namespace) -> int:
    from slimdesk.cli.terminal import size, stay
    from slimdesk.debug.toolboxes import DEFAULT
    from slimdesk.operations.connect import connected
    from slimdesk.operations.held_shell import held_shell

    async with connected() as engine:
        columns, rows = size()
        shell = await held_shell(
            engine,
            args.target,
            image=args.image,
            toolbox=args.toolbox or DEFAULT,
            columns=columns,
            rows=rows,
            reporter=TerminalReporter(patience=1.0),
        )
        lacks = [f"It has not {one}." for one in shell.plan.omitted]
        await stay(shell, [shell.plan.reason, *lacks])
    warn(shell.ending)
    return 0 if shell.exit_code is not None else 1


async def _plan(args: argparse.Namespace) -> tuple[HeldPlan, str]:
    from slimdesk.debug.toolboxes import DEFAULT
    from slimdesk.operations.connect import connected
    from slimdesk.operations.held_shell import held_command, plan_held

    async with connected() as engine:
        plan = await plan_held(engine, args.target, args.image)
        return plan, held_command(plan, args.toolbox or DEFAULT)


def _print(plan: HeldPlan, command: str, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {"image": plan.image, "shell": plan.shell, "reason": plan.reason, "omitted": list(plan.omitted), "commands": {"docker": command}}
        )  # fmt: skip
        return
    say(plan.reason)
    for one in plan.omitted:
        say(f"It has not {one}.")
    say()
    say("docker:")
    say(f"  {command}")
