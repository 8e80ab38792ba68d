"""What a report is made of: the images, their figures, their differences, and the sections that were asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

from slimdesk.basics.finding import Finding
from slimdesk.image.compare import FigureRow, Pair, Side, SizeWord
from slimdesk.image.model import Sizes

Kind = Literal["image", "comparison", "project"]
Section = Literal[
    "summary", "chart", "figures", "proof", "parts", "layers", "packages", "findings", "differences", "method"
]
SECTIONS: tuple[Section, ...] = get_args(Section)
SECTION_TITLES: dict[Section, str] = {
    "summary": "Summary",
    "chart": "Sizes",
    "figures": "Figures",
    "proof": "Does it run",
    "parts": "What the bytes are for",
    "layers": "Layers",
    "packages": "Packages",
    "findings": "Findings",
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
    it was built; such a result is never shown without that word. place: its place among the variants, from 1.
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


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A whole report. `figures` hold a value per subject; `size` is the size that bars and factors are of; `made` is UTC.

    facts: our own sentences on how it came about. notes: sentences that may quote others, such as what was not read.
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
    """Return the sections that a report of this kind can have; `read`: the images themselves were read, not figures alone."""
    left_out: set[Section] = set()
    if kind == "image":
        left_out |= {"differences"}
    if not read:
        left_out |= {"parts", "layers", "packages", "differences"}
    return tuple(section for section in SECTIONS if section not in left_out)
