"""`slimdesk report IMAGE... | DIR`: what was measured, as a page, a paper, a comment or data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes
from slimdesk.cli.output import TerminalReporter, print_json, warn
from slimdesk.cli.words import named, platform
from slimdesk.cli.worth import add_numbers, numbers_of
from slimdesk.image.compare import SIZE_WORDS
from slimdesk.image.read import Wanted
from slimdesk.operations.analyze import existing_path
from slimdesk.operations.report import format_for, report_of_images, with_sections, with_worth, write_report
from slimdesk.operations.report_project import report_of_folder
from slimdesk.report.as_json import report_json
from slimdesk.report.formats import FORMAT_NAMES, FORMATS, FormatName, render
from slimdesk.report.model import SECTIONS, Report, Section
from slimdesk.scan import AUTO, scanners

PATIENCE = 0.5  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the report is about, its format, and where it goes."""
    parser.add_argument(
        "sources",
        metavar="IMAGE|DIR",
        nargs="+",
        type=named,
        help="images, archives or JSON of `analyze --json` (of several the first is the reference), or a project's folder: the newest matrix of each component",
    )
    parser.add_argument(
        "--format", choices=FORMAT_NAMES, help="the format; left out, the ending of --output tells it"
    )
    parser.add_argument(
        "--output", metavar="FILE", type=named, default="-", help="where it is written; - is standard output (the default)"
    )  # fmt: skip
    parser.add_argument(
        "--component",
        metavar="C",
        type=named,
        help="with DIR: this component's matrix alone; a+b for joined ones",
    )
    parser.add_argument(
        "--sections", metavar="S,S", type=_sections, help=f"only these sections: {', '.join(SECTIONS)}"
    )
    scans = parser.add_argument_group("known vulnerabilities")
    scans.add_argument(
        "--scan",
        nargs="?",
        const=AUTO,
        type=_scanner,
        metavar="SCANNER",
        help=f"add a scan of every image: {', '.join(_scanners())} (the default, whichever is there). A scan that was kept of these very layers is taken; `slimdesk scan` renews it",
    )
    scans.add_argument(
        "--network",
        action="store_true",
        help="let the scanner use the network; without it, it is kept off it",
    )
    worth = parser.add_argument_group("what it is worth")
    worth.add_argument(
        "--worth",
        action="store_true",
        help="add pull times, traffic and registry space; so does each of these numbers",
    )
    add_numbers(worth)
    parser.add_argument("--size", choices=SIZE_WORDS, help="the size that bars and factors are of")
    parser.add_argument("--title", metavar="TEXT", type=named, help="the report's title")
    parser.add_argument(
        "--platform", metavar="OS/ARCH", type=platform, help="which image of several platforms"
    )
    parser.add_argument("--ref", metavar="NAME", type=named, help="which image of several in one file")


def run(args: argparse.Namespace) -> int:
    """Make the report and write it."""
    if args.json and args.output == "-" and args.format not in (None, "json"):
        raise BadInput(f"--json and --format {args.format} are two answers", "", "Leave out one of them, or write to a file")  # fmt: skip
    name: FormatName = "json" if args.json and args.output == "-" else format_for(args.format, args.output)
    if FORMATS[name].binary and args.output == "-" and sys.stdout.isatty():
        raise BadInput("A PDF is nothing for a terminal", "", "Write it to a file: --output report.pdf")
    if FORMATS[name].one and len(args.sources) > 1:
        raise BadInput(
            f"{FORMATS[name].title} is of one image", f"{len(args.sources)} were named", "Name one"
        )
    _refuse_idle(args)
    report = _more(_report(args), args)
    if args.sections:
        report = with_sections(report, args.sections)
    if FORMATS[name].one and len(report.each[0].subjects) + len(report.parts) > 1:
        raise BadInput(
            f"{FORMATS[name].title} is of one image", "this is a project", "Name one of its images"
        )
    for note in report.notes if report.kind != "project" else ():
        warn(f"slimdesk report: {note}")
    if args.json and args.output == "-":
        print_json({**report_json(report), "written": None})
        return 0
    if args.output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(render(report, name))
        sys.stdout.buffer.flush()
        return 0
    path = Path(args.output)
    count = write_report(report, name, path)
    if args.json:
        print_json({**report_json(report), "written": {"path": str(path), "format": name, "bytes": count}})
    else:
        warn(f"slimdesk report: {visible(str(path))} is written, {format_bytes(count, ' ')}.")
    return 0


def _report(args: argparse.Namespace) -> Report:
    folder = project_folder(args.sources[0]) if len(args.sources) == 1 else None
    title = args.title or ""
    if folder is not None:
        return report_of_folder(folder, args.component, size=args.size, title=title)
    if args.component:
        raise BadInput("--component is for a project's folder", "images were named", "Leave it out")
    wanted = Wanted(platform=args.platform, ref=args.ref)
    reporter = TerminalReporter(patience=PATIENCE)
    return report_of_images(args.sources, wanted, reporter, size=args.size or "files", title=title)


def _refuse_idle(args: argparse.Namespace) -> None:
    """Refuse a section without what it is made of, and a switch without what it is about. Raises BadInput."""
    if args.network and args.scan is None:
        raise BadInput("--network is for the scanner", "nothing is to be scanned", "Add --scan")
    for section, given, todo in (
        ("vulnerabilities", args.scan, "--scan"),
        ("worth", _counts(args), "--worth"),
    ):
        if args.sections and section in args.sections and not given:
            raise BadInput(f"The section {section} would be empty", "", f"Add {todo}")


def _counts(args: argparse.Namespace) -> bool:
    return args.worth or any(one is not None for one in (args.bandwidth, args.nodes, args.versions))


def _more(report: Report, args: argparse.Namespace) -> Report:
    """Add what was asked for beside the figures."""
    if _counts(args):
        report = with_worth(report, numbers_of(args))
    if args.scan is None:
        return report
    import asyncio

    from slimdesk.operations.report_scans import scanned_report

    reporter = TerminalReporter(patience=PATIENCE)
    return asyncio.run(scanned_report(report, reporter, scanner=args.scan, network=args.network))


def _scanners() -> tuple[str, ...]:
    return (AUTO, *(one.name for one in scanners()))


def _scanner(word: str) -> str:
    if word not in _scanners():
        raise argparse.ArgumentTypeError(
            f"{word!r} is no scanner ({', '.join(_scanners())}); for the default write --scan behind the images, or --scan={AUTO}"
        )
    return word


def project_folder(source: str) -> Path | None:
    """Return the folder that a word means, if it is no OCI layout."""
    path = existing_path(source)
    if path is None or not path.is_dir():
        return None
    return None if any((path / name).is_file() for name in ("oci-layout", "index.json")) else path


def _sections(text: str) -> tuple[Section, ...]:
    asked = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in asked if word not in SECTIONS]
    if unknown or not asked:
        raise argparse.ArgumentTypeError(f"{text!r} names no sections; they are {', '.join(SECTIONS)}")
    return tuple(section for section in SECTIONS if section in asked)
