"""The command line: one file per subcommand, each imported only when it is called.

Exit 0: done. 1: the call worked and the answer is no. 2: a bad call, or input that cannot be read.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from slimdesk import __version__
from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible

# The name is also the module's: slimdesk.cli.<name> has add_arguments(parser) and run(args) -> exit status.
COMMANDS = {
    "detect": "what a project folder holds, with evidence",
    "families": "which base-image families fit a component, and why",
    "generate": "write a multi-stage Dockerfile",
    "explain": "read a Dockerfile back, with findings",
    "build": "build one variant on the engine",
    "verify": "prove that an image still runs",
    "analyze": "sizes, layers and findings of an image",
    "engine": "the container engine in use",
    "clean": "remove the images that SlimDesk built",
}

# These hand what stands behind `--` to a container, as `args.arguments`.
WITH_ARGUMENTS = ("verify",)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="slimdesk",
        description="Slim container images: choose, write, build, measure, prove.",
        epilog="Without a subcommand, slimdesk [PATH] opens the window on a project, an archive or an image.",
    )
    parser.add_argument("--version", action="version", version=f"slimdesk {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = words[0] if words and words[0] in COMMANDS else None
    for name, summary in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == chosen:
            importlib.import_module(f"slimdesk.cli.{name}").add_arguments(sub)
            sub.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    # What follows `--` belongs to a container's program; argparse would take it for one more operand of ours.
    arguments: list[str] = []
    if chosen in WITH_ARGUMENTS and "--" in words:
        at = words.index("--")
        words, arguments = words[:at], words[at + 1 :]
    args = parser.parse_args(words)
    args.arguments = arguments
    try:
        return int(importlib.import_module(f"slimdesk.cli.{args.command}").run(args))
    except SlimDeskError as error:
        print(f"slimdesk {args.command}: {visible(str(error))}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader went away (`slimdesk … | head`): nothing to tell anybody.
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        print(f"slimdesk {args.command}: stopped", file=sys.stderr)
        return 130
