"""Rank measured variants by what the person weighs: size, attack surface, debuggability, compatibility.

Each criterion is a number 0..1 that is computed from the image, the score their weighted mean times 100. Start times are
not weighed: one start says little, and ranges that overlap are not ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from slimdesk.basics.units import format_bytes, plural
from slimdesk.operations.variant_figures import USUAL, Figures
from slimdesk.verify.model import Verdict

Criterion = Literal["size", "attack-surface", "debuggability", "compatibility"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)
MOST_WEIGHT = 4
TITLES: dict[Criterion, str] = {
    "size": "Size",
    "attack-surface": "Attack surface",
    "debuggability": "Debuggability",
    "compatibility": "Compatibility",
}
# What each wish of the advice before a build weighs (session.Prefer).
WISHES: dict[str, dict[Criterion, int]] = {
    "smallest": {"size": 3, "attack-surface": 2, "debuggability": 0, "compatibility": 1},
    "debuggable": {"size": 1, "attack-surface": 1, "debuggability": 4, "compatibility": 1},
    "compatible": {"size": 1, "attack-surface": 1, "debuggability": 1, "compatibility": 4},
}
# Points: closer scores are as good as equal, and then the recommended one is taken.
CLOSE = 1.0
# What runs before what nobody looked at, then what could not be proven, then what fails.
_GROUPS: dict[Verdict | None, int] = {"runs": 0, None: 1, "not-proven": 2, "fails": 3}


@dataclass(frozen=True, slots=True)
class Contender:
    """A variant that is to be ranked. `size` is the current size in bytes; `verdict` None = not verified."""

    family: str
    size: int
    figures: Figures
    verdict: Verdict | None = None
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One criterion of one variant: `value` 0..1, and the arithmetic that led to it as a sentence."""

    criterion: Criterion
    value: float
    how: str
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A variant with its score 0..100 and its place from 1."""

    family: str
    score: float
    place: int
    parts: tuple[Part, ...]
    verdict: Verdict | None

    @property
    def arithmetic(self) -> str:
        """Return how the score comes about: 3 × 0.98 + 2 × 0.84, divided by 5."""
        used = [part for part in self.parts if part.weight]
        if not used:
            return "nothing is weighed, so all are equal"
        terms = " + ".join(f"{part.weight} × {part.value:.2f}" for part in used)
        return f"({terms}) / {sum(part.weight for part in used)} = {self.score:.0f} of 100"


def weights_of(chosen: Mapping[str, int], wish: str = "smallest") -> dict[Criterion, int]:
    """Return the weights 0..4 by criterion: those that the person set, else what the wish of the advice weighs."""
    given = {name: chosen[name] for name in CRITERIA if name in chosen}
    if not given:
        return dict(WISHES.get(wish, WISHES["smallest"]))
    return {name: min(MOST_WEIGHT, max(0, given.get(name, 0))) for name in CRITERIA}


def rank(
    contenders: Sequence[Contender],
    weights: Mapping[Criterion, int],
    reference_size: int | None = None,
    most_packages: int = 0,
) -> tuple[Ranked, ...]:
    """Return the variants, the best first; what fails or is not proven never stands above what runs.

    `reference_size` is the reference's current size, without it the largest is what is saved against; `most_packages` are
    those of the reference, where they are more than any variant has.
    """
    if not contenders:
        return ()
    whole = reference_size or max(one.size for one in contenders)
    packages = max(most_packages, *(one.figures.packages or 0 for one in contenders))
    total = sum(weights.values())
    found: list[tuple[int, float, Contender, tuple[Part, ...]]] = []
    for one in contenders:
        parts = tuple(
            replace(part, weight=weights.get(part.criterion, 0))
            for part in (
                _size(one, whole),
                _attack_surface(one.figures, packages),
                _debuggability(one.figures),
                _compatibility(one.figures),
            )
        )
        score = 100 * sum(part.value * part.weight for part in parts) / total if total else 100.0
        found.append((_GROUPS[one.verdict], score, one, parts))
    found.sort(key=lambda row: (row[0], -row[1], not row[2].recommended, row[2].size))
    first = _advised(found)
    ordered = [found[first], *found[:first], *found[first + 1 :]]
    return tuple(
        Ranked(one.family, score, place, parts, one.verdict)
        for place, (_, score, one, parts) in enumerate(ordered, 1)
    )


def _advised(found: Sequence[tuple[int, float, Contender, tuple[Part, ...]]]) -> int:
    """Where the recommended one stands, if it is as good as the first; else the first."""
    group, best, *_ = found[0]
    return next(
        (
            at
            for at, row in enumerate(found)
            if row[2].recommended and row[0] == group and best - row[1] < CLOSE
        ),
        0,
    )


def _size(one: Contender, whole: int) -> Part:
    value = max(0.0, 1 - one.size / whole) if whole else 0.0
    how = f"1 − {format_bytes(one.size)} / {format_bytes(whole)}: the share that is saved"
    return Part("size", value, how)


def _attack_surface(figures: Figures, most: int) -> Part:
    few = 1.0 if figures.packages is None or not most else 1 - figures.packages / most
    known = figures.packages is not None
    return _sum_of(
        "attack-surface",
        (
            (0.4, few, f"{plural(figures.packages or 0, 'package')} of at most {most}" if known else "packages not known"),
            (0.2, not figures.shells, "no shell" if not figures.shells else f"shell {figures.shells[0]}"),
            (0.2, not figures.root, "not root" if not figures.root else "runs as root"),
            (0.1, not figures.set_id_files, _set_id_words(figures.set_id_files)),
            (0.1, not figures.managers, f"package manager {figures.managers[0]}" if figures.managers else "no package manager"),
        ),
    )  # fmt: skip


def _debuggability(figures: Figures) -> Part:
    return _sum_of(
        "debuggability",
        (
            (0.6, bool(figures.shells), f"shell {figures.shells[0]}" if figures.shells else "no shell"),
            (
                0.4,
                bool(figures.managers),
                f"{figures.managers[0]} installs tools" if figures.managers else "no package manager",
            ),
        ),
    )


def _compatibility(figures: Figures) -> Part:
    libc = {"glibc": 1.0, "musl": 0.5, "none": 0.0}[figures.libc]
    word = {"glibc": "glibc", "musl": "musl, which prebuilt programs seldom expect", "none": "no C library"}
    return _sum_of(
        "compatibility",
        (
            (0.4, libc, word[figures.libc]),
            *((0.15, name in figures.usual, name if name in figures.usual else f"no {_bare(name)}") for name in USUAL),
        ),
    )  # fmt: skip


def _sum_of(criterion: Criterion, terms: Iterable[tuple[float, float, str]]) -> Part:
    shares = [(share, float(value), word) for share, value, word in terms]
    how = " + ".join(f"{share * value:.2f} ({word})" for share, value, word in shares)
    return Part(criterion, sum(share * value for share, value, _ in shares), how)


def _bare(name: str) -> str:
    return name.removeprefix("a ")


def _set_id_words(count: int | None) -> str:
    if count is None:
        return "set-uid files not known"
    return plural(count, "set-uid file") if count else "no set-uid files"
