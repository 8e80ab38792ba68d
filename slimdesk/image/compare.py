"""Two to six images side by side: figures, bytes by what they are for, packages, settings, and growth against a limit."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.image.difference import difference
from slimdesk.image.difference_model import Change, Difference, names_of
from slimdesk.image.harmless import harmless
from slimdesk.image.model import Image, Package, Sizes
from slimdesk.image.reasons import PART_OF, Part, Reason, by_part, live_by_reason, reasons
from slimdesk.image.table import ROOT, FileTable, Kind

LEAST, MOST = 2, 6
SizeWord = Literal["download", "unpacked", "files", "live"]
SIZE_WORDS: tuple[SizeWord, ...] = ("download", "unpacked", "files", "live")
_SHELLS = ("ash", "bash", "busybox", "dash", "fish", "ksh", "sh", "zsh")
_PROGRAM_FOLDERS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin", "busybox")
_SET_ID = 0o6000


@dataclass(eq=False)
class Side:
    """One of the images, and what is known of it. An analysis of earlier may hold no files and no configuration.

    name: what people call it. start_seconds: time to the first answer, where it was verified. earlier: read from JSON, so
    that there is nothing behind it that could be opened.
    """

    name: str
    image: Image
    findings: tuple[Finding, ...] = ()
    files_known: bool = True
    config_known: bool = True
    start_seconds: float | None = None
    earlier: bool = False

    @property
    def packages(self) -> tuple[Package, ...] | None:
        """Packages, None if they were not read."""
        return self.image.packages

    @cached_property
    def reasons(self) -> array[int]:
        """What each file is there for."""
        return reasons(self.image, self.names)

    @cached_property
    def names(self) -> list[bytes]:
        """Names of all nodes of the table."""
        return names_of(self.image.table)

    @cached_property
    def by_reason(self) -> dict[Reason, int]:
        """Live bytes by what they are for."""
        return live_by_reason(self.image, self.reasons)

    @property
    def by_part(self) -> dict[Part, int]:
        """Live bytes of the five parts."""
        return by_part(self.by_reason)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One line of the table of figures; `unit` says how the values are to be written, None = not known."""

    key: str
    title: str
    unit: Literal["bytes", "count", "ratio", "seconds", "text"]
    values: tuple[int | float | str | None, ...]


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that only one image has, or in another version or size. Texts are harmless; sizes in bytes."""

    name: str
    type: str
    change: Literal["added", "removed", "changed"]
    version_before: str | None
    version_after: str | None
    size_before: int | None
    size_after: int | None

    @property
    def grown(self) -> int:
        """Bytes more than before."""
        return (self.size_after or 0) - (self.size_before or 0)

    def to_json(self) -> dict[str, object]:
        """All keys."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """A setting that differs: `key` is the variable's or label's name, else None; None as a value = not set.

    Values of variables that are named like secrets are never told.
    """

    field: str
    key: str | None
    before: str | None
    after: str | None

    def to_json(self) -> dict[str, object]:
        """All keys."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """What became of the bytes that are there for one reason."""

    reason: Reason
    before: int
    after: int

    @property
    def part(self) -> Part:
        """Which of the five parts it belongs to."""
        return PART_OF[self.reason]


class Pair:
    """Two sides against each other; what takes a moment is found out when it is asked for, once."""

    def __init__(self, before: Side, after: Side) -> None:
        self.before = before
        self.after = after

    @property
    def files_known(self) -> bool:
        """Whether both sides have their files."""
        return self.before.files_known and self.after.files_known

    @cached_property
    def files(self) -> Difference:
        """Which files differ; meaningless where they are not known."""
        return difference(self.before.image, self.after.image, self.before.names, self.after.names)

    @cached_property
    def packages(self) -> tuple[PackageChange, ...]:
        """Packages that differ, those with most bytes first; empty where one side's were not read."""
        return package_changes(self.before.packages, self.after.packages)

    @cached_property
    def config(self) -> tuple[ConfigChange, ...]:
        """Settings that differ; empty where one side's are not known."""
        if not (self.before.config_known and self.after.config_known):
            return ()
        return config_changes(self.before.image, self.after.image)

    @cached_property
    def by_reason(self) -> tuple[ReasonChange, ...]:
        """Live bytes by what they are for, what changed most first; empty where files are not known."""
        if not self.files_known:
            return ()
        one, two = self.before.by_reason, self.after.by_reason
        changes = [ReasonChange(reason, one.get(reason, 0), two.get(reason, 0)) for reason in Reason]
        found = [change for change in changes if change.before or change.after]
        return tuple(sorted(found, key=lambda change: -abs(change.after - change.before)))


# Figures


def figures(sides: Sequence[Side]) -> tuple[FigureRow, ...]:
    """Return the table of sizes, counts and what an attacker would find, a column per image."""

    def row(
        key: str,
        title: str,
        unit: Literal["bytes", "count", "ratio", "seconds", "text"],
        value: Callable[[Side], int | float | str | None],
    ) -> FigureRow:
        return FigureRow(key, title, unit, tuple(value(side) for side in sides))

    return (
        row("download", "Download", "bytes", lambda side: side.image.sizes.download),
        row("unpacked", "Unpacked", "bytes", lambda side: side.image.sizes.unpacked),
        row("files", "Files", "bytes", lambda side: side.image.sizes.files),
        row("live", "Live", "bytes", lambda side: side.image.sizes.live),
        row("shadowed", "Shadowed", "bytes", lambda side: side.image.shadowed),
        row("score", "Score, live / files", "ratio", lambda side: side.image.score),
        row("layers", "Layers", "count", lambda side: len(side.image.layers)),
        row("entries", "Files and links", "count", lambda side: side.image.table.files[ROOT] if side.files_known else None),
        row("packages", "Packages", "count", lambda side: None if side.packages is None else len(side.packages)),
        row("set-uid", "Set-uid and set-gid files", "count", set_id_files),
        row("shells", "Shells", "text", shells),
        row("user", "User", "text", user),
        *(
            row(f"findings-{severity}", f"Findings: {word}", "count", _counter(severity))
            for severity, word in zip(SEVERITIES, ("errors", "warnings", "notes"), strict=True)
        ),
        row("could-save", "Could save", "bytes", lambda side: side.image.could_save if side.packages is not None else None),
        row("platform", "Platform", "text", lambda side: side.image.platform),
        row("start", "Time to first answer", "seconds", lambda side: side.start_seconds),
    )  # fmt: skip


def _counter(severity: str) -> Callable[[Side], int]:
    return lambda side: sum(1 for finding in side.findings if finding.severity == severity)


def set_id_files(side: Side) -> int | None:
    """Return how many visible files run as their owner or group; None where files are not known."""
    import numpy as np

    if not side.files_known:
        return None
    table = side.image.table
    modes = np.frombuffer(table.owner_mode, dtype=np.uint16)[np.frombuffer(table.owner, dtype=np.uint32)]
    kinds = np.frombuffer(table.kind, dtype=np.uint8)
    files = (kinds == Kind.FILE) | (kinds == Kind.HARD_LINK)
    seen = np.frombuffer(table.hidden_by, dtype=np.int16) < 0
    return int(np.count_nonzero(files & seen & ((modes & _SET_ID) > 0)))


def shells(side: Side) -> str | None:
    """Return the names of the shells where programs stand, "none" without one; None where that is not known."""
    if not side.files_known:
        return None
    table = side.image.table
    found = {name for folder in _PROGRAM_FOLDERS for name in _SHELLS if _is_there(table, f"{folder}/{name}")}
    return ", ".join(sorted(found)) or "none"


def _is_there(table: FileTable, path: str) -> bool:
    node = table.find(path)
    return node is not None and not table.is_hidden(node) and not table.is_folder(node)


def user(side: Side) -> str | None:
    """Return who the image runs as; None where that is not known."""
    return side.image.config.user or "root (not set)" if side.config_known else None


def live_by_folder(image: Image) -> dict[str, int]:
    """Return the live bytes of the folders two levels deep, and of what stands beside them in the first level."""
    table = image.table
    found: dict[str, int] = {}
    for top in table.children():
        rest = table.live[top]
        path = table.path(top)
        if table.is_folder(top):
            for child in table.children(top):
                if table.is_folder(child) and table.live[child]:
                    # A folder that came again in a later layer has several nodes.
                    inner = f"{path}/{table.name(child)}"
                    found[inner] = found.get(inner, 0) + table.live[child]
                    rest -= table.live[child]
        if rest:
            found[path] = found.get(path, 0) + rest
    return found


# Packages and settings


def package_changes(
    before: tuple[Package, ...] | None, after: tuple[Package, ...] | None
) -> tuple[PackageChange, ...]:
    """Compare packages by type and name; several of one name are one, with all its versions."""
    if before is None or after is None:
        return ()
    one, two = _by_name(before), _by_name(after)
    found = []
    for key in one.keys() | two.keys():
        old, new = _joined(one.get(key, ())), _joined(two.get(key, ()))
        if old == new:
            continue
        change: Literal["added", "removed", "changed"] = (
            "added" if key not in one else "removed" if key not in two else "changed"
        )
        found.append(PackageChange(key[1], key[0], change, old[0], new[0], old[1], new[1]))
    return tuple(sorted(found, key=lambda one: (-abs(one.grown), one.name, one.type)))


def _by_name(packages: tuple[Package, ...]) -> dict[tuple[str, str], list[Package]]:
    named: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        named.setdefault((package.type, package.name), []).append(package)
    return named


def _joined(packages: Sequence[Package]) -> tuple[str | None, int | None]:
    if not packages:
        return None, None
    sizes = [package.size for package in packages if package.size is not None]
    versions = sorted({package.version for package in packages})
    return ", ".join(versions), sum(sizes) if sizes else None


def config_changes(before: Image, after: Image) -> tuple[ConfigChange, ...]:
    """Compare how the images start."""
    one, two = before.config, after.config
    found: list[ConfigChange] = []
    plain: tuple[tuple[str, object, object], ...] = (
        ("user", one.user or None, two.user or None),
        ("entrypoint", one.entrypoint, two.entrypoint),
        ("command", one.command, two.command),
        ("working_dir", one.working_dir or None, two.working_dir or None),
        ("exposed_ports", sorted(one.exposed_ports) or None, sorted(two.exposed_ports) or None),
        ("volumes", sorted(one.volumes) or None, sorted(two.volumes) or None),
        ("stop_signal", one.stop_signal, two.stop_signal),
        ("shell", one.shell, two.shell),
        ("healthcheck", one.healthcheck, two.healthcheck),
        ("platform", before.platform, after.platform),
    )
    for field, old, new in plain:
        if old != new:
            found.append(ConfigChange(field, None, _word(old), _word(new)))
    found += _named("environment", _environment(one.environment), _environment(two.environment))
    found += _named("labels", one.labels, two.labels)
    return tuple(found)


def _word(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    import json

    return json.dumps(list(value))  # type: ignore[call-overload]


def _environment(words: Sequence[str]) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def _named(field: str, one: dict[str, str], two: dict[str, str]) -> list[ConfigChange]:
    found = []
    for key in sorted(one.keys() | two.keys()):
        old, new = one.get(key), two.get(key)
        if old == new:
            continue
        found.append(ConfigChange(field, key, _told(key, old), _told(key, new)))
    return found


def _told(key: str, value: str | None) -> str | None:
    return None if value is None else harmless(key, value)


# Growth


@dataclass(frozen=True, slots=True)
class Limit:
    """How much a size may grow: by a ratio of what it was, or by bytes."""

    size: SizeWord
    ratio: float | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """How far a size grew against a limit. `rule` is the option's name; value is a ratio or bytes, None = not known."""

    rule: str
    limit: Limit
    before: int | None
    after: int | None

    @property
    def value(self) -> float | int | None:
        """What is held against the limit: a ratio of the size before, or bytes."""
        if self.before is None or self.after is None:
            return None
        grown = self.after - self.before
        if self.limit.ratio is None:
            return grown
        if not self.before:
            return 0.0 if not grown else None
        return grown / self.before

    @property
    def passed(self) -> bool:
        """Whether it stayed within the limit; what is not known has not."""
        value = self.value
        most = self.limit.bytes if self.limit.ratio is None else self.limit.ratio
        return value is not None and most is not None and value <= most


def growth(pair: Pair, limits: Sequence[tuple[str, Limit]]) -> tuple[Growth, ...]:
    """Hold the second image against the first."""
    return tuple(
        Growth(rule, limit, size_of(pair.before.image.sizes, limit.size), size_of(pair.after.image.sizes, limit.size))
        for rule, limit in limits
    )  # fmt: skip


def size_of(sizes: Sizes, word: SizeWord) -> int | None:
    """Return one of the four sizes."""
    value: int | None = getattr(sizes, word)
    return value


def grown_paths(pair: Pair, most: int = 5) -> list[tuple[str, int, int]]:
    """Return the paths that grew most: path, bytes before, bytes after."""
    import numpy as np

    if not pair.files_known:
        return []
    files = pair.files
    delta = np.where(files.change == Change.MOVED, 0, files.after_size - files.before_size)
    rows = np.flatnonzero(delta > 0)
    ranked = rows[np.argsort(-delta[rows], kind="stable")][:most]
    return [(files.path(int(row)), int(files.before_size[row]), int(files.after_size[row])) for row in ranked]


def grown_packages(pair: Pair, most: int = 5) -> list[PackageChange]:
    """Return the packages that grew most."""
    grown = [change for change in pair.packages if change.grown > 0]
    return sorted(grown, key=lambda change: -change.grown)[:most]
