"""The command line: one file per subcommand, each imported only when it is called.

Exit 0: done. 1: the call worked and the answer is no. 2: a bad call, or input that cannot be read.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

from slimdesk import __version__
from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible

# The name is also the module's, - as _: slimdesk.cli.<name> has add_arguments(parser) and run(args) -> exit status.
COMMANDS = {
    "detect": "what a project folder holds, with evidence",
    "families": "which base-image families fit a component, and why",
    "generate": "write a multi-stage Dockerfile",
    "packages": "what packages would bring and cost",
    "apko": "write an apko.yaml for Wolfi, and the Dockerfile on it",
    "explain": "read a Dockerfile back, with findings",
    "rewrite": "turn a Dockerfile into a multi-stage one",
    "build": "build one variant on the engine",
    "verify": "prove that an image still runs",
    "matrix": "build, measure, verify and rank all variants that fit",
    "pod": "start an image as a pod's manifest asks for, and say why it would not run",
    "hold": "a shell in what does not run: an image or an ended container, its entry point held",
    "why": "why a container does not run, from what kubectl or docker said",
    "analyze": "sizes, layers and findings of an image",
    "doctor": "whether an image is likely to run, without starting it",
    "scan": "known vulnerabilities, with how much of the image the scanner sees",
    "worth": "what smaller images are worth: pull time, traffic, registry space",
    "compare": "what differs between images, and how far one may grow",
    "report": "a page, a paper, a comment or data about images or a project's matrix",
    "leave-out": "what brings a part of an image, and the change that keeps it out",
    "debug": "a shell beside a container that has none",
    "engine": "the container engine in use",
    "clean": "remove the images that SlimDesk built",
}

# These hand what stands behind `--` to a container, as `args.arguments`.
WITH_ARGUMENTS = ("verify",)


class Parser(argparse.ArgumentParser):
    """A parser that says a bad call in one line, and takes no option by half its name."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the call and end with 2."""
        text = visible(message.removeprefix("argument "))
        self.exit(2, f"{self.prog}: {text}. See `{self.prog} --help`.\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status; SystemExit for a bad call and for --help."""
    words = list(sys.argv[1:] if argv is None else argv)
    _print_anything(sys.stdout)
    _print_anything(sys.stderr)
    args = _parsed(words)
    name = f"slimdesk {args.command}"
    try:
        status = int(command_module(args.command).run(args))
        # Here, and not at the interpreter's end: a full disk is a sentence, too.
        sys.stdout.flush()
    except SlimDeskError as error:
        _say(f"{name}: {visible(str(error))}")
    except BrokenPipeError:
        # The reader went away (`slimdesk … | head`): nothing to tell anybody.
        _give_up(sys.stdout)
        return 1
    except KeyboardInterrupt:
        _say(f"{name}: stopped")
        return 130
    except OSError as error:
        _give_up(sys.stdout)
        place = (
            f" ({visible(os.fsdecode(error.filename))})" if isinstance(error.filename, str | bytes) else ""
        )
        why = error.strerror or type(error).__name__
        _say(
            f"{name}: The answer could not be given: {why}{place}. Free some space or check the place, and try again."
        )
    except MemoryError:
        _say(f"{name}: The answer could not be given: memory is used up. Close other programs and try again.")
    except Exception as error:
        # A mistake of ours. A traceback would be exit 1, which means "no": that was not found out.
        if os.environ.get("SLIMDESK_TRACEBACK"):
            raise
        _say(
            f"{name}: An error inside SlimDesk: {type(error).__name__}: {visible(str(error), 300)}. "
            "Please report it with what SLIMDESK_TRACEBACK=1 shows."
        )
    else:
        return status
    return 2


def command_module(command: str) -> Any:
    """Import and return what runs a subcommand."""
    return importlib.import_module(f"slimdesk.cli.{command.replace('-', '_')}")


def _parsed(words: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="slimdesk",
        description="Slim container images: choose, write, build, measure, prove.",
        epilog="Without a subcommand, slimdesk [PATH] opens the window on a project, an archive or an image.",
    )
    parser.add_argument("--version", action="version", version=f"slimdesk {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = words[0] if words and words[0] in COMMANDS else None
    own: argparse.ArgumentParser = parser
    # The others are only named: making a parser for each takes longer than many a call.
    for name, summary in COMMANDS.items() if chosen is None else ((chosen, COMMANDS[chosen]),):
        sub = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == chosen:
            own = sub
            command_module(name).add_arguments(sub)
            sub.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    # What follows `--` belongs to a container's program; argparse would take it for one more operand of ours.
    arguments: list[str] = []
    if chosen in WITH_ARGUMENTS and "--" in words:
        at = words.index("--")
        words, arguments = words[:at], words[at + 1 :]
    args, unknown = parser.parse_known_args(words)
    if unknown:
        own.error(f"there is no {' '.join(unknown)}")
    args.arguments = arguments
    return args


def _print_anything(stream: TextIO) -> None:
    """Let no letter that the stream's encoding lacks end a call."""
    with contextlib.suppress(AttributeError, ValueError, OSError):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr)


def _give_up(stream: TextIO) -> None:
    """Send what is still unwritten to nowhere: the interpreter would try, and complain, once more at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
