"""Make a report: of images that are read now, of sides that were read already, or of a component's matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from slimdesk.basics import clock
from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import slug, visible
from slimdesk.basics.files import write_whole
from slimdesk.image.compare import MOST, FigureRow, Pair, Side, SizeWord, figures
from slimdesk.image.read import Wanted
from slimdesk.operations.compare import distinct, pairs_of, read_side
from slimdesk.operations.matrix import Matrix, MatrixRow
from slimdesk.operations.ranking import CLOSE, CRITERIA, TITLES
from slimdesk.report.formats import FORMAT_NAMES, FORMATS, FormatName, render
from slimdesk.report.model import SECTION_TITLES as TITLES_OF
from slimdesk.report.model import SECTIONS, Proof, ProofCheck, Report, Section, Subject, sections_that_apply
from slimdesk.report.worth import Assumptions, Weight, weight_of, worth
from slimdesk.scan.scanned import Scanned
from slimdesk.verify.model import Verification

if TYPE_CHECKING:
    from slimdesk.basics.job import Reporter

_SIZES: tuple[tuple[SizeWord, str], ...] = (
    ("download", "Download"), ("unpacked", "Unpacked"), ("files", "Files"), ("live", "Live"),
)  # fmt: skip


def report_of_images(
    sources: Sequence[str],
    wanted: Wanted,
    reporter: Reporter,
    *,
    size: SizeWord = "files",
    title: str = "",
) -> Report:
    """Read images, archives or analyses of earlier, and report on them; several: the first is the reference. Blocking.

    Raises BadInput for none or too many, and what reading an image raises.
    """
    if not 1 <= len(sources) <= MOST:
        raise BadInput(f"A report of {len(sources)} images cannot be made", f"it takes 1 to {MOST}", "Name the ones that matter")  # fmt: skip
    read = {source: read_side(source, wanted, reporter) for source in dict.fromkeys(sources)}
    return report_of_sides(distinct([read[source] for source in sources]), size=size, title=title)


def report_of_sides(
    sides: Sequence[Side],
    *,
    size: SizeWord = "files",
    title: str = "",
    pairs: Sequence[Pair] | None = None,
    proofs: Mapping[str, Proof] | None = None,
    older: Mapping[str, tuple[str, ...]] | None = None,
) -> Report:
    """Report on sides that were read; `proofs` and `older` by a side's name, where they are known."""
    subjects = tuple(
        Subject(
            name=side.name,
            image=side.image.name,
            image_id=side.image.image_id,
            platform=side.image.platform,
            sizes=side.image.sizes,
            side=side,
            findings=side.findings,
            proof=(proofs or {}).get(side.name),
            older=(older or {}).get(side.name, ()),
        )
        for side in sides
    )
    many = len(sides) > 1
    about = f"{sides[-1].name} against {sides[0].name}" if len(sides) == 2 else f"{len(sides) - 1} images against {sides[0].name}" if many else sides[0].name  # fmt: skip
    return Report(
        kind="comparison" if many else "image",
        title=visible(title or about, 200),
        subjects=subjects,
        figures=figures(sides),
        pairs=tuple(pairs_of(sides) if pairs is None else pairs) if many else (),
        size=size,
        made=clock.now(),
        sections=sections_that_apply("comparison" if many else "image", read=True),
        notes=_notes(sides),
    )


def report_of_matrix(
    matrix: Matrix,
    *,
    size: SizeWord | None = None,
    title: str = "",
    sides: Mapping[str, Side] | None = None,
) -> Report:
    """Report on a matrix; `sides` are the images behind it by family, where they are at hand."""
    at_hand = sides or {}
    rows = sorted(matrix.rows, key=lambda row: not row.reference)
    if not rows:
        raise BadInput("This matrix is empty", "no variant is in it", "Build variants first")
    subjects = tuple(_subject(row, matrix, at_hand.get(row.family)) for row in rows)
    whole = len(rows) if at_hand else 0
    kinds: dict[str, SizeWord] = {word: word for word, _ in _SIZES}
    read = [one.side for one in subjects if one.side is not None]
    pairs = pairs_of(read) if subjects[0].side is not None and len(read) > 1 else ()
    return Report(
        kind="project",
        title=visible(title or f"{matrix.component}: {len(rows)} variants", 200),
        subjects=subjects,
        figures=_matrix_figures(rows),
        pairs=tuple(pairs),
        size=size or kinds.get(matrix.size_kind, "files"),
        made=clock.now(),
        sections=sections_that_apply("project", read=bool(whole)),
        project=matrix.project,
        component=matrix.component,
        engine=matrix.engine,
        facts=(f"The variants were measured on {matrix.made:%Y-%m-%d %H:%M} UTC.", *_ranked_by(matrix)),
        notes=(*(f"{family} is not among them: {why}" for family, why in matrix.unavailable),),
    )


def with_sections(report: Report, sections: Sequence[Section]) -> Report:
    """Return the report with these sections alone, in their usual order; what it cannot have stays out."""
    return replace(
        report,
        sections=tuple(one for one in SECTIONS if one in sections and one in report.sections),
        parts=tuple(with_sections(part, sections) for part in report.parts),
    )


def with_parts(report: Report, parts: Sequence[Report]) -> Report:
    """Return the report with these parts; it has the sections that any of them has."""
    sections = {section for part in parts for section in part.sections}
    return replace(report, parts=tuple(parts), sections=tuple(one for one in SECTIONS if one in sections))


def with_scans(report: Report, scans: Sequence[Scanned | None]) -> Report:
    """Return the report with what a scanner said of each subject; None = none was asked.

    Where no subject was scanned nothing is added: a count that nobody made is no figure.
    """
    if not any(scans):
        return report
    subjects = tuple(replace(one, scan=scan) for one, scan in zip(report.subjects, scans, strict=True))
    row = FigureRow(
        "vulnerabilities", TITLES_OF["vulnerabilities"], "text",
        tuple("not scanned" if one is None else one.words for one in scans),
    )  # fmt: skip
    return _with_section(
        replace(report, subjects=subjects, figures=(*report.figures, row)), "vulnerabilities"
    )


def with_worth(report: Report, numbers: Assumptions) -> Report:
    """Return the report with what its images are worth by the person's numbers; those without a download size stay out.

    What the base image brings is known of images that were read; without it the figures are upper bounds, and say so.
    """
    if report.parts:
        return with_parts(report, [with_worth(part, numbers) for part in report.parts])
    weights = [weight for one in report.subjects if (weight := _weight(one)) is not None]
    if not weights:
        return report
    return _with_section(replace(report, worth=worth(weights, numbers)), "worth")


def _weight(subject: Subject) -> Weight | None:
    if subject.side is not None:
        return weight_of(subject.side.image, subject.name)
    download = None if subject.sizes is None else subject.sizes.download
    if subject.sizes is None or download is None:
        return None
    return Weight(subject.name, download, compressed_here=subject.sizes.download_from == "compressed")


def _with_section(report: Report, section: Section) -> Report:
    return replace(report, sections=tuple(one for one in SECTIONS if one in (*report.sections, section)))


def proof_of(found: Verification) -> Proof:
    """Return what a verification says, without its log: that may hold secrets."""
    return Proof(
        verdict=found.verdict,
        reason=found.reason,
        kind=found.kind,
        port=found.port,
        http_status=found.http_status,
        exit_code=found.exit_code,
        first_answer=found.first_answer,
        user=found.user,
        emulated=found.emulated,
        checks=tuple(ProofCheck(check.name, check.passed, check.message) for check in found.checks),
    )


def format_for(name: str | None, output: str) -> FormatName:
    """Return the format that was named, else the one that the file's ending tells. Raises BadInput."""
    for known in FORMAT_NAMES:
        if name == known:
            return known
    endings = sorted(FORMATS.values(), key=lambda one: -len(one.ending))
    found = next((one for one in endings if output.lower().endswith(one.ending)), None)
    if found is None:
        raise BadInput("The format is not known", f"{visible(output, 80)} does not tell it", f"Add --format, one of {', '.join(FORMAT_NAMES)}")  # fmt: skip
    return found.name


def write_report(report: Report, name: FormatName, path: Path) -> int:
    """Write it, whole or not at all; return its bytes. Blocking. Raises OutputError, and BadInput from `render`."""
    data = render(report, name)
    write_whole(path, data)
    return len(data)


def _subject(row: MatrixRow, matrix: Matrix, side: Side | None) -> Subject:
    build, found = row.build, row.verification
    image = build.image_id if build is not None else None
    return Subject(
        name=row.family + (" (debug)" if row.debug else ""),
        note=row.base,
        image=build.tag if build is not None else None,
        image_id=image,
        platform=matrix.platform,
        sizes=row.sizes,
        side=side,
        findings=row.findings,
        proof=None if found is None else proof_of(found),
        build_seconds=build.seconds if build is not None and image else None,
        error=row.error,
        older=row.older,
        recommended=row.recommended,
        place=row.place,
    )


def _matrix_figures(rows: Sequence[MatrixRow]) -> tuple[FigureRow, ...]:
    known = [row.figures for row in rows]
    sizes = tuple(
        FigureRow(
            word, title, "bytes", tuple(None if one is None else getattr(one.sizes, word) for one in known)
        )
        for word, title in _SIZES
    )
    counts = tuple(
        FigureRow(key, title, "count", tuple(None if one is None else getattr(one, name) for one in known))
        for key, title, name in (
            ("layers", "Layers", "layers"), ("packages", "Packages", "packages"),
            ("set-uid", "Set-uid and set-gid files", "set_id_files"),
        )
    )  # fmt: skip
    texts = (
        FigureRow("shells", "Shells", "text", tuple(None if one is None else ", ".join(one.shells) or "none" for one in known)),
        FigureRow("managers", "Package managers", "text", tuple(None if one is None else ", ".join(one.managers) or "none" for one in known)),
        FigureRow("libc", "C library", "text", tuple(None if one is None else one.libc for one in known)),
        FigureRow("user", "User", "text", tuple(None if one is None else one.user for one in known)),
        FigureRow("start", "Time to first answer", "seconds", tuple(None if row.verification is None else row.verification.first_answer for row in rows)),
        FigureRow("build", "Build", "seconds", tuple(row.build.seconds if row.build is not None and row.build.image_id else None for row in rows)),
    )  # fmt: skip
    return (*sizes, *counts, *texts)


def _ranked_by(matrix: Matrix) -> tuple[str, ...]:
    """Say what was weighed and what came of it, in the words of the ranking."""
    weights = [
        f"{TITLES[word].lower()} {matrix.weights[word]}" for word in CRITERIA if word in matrix.weights
    ]
    places = [f"{slug(row.family)} {row.score:.1f}" for row in matrix.ranked if row.score is not None]
    if not weights or not places:
        return ()
    said = (
        f"They are ranked by what was weighed: {', '.join(weights)}. Points of 100: {', '.join(places)}. Less than "
        f"{CLOSE:g} point apart counts as equal, and then the recommended one stands first."
    )
    return (said,)


def _notes(sides: Sequence[Side]) -> tuple[str, ...]:
    notes = [f"{side.name}: {warning}" for side in sides for warning in side.image.warnings]
    notes += [f"{side.name}: its packages were not read." for side in sides if side.packages is None]
    platforms = sorted({side.image.platform for side in sides if side.image.platform})
    if len(platforms) > 1:
        notes.append(f"The images are of different platforms: {', '.join(platforms)}.")
    return tuple(notes)
