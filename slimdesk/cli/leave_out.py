"""`slimdesk leave-out DIR --image IMAGE --path PATH`, or `--package NAME`, or `--finding RULE[:PATH]`: what brings a part of an image, how it is kept out, and what that gains."""

from __future__ import annotations

import argparse
import difflib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.units import format_bytes, format_percent
from slimdesk.cli.options import add_component_arguments, component_of
from slimdesk.cli.output import TerminalReporter, print_json, say, warn
from slimdesk.cli.words import named
from slimdesk.operations.detect import open_project, settings_of

if TYPE_CHECKING:
    from slimdesk.basics.finding import Finding
    from slimdesk.image.model import Image, Package
    from slimdesk.operations.leave_out import Change, LeftOut
    from slimdesk.operations.promises import Settled

_MOST_LINES = 40
_ASSUMED = (
    "that the image was built from the project's own Dockerfile is assumed: it carries no label of SlimDesk"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR, the image, and what is to be left out of it."""
    add_component_arguments(parser)
    parser.add_argument("--path", metavar="PATH", type=named, help="a file or folder of the image")
    parser.add_argument(
        "--image", metavar="IMAGE", required=True, type=named, help="the image that was built from DIR"
    )
    parser.add_argument(
        "--package", metavar="NAME", type=named, help="a package of the image instead of a path"
    )
    parser.add_argument(
        "--finding",
        metavar="RULE[:PATH]",
        type=named,
        help="what a finding of `slimdesk analyze --project DIR` tells of, by its rule; with PATH where it has several places",
    )
    parser.add_argument(
        "--write", action="store_true", help="change the files; what stood there is kept as NAME.orig"
    )


def run(args: argparse.Namespace) -> int:
    """Say it, and with --write do it; without a path, package or finding: what was promised and what this image gained. 1: nothing can be done."""
    from pathlib import Path

    from slimdesk.image.read import Wanted
    from slimdesk.operations.analyze import analyze_here
    from slimdesk.operations.build import LABEL_PROJECT
    from slimdesk.operations.image_findings import finding_of, known_of
    from slimdesk.operations.leave_out import apply, leave_out, target_of, text_of_image
    from slimdesk.operations.promises import promise, settle

    if sum(map(bool, (args.path, args.package, args.finding))) > 1:
        raise BadInput(
            "More than one of --path, --package and --finding is named", "one of them is left out at a time"
        )
    image = analyze_here(args.image, Wanted(), TerminalReporter(patience=1))
    if args.component is None:
        project = open_project(Path(args.folder), settings_of(args.settings))
        component, text = text_of_image(project, image)
    else:
        project, named_one = component_of(args)
        component, text = text_of_image(project, image, named_one)
    if not args.path and not args.package and not args.finding:
        return _measured(args, settle(project, component, image))
    if args.path and not args.path.strip("/."):
        raise BadInput("All of the image cannot be left out", "", "Choose a file or folder of it")
    what: str | Package | Finding = args.path or ""
    if args.package:
        what = _package(image, args.package)
    elif args.finding:
        what = finding_of(known_of(image, project, component).findings, args.finding)
    found = leave_out(project, component, image, text, target_of(image, what))
    if found.changes and LABEL_PROJECT not in image.config.labels:
        found = replace(found, cautions=(_ASSUMED, *found.cautions))
    kept: tuple[Path, ...] = ()
    written = bool(args.write and found.changes)
    if written:
        if any(one.variant for one in found.changes):
            raise BadInput(
                "Nothing was written",
                "SlimDesk writes this Dockerfile itself, and it stands in no file",
                "Save it with slimdesk generate --output, then build it with --dockerfile",
            )
        kept = apply(project, found)
        promise(project, component, image, found)
    if args.json:
        print_json(left_out_json(found, written=written, kept=[path.name for path in kept]))
    else:
        _say(found, written=written)
    return 0 if found.changes else 1


def left_out_json(found: LeftOut, *, written: bool, kept: list[str]) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    return {
        "what": found.what,
        "brings": list(found.brings),
        "gain": {"live": found.gain.live, "files": found.gain.files},
        "changes": [
            {"path": one.path, "why": one.why, "diff": diff_of(one), "generated": one.variant}
            for one in found.changes
        ],
        "reason": found.reason or None,
        "cautions": list(found.cautions),
        "commands": list(found.commands),
        "family": found.family,
        "written": written,
        "kept": kept,
    }


def diff_of(change: Change) -> str:
    """Return a change as a unified difference."""
    from slimdesk.operations.leave_out_words import shown

    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(
            shown(change.before).splitlines(keepends=True),
            shown(change.after).splitlines(keepends=True),
            f"{change.path} (now)",
            f"{change.path} (new)",
        )
    )


def _say(found: LeftOut, *, written: bool) -> None:
    say(f"{found.what}.")
    for line in found.brings:
        say(line if line.endswith("…") else f"{line}.")
    if not found.changes:
        say(f"{found.reason}.")
        return
    say(f"Gains {format_bytes(found.gain.live, ' ')} live, {format_bytes(found.gain.files, ' ')} files.")
    for one in found.changes:
        say()
        lines = diff_of(one).splitlines()
        for line in lines[:_MOST_LINES]:
            say(line)
        if len(lines) > _MOST_LINES:
            say(f"... and {len(lines) - _MOST_LINES} lines more of {one.path}")
    for caution in found.cautions:
        warn(f"slimdesk leave-out: {caution}.")
    for command in found.commands:
        say(f"Then run {command}, so that the lock file follows.")
    if not written:
        warn("slimdesk leave-out: nothing is written yet; --write does it")


def _measured(args: argparse.Namespace, done: Settled | None) -> int:
    if args.json:
        print_json(
            {
                "what": list(done.what) if done else [],
                "promised": {"live": done.live, "files": done.files} if done else None,
                "measured": {"live": done.measured_live, "files": done.measured_files} if done else None,
            }
        )
    elif done is None:
        say("Nothing was left out since this image was built.")
    else:
        share = f" ({format_percent(done.measured_live / done.live)} of it)" if done.live else ""
        say(f"Left out: {', '.join(done.what)}.")
        say(
            f"Promised {format_bytes(done.live, ' ')} live, measured {format_bytes(done.measured_live, ' ')}{share}."
        )
    return 0


def _package(image: Image, name: str) -> Package:
    packages = image.packages or ()
    fitting = [one for one in packages if one.name == name]
    # Indexes of packages do not agree on capitals and joints: Flask is flask, typing_extensions typing-extensions.
    fitting = fitting or [one for one in packages if _plain(one.name) == _plain(name)]
    if not fitting:
        raise BadInput(
            f"{image.name or image.location} holds no package {name}",
            "",
            "See slimdesk analyze for its packages",
        )
    return max(fitting, key=lambda one: one.size or 0)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
