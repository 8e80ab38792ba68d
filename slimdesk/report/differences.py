"""What became of the reference in another image, as blocks."""

from __future__ import annotations

from collections.abc import Iterator

import slimdesk.image.compare_text as said
from slimdesk.basics.units import UNKNOWN, format_change, format_factor
from slimdesk.image.compare import Pair, SizeWord, size_of
from slimdesk.image.difference_model import Change
from slimdesk.image.reasons import PARTS, TITLES
from slimdesk.report.cells import size_cell
from slimdesk.report.document import Block, Cell, Column, Heading, Paragraph, Table, Words, theirs, words

MOST_FILES = 300
MOST_ROWS = 200
_CHANGES = (Change.REMOVED, Change.ADDED, Change.CHANGED, Change.MOVED, Change.MAYBE)


def difference_blocks(pair: Pair, size: SizeWord) -> Iterator[Block]:
    """Return the blocks of one pair: sizes, what the bytes were for, packages, settings, files; the heaviest first."""
    before, after = (size_of(side.image.sizes, size) for side in (pair.before, pair.after))
    yield Heading(words(theirs(pair.before.name, 120), " → ", theirs(pair.after.name, 120)), 3)
    yield Paragraph(words(f"{format_factor(after, before)} ({format_change(after, before)}, {size})."))
    if pair.files_known:
        yield Paragraph(words(f"{said.counts(pair)}."))
        yield from _reasons(pair)
    else:
        yield Paragraph(
            words("Which files differ is not known: one of the analyses does not hold them."), "muted"
        )
    yield from _packages(pair)
    yield from _settings(pair)
    if pair.files_known:
        yield from _files(pair)


def _reasons(pair: Pair) -> Iterator[Block]:
    changed = [one for one in pair.by_reason if one.before != one.after]
    if not changed:
        return
    columns = (
        Column(words("What it is for")), Column(words("Part")), Column(words("Before"), numeric=True),
        Column(words("After"), numeric=True), Column(words("Difference"), numeric=True),
    )  # fmt: skip
    yield Table(
        columns,
        tuple(
            (
                Cell(words(TITLES[one.reason])), Cell(words(PARTS[one.part])), size_cell(one.before), size_cell(one.after),
                _signed(one.after - one.before),
            )
            for one in changed
        ),
    )  # fmt: skip


def _packages(pair: Pair) -> Iterator[Block]:
    if not pair.packages:
        return
    columns = (
        Column(words("Package")), Column(words("Change")), Column(words("Version before")),
        Column(words("Version after")), Column(words("Difference"), numeric=True),
    )  # fmt: skip
    rows = [
        (
            Cell(words(theirs(one.name, 120))), Cell(words(one.change)), Cell(_known(one.version_before)),
            Cell(_known(one.version_after)), _signed(one.grown),
        )
        for one in pair.packages[:MOST_ROWS]
    ]  # fmt: skip
    yield Table(columns, tuple(rows), len(pair.packages) - len(rows))


def _settings(pair: Pair) -> Iterator[Block]:
    if not pair.config:
        return
    columns = (Column(words("Setting")), Column(words("Before")), Column(words("After")))
    rows = []
    for one in pair.config[:MOST_ROWS]:
        name = one.field.replace("_", " ")
        rows.append(
            (
                Cell(words(name, " ", theirs(one.key, 80)) if one.key else words(name)),
                Cell(_known(one.before)),
                Cell(_known(one.after)),
            )
        )
    yield Table(columns, tuple(rows), len(pair.config) - len(rows))


def _files(pair: Pair) -> Iterator[Block]:
    import numpy as np

    files = pair.files
    delta = np.abs(files.after_size - files.before_size)
    wanted = np.concatenate([files.rows(change) for change in _CHANGES])
    if not len(wanted):
        return
    ranked = wanted[np.argsort(-delta[wanted], kind="stable")][:MOST_FILES]
    columns = (
        Column(words("Path")), Column(words("Change")), Column(words("Before"), numeric=True),
        Column(words("After"), numeric=True), Column(words("Package")),
    )  # fmt: skip
    rows = []
    for row in map(int, ranked):
        change = Change(int(files.change[row]))
        partner = int(files.partner[row])
        before = int(files.before_size[partner if partner >= 0 else row])
        name = words(theirs(files.path(row), 240))
        if partner >= 0:
            name = words(theirs(files.path(partner), 240), " → ", *name)
        rows.append(
            (
                Cell(name),
                Cell(words("not compared" if change is Change.MAYBE else change.name.lower())),
                size_cell(None if change is Change.ADDED else before),
                size_cell(None if change is Change.REMOVED else int(files.after_size[row])),
                Cell(words(theirs(files.package(row), 80))),
            )
        )
    yield Table(columns, tuple(rows), len(wanted) - len(rows))


def _signed(count: int) -> Cell:
    return Cell(words(said.signed(count)), float(count))


def _known(text: str | None) -> Words:
    return words(UNKNOWN) if text is None else words(theirs(text)) if text else words("(empty)")
