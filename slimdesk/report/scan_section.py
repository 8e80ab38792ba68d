"""The section on known vulnerabilities: counts with what they are about, then the faults of each image."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.units import UNKNOWN
from slimdesk.report.cells import name_of
from slimdesk.report.document import Block, Cell, Column, Heading, Paragraph, Table, Tone, theirs, words
from slimdesk.report.model import Report, Subject
from slimdesk.scan.model import SEVERITIES, Scan, Severity, difference
from slimdesk.scan.scanned import Scanned, ranked

MOST_FAULTS = 400
_TONES: dict[Severity, Tone] = {"critical": "bad", "high": "bad", "medium": "warn"}


def scan_blocks(report: Report) -> Iterator[Block]:
    """Yield the section; nothing where no scanner was asked."""
    subjects = [one for one in report.subjects if one.sizes is not None]
    if not any(one.scan is not None for one in subjects):
        return
    answers = [(one, one.scan, one.scan.scan) for one in subjects if one.scan and one.scan.scan]
    order = ranked([one.scan for one in subjects])
    makers = {scan.made_by for _, _, scan in answers}
    yield _counts(subjects, in_order=order, makers=len(makers) > 1)
    if len(makers) == 1:
        newest = max((found for _, found, _ in answers), key=lambda one: f"{one.made or ''}")
        yield Paragraph(words("Asked: ", theirs(_asked(newest), 160), "."), "muted")
    if not order and len(answers) > 1:
        yield Paragraph(
            words("These counts put the images in no order: they were not seen to the same extent, or not by one scanner and database."),
            "muted",
        )  # fmt: skip
    reference = report.reference.scan.scan if report.reference.scan is not None else None
    for subject, _, scan in answers:
        told: list[Block] = []
        if subject is not report.reference and reference is not None and reference.scanner == scan.scanner:
            told.append(_against(reference, scan, report.reference))
        if scan.vulnerabilities:
            told.append(_faults(scan, subject))
        if told and len(subjects) > 1:
            yield Heading(name_of(subject), 3)
        yield from told


def _counts(subjects: list[Subject], *, in_order: bool, makers: bool) -> Table:
    columns = (
        Column(words("Image")), Column(words("Found"), help="known faults of packages, each fault of a package once"),
        *(Column(words(word.capitalize()), numeric=True) for word in SEVERITIES[:4]),
        Column(words("Other"), numeric=True, help="negligible, or of no known severity"),
        Column(words("Mended"), numeric=True, help="faults that a newer version of the package mends"),
        Column(words("What was seen"), help="the share of the image that belongs to packages which the scanner can name"),
        *((Column(words("Scanner")),) if makers else ()),
    )  # fmt: skip
    return Table(columns, tuple(_count_row(one, in_order=in_order, makers=makers) for one in subjects))


def _count_row(subject: Subject, *, in_order: bool, makers: bool) -> tuple[Cell, ...]:
    found = subject.scan
    scan = found.scan if found is not None else None
    if found is None or scan is None:
        none = Cell(words(UNKNOWN), tone="muted")
        why = found.words if found is not None else "not scanned"
        return (
            Cell(name_of(subject)),
            Cell(words(theirs(why, 240)), tone="muted"),
            *[none] * (8 if makers else 7),
        )

    def number(count: int, text: str = "") -> Cell:
        # Where counts mean different things a click on the head must not rank them.
        return Cell(words(text or str(count)), float(count) if in_order else 0.0)

    counts = scan.counts
    # The count does not stand alone where the scanner sees a part of the image.
    all_ = number(len(scan.vulnerabilities), found.words)
    return (
        Cell(name_of(subject)), all_, *(number(counts[word]) for word in SEVERITIES[:4]),
        number(sum(counts[word] for word in SEVERITIES[4:])), number(scan.fixable), Cell(words(_seen(found))),
        *((Cell(words(theirs(_asked(found), 160))),) if makers else ()),
    )  # fmt: skip


def _seen(found: Scanned) -> str:
    if found.coverage is None:
        return "coverage not known"
    return ", ".join(part for part in (found.coverage.share_words, found.coverage.parts_words) if part)


def _asked(found: Scanned) -> str:
    by = found.scan.made_by if found.scan is not None else ""
    return by + (f", {found.made:%Y-%m-%d %H:%M} UTC" if found.made is not None else "")


def _against(before: Scan, after: Scan, reference: Subject) -> Paragraph:
    changed = difference(before, after)
    told = f": {len(changed.added)} new, {len(changed.removed)} gone, {changed.kept} in both."
    return Paragraph(words("Against ", theirs(reference.name, 120), told))


def _faults(scan: Scan, subject: Subject) -> Table:
    layers = (
        {}
        if subject.side is None
        else {one.diff_id: one.index for one in reversed(subject.side.image.layers)}
    )
    columns = (
        Column(words("Severity")), Column(words("Fault")), Column(words("Package")), Column(words("Version")),
        Column(words("Mended in")), *((Column(words("Layer"), numeric=True),) if layers else ()), Column(words("Where")),
        Column(words("What it is")),
    )  # fmt: skip
    rows = []
    for one in scan.vulnerabilities[:MOST_FAULTS]:
        layer = layers.get(one.layer)
        where = f"{one.path or ''}{f' and {one.places - 1} more' if one.places > 1 else ''}"
        rows.append(
            (
                Cell(words(one.severity), SEVERITIES.index(one.severity), _TONES.get(one.severity, "plain")),
                Cell(words(theirs(one.id, 80))), Cell(words(theirs(one.package, 120))), Cell(words(theirs(one.version, 80))),
                Cell(words(theirs(one.fixed, 120)) if one.fixed else words("not yet"), tone="plain" if one.fixed else "muted"),
                *((Cell(words(UNKNOWN if layer is None else str(layer)), layer),) if layers else ()),
                Cell(words(theirs(where, 160)) if where else words("")), Cell(words(theirs(one.title, 240)) if one.title else words("")),
            )
        )  # fmt: skip
    return Table(columns, tuple(rows), len(scan.vulnerabilities) - len(rows))
