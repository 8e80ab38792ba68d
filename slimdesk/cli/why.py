"""`slimdesk why`: why a pod or a container does not run, from what kubectl or docker said."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from slimdesk.basics.errors import BadInput
from slimdesk.cli.output import print_json, say
from slimdesk.cli.pod import read_text

if TYPE_CHECKING:
    from slimdesk.operations.explain_crash import Explained


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is read."""
    parser.add_argument(
        "text",
        metavar="FILE|CODE|WORD",
        nargs="?",
        help="a file with the output of kubectl describe pod or a log, - for standard input, an exit code, or a status word",
    )
    parser.add_argument("--exit-code", type=int, metavar="N", help="the code that it ended with")


def run(args: argparse.Namespace) -> int:
    """Tell the causes; 1 if none is known."""
    from slimdesk.operations.explain_crash import explain

    found = explain(_text(args), args.exit_code)
    if args.json:
        print_json({"causes": [_json(one) for one in found]})
    elif not found:
        say("Nothing in it is known to SlimDesk.")
    else:
        _print_words(found)
    return 0 if found else 1


def _text(args: argparse.Namespace) -> str:
    from slimdesk.debug.status_words import STATUS

    given: str | None = args.text
    if given is None:
        if args.exit_code is not None:
            return ""
        if sys.stdin.isatty():
            raise BadInput(
                "There is nothing to explain",
                "",
                "Give a file, an exit code, or pipe `kubectl describe pod` into it",
            )
        return read_text("-", "a text")
    if given in STATUS or given.lstrip("-").isdigit():
        return given
    return read_text(given, "a file with what kubectl or docker said")


def _json(one: Explained) -> dict[str, object]:
    return {
        "kind": one.cause.kind,
        "message": one.cause.message,
        "fix": one.cause.fix or None,
        "container": one.container or None,
        "line": one.line,
        "evidence": one.evidence or None,
    }


def _print_words(found: tuple[Explained, ...]) -> None:
    for number, one in enumerate(found):
        if number:
            say()
        say(f"{one.container}: {one.cause.message}" if one.container else one.cause.message)
        if one.cause.fix:
            say(f"  {one.cause.fix}")
        if one.evidence:
            place = f"line {one.line}: " if one.line else ""
            say(f"  ({place}{one.evidence})")
