"""The sections of a report, as blocks. Everything that is a number was measured; what was not says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from slimdesk import __version__
from slimdesk.basics.units import (
    UNKNOWN,
    format_bytes,
    format_change,
    format_factor,
    format_seconds,
    plural,
)
from slimdesk.image.compare import FigureRow, Side
from slimdesk.image.reasons import PARTS
from slimdesk.report.cells import name_of, seconds_cell, size_cell
from slimdesk.report.differences import difference_blocks
from slimdesk.report.document import (
    Bar,
    Bars,
    Block,
    Cell,
    Column,
    Heading,
    Paragraph,
    Table,
    Tone,
    Words,
    ours,
    theirs,
    words,
)
from slimdesk.report.model import SECTION_TITLES, SECTIONS, Proof, Report, Section, Subject
from slimdesk.report.scan_section import scan_blocks
from slimdesk.report.worth_section import worth_blocks

MOST_PACKAGES = 400
MOST_FINDINGS = 400
_VERDICTS: dict[str, tuple[str, Tone]] = {
    "runs": ("runs", "good"),
    "fails": ("fails", "bad"),
    "not-proven": ("not proven", "warn"),
}
_SEVERITY: dict[str, tuple[int, Tone]] = {"error": (0, "bad"), "warning": (1, "warn"), "info": (2, "muted")}
SIZE_MEANS = {
    "download": "compressed layers, as a registry sends them",
    "unpacked": "uncompressed layers",
    "files": "all files of all layers",
    "live": "what a container sees",
}


def document(report: Report) -> tuple[Block, ...]:
    """Return the whole report, its title first."""
    return tuple(_blocks(report))


def _blocks(report: Report) -> Iterator[Block]:
    yield Heading(words(theirs(report.title, 200)), 1)
    about = [ours(f"{report.made:%Y-%m-%d %H:%M} UTC, SlimDesk {__version__}")]
    if report.project:
        about = [ours("Project "), theirs(report.project), ours(". "), *about]
    yield Paragraph((*about, ours(".")), "muted")
    if not report.parts:
        yield from _sections(report, report.sections, 2)
        return
    if "summary" in report.sections:
        yield Heading(words("Components"), 2)
        yield _components(report)
    inner = [section for section in report.sections if section != "method"]
    for part in report.parts:
        yield Heading(words(theirs(part.component or part.title, 120)), 2)
        yield from _sections(part, inner, 3)
    if "method" in report.sections:
        yield Heading(words(SECTION_TITLES["method"]), 2)
        yield from _method(report)


def _sections(report: Report, wanted: Sequence[Section], level: int) -> Iterator[Block]:
    for section in SECTIONS:
        if section not in wanted or section not in report.sections:
            continue
        blocks = list(_MAKERS[section](report))
        if blocks:
            yield Heading(words(SECTION_TITLES[section]), level)
            for block in blocks:
                lower = isinstance(block, Heading) and level == 3
                yield Heading(block.words, 4) if lower and isinstance(block, Heading) else block


def _components(report: Report) -> Table:
    """What to take of each component, as a table."""
    columns = (
        Column(words("Component")), Column(words("Take")), Column(words(report.size.capitalize()), numeric=True),
        Column(words("Against")), Column(words("Its size"), numeric=True), Column(words("Factor"), numeric=True),
        Column(words("Still runs")),
    )  # fmt: skip
    rows = []
    for part in report.parts:
        taken, whole = best(part), part.size_of(part.reference)
        size = None if taken is None else part.size_of(taken)
        rows.append(
            (
                Cell(words(theirs(part.component or part.title, 120))),
                Cell(words(UNKNOWN) if taken is None else name_of(taken)),
                size_cell(size),
                Cell(name_of(part.reference)),
                size_cell(whole),
                Cell(words(format_factor(size, whole)), size / whole if size and whole else None),
                verdict_cell(taken.proof if taken else None),
            )
        )
    return Table(columns, tuple(rows))


# Summary


def _summary(report: Report) -> Iterator[Block]:
    if report.kind == "image":
        yield from _image_summary(report, report.reference)
        return
    taken = best(report)
    if taken is not None:
        yield Paragraph(_verdict(report, taken), "good" if _runs(taken) else "plain")
    yield _overview(report)
    for subject in report.subjects:
        if subject.error:
            yield Paragraph(words(theirs(subject.name, 120), " has no image: ", theirs(subject.error)), "bad")
        if subject.older:
            changed = theirs(", ".join(subject.older))
            yield Paragraph(words(theirs(subject.name, 120), " is older than the project; changed since: ", changed), "warn")  # fmt: skip


def _image_summary(report: Report, subject: Subject) -> Iterator[Block]:
    size = report.size_of(subject)
    said = words(theirs(subject.name), f" is {format_bytes(size)} ({report.size}: {SIZE_MEANS[report.size]})")
    yield Paragraph((*said, *_proof_words(subject.proof), ours(".")))
    rows = [("Image", subject.image), ("ID", subject.image_id), ("Platform", subject.platform)]
    yield Table(
        (Column(words("What")), Column(words("Value"))),
        tuple((Cell(words(title)), Cell(words(theirs(value)))) for title, value in rows if value),
    )


def best(report: Report) -> Subject | None:
    """Return what to take: the first in rank, else the smallest that runs, else the smallest; never one that fails or is older."""
    found = [one for one in report.subjects[1:] if report.size_of(one) is not None and not one.older]
    usable = [one for one in found if one.proof is None or one.proof.verdict == "runs"]
    proven = [one for one in usable if _runs(one)]
    ranked = sorted((one for one in proven if one.place is not None), key=lambda one: one.place or 0)
    return (
        ranked[0] if ranked else min(proven or usable, key=lambda one: report.size_of(one) or 0, default=None)
    )


def _runs(subject: Subject) -> bool:
    return subject.proof is not None and subject.proof.verdict == "runs"


def _verdict(report: Report, taken: Subject) -> Words:
    size, whole = report.size_of(taken), report.size_of(report.reference)
    said = words(theirs(taken.name, 120), f": {format_bytes(size)}, ")
    if whole:
        against = words(
            f"{format_factor(size, whole)}{' than ' if size != whole else ' the size of '}",
            theirs(report.reference.name, 120),
            f" with {format_bytes(whole)} ({format_change(size, whole)}, {report.size})",
        )
        said = (*said, *against)
    else:
        said = (*said, ours(report.size))
    first = words("; first by what was weighed") if taken.place == 1 else ()
    return (*said, *_proof_words(taken.proof), *first, ours("."))


def _proof_words(proof: Proof | None) -> Words:
    if proof is None:
        return words("; it was not started")
    verdict = {
        "runs": "; it runs",
        "fails": "; it does not run",
        "not-proven": "; that it runs is not proven",
    }
    return words(verdict[proof.verdict])


def _overview(report: Report) -> Table:
    whole = report.size_of(report.reference)
    notes = any(subject.note for subject in report.subjects)
    answered = any(subject.proof and subject.proof.first_answer is not None for subject in report.subjects)
    timed = any(subject.build_seconds is not None for subject in report.subjects)
    columns = (
        Column(words("Image")),
        *((Column(words("Base")),) if notes else ()),
        Column(words(report.size.capitalize()), numeric=True, help=SIZE_MEANS[report.size]),
        Column(words("Against ", name_of(report.reference)[0]), numeric=True),
        Column(words("Still runs")),
        *((Column(words("First answer"), numeric=True),) if answered else ()),
        *((Column(words("Build"), numeric=True),) if timed else ()),
    )
    rows = []
    for subject in report.subjects:
        size = report.size_of(subject)
        proof = subject.proof
        reference = subject is report.reference
        factor = "reference" if reference else format_factor(size, whole)
        star = words(" ★ recommended") if subject.recommended else ()
        rows.append(
            (
                Cell((*name_of(subject), *star)),
                *((Cell(words(theirs(subject.note or UNKNOWN, 120)), tone="muted"),) if notes else ()),
                size_cell(size),
                Cell(words(factor), size / whole if size and whole else None),
                verdict_cell(proof),
                *((seconds_cell(proof.first_answer if proof else None),) if answered else ()),
                *((seconds_cell(subject.build_seconds),) if timed else ()),
            )
        )  # fmt: skip
    return Table(columns, tuple(rows))


def verdict_cell(proof: Proof | None) -> Cell:
    """Return a cell that says whether it runs."""
    if proof is None:
        return Cell(words("not started"), tone="muted")
    text, tone = _VERDICTS[proof.verdict]
    return Cell(words(text), tone=tone)


# Sizes and figures


def _chart(report: Report) -> Iterator[Block]:
    whole = report.size_of(report.reference)
    bars = []
    for subject in report.subjects:
        size = report.size_of(subject)
        note = "" if subject is report.reference or not size or not whole else format_factor(size, whole)
        bars.append(Bar(name_of(subject), None if size is None else (size,), format_bytes(size), note))
    if any(bar.parts for bar in bars):
        yield Bars(f"{report.size.capitalize()}: {SIZE_MEANS[report.size]}", tuple(bars))


def _figures(report: Report) -> Iterator[Block]:
    shown = [row for row in report.figures if any(value is not None for value in row.values)]
    if not shown:
        return
    columns = (
        Column(words("Figure")),
        *(Column(name_of(subject), numeric=True) for subject in report.subjects),
    )
    yield Table(
        columns,
        tuple((Cell(words(row.title)), *(_figure(row, value) for value in row.values)) for row in shown),
    )


def _figure(row: FigureRow, value: float | str | None) -> Cell:
    if value is None:
        return Cell(words(UNKNOWN), tone="muted")
    if isinstance(value, str):
        return Cell(words(theirs(value, 120)))
    if row.unit == "bytes":
        told = format_bytes(value)
    elif row.unit == "seconds":
        told = format_seconds(value)
    else:
        told = f"{value:.3f}" if row.unit == "ratio" else f"{value:.0f}"
    return Cell(words(told), float(value))


def _parts(report: Report) -> Iterator[Block]:
    bars = []
    for subject in report.subjects:
        side = subject.side
        parts = side.by_part if side is not None and side.files_known else None
        sizes = tuple(parts[part] for part in PARTS) if parts else None
        bars.append(Bar(name_of(subject), sizes, format_bytes(sum(sizes) if sizes else None)))
    if any(bar.parts for bar in bars):
        yield Bars("Live bytes, by what they are for", tuple(bars), tuple(PARTS.values()))


# Proof


def _proof(report: Report) -> Iterator[Block]:
    started = [subject for subject in report.subjects if subject.proof is not None]
    if not started:
        return
    columns = (
        Column(words("Image")), Column(words("Verdict")), Column(words("Checks")), Column(words("User")),
        Column(words("First answer"), numeric=True), Column(words("Why")),
    )  # fmt: skip
    yield Table(columns, tuple(_proof_row(subject) for subject in started))


def _proof_row(subject: Subject) -> tuple[Cell, ...]:
    proof = subject.proof or Proof("not-proven", "", "command")
    return (
        Cell(name_of(subject)),
        verdict_cell(proof),
        Cell(words(checks_words(proof))),
        Cell(words(theirs(proof.user or UNKNOWN, 40))),
        seconds_cell(proof.first_answer),
        Cell(words(theirs(proof.reason))),
    )


def checks_words(proof: Proof) -> str:
    """Return how many checks passed, and which did not."""
    done = [check for check in proof.checks if check.passed is not None]
    failed = [check.name for check in done if not check.passed]
    told = f"{len(done) - len(failed)} of {len(done)} passed"
    return f"{told}; not: {', '.join(failed)}" if failed else told


# What is inside


def _layers(report: Report) -> Iterator[Block]:
    columns = (
        Column(words("#"), numeric=True), Column(words("Files"), numeric=True), Column(words("Shadowed"), numeric=True),
        Column(words("Entries"), numeric=True), Column(words("From")), Column(words("Instruction")),
    )  # fmt: skip
    for subject, side in _sides(report):
        if len(report.subjects) > 1:
            yield Heading(name_of(subject), 3)
        rows = []
        for layer in side.image.layers:
            origin = UNKNOWN if layer.base is None else "base" if layer.base else "own"
            rows.append(
                (
                    Cell(words(str(layer.index)), layer.index),
                    size_cell(layer.sizes.files),
                    size_cell(layer.shadowed),
                    Cell(words(str(layer.entries)), layer.entries),
                    Cell(words(origin)),
                    Cell(words(theirs(layer.instruction or UNKNOWN, 200))),
                )
            )
        yield Table(columns, tuple(rows))


def _packages(report: Report) -> Iterator[Block]:
    columns = (
        Column(words("Package")), Column(words("Version")), Column(words("Kind")), Column(words("Size"), numeric=True),
        Column(words("Path")),
    )  # fmt: skip
    for subject, side in _sides(report):
        if len(report.subjects) > 1:
            yield Heading(name_of(subject), 3)
        if side.packages is None:
            yield Paragraph(words("The packages were not read."), "muted")
            continue
        if not side.packages:
            yield Paragraph(words("No package is recorded in it."))
            continue
        heaviest = sorted(side.packages, key=lambda one: (-(one.size or 0), one.name))
        rows = [
            (
                Cell(words(theirs(one.name, 120))), Cell(words(theirs(one.version, 80))), Cell(words(theirs(one.type, 20))),
                size_cell(one.size), Cell(words(theirs(one.path or "", 160))),
            )
            for one in heaviest[:MOST_PACKAGES]
        ]  # fmt: skip
        yield Table(columns, tuple(rows), len(heaviest) - len(rows))


def _findings(report: Report) -> Iterator[Block]:
    many = len(report.subjects) > 1
    columns = (
        *((Column(words("Image")),) if many else ()), Column(words("Severity")), Column(words("Finding")), Column(words("Where")),
        Column(words("Gains"), numeric=True), Column(words("What to do")), Column(words("Rule")),
    )  # fmt: skip
    rows = []
    for subject in report.subjects:
        for one in subject.findings:
            order, tone = _SEVERITY[one.severity]
            # A line without a file is one of the Dockerfile.
            place = f"{one.path or 'Dockerfile'}:{one.line}" if one.line else one.path or ""
            rows.append(
                (
                    *((Cell(name_of(subject)),) if many else ()), Cell(words(one.severity), order, tone), Cell(words(theirs(one.message))),
                    Cell(words(theirs(place, 160)) if place else words("")), size_cell(one.bytes),
                    Cell(words(theirs(one.fix)) if one.fix else words("")), Cell(words(one.rule)),
                )
            )  # fmt: skip
    if rows:
        yield Table(columns, tuple(rows[:MOST_FINDINGS]), max(0, len(rows) - MOST_FINDINGS))
    elif all(subject.sizes is not None for subject in report.subjects):
        yield Paragraph(words("Nothing was found."))


def _differences(report: Report) -> Iterator[Block]:
    for pair in report.pairs:
        yield from difference_blocks(pair, report.size)


def _method(report: Report) -> Iterator[Block]:
    subjects = [subject for part in report.each for subject in part.subjects]
    yield Paragraph(
        words(
            "download: compressed layers, as a registry sends them. unpacked: uncompressed layers. files: all files of all "
            "layers. live: what a container sees, hard links once. Units are decimal: 1 kB is 1000 bytes."
        )
    )
    stored = {subject.sizes.download_from for subject in subjects if subject.sizes is not None}
    if "compressed" in stored:
        yield Paragraph(words("Download sizes were measured by compressing the layers here; a registry's may differ a little."))  # fmt: skip
    if any(subject.proof is not None for subject in subjects):
        yield Paragraph(
            words(
                "Runs: the image was started as production would start it, it answered (a service) or ended with the "
                "expected code (a command). The reference ran first, as the control. A first answer is counted from the start."
            )
        )
    if any(subject.scan is not None for subject in subjects):
        yield Paragraph(
            words(
                "Known vulnerabilities are what the scanner's database knew on its date, of the packages that it can name. "
                "A count stands with how much of the image that is; what was not scanned has no count."
            )
        )
    for engine in dict.fromkeys(part.engine for part in report.each if part.engine):
        yield Paragraph(words("Engine: ", theirs(engine), "."))
    for part in report.each:
        about = words(theirs(part.component or part.title, 120), ": ") if report.parts else ()
        for fact in part.facts:
            yield Paragraph((*about, ours(fact)))
        for note in part.notes:
            yield Paragraph((*about, theirs(note)))
    for note in report.notes if report.parts else ():
        yield Paragraph(words(theirs(note)))
    count = plural(sum(1 for subject in subjects if subject.sizes is not None), "image")
    yield Paragraph(
        words(
            f"{count} measured on this machine; nothing is estimated. A dash is a value that was not measured."
        )
    )


def _sides(report: Report) -> Iterator[tuple[Subject, Side]]:
    for subject in report.subjects:
        if subject.side is not None:
            yield subject, subject.side


_MAKERS: dict[Section, Callable[[Report], Iterator[Block]]] = {
    "summary": _summary,
    "chart": _chart,
    "figures": _figures,
    "proof": _proof,
    "worth": worth_blocks,
    "parts": _parts,
    "layers": _layers,
    "packages": _packages,
    "findings": _findings,
    "vulnerabilities": scan_blocks,
    "differences": _differences,
    "method": _method,
}
