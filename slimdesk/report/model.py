"""What a report is made of: the images, their figures, scans and differences, and the sections that were asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

from slimdesk.basics.finding import Finding
from slimdesk.image.compare import FigureRow, Pair, Side, SizeWord
from slimdesk.image.model import Sizes
from slimdesk.report.worth import Worth
from slimdesk.scan.scanned import Scanned

Kind = Literal["image", "comparison", "project"]
Section = Literal[
    "summary", "chart", "figures", "proof", "worth", "parts", "layers", "packages", "findings", "vulnerabilities",
    "differences", "method",
]  # fmt: skip
SECTIONS: tuple[Section, ...] = get_args(Section)
SECTION_TITLES: dict[Section, str] = {
    "summary": "Summary",
    "chart": "Sizes",
    "figures": "Figures",
    "proof": "Does it run",
    "worth": "What it is worth",
    "parts": "What the bytes are for",
    "layers": "Layers",
    "packages": "Packages",
    "findings": "Findings",
    "vulnerabilities": "Known vulnerabilities",
    "differences": "Differences",
    "method": "How this was measured",
}


@dataclass(frozen=True, slots=True)
class ProofCheck:
    """One thing that was looked at while the image ran; `passed` None = not done."""

    name: str
    passed: bool | None
    message: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of starting an image. Seconds; `user` is what it runs as."""

    verdict: Literal["runs", "fails", "not-proven"]
    reason: str
    kind: Literal["service", "command"]
    port: int | None = None
    http_status: int | None = None
    exit_code: int | None = None
    first_answer: float | None = None
    user: str | None = None
    emulated: bool = False
    checks: tuple[ProofCheck, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One image, or a variant that could not be built; the first of a report is the reference.

    name: what people call it. note: what it stands on, in words. image: the engine's name for it. side: all that was read
    of it; None where figures alone are known. error: why there is no image. older: what has changed in the project since
    it was built; such a result is never shown without that word. place: its place among the variants, from 1. scan: what a
    scanner said of it, or why none did; None where none was asked.
    """

    name: str
    note: str = ""
    image: str | None = None
    image_id: str | None = None
    platform: str | None = None
    sizes: Sizes | None = None
    side: Side | None = None
    findings: tuple[Finding, ...] = ()
    proof: Proof | None = None
    build_seconds: float | None = None
    error: str | None = None
    older: tuple[str, ...] = ()
    recommended: bool = False
    place: int | None = None
    scan: Scanned | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A whole report. `figures` hold a value per subject; `size` is the size that bars and factors are of; `made` is UTC.

    facts: our own sentences on how it came about. notes: sentences that may quote others, such as what was not read.
    worth: arithmetic with the person's numbers, a row per subject whose download size is known. parts: of a project with
    several components a report on each; then the whole has no subjects of its own.
    """

    kind: Kind
    title: str
    subjects: tuple[Subject, ...]
    figures: tuple[FigureRow, ...]
    pairs: tuple[Pair, ...]
    size: SizeWord
    made: dt.datetime
    sections: tuple[Section, ...] = SECTIONS
    project: str | None = None
    component: str | None = None
    engine: str | None = None
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    worth: Worth | None = None
    parts: tuple[Report, ...] = ()

    @property
    def each(self) -> tuple[Report, ...]:
        """The reports that have subjects: its parts, or it alone."""
        return self.parts or (self,)

    @property
    def reference(self) -> Subject:
        """What factors and bars are measured against."""
        return self.subjects[0]

    def size_of(self, subject: Subject) -> int | None:
        """Return the size that this report is about, in bytes."""
        if subject.sizes is None:
            return None
        value: int | None = getattr(subject.sizes, self.size)
        return value


def sections_that_apply(kind: Kind, *, read: bool) -> tuple[Section, ...]:
    """Return the sections that a report of this kind has; `read`: the images themselves were read, not figures alone.

    Scans and worth come with what they are made of.
    """
    left_out: set[Section] = {"vulnerabilities", "worth"}
    if kind == "image":
        left_out |= {"differences"}
    if not read:
        left_out |= {"parts", "layers", "packages", "differences"}
    return tuple(section for section in SECTIONS if section not in left_out)
