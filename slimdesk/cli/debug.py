"""`slimdesk debug CONTAINER`: a shell in this terminal beside a container that has none."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from typing import TYPE_CHECKING

from slimdesk.basics.errors import EngineError
from slimdesk.cli.output import TerminalReporter, print_json, say, warn
from slimdesk.cli.words import named

if TYPE_CHECKING:
    from slimdesk.debug.plan import ShellPlan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare CONTAINER, the toolbox and the way in."""
    parser.add_argument("container", metavar="CONTAINER", type=named, help="a running container: name or ID")
    parser.add_argument(
        "--toolbox",
        metavar="IMAGE",
        type=named,
        help="the image that brings the tools; default busybox:1-musl",
    )
    parser.add_argument(
        "--way",
        choices=("files", "tools"),
        help="what is at /: the container's files, or the toolbox's; default the first that works",
    )
    parser.add_argument(
        "--print", action="store_true", help="print the equal commands instead of opening a shell"
    )


def run(args: argparse.Namespace) -> int:
    """Open the shell, or print the commands; 1 if the container or the engine ended it."""
    if args.print or args.json:
        _print(asyncio.run(_plan(args)), as_json=args.json)
        return 0
    from slimdesk.cli.terminal import need_terminal

    need_terminal("commands")
    return asyncio.run(_shell(args))


async def _shell(args: argparse.Namespace) -> int:
    from slimdesk.cli.terminal import size, stay
    from slimdesk.debug.toolboxes import DEFAULT
    from slimdesk.operations.connect import connected
    from slimdesk.operations.debug_shell import open_shell
    from slimdesk.operations.sidecar import sweep

    async with connected() as engine:
        columns, rows = size()
        shell = await open_shell(
            engine,
            args.container,
            args.toolbox or DEFAULT,
            args.way,
            columns=columns,
            rows=rows,
            reporter=TerminalReporter(patience=1.0),
        )
        await stay(shell, [shell.chosen.reason])
        # What an earlier call left that was killed in between.
        with contextlib.suppress(EngineError):
            await sweep(engine)
    warn(shell.ending)
    return 0 if shell.exit_code is not None else 1


async def _plan(args: argparse.Namespace) -> ShellPlan:
    from slimdesk.debug.toolboxes import DEFAULT
    from slimdesk.operations.connect import connected
    from slimdesk.operations.debug_shell import plan_shell

    async with connected() as engine:
        return await plan_shell(engine, args.container, args.toolbox or DEFAULT, args.way)


def _print(plan: ShellPlan, *, as_json: bool) -> None:
    from slimdesk.debug.commands import commands_for

    found = commands_for(plan.target, plan.toolbox, plan.way, pid=plan.pid)
    lines = {
        "docker": found.docker,
        "docker_debug": found.docker_debug,
        "cdebug": found.cdebug,
        "kubectl": found.kubectl.line,
    }
    if as_json:
        print_json({"way": plan.way, "reason": plan.reason, "commands": lines, "notes": list(found.notes)})
        return
    say(f"{plan.way}: {plan.reason}")
    for name, line in lines.items():
        if line is not None:
            say()
            say(f"{name.replace('_', ' ')}:")
            say(f"  {line}")
    for note in found.notes:
        warn(note)
