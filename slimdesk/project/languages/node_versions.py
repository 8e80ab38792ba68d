"""Node.js version ranges as npm reads them (node-semver's README, "Ranges"), and nvm's words for lines of releases.

Image tags name a major version and move with its releases, so the questions here are about majors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Version = tuple[int, int, int]

_LARGE = 10**6
_HIGHEST: Version = (_LARGE, 0, 0)
# nodejs.org/about/previous-releases: the code names of long-term support lines.
_CODE_NAMES = {
    "argon": 4, "boron": 6, "carbon": 8, "dubnium": 10, "erbium": 12, "fermium": 14, "gallium": 16, "hydrogen": 18,
    "iron": 20, "jod": 22, "krypton": 24,
}  # fmt: skip
_ANY = frozenset({"", "*", "x", "X", "latest", "node", "stable", "current", "lts", "lts/*", "--lts"})
_NUMBER = re.compile(
    r"[v=\s]*(\d{1,6}|[xX*])(?:\.(\d{1,6}|[xX*]))?(?:\.(\d{1,6}|[xX*]))?(?:-[0-9A-Za-z.-]+)?(?:\+\S*)?"
)
_COMPARATOR = re.compile(r"(>=|<=|>|<|\^|~>?|=)?(\S+)")
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")


@dataclass(frozen=True, slots=True)
class NodeRange:
    """Intervals [low, high) of versions that are allowed."""

    intervals: tuple[tuple[Version, Version], ...]

    def newest_fits(self, major: int) -> bool:
        """Whether the newest release of that major is allowed."""
        newest = (major, _LARGE - 1, 0)
        return any(low <= newest < high for low, high in self.intervals)

    def touches(self, major: int) -> bool:
        """Whether any release of that major is allowed."""
        return any(low < (major + 1, 0, 0) and (major, 0, 0) < high for low, high in self.intervals)

    def ends_before(self, major: int) -> bool:
        """Whether all that is allowed is older than that major."""
        return all(high <= (major, 0, 0) for _, high in self.intervals)


def parse_range(text: str | None) -> NodeRange | None:
    """Return the range that a text states; None if it states none (lts/*, *) or cannot be read."""
    if text is None or text.strip().lower() in _ANY:
        return None
    name = re.fullmatch(r"lts/([a-z]+)", text.strip().lower())
    if name:
        major = _CODE_NAMES.get(name.group(1))
        return None if major is None else NodeRange((((major, 0, 0), (major + 1, 0, 0)),))
    intervals = []
    for alternative in text[:300].split("||"):
        interval = _alternative(alternative.strip())
        if interval is not None and interval[0] < interval[1]:
            intervals.append(interval)
    return NodeRange(tuple(intervals)) if intervals else None


def _alternative(text: str) -> tuple[Version, Version] | None:
    if text.lower() in _ANY:
        return (0, 0, 0), _HIGHEST
    hyphen = _HYPHEN.fullmatch(text)
    if hyphen:
        first, last = _bounds(hyphen.group(1)), _bounds(hyphen.group(2))
        return (first[0], last[1]) if first and last else None
    low_end: Version = (0, 0, 0)
    high_end = _HIGHEST
    for comparator in re.sub(r"(>=|<=|>|<|\^|~>?|=)\s+", r"\1", text.replace(",", " ")).split():
        match = _COMPARATOR.fullmatch(comparator)
        bounds = _bounds(match.group(2)) if match else None
        if match is None or bounds is None:
            return None
        low, high = _applied(match.group(1), *bounds)
        low_end, high_end = max(low_end, low), min(high_end, high)
    return low_end, high_end


def _applied(operator: str | None, low: Version, high: Version) -> tuple[Version, Version]:
    match operator:
        case ">=":
            return low, _HIGHEST
        case ">":
            return high, _HIGHEST
        case "<":
            return (0, 0, 0), low
        case "<=":
            return (0, 0, 0), high
        case "^":
            return low, (low[0] + 1, 0, 0)
        case "~" | "~>":
            return low, max(high, (low[0], low[1] + 1, 0))
    return low, high


def _bounds(text: str) -> tuple[Version, Version] | None:
    """Return the interval of what a number such as 22, 22.x or 22.11.0 stands for."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    parts = [None if part is None or not part.isdigit() else int(part) for part in match.groups()]
    major, minor, patch = parts
    if major is None:
        return (0, 0, 0), _HIGHEST
    if minor is None:
        return (major, 0, 0), (major + 1, 0, 0)
    if patch is None:
        return (major, minor, 0), (major, minor + 1, 0)
    return (major, minor, patch), (major, minor, patch + 1)
