"""`slimdesk compare A B [C …]`: what differs between images, and how far one may have grown."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from slimdesk.basics.errors import BadInput
from slimdesk.basics.units import UNKNOWN, format_bytes, format_change, format_factor, parse_size
from slimdesk.cli.output import TerminalReporter, print_json, say, warn
from slimdesk.cli.words import named, platform
from slimdesk.image.compare import (
    SIZE_WORDS,
    Growth,
    Limit,
    Pair,
    Side,
    SizeWord,
    figures,
    grown_packages,
    grown_paths,
    growth,
    size_of,
)
from slimdesk.image.compare_text import comparison_csv, counts, figure_words, markdown, sentence, signed
from slimdesk.image.read import Wanted
from slimdesk.image.reasons import TITLES
from slimdesk.operations.compare import pairs_of, sides_here

PATIENCE = 0.5  # seconds
_DEFAULT: SizeWord = "files"
_ROWS = 8
_COLUMN = 16
_MOST_PERCENT = 1e6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the images, the limits of growth and the format."""
    parser.add_argument(
        "images",
        metavar="IMAGE",
        nargs="+",
        type=named,
        help="two to six: archives, OCI layouts, engine images, or JSON that `analyze --json` wrote; the first is the reference",
    )
    parser.add_argument(
        "--contents",
        action="store_true",
        help="read the files that may have changed or moved, to know which did",
    )
    parser.add_argument(
        "--fast", action="store_true", help="read headers only: no packages, no download size"
    )
    parser.add_argument(
        "--platform", metavar="OS/ARCH", type=platform, help="which image of several platforms"
    )
    parser.add_argument("--ref", metavar="NAME", type=named, help="which image of several in one file")
    parser.add_argument(
        "--format", choices=("text", "md", "csv"), default="text", help="words, Markdown for a pull request, or CSV"
    )  # fmt: skip
    gates = parser.add_argument_group("gates (exit 1 if an image grew by more)")
    gates.add_argument(
        "--max-growth", metavar="LIMIT", type=_Limited(_DEFAULT), help=f"the {_DEFAULT} size: 2%% or 5MB"
    )
    for word in SIZE_WORDS:
        gates.add_argument(
            f"--max-growth-{word}", metavar="LIMIT", type=_Limited(word), help=f"the {word} size: 2%% or 5MB"
        )


def run(args: argparse.Namespace) -> int:
    """Read the images, print what differs, and return 1 if one grew by more than it may."""
    limits = _limits(args)
    if args.json and args.format != "text":
        raise BadInput(f"--json and --format {args.format} are two answers", "", "Leave out one of them")
    if args.fast and any(limit.size == "download" for _, limit in limits):
        raise BadInput(
            "--max-growth-download cannot be checked with --fast", "nothing is measured then", "Leave out --fast"
        )  # fmt: skip
    wanted = Wanted(fast=args.fast, platform=args.platform, ref=args.ref)
    sides = sides_here(args.images, wanted, TerminalReporter(patience=PATIENCE))
    pairs = pairs_of(sides)
    if args.contents:
        from slimdesk.operations.compare_contents import with_contents_here

        pairs = [with_contents_here(pair, TerminalReporter(patience=PATIENCE)) for pair in pairs]
    growths = [growth(pair, limits) for pair in pairs]
    _warn_of(sides)
    if args.json:
        from slimdesk.image.compare_json import comparison_json

        print_json(comparison_json(sides, pairs, growths))
    elif args.format == "md":
        _print_whole(markdown(sides, pairs, growths))
    elif args.format == "csv":
        _print_whole(comparison_csv(pairs))
    else:
        _print_words(sides, pairs, growths)
    failed = [
        (pair, one) for pair, some in zip(pairs, growths, strict=True) for one in some if not one.passed
    ]
    for pair, one in failed:
        warn(f"slimdesk compare: {sentence(one, pair)}.")
        _warn_of_growth(pair)
    return 1 if failed else 0


def _limits(args: argparse.Namespace) -> list[tuple[str, Limit]]:
    rules = ["max-growth", *(f"max-growth-{word}" for word in SIZE_WORDS)]
    stated = [(rule, getattr(args, rule.replace("-", "_"))) for rule in rules]
    return [(rule, limit) for rule, limit in stated if limit is not None]


class _Limited:
    """Reads 2% or 5MB, as argparse's `type`."""

    def __init__(self, word: SizeWord) -> None:
        self._word = word

    def __call__(self, text: str) -> Limit:
        stripped = text.strip()
        try:
            if not stripped.endswith("%"):
                return Limit(self._word, bytes=parse_size(stripped))
            percent = float(stripped[:-1])
        except ValueError:
            percent = -1.0
        if not 0 <= percent < _MOST_PERCENT:
            raise argparse.ArgumentTypeError(f"{text!r} is neither a share such as 2% nor a size such as 5MB")
        return Limit(self._word, ratio=percent / 100)


def _warn_of(sides: Sequence[Side]) -> None:
    for side in sides:
        missing = [
            word
            for word, known in (
                ("files", side.files_known),
                ("packages", side.packages is not None),
                ("configuration", side.config_known),
            )
            if not known
        ]
        if missing:
            warn(
                f"slimdesk compare: {side.name}: its {' and '.join(missing)} are not known, and so not compared."
            )
        for warning in side.image.warnings:
            warn(f"slimdesk compare: {side.name}: {warning}")
    platforms = {side.image.platform for side in sides if side.image.platform}
    if len(platforms) > 1:
        warn(f"slimdesk compare: The images are of different platforms: {', '.join(sorted(platforms))}.")


def _warn_of_growth(pair: Pair) -> None:
    if not pair.files_known:
        warn("  Which paths grew is not known: write the analysis with `slimdesk analyze --json --files`.")
    for path, before, after in grown_paths(pair):
        warn(f"  {signed(after - before).replace(chr(0x2009), ' '):>10}  {path}")
    for change in grown_packages(pair):
        version = f" {change.version_after}" if change.version_after else ""
        warn(f"  {signed(change.grown).replace(chr(0x2009), ' '):>10}  package {change.name}{version}")


def _print_whole(text: str) -> None:
    print(text, end="")


def _print_words(sides: Sequence[Side], pairs: Sequence[Pair], growths: Sequence[Sequence[Growth]]) -> None:
    letters = [chr(ord("A") + number) for number in range(len(sides))]
    for letter, side in zip(letters, sides, strict=True):
        system = f", {side.image.platform}" if side.image.platform else ""
        say(f"{letter}  {side.name}  ({side.image.source}{system})")
    say()
    say(f"  {'':<26}" + "".join(f"{letter:>{_COLUMN}}" for letter in letters))
    for row in figures(sides):
        if all(value is None for value in row.values):
            continue
        words = [figure_words(row, value).replace("\u2009", " ") for value in row.values]
        say(f"  {row.title:<26}" + "".join(f"{_cut(word):>{_COLUMN}}" for word in words))
    for letter, pair, some in zip(letters[1:], pairs, growths, strict=True):
        say()
        before, after = (size_of(side.image.sizes, _DEFAULT) for side in (pair.before, pair.after))
        factor = "as large" if after == before else format_factor(after, before)
        share = format_change(after, before).replace("\u2009", " ")
        say(f"A → {letter}: {factor} ({share}), {_DEFAULT}")
        _print_pair(pair)
        for one in some:
            say(f"  {'passed' if one.passed else 'FAILED'}  --{one.rule}: {_value(one)}")


def _print_pair(pair: Pair) -> None:
    if not pair.files_known:
        say("  Which files differ is not known: one of the analyses does not hold them.")
    else:
        say(f"  {counts(pair)}".replace("\u2009", " "))
        changed = [one for one in pair.by_reason if one.before != one.after]
        for one in changed[:_ROWS]:
            say(f"  {signed(one.after - one.before).replace(chr(0x2009), ' '):>10}  {TITLES[one.reason]}")
        if len(changed) > _ROWS:
            rest = sum(one.after - one.before for one in changed[_ROWS:])
            say(f"  {signed(rest).replace(chr(0x2009), ' '):>10}  all else")
    if pair.packages:
        by = {word: sum(1 for one in pair.packages if one.change == word) for word in ("removed", "added", "changed")}  # fmt: skip
        say("  Packages: " + ", ".join(f"{count} {word}" for word, count in by.items() if count))
    for setting in pair.config[:_ROWS]:
        name = setting.field.replace("_", " ") + (f" {setting.key}" if setting.key else "")
        say(f"  {name}: {_setting(setting.before)} → {_setting(setting.after)}")
    if len(pair.config) > _ROWS:
        say(f"  and {len(pair.config) - _ROWS} more settings")


def _setting(value: str | None) -> str:
    return "not set" if value is None else value if len(value) <= 80 else f"{value[:79]}…"


def _value(one: Growth) -> str:
    if one.value is None:
        return "not known"
    if one.limit.ratio is not None:
        return format_change(one.after, one.before).replace("\u2009", " ") if one.before else UNKNOWN
    return format_bytes(one.value, " ")


def _cut(word: str) -> str:
    return word if len(word) < _COLUMN else f"{word[: _COLUMN - 2]}…"
