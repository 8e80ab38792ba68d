"""`slimdesk rewrite DOCKERFILE [DIR]`: the multi-stage Dockerfile beside an old one, and what became of each line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from slimdesk.basics.errors import DockerfileError
from slimdesk.catalog.model import FAMILIES
from slimdesk.cli.output import print_json, tell_dockerfile_error, warn
from slimdesk.cli.words import named
from slimdesk.operations.rewrite import Rewritten, rewrite_file, save_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DOCKERFILE, DIR and what may be chosen."""
    parser.add_argument("dockerfile", metavar="DOCKERFILE", type=named, help="the file to rewrite")
    parser.add_argument(
        "folder",
        metavar="DIR",
        type=named,
        nargs="?",
        help="its project; left out, it is guessed from the file",
    )
    parser.add_argument("--component", metavar="C", type=named, help="a name or path that detect tells")
    parser.add_argument(
        "--family", metavar="F", choices=FAMILIES, help=f"{', '.join(FAMILIES)}; else the best"
    )
    parser.add_argument(
        "--mend", action="store_true", help="only mend faults line by line, and keep the file's own build"
    )
    parser.add_argument("--diff", action="store_true", help="print the difference instead of the text")
    parser.add_argument(
        "--output", metavar="FILE", type=named, help="write it there instead of to standard output"
    )
    parser.add_argument("--force", action="store_true", help="replace FILE, which is kept as FILE.orig")


def run(args: argparse.Namespace) -> int:
    """Print or write the rewritten file; 1 where no recipe serves, with the mended text instead."""
    try:
        folder = None if args.folder is None else Path(args.folder)
        found = rewrite_file(Path(args.dockerfile), folder, args.family, args.component)
    except DockerfileError as error:
        tell_dockerfile_error(args.dockerfile, error)
        return 2
    rewritten = None if args.mend else found.rewrite
    text = found.mended if rewritten is None else rewritten.text
    if args.output is not None:
        kept = save_text(text, Path(args.output), force=args.force)
        warn(f"Wrote {args.output}" + (f"; what stood there is kept as {kept}" if kept else ""))
    if args.json:
        print_json(rewritten_json(found))
    else:
        _tell(found, mend=args.mend)
        if args.output is None:
            diff = found.mended_diff if rewritten is None else rewritten.diff
            sys.stdout.write(diff if args.diff else text)
    return 0 if args.mend or found.rewrite is not None else 1


def _tell(found: Rewritten, *, mend: bool) -> None:
    if mend or found.rewrite is None:
        for fix in found.fixes:
            warn(f"mended: line {fix.finding.line}: {fix.finding.message}. {fix.title}")
        if not mend:
            warn(f"Not rewritten, only mended: {found.reason}")
        return
    if found.guessed:
        warn("The project was guessed from the Dockerfile: check the paths, or name its folder")
    for note in found.rewrite.notes:
        place = f"line {note.line}: " if note.line else ""
        warn(f"{note.kind}: {place}{note.what}. {note.reason}")


def rewritten_json(found: Rewritten) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    done = found.rewrite
    return {
        "component": None if done is None else done.generated.component.name,
        "profile": None if done is None else done.generated.component.profile,
        "family": None if done is None else done.family,
        "guessed": found.guessed,
        "reason": found.reason or None,
        "dockerfile": None if done is None else done.text,
        "dockerignore": None if done is None else done.dockerignore,
        "diff": None if done is None else done.diff,
        "notes": []
        if done is None
        else [
            {"kind": note.kind, "what": note.what, "reason": note.reason, "line": note.line}
            for note in done.notes
        ],
        "mended": found.mended,
        "mended_diff": found.mended_diff,
        "fixes": [
            {"rule": fix.finding.rule, "line": fix.finding.line, "title": fix.title} for fix in found.fixes
        ],
        "findings_before": [finding.to_json() for finding in found.findings],
        "findings_after": [
            finding.to_json() for finding in (found.left if done is None else done.findings_after)
        ],
    }
