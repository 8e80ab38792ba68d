"""What a vulnerability scanner said of an image, or why it said nothing: that is never the same as "none found"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["critical", "high", "medium", "low", "negligible", "unknown"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "negligible", "unknown")
_WORDS: dict[str, Severity] = {
    **{word: word for word in SEVERITIES},
    "important": "high",
    "moderate": "medium",
    "unspecified": "unknown",
    "none": "unknown",
}


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One known fault of one package, however many places hold it; its texts are harmless to show.

    type: as purls spell it, empty if the scanner did not say. fixed: the version that mends it, None where there is none
    yet. path: where the first copy was read from, a package's record where no file of it is named. layer: the diff ID of its layer.
    """

    id: str
    severity: Severity
    package: str
    version: str
    type: str = ""
    fixed: str | None = None
    path: str | None = None
    layer: str | None = None
    title: str = ""
    url: str = ""
    places: int = 1

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same one in another image: ID, package, version."""
        return self.id, self.package, self.version

    def to_json(self) -> dict[str, Any]:
        """All keys of it in the command line's JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanner found: the gravest first. An empty list is a real answer here.

    database: when its database was made, as it says. seen: the packages that it named, as `package_key` has them; None
    where it does not list them (then `types`, the kinds that it can read, stand for them).
    """

    scanner: str
    version: str
    vulnerabilities: tuple[Vulnerability, ...]
    database: str | None = None
    seen: frozenset[tuple[str, str]] | None = None
    types: frozenset[str] = frozenset()

    @property
    def counts(self) -> dict[Severity, int]:
        """How many of each severity; all six keys."""
        found = dict.fromkeys(SEVERITIES, 0)
        for one in self.vulnerabilities:
            found[one.severity] += 1
        return found

    @property
    def fixable(self) -> int:
        """How many a newer version mends."""
        return sum(1 for one in self.vulnerabilities if one.fixed)

    @property
    def made_by(self) -> str:
        """Name the scanner, its version and its database's date."""
        database = f", database of {self.database[:16].replace('T', ' ')}" if self.database else ""
        return f"{self.scanner} {self.version}".strip() + database

    def names(self, kind: str, name: str) -> bool:
        """Whether the scanner can name a package of that purl type and name."""
        return kind in self.types if self.seen is None else (kind, name) in self.seen


@dataclass(frozen=True, slots=True)
class NotScanned:
    """Why there is no answer; `scanner` is empty where none is installed, `todo` the next step."""

    scanner: str
    reason: str
    todo: str = ""

    @property
    def words(self) -> str:
        """What stands where a count would."""
        return f"not scanned: {self.reason}"


@dataclass(frozen=True, slots=True)
class ScanChange:
    """What differs between the scans of two images; the same fault of another version of its package is in neither list."""

    added: tuple[Vulnerability, ...]
    removed: tuple[Vulnerability, ...]
    kept: int


class Unreadable(Exception):
    """A scanner's answer that is not what it documents; the text is a reason in words."""


def severity_of(word: object) -> Severity:
    """Return the severity that a scanner's word means; what no list knows is unknown."""
    return _WORDS.get(str(word).strip().lower(), "unknown")


def gathered(found: Iterable[Vulnerability]) -> tuple[Vulnerability, ...]:
    """Return each fault of a package once, with the number of its places, the gravest first."""
    from dataclasses import replace

    first: dict[tuple[str, str, str], Vulnerability] = {}
    for one in found:
        known = first.get(one.key)
        if known is None:
            first[one.key] = one
            continue
        worse = min(known.severity, one.severity, key=SEVERITIES.index)
        first[one.key] = replace(
            known, severity=worse, fixed=known.fixed or one.fixed, places=known.places + 1
        )
    return tuple(
        sorted(first.values(), key=lambda one: (SEVERITIES.index(one.severity), one.package, one.id))
    )


def difference(before: Scan, after: Scan) -> ScanChange:
    """Return what the second image has that the first has not, and the other way round, by ID and package."""
    old = {(one.id, one.package) for one in before.vulnerabilities}
    new = {(one.id, one.package) for one in after.vulnerabilities}
    return ScanChange(
        tuple(one for one in after.vulnerabilities if (one.id, one.package) not in old),
        tuple(one for one in before.vulnerabilities if (one.id, one.package) not in new),
        len(old & new),
    )


def package_key(purl: str) -> tuple[str, str] | None:
    """Return a package's type and whole name from its purl, alike for every tool; None for what is no purl.

    The distribution's namespace (`debian`, `alpine`) is left out: tools do not agree on it. Versions are, too: epochs and
    releases are spelt in many ways, and a scanner that names a package sees it.
    """
    head, _, rest = purl.partition(":")
    kind, _, rest = rest.partition("/")
    if head != "pkg" or not rest:
        return None
    from urllib.parse import unquote

    path = rest.partition("?")[0].partition("#")[0]
    at = path.rfind("@")
    # A scoped npm package may be written with a bare @ in front; that one is no version.
    path = path[:at] if at > 0 and path[at - 1] != "/" else path
    name = unquote(path).strip("/")
    if kind in ("deb", "apk", "rpm"):
        name = name.rpartition("/")[2]
    if kind == "pypi":
        name = name.replace("_", "-").replace(".", "-")
    return kind.lower(), name.lower()
