"""`slimdesk pod FILE`: start an image here as a pod's manifest asks for, and say why it would not run."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_seconds
from slimdesk.cli.output import TerminalReporter, print_json, say
from slimdesk.cli.verify import MARKS, environment_of
from slimdesk.cli.words import named

if TYPE_CHECKING:
    from slimdesk.debug.pod import Manifest, Pod, PodContainer
    from slimdesk.operations.run_pod import PodRun

MAX_FILE = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare FILE, which pod of it, and what stands in for the cluster."""
    parser.add_argument(
        "file", metavar="FILE", type=named, help="a manifest (Pod, Deployment, …), or - for standard input"
    )
    parser.add_argument(
        "--pod", metavar="NAME", help="which object, such as Deployment/web, if there are several"
    )
    parser.add_argument(
        "--container", metavar="NAME", help="which container of the pod, if there are several"
    )
    parser.add_argument(
        "--image", metavar="IMAGE", type=named, help="an image that stands in for the manifest's"
    )
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="K=V",
        help="set a variable, such as one of a Secret; K alone takes it from here",
    )
    parser.add_argument(
        "--env-file", action="append", default=[], type=Path, metavar="F", help="a file of K=V lines"
    )
    parser.add_argument(
        "--random-uid", action="store_true", help="as a uid that the platform picks, with group 0 (OpenShift)"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=60.0,
        metavar="S",
        help="seconds to wait for a probe or a job; default 60",
    )


def run(args: argparse.Namespace) -> int:
    """Run it and tell; 0 only if it runs."""
    text = read_text(args.file, "a manifest")
    if not 0 < args.timeout < 86_400:
        raise BadInput(
            "The timeout must be more than 0 seconds, and end", "", "Write for example --timeout 60"
        )
    from slimdesk.debug.pod_read import choose, read_manifest

    manifest = read_manifest(text)
    pod, container = choose(manifest, args.pod, args.container)
    found = asyncio.run(_run(args, manifest, pod, container))
    commands = _commands(found, pod, container)
    if args.json:
        print_json(pod_json(found, commands))
    else:
        _print_words(found, commands)
    return 0 if found.verdict == "runs" else 1


def read_text(name: str, what: str) -> str:
    """Return the text of a file, or of standard input for -. Raises BadInput."""
    shown = "Standard input" if name == "-" else visible(name)
    try:
        if name == "-":
            data = sys.stdin.buffer.read(MAX_FILE + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise BadInput(f"{shown} cannot be read", error.strerror or "", f"Name {what}") from error
    if len(data) > MAX_FILE:
        raise BadInput(f"{shown} is too large", "more than a megabyte is not read", f"Name {what}")
    return data.decode("utf-8-sig", errors="replace")


def pod_json(found: PodRun, commands: dict[str, str | None]) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    plan, cause = found.plan, found.cause
    return {
        "verdict": found.verdict,
        "reason": found.reason,
        "pod": plan.title,
        "image": plan.image,
        "user": plan.user,
        "cause": None
        if cause is None
        else {"kind": cause.kind, "message": cause.message, "fix": cause.fix or None},
        "exit_code": found.exit_code,
        "oom": found.oom,
        "seconds": round(found.seconds, 3),
        "checks": [
            {"name": check.name, "passed": check.passed, "seconds": check.seconds, "message": check.message}
            for check in found.checks
        ],
        "not_reproduced": list(plan.omitted),
        "notes": list(plan.notes),
        "commands": commands,
        "log": list(found.log),
    }


def _commands(found: PodRun, pod: Pod, container: PodContainer) -> dict[str, str | None]:
    from slimdesk.debug.commands import run_line
    from slimdesk.debug.kubectl import ephemeral, target_of
    from slimdesk.debug.toolboxes import DEFAULT

    plan = found.plan
    kubectl = ephemeral(target_of(pod, container, plan.user), DEFAULT)
    return {"docker": None if plan.spec is None else run_line(plan.spec), "kubectl": kubectl.line}


async def _run(args: argparse.Namespace, manifest: Manifest, pod: Pod, container: PodContainer) -> PodRun:
    from slimdesk.debug.pod_plan import RANDOM_USER, PodChoices
    from slimdesk.operations.connect import connected
    from slimdesk.operations.run_pod import run_pod

    choices = PodChoices(
        image=None if args.image is None else args.image.removeprefix("docker://"),
        environment=environment_of(args.env_file, args.env),
        user=RANDOM_USER if args.random_uid else None,
    )
    async with connected() as engine:
        reporter = TerminalReporter(quiet=args.json)
        return await run_pod(engine, manifest, pod, container, choices, reporter=reporter, bound=args.timeout)


def _print_words(found: PodRun, commands: dict[str, str | None]) -> None:
    say(f"{found.verdict}: {found.cause.message if found.cause else found.reason}")
    if found.cause and found.cause.fix:
        say(f"  {found.cause.fix}")
    say(f"{found.plan.title}: {found.plan.image} as user {found.plan.user}")
    for check in found.checks:
        took = "" if check.seconds is None else f" ({format_seconds(check.seconds)})"
        say(f"  {MARKS[check.passed]}  {check.name}: {check.message}{took}")
    for note in found.plan.notes:
        say(f"Note: {note}")
    if found.plan.omitted:
        say("Not reproduced here:")
        for one in found.plan.omitted:
            say(f"  {one}")
    for name, text in commands.items():
        if text is not None:
            say(f"{name}: {text}")
