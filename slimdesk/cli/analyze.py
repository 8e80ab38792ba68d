"""`slimdesk analyze IMAGE`: sizes, layers and findings, and thresholds for CI."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.basics.units import format_bytes, format_percent, parse_size, plural
from slimdesk.cli.output import TerminalReporter, print_json, say, warn
from slimdesk.cli.words import add_image_argument, named, named_path, platform
from slimdesk.image.findings import findings as find
from slimdesk.image.gates import SIZE_RULES, Gate, Limits, check, read_dive_rules
from slimdesk.image.kept_json import image_files_json
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted
from slimdesk.image.summary import image_json
from slimdesk.operations.analyze import analyze_here

if TYPE_CHECKING:
    from slimdesk.operations.duplicates import SameContent

_WIDTH = 62
_HEAVIEST = 10
_PATHS = 4
PATIENCE = 0.5  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare IMAGE, what to read of it, and the gates."""
    add_image_argument(parser)
    parser.add_argument(
        "--fast", action="store_true", help="read headers only: nothing is hashed or measured"
    )
    parser.add_argument(
        "--platform", metavar="OS/ARCH", type=platform, help="which image of several platforms"
    )
    parser.add_argument("--ref", metavar="NAME", type=named, help="which image of several in one file")
    parser.add_argument(
        "--cyclonedx",
        metavar="FILE",
        type=named_path,
        help="write the packages as a CycloneDX 1.6 bill of materials to FILE",
    )
    parser.add_argument(
        "--files",
        action="store_true",
        help="with --json: add all files, so that `compare` needs no image later",
    )
    parser.add_argument(
        "--same-content",
        action="store_true",
        help="read the files once more and list those that hold the same under several paths",
    )
    parser.add_argument(
        "--project",
        metavar="DIR",
        type=named_path,
        help="the project that it was built from: findings then name the line that brought each package",
    )
    parser.add_argument(
        "--component", metavar="C", type=named, help="with --project: which component, if there are several"
    )
    gates = parser.add_argument_group("gates (exit 1 if one fails)")
    for word in SIZE_RULES:
        gates.add_argument(
            f"--max-{word}", metavar="SIZE", type=_size, help=f"the {word} size must not exceed SIZE"
        )
    gates.add_argument("--min-score", metavar="R", type=_ratio, help="live / files must be at least R (0..1)")
    gates.add_argument("--forbid-debug", action="store_true", help="fail for a debug variant")
    gates.add_argument(
        "--fail-on", metavar="SEVERITY", choices=SEVERITIES, help="fail at error, warning or info"
    )
    gates.add_argument(
        "--dive-ci",
        metavar="FILE",
        type=named_path,
        help="rules of a .dive-ci file, checked as dive checks them",
    )


def run(args: argparse.Namespace) -> int:
    """Read the image, print it, and return 1 if a gate failed."""
    limits = _limits(args)
    if args.cyclonedx and args.fast:
        raise BadInput("--cyclonedx needs the packages", "--fast reads headers alone", "Leave out --fast")
    if args.project and args.fast:
        raise BadInput("--project needs the packages", "--fast reads headers alone", "Leave out --fast")
    if args.component and not args.project:
        raise BadInput("--component names a part of a project", "", "Name the project with --project DIR")
    wanted = Wanted(fast=args.fast, platform=args.platform, ref=args.ref)
    image = analyze_here(args.image, wanted, TerminalReporter(patience=PATIENCE))
    if args.project:
        from slimdesk.operations.image_findings import told_by_project

        image = told_by_project(image, args.project, args.component)
    findings = find(image)
    gates = check(image, findings, limits)
    if image.packages is None:
        warn("slimdesk analyze: The packages were not read: --fast reads headers alone.")
    for warning in image.warnings:
        warn(f"slimdesk analyze: {warning}")
    if args.cyclonedx:
        from slimdesk.basics.files import write_whole
        from slimdesk.image.sbom import cyclonedx

        write_whole(args.cyclonedx, cyclonedx(image))
    same = _same_content(image) if args.same_content else None
    if args.json:
        more: dict[str, Any] = {"files": image_files_json(image)} if args.files else {}
        if same is not None:
            more["same_content"] = [one.to_json() for one in same]
        print_json({**image_json(image, findings, gates), **more})
    else:
        _print_words(image, findings, gates)
        if same is not None:
            _print_same(same)
    for gate in gates:
        if not gate.passed:
            sentence = gate.sentence()
            warn(f"slimdesk analyze: {sentence[0].upper()}{sentence[1:]}.")
    return 0 if all(gate.passed for gate in gates) else 1


def _same_content(image: Image) -> tuple[SameContent, ...]:
    import asyncio

    from slimdesk.operations.duplicates import same_content

    async def ask() -> tuple[SameContent, ...]:
        engine = None
        if image.source == "engine":
            from slimdesk.engine.engine import Engine

            engine = await Engine.connect()
        return await same_content(image, engine=engine, reporter=TerminalReporter(patience=PATIENCE))

    return asyncio.run(ask())


def _limits(args: argparse.Namespace) -> Limits:
    sizes = {
        word: getattr(args, f"max_{word}") for word in SIZE_RULES if getattr(args, f"max_{word}") is not None
    }
    if args.fast and "download" in sizes:
        raise BadInput(
            "--max-download cannot be checked with --fast", "nothing is measured then", "Leave out --fast"
        )
    return Limits(
        sizes=sizes,
        min_score=args.min_score,
        forbid_debug=args.forbid_debug,
        fail_on=args.fail_on,
        dive=read_dive_rules(args.dive_ci) if args.dive_ci else {},
    )


def _print_words(image: Image, findings: tuple[Finding, ...], gates: tuple[Gate, ...]) -> None:
    sizes = image.sizes
    say(f"{image.name or image.location}  ({image.source}{f', {image.platform}' if image.platform else ''})")
    if image.image_id:
        say(image.image_id)
    say()
    measured = {"compressed": "compressed here to measure", "blobs": "compressed blobs", None: "not measured"}
    for word, count, meaning in (
        ("download", sizes.download, measured[sizes.download_from]),
        ("unpacked", sizes.unpacked, "uncompressed layers"),
        ("files", sizes.files, "all files of all layers"),
        ("live", sizes.live, "visible in a container"),
        ("shadowed", image.shadowed, "hidden by later layers"),
    ):
        say(f"  {word:<9} {format_bytes(count, ' '):>9}  {meaning}")
    score = "–" if image.score is None else f"{image.score:.3f}"
    say(f"  score     {score:>9}  live / files")
    dive = image.dive
    say(
        f"  dive: efficiency {dive.efficiency:.4f}, wasted {format_bytes(dive.wasted_bytes, ' ')}, "
        f"user wasted {format_percent(dive.user_wasted_percent)}"
    )
    say()
    say(f"  {'':>3} {'files':>9} {'shadowed':>9} {'entries':>8}  layer")
    for layer in image.layers:
        hidden = format_bytes(layer.shadowed, " ") if layer.shadowed else "–"
        text = layer.instruction or "(no history)"
        mark = "base: " if layer.base else ""
        text = text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
        say(
            f"  {layer.index:>3} {format_bytes(layer.sizes.files, ' '):>9} {hidden:>9} {layer.entries:>8}  {mark}{text}"
        )
    if not image.verified:
        say()
        say("  Digests were not checked." if not image.warnings else "  Not verified.")
    _print_packages(image)
    if findings:
        say()
        more = f" (could save {format_bytes(image.could_save, ' ')})" if image.could_save else ""
        say(f"{plural(len(findings), 'finding')}{more}:")
        for finding in findings:
            say(f"  {finding.severity}: {finding.message} ({finding.rule})")
    if gates:
        say()
        for gate in gates:
            say(f"  {'passed' if gate.passed else 'FAILED'}  {gate.rule}: {gate.measured()}")


def _print_same(same: tuple[SameContent, ...]) -> None:
    say()
    if not same:
        say("No two files hold the same.")
        return
    wasted = format_bytes(sum(one.wasted for one in same), " ")
    groups = plural(len(same), "group of files holds", "groups of files hold").replace("\u2009", " ")
    say(f"{groups} the same; one copy of each would save {wasted}:")
    for one in same[:_HEAVIEST]:
        paths = one.paths[:_PATHS]
        more = f" and {len(one.paths) - len(paths)} more" if len(one.paths) > len(paths) else ""
        copies = f"{len(one.paths)} of {format_bytes(one.size, ' ')}"
        say(f"  {format_bytes(one.wasted, ' '):>9}  {copies}: {', '.join(paths)}{more}")


def _print_packages(image: Image) -> None:
    if not image.packages:
        return
    say()
    known = [package for package in image.packages if package.size is not None]
    heaviest = sorted(known, key=lambda package: -(package.size or 0))[:_HEAVIEST]
    count = plural(len(image.packages), "package").replace("\u2009", " ")
    total = format_bytes(sum(package.size or 0 for package in known), " ")
    say(f"{count}, {total}{', the heaviest' if len(image.packages) > len(heaviest) else ''}:")
    for package in heaviest:
        say(f"  {format_bytes(package.size, ' '):>9}  {package.name} {package.version}  ({package.type})")
    rest = (image.sizes.live or 0) - sum(package.size or 0 for package in known)
    say(f"  {format_bytes(max(0, rest), ' '):>9}  in no package")


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _ratio(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a ratio from 0 to 1")
    return value
