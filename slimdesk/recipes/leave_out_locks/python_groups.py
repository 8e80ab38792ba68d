"""Which packages of a Python lock file stay, and in which groups, when a project asks for one less (poetry.lock, pdm.lock).

Both say of each package in which groups of the project's dependencies it is, and under which marker. Markers that change are
the tool's matter: what stays and was touched has to be needed without any.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?[^;@]*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Need:
    """What is needed, by its key. `conditional`: there is a marker, or whatever else may switch it off."""

    key: str
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Locked:
    """A package. groups: as the lock file states them, None where it states none. bound: it has a marker, or is optional.

    several: it is there in several versions, which markers part.
    """

    needs: tuple[Need, ...]
    groups: frozenset[str] | None
    bound: bool = False
    several: bool = False


@dataclass(frozen=True, slots=True)
class Root:
    """What the project asks for by a line: the package's key without extras, and what that needs."""

    group: str
    name: str
    needs: tuple[Need, ...]


def key_of(name: str, extras: Collection[str] = ()) -> str:
    """Return the key of a package, or of one with extras: `requests[socks]`. Names are compared as PEP 503 says."""
    plain = re.sub(r"[-_.]+", "-", name).lower()
    return f"{plain}[{','.join(sorted(one.strip().lower() for one in extras))}]" if extras else plain


def requirement(text: str) -> tuple[str, list[str], bool] | None:
    """Return name, extras and whether there is a marker or a URL of a requirement (PEP 508); None if it is none."""
    match = _REQUIREMENT.fullmatch(text)
    if match is None:
        return None
    extras = [one.strip() for one in (match[2] or "").split(",") if one.strip()]
    return match[1], extras, bool(match[3].strip())


def added(packages: dict[str, Locked], key: str, one: Locked) -> None:
    """Put a package in; where several versions part it by markers they are one."""
    known = packages.get(key)
    if known is not None:
        needs = dict.fromkeys(Need(need.key, conditional=True) for need in (*known.needs, *one.needs))
        groups = None if known.groups is None or one.groups is None else known.groups | one.groups
        one = Locked(tuple(needs), groups, bound=True, several=True)
    packages[key] = one


def one_less(before: Sequence[Root], after: Sequence[Root], name: str) -> Root | None:
    """Return the root that is gone, if it is the only difference and its group asks for that name but once."""
    left = list(before)
    for root in after:
        if root not in left:
            return None
        left.remove(root)
    if len(left) != 1 or left[0].name != key_of(name):
        return None
    gone = left[0]
    again = any(root.name == gone.name and root.group == gone.group for root in after)
    return None if again else gone


def regrouped(
    packages: Mapping[str, Locked], before: Sequence[Root], after: Sequence[Root], gone: Root
) -> dict[str, frozenset[str]] | None:
    """Return the packages that stay, each with its groups; None where markers decide, or the file is not what it was made from."""
    old, new = groups_of(packages, before), groups_of(packages, after)
    if any(one.groups is not None and one.groups != old.get(key) for key, one in packages.items()):
        return None
    certain = groups_of(packages, after, certain=True)
    seen: set[str] = set()
    waiting = [need.key for need in gone.needs]
    while waiting:
        key = waiting.pop()
        if key in seen or key not in packages:
            continue
        seen.add(key)
        one, left = packages[key], new.get(key)
        if left is not None and (
            one.several or not _plain(one, gone.group, old[key], left, certain.get(key))
        ):
            return None
        if left is None or left != old[key]:
            waiting += [need.key for need in one.needs]
    return new


def _plain(
    one: Locked, group: str, old: frozenset[str], left: frozenset[str], certain: frozenset[str] | None
) -> bool:
    """Whether no marker can change: the others that need it in the group do so without one, or no group's marker is left to tell."""
    if left == old:
        return group not in left or group in (certain or ())
    return not one.bound and left == certain


def groups_of(
    packages: Mapping[str, Locked], roots: Sequence[Root], *, certain: bool = False
) -> dict[str, frozenset[str]]:
    """Return what is reached, with the groups that it is reached from; by needs without a condition alone if `certain`."""
    found: dict[str, set[str]] = {}

    def followed(needs: Iterable[Need]) -> list[str]:
        return [need.key for need in needs if need.key in packages and not (certain and need.conditional)]

    for group in dict.fromkeys(root.group for root in roots):
        waiting = followed(need for root in roots if root.group == group for need in root.needs)
        while waiting:
            key = waiting.pop()
            groups = found.setdefault(key, set())
            if group not in groups:
                groups.add(group)
                waiting += followed(packages[key].needs)
    return {key: frozenset(groups) for key, groups in found.items()}
