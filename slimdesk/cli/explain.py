"""`slimdesk explain DOCKERFILE`: what it says, stage by stage, and what the rules find."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from slimdesk.basics.errors import DockerfileError
from slimdesk.basics.escaping import visible
from slimdesk.cli.output import TerminalReporter, print_json, say, tell_dockerfile_error, warn
from slimdesk.cli.words import named
from slimdesk.dockerfile.meaning import meaning
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.operations.checks import OURS, Told
from slimdesk.operations.explain import Explained, explain

MAX_SHOWN = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DOCKERFILE."""
    parser.add_argument("dockerfile", metavar="DOCKERFILE", type=named, help="the file to read")
    parser.add_argument(
        "--context", metavar="DIR", type=named, help="the build's folder: its files are looked at too"
    )
    parser.add_argument(
        "--pins", action="store_true", help="ask the registries, through the engine, whether pins are stale"
    )
    parser.add_argument("--hadolint", action="store_true", help="ask hadolint too, if it is installed")


def run(args: argparse.Namespace) -> int:
    """Print the explanation; 2 with FILE:LINE and the reason for a file that BuildKit refuses."""
    try:
        context = None if args.context is None else Path(args.context)
        explained = explain(Path(args.dockerfile), lint=args.hadolint, context=context)
    except DockerfileError as error:
        tell_dockerfile_error(args.dockerfile, error)
        return 2
    if args.pins:
        explained = replace(explained, told=(*explained.told, *_pins(explained.dockerfile)))
    if explained.lint is not None and explained.lint.findings is None:
        warn(f"Not run: {explained.lint.reason}")
    if args.json:
        print_json(explained_json(explained))
    else:
        _print_words(explained)
    return 0


def _pins(dockerfile: Dockerfile) -> tuple[Told, ...]:
    """Ask for every pinned tag. Raises EngineUnreachable."""
    import asyncio

    from slimdesk.operations.connect import connected
    from slimdesk.operations.pins import stale_pins

    async def ask() -> tuple[Told, ...]:
        async with connected() as engine:
            found = await stale_pins(dockerfile, engine.tag_digest, TerminalReporter())
        return tuple(Told(finding, (OURS,)) for finding in found)

    return asyncio.run(ask())


def explained_json(explained: Explained) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    dockerfile = explained.dockerfile
    lint = explained.lint
    return {
        "directives": dict(dockerfile.directives),
        "arguments": [instruction_json(one) for one in dockerfile.arguments],
        "stages": [_stage_json(stage) for stage in dockerfile.stages],
        "findings": [_told_json(one) for one in explained.told],
        "hadolint": None
        if lint is None
        else {"run": lint.findings is not None, "reason": lint.reason or None},
    }


def _told_json(told: Told) -> dict[str, Any]:
    """A finding, with who says so and the lines that a quick fix writes."""
    fix = told.fix
    return {
        **told.finding.to_json(),
        "sources": list(told.sources),
        "quick_fix": None
        if fix is None
        else {
            "title": fix.title,
            "edits": [
                {"line": one.start_line, "end_line": one.end_line, "text": one.text} for one in fix.edits
            ],
        },
    }


def _stage_json(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "base": stage.base,
        "platform": stage.platform,
        "line": stage.line,
        "instructions": [instruction_json(one) for one in stage.instructions],
    }


def instruction_json(instruction: Instruction) -> dict[str, Any]:
    """Return one instruction as the command line's JSON has it."""
    return {
        "line": instruction.line,
        "end_line": instruction.end_line,
        "keyword": instruction.keyword,
        "flags": list(instruction.flags),
        "arguments": list(instruction.arguments),
        "heredocs": list(instruction.heredocs),
        "form": instruction.form,
    }


def _print_words(explained: Explained) -> None:
    dockerfile = explained.dockerfile
    width = len(str(max(one.line for one in dockerfile.instructions())))
    for name, value in dockerfile.directives.items():
        say(f"{name}: {value}")
    if dockerfile.arguments:
        say("Before the first stage")
        _print_instructions(dockerfile.arguments, dockerfile, width)
    for index, stage in enumerate(dockerfile.stages):
        name = f"Stage {stage.name}" if stage.name else f"Stage {index}"
        platform = f", for {stage.platform}" if stage.platform else ""
        last = ", the image that is built" if index == len(dockerfile.stages) - 1 else ""
        say(f"{name}, on {stage.base}{platform}{last}")
        _print_instructions(stage.instructions, dockerfile, width)
    if not explained.findings:
        say("No findings.")
        return
    say(f"Findings ({len(explained.findings)})")
    for told in explained.told:
        finding = told.finding
        place = f"line {finding.line}" if finding.line else "the file"
        also = f"; {', '.join(told.sources[1:])}" if told.sources[1:] else ""
        say(f"  {finding.severity}: {place}: {finding.message} ({finding.rule}{also})")
        if finding.fix:
            say(f"    {finding.fix}")


def _print_instructions(instructions: tuple[Instruction, ...], dockerfile: Dockerfile, width: int) -> None:
    for one in instructions:
        arguments = (json.dumps(one.arguments, ensure_ascii=False),) if one.form == "exec" else one.arguments
        text = " ".join((one.keyword, *one.flags, *arguments))
        say(f"  {one.line:>{width}}  {visible(text, MAX_SHOWN)}")
        say(f"  {'':>{width}}    {meaning(one, dockerfile)}")
    say()
