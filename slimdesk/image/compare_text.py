"""A comparison as Markdown for a pull request, and as CSV. Nothing that an image says can become markup or a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import (
    UNKNOWN,
    format_bytes,
    format_change,
    format_factor,
    format_percent,
    format_seconds,
    plural,
)
from slimdesk.image.compare import (
    FigureRow,
    Growth,
    Pair,
    Side,
    SizeWord,
    figures,
    grown_packages,
    grown_paths,
    size_of,
)
from slimdesk.image.difference_model import Change
from slimdesk.image.reasons import TITLES

_MOST_ROWS = 10
_LONGEST = 160
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def code(text: str) -> str:
    """Return a code span that ends where we end it, also in a table: no mention, link or tag comes alive in it."""
    safe = visible(text, _LONGEST)
    longest = max((len(run) for run in re.findall("`+", safe)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if safe.startswith("`") or safe.endswith("`") or not safe.strip() else ""
    return f"{fence}{pad}{safe}{pad}{fence}".replace("|", "\\|")


def figure_words(row: FigureRow, value: float | str | None) -> str:
    """Return a value of the table of figures for people."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return visible(value, _LONGEST)
    if row.unit == "bytes":
        return format_bytes(value)
    if row.unit == "seconds":
        return format_seconds(value)
    return f"{value:.3f}" if row.unit == "ratio" else f"{value:.0f}"


def sentence(growth: Growth, pair: Pair, *, marked: bool = False) -> str:
    """Say in words how far a size grew, and whether it may; `marked`: as Markdown."""
    before, after = growth.before, growth.after
    if growth.value is None and before == 0 and after is not None:
        return (
            f"The {growth.limit.size} size grew from nothing to {format_bytes(after)}, which is no share of it: "
            f"give --{growth.rule} a size such as 5MB"
        )
    if growth.value is None:
        return f"The {growth.limit.size} size of one of the images is not known, so --{growth.rule} could not be checked"
    after_name, before_name = (
        code(side.name) if marked else visible(side.name, 80) for side in (pair.after, pair.before)
    )
    most = (
        format_bytes(growth.limit.bytes) if growth.limit.ratio is None else format_percent(growth.limit.ratio)
    )
    change = signed((after or 0) - (before or 0))
    share = f", {format_change(after, before)}" if before else ""
    verdict = "within" if growth.passed else "more than"
    return (
        f"{after_name} against {before_name}: {growth.limit.size} {format_bytes(before)} → {format_bytes(after)} "
        f"({change}{share}), {verdict} the {most} allowed"
    )


def markdown(
    sides: Sequence[Side],
    pairs: Sequence[Pair],
    growths: Sequence[Sequence[Growth]],
    size: SizeWord = "files",
) -> str:
    """Return the comparison for a pull request; a single line where limits were set and all of them were kept."""
    asked = [one for some in growths for one in some]
    if asked and all(one.passed for one in asked):
        lines = [
            sentence(one, pair, marked=True)
            for pair, some in zip(pairs, growths, strict=True)
            for one in some
        ]
        return "; ".join(lines) + ".\n"
    return "\n".join(_whole(sides, pairs, growths, size)) + "\n"


def _whole(
    sides: Sequence[Side], pairs: Sequence[Pair], growths: Sequence[Sequence[Growth]], size: SizeWord
) -> Iterator[str]:
    first = sides[0]
    yield f"### Image comparison against {code(first.name)}"
    yield ""
    yield f"| | {' | '.join(code(side.name) for side in sides)} |"
    yield f"|---|{'---:|' * len(sides)}"
    for row in figures(sides):
        if all(value is None for value in row.values):
            continue
        yield f"| {row.title} | {' | '.join(_cell(row, value) for value in row.values)} |"
    for pair, some in zip(pairs, growths, strict=True):
        yield ""
        yield f"#### {code(pair.before.name)} → {code(pair.after.name)}"
        yield ""
        before, after = (size_of(side.image.sizes, size) for side in (pair.before, pair.after))
        factor = "As large" if after == before else format_factor(after, before)
        yield f"{factor} ({format_change(after, before)}, {size})."
        for one in some:
            yield f"- {'✅' if one.passed else '❌'} {sentence(one, pair, marked=True)}"
        yield ""
        yield from _pair(pair, failed=any(not one.passed for one in some))


def _cell(row: FigureRow, value: float | str | None) -> str:
    words = figure_words(row, value)
    return code(words) if isinstance(value, str) else words


def _pair(pair: Pair, *, failed: bool) -> Iterator[str]:
    paths, packages = grown_paths(pair), grown_packages(pair)
    if failed and paths:
        yield "Paths that grew most:"
        yield ""
        for path, before, after in paths:
            yield f"- {code(path)} +{format_bytes(after - before)}"
        yield ""
    if failed and packages:
        yield "Packages that grew most:"
        yield ""
        for change in packages:
            version = code(change.version_after or UNKNOWN)
            yield f"- {code(change.name)} {version} +{format_bytes(change.grown)}"
        yield ""
    if not pair.files_known:
        yield "Which files differ is not known: one of the analyses does not hold them."
        yield ""
    else:
        gone = [change for change in pair.by_reason if change.before != change.after][:_MOST_ROWS]
        if gone:
            yield "| What it is for | before | after | difference |"
            yield "|---|---:|---:|---:|"
            for one in gone:
                yield (
                    f"| {TITLES[one.reason]} | {format_bytes(one.before)} | {format_bytes(one.after)} "
                    f"| {signed(one.after - one.before)} |"
                )
            yield ""
        yield f"{counts(pair)}."
        yield ""
    if pair.config:
        yield "| Setting | before | after |"
        yield "|---|---|---|"
        for setting in pair.config[:_MOST_ROWS]:
            name = setting.field.replace("_", " ") + (f" {setting.key}" if setting.key else "")
            yield f"| {code(name)} | {_setting(setting.before)} | {_setting(setting.after)} |"
        if len(pair.config) > _MOST_ROWS:
            yield f"| and {len(pair.config) - _MOST_ROWS} more | | |"
        yield ""


def _setting(value: str | None) -> str:
    return UNKNOWN if value is None else code(value) if value else "(empty)"


def counts(pair: Pair) -> str:
    """Return in a line how many files were removed, added, changed and moved."""
    files = pair.files
    words = [
        f"{plural(files.count(change), 'file')} {word}"
        for change, word in (
            (Change.REMOVED, "removed"),
            (Change.ADDED, "added"),
            (Change.CHANGED, "changed"),
            (Change.MOVED, "moved"),
        )
        if files.count(change)
    ]
    maybe = files.count(Change.MAYBE)
    if maybe:
        words.append(
            f"{plural(maybe, 'file')} of the same size and another time, whose contents were not compared"
        )
    return ", ".join(words) or "No file differs"


def signed(count: int) -> str:
    """Return bytes with + or −."""
    return f"+{format_bytes(count)}" if count > 0 else format_bytes(count)


def comparison_csv(pairs: Sequence[Pair]) -> str:
    """Return all files and packages that differ, one per line; the first line names the columns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ("before", "after", "change", "path", "path_before", "size_before", "size_after", "package")
    )
    for pair in pairs:
        names = (cell(pair.before.name), cell(pair.after.name))
        if pair.files_known:
            for line in _file_lines(pair):
                writer.writerow((*names, *line))
        for change in pair.packages:
            word = f"package {change.change}"
            sizes = (_number(change.size_before), _number(change.size_after))
            versions = f"{change.version_before or ''} → {change.version_after or ''}"
            writer.writerow((*names, word, cell(versions), "", *sizes, cell(change.name)))
    return out.getvalue()


def _file_lines(pair: Pair) -> Iterator[tuple[str, ...]]:
    files = pair.files
    for change in (Change.REMOVED, Change.ADDED, Change.CHANGED, Change.MOVED, Change.MAYBE):
        for row in map(int, files.rows(change)):
            partner = int(files.partner[row])
            old = cell(files.path(partner)) if partner >= 0 else ""
            before = int(files.before_size[partner if partner >= 0 else row])
            word = "not compared" if change is Change.MAYBE else change.name.lower()
            yield (
                word, cell(files.path(row)), old,
                "" if change is Change.ADDED else str(before),
                "" if change is Change.REMOVED else str(int(files.after_size[row])),
                cell(files.package(row)),
            )  # fmt: skip


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def cell(text: str) -> str:
    """Return text that a spreadsheet takes for text, never for a formula."""
    safe = visible(text)
    return f"'{safe}" if safe.startswith(_FORMULA) else safe
