"""pnpm-lock.yaml (version 9, of pnpm 9 and later) without a dependency (github.com/pnpm/spec, lockfile/9.0.md).

`importers` are the projects of a workspace by their folder; `snapshots` say what needs what, `packages` what each is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slimdesk.basics.graph import reached
from slimdesk.recipes.leave_out_locks.gone import GROUPS, Gone, mapping

# What changes resolving for all alike is in the snapshots already; a patch that nothing takes any longer is an error.
_KNOWN = frozenset(
    ("lockfileVersion", "settings", "importers", "packages", "snapshots", "catalogs", "overrides",
     "packageExtensionsChecksum", "pnpmfileChecksum", "ignoredOptionalDependencies")
)  # fmt: skip
_NEEDED = ("dependencies", "optionalDependencies")


def without(text: str, gone: Gone) -> str | None:
    """Return the text without the dependency and what only it brought; None where that cannot be told from it."""
    from slimdesk.project.manifests import Unreadable, load_yaml

    try:
        lock = load_yaml(text)
    except Unreadable:
        return None
    importers, snapshots = mapping(lock, "importers"), mapping(lock, "snapshots")
    place = gone.member or "."
    if not isinstance(lock, dict) or not set(lock) <= _KNOWN or not snapshots:
        return None
    asked = [
        (folder, group, name, entry)
        for folder in importers
        for group in GROUPS
        for name, entry in mapping(importers.get(folder), group).items()
    ]
    going = [one for one in asked if one[0] == place and one[2] == gone.name]
    if not going or any(
        str(mapping({"": one[3]}, "").get("specifier")).startswith("catalog:") for one in going
    ):
        return None

    def needs(key: str) -> Iterator[str]:
        for group in _NEEDED:
            for name, version in mapping(snapshots.get(key), group).items():
                yield _key(snapshots, name, version)

    def all_of(lines: list[tuple[str, str, str, Any]]) -> set[str]:
        return reached(
            (_key(snapshots, name, mapping({"": entry}, "").get("version")) for *_, name, entry in lines),
            needs,
        )

    kept = all_of([one for one in asked if one not in going])
    lost = {key for key in all_of(going) - kept if key in snapshots}
    if _is_peer(
        mapping(lock, "packages"), kept, {_plain(key).rpartition("@")[0] for key in lost} | {gone.name}
    ):
        return None
    plain = {_plain(key) for key in lost} - {_plain(key) for key in snapshots if key not in lost}
    return _written(text, place, gone.name, lost, plain)


def _key(snapshots: dict[str, Any], name: str, version: Any) -> str:
    """An alias names a package by its whole key."""
    key = f"{name}@{version}"
    return key if key in snapshots else str(version)


def _plain(key: str) -> str:
    """Without the peers that it was resolved with: react-dom@18.3.1(react@18.3.1)."""
    return key.partition("(")[0]


def _is_peer(packages: dict[str, Any], kept: set[str], names: set[str]) -> bool:
    """Whether something that stays asks for one of these beside it: how it is resolved may change then."""
    return any(names & set(mapping(packages.get(_plain(key)), "peerDependencies")) for key in kept)


def _written(text: str, place: str, name: str, lost: set[str], plain: set[str]) -> str:
    """Cut the entries out, line by line, so that all else stays as it is written."""
    lines: list[str] = []
    section = first = third = ""
    skipped = 0
    for line in text.split("\n"):
        depth = _depth(line)
        word = _word(line)
        if line.strip() and skipped and depth <= skipped:
            skipped = 0
        if skipped and (line.strip() or skipped == 2):
            # The blank line below a package goes with it.
            continue
        if line.strip():
            if depth == 0:
                section, first = word, ""
            elif depth == 2:
                first = word
            elif depth == 6:
                third = word
            if (section == "importers" and depth == 6 and first == place and third == name) or (
                depth == 2
                and ((section == "packages" and word in plain) or (section == "snapshots" and word in lost))
            ):
                skipped = depth
                continue
        lines.append(line)
    return "\n".join(_tidy(lines))


def _tidy(lines: list[str]) -> list[str]:
    """Leave out headings that nothing stands below; a project without dependencies is `.: {}`."""
    found: list[str] = []
    below = -1
    for line in reversed(lines):
        if line.strip():
            depth = _depth(line)
            bare = line.endswith(":") and below <= depth
            if bare and depth in (0, 4):
                continue
            below = depth
            found.append(f"{line} {{}}" if bare and depth == 2 else line)
        else:
            found.append(line)
    return found[::-1]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _word(line: str) -> str:
    """The key of a line, without its quotes."""
    text = line.strip()
    if text.startswith("'"):
        return text[1:].partition("'")[0]
    return text.partition(": ")[0].removesuffix(":")
