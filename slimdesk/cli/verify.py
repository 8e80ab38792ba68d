"""`slimdesk verify IMAGE`: prove that an image still runs."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_seconds
from slimdesk.cli.output import TerminalReporter, print_json, say
from slimdesk.cli.words import named, platform

if TYPE_CHECKING:
    from slimdesk.recipes.fixes_model import Mend
    from slimdesk.verify.compose import Beside, ComposeFile
    from slimdesk.verify.model import RunProfile, Verification

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
MARKS = {True: "ok", False: "no", None: "--"}
MAX_FILE = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare IMAGE, how it is run and what is expected of it."""
    parser.add_argument("image", metavar="IMAGE", type=named, help="a name, tag or ID that the engine has")
    parser.add_argument(
        "--port", type=int, metavar="N", help="the port that it must answer on; default what the image says"
    )
    parser.add_argument(
        "--http", metavar="PATH", help="the path that must answer HTTP; default / or, without HTTP, TCP"
    )
    parser.add_argument(
        "--status", type=int, metavar="N", help="the status that must come; default any below 500"
    )
    parser.add_argument(
        "--expect", metavar="TEXT", help="text that the answer, or the output of a command, must hold"
    )
    parser.add_argument(
        "--exit", type=int, default=0, metavar="N", help="the exit code that a command must end with"
    )
    parser.add_argument(
        "--timeout", type=float, default=30.0, metavar="S", help="seconds to wait; default 30"
    )
    parser.add_argument(
        "--env", action="append", default=[], metavar="K=V", help="set a variable; K alone takes it from here"
    )
    parser.add_argument(
        "--env-file", action="append", default=[], type=Path, metavar="F", help="a file of K=V lines"
    )
    parser.add_argument("--stdin", metavar="TEXT", help="what it reads on standard input")
    parser.add_argument(
        "--compose", type=Path, metavar="FILE", help="start the services of a compose file beside it"
    )
    parser.add_argument(
        "--control", metavar="IMAGE", type=named, help="the reference image: it runs first, as the control"
    )
    parser.add_argument("--read-only", action="store_true", help="with a read-only root file system")
    parser.add_argument("--platform", metavar="P", type=platform, help="os/arch to run")
    parser.epilog = "What follows -- replaces the image's CMD."


def run(args: argparse.Namespace) -> int:
    """Verify and tell; 0 only if it runs."""
    compose = _compose_file(args.compose)
    profile = profile_of(args, compose.environment if compose else {})
    found, mend = asyncio.run(_verify(args, profile, compose.services if compose else ()))
    if args.json:
        print_json(verification_json(found, mend))
    else:
        _print_words(found, mend)
    return 0 if found.verdict == "runs" else 1


def profile_of(args: argparse.Namespace, given: Mapping[str, str] | None = None) -> RunProfile:
    """Return how the image is to be run; `given` are variables that the call's own go over. Raises BadInput."""
    from slimdesk.operations.verify import check_profile
    from slimdesk.verify.model import RunProfile

    environment = {**(given or {}), **environment_of(args.env_file, args.env)}
    profile = RunProfile(
        port=args.port,
        http=args.http,
        status=args.status,
        expect=args.expect,
        exit_code=args.exit,
        timeout=args.timeout,
        environment=environment,
        command=tuple(args.arguments),
        stdin=args.stdin,
        read_only=args.read_only,
        platform=args.platform,
    )
    check_profile(profile)
    return profile


def environment_of(files: Iterable[Path], words: Iterable[str]) -> dict[str, str]:
    """Return the variables of --env-file and, over them, of --env. Raises BadInput."""
    environment: dict[str, str] = {}
    for path in files:
        environment.update(_variables(_lines(path), f"{visible(str(path))}:"))
    environment.update(_variables(words, "--env "))
    return environment


def verification_json(found: Verification, mend: Mend | None = None) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it; `mend` is what should make a failed image run."""
    return {
        "verdict": found.verdict,
        "reason": found.reason,
        "kind": found.kind,
        "port": found.port,
        "http_status": found.http_status,
        "exit_code": found.exit_code,
        "first_answer": None if found.first_answer is None else round(found.first_answer, 3),
        "seconds": round(found.seconds, 3),
        "user": found.user,
        "emulated": found.emulated,
        "checks": [
            {
                "name": check.name,
                "passed": check.passed,
                "seconds": None if check.seconds is None else round(check.seconds, 3),
                "message": check.message,
            }
            for check in found.checks
        ],
        "log": list(found.log),
        "fix": None if mend is None else _fix_json(mend),
    }


def _fix_json(mend: Mend) -> dict[str, Any]:
    # Its lines belong into the last stage of the Dockerfile.
    return {"kind": mend.kind, "title": mend.title, "reason": mend.reason, "lines": list(mend.lines)}


def _compose_file(path: Path | None) -> ComposeFile | None:
    if path is None:
        return None
    from slimdesk.verify.compose import read_compose_file

    return read_compose_file(path)


async def _verify(
    args: argparse.Namespace, profile: RunProfile, beside: tuple[Beside, ...]
) -> tuple[Verification, Mend | None]:
    from slimdesk.operations.connect import connected
    from slimdesk.operations.verify import fix_for, verify_image

    reporter = TerminalReporter(quiet=args.json)
    image = args.image.removeprefix("docker://")
    async with connected() as engine:
        found = await verify_image(engine, image, profile, args.control, reporter, beside=beside)
        return found, await fix_for(engine, image, found)


def _print_words(found: Verification, mend: Mend | None) -> None:
    say(f"{found.verdict}: {found.reason}")
    for check in found.checks:
        took = "" if check.seconds is None else f" ({format_seconds(check.seconds)})"
        say(f"  {MARKS[check.passed]}  {check.name}: {check.message}{took}")
    if found.first_answer is not None:
        say(f"First answer after {format_seconds(found.first_answer)}")
    if mend is not None:
        say(f"Fix: {mend.reason} In the last stage of its Dockerfile:")
        for line in mend.lines:
            say(f"    {line}")


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE).decode("utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise BadInput(
            f"{visible(str(path))} cannot be read", error.strerror or "", "Name a file of K=V lines"
        ) from error


def _variables(lines: Iterable[str], where: str) -> dict[str, str]:
    """NAME=VALUE as `docker run` takes them: values as they stand, a name alone from this environment."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        text = line.lstrip()
        if not text or (text.startswith("#") and where.endswith(":")):
            continue
        name, equals, value = text.partition("=")
        if not _NAME.fullmatch(name):
            place = f"{where}{number}" if where.endswith(":") else f"{where}{visible(name, 40)}"
            # The value may be a secret: it is not repeated.
            raise BadInput(f"{place} names no variable", "", "Write NAME=VALUE")
        if equals:
            found[name] = value
        elif name in os.environ:
            found[name] = os.environ[name]
    return found
