"""Looking for a few tell-tale lines in many source files: what is found comes with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from slimdesk.project.walk import Tree, folder_of

MAX_FILES = 500
MAX_TEXT = 400_000
MAX_EACH = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """One match: its groups (missing ones are empty), the file and the line from 1."""

    groups: tuple[str, ...]
    path: str
    line: int

    @property
    def text(self) -> str:
        """The first group that matched something."""
        return next((group for group in self.groups if group), "")


def search(tree: Tree, paths: Iterable[str], patterns: Mapping[str, re.Pattern[str]]) -> dict[str, list[Hit]]:
    """Return the matches of each pattern by its key, in the order of `paths`; shallow files should come first.

    At most MAX_FILES files and MAX_EACH matches of a key are looked at. A pattern must be linear (`project.patterns`).
    """
    found: dict[str, list[Hit]] = {key: [] for key in patterns}
    for path in list(paths)[:MAX_FILES]:
        text = (tree.text(path) or "")[:MAX_TEXT]
        if not text:
            continue
        for key, pattern in patterns.items():
            for match in pattern.finditer(text):
                if len(found[key]) >= MAX_EACH:
                    break
                groups = tuple(group or "" for group in (match.groups() or (match.group(),)))
                found[key].append(Hit(groups, path, text.count("\n", 0, match.start()) + 1))
    return found


def files_in(tree: Tree, folder: str, *patterns: str) -> list[str]:
    """Return the files directly in a folder whose names fit one of the patterns; the tree is searched once per pattern."""
    key = (" ".join(patterns), "by folder")
    if key not in tree.parsed:
        by_folder: dict[str, list[str]] = {}
        for path in tree.named(*patterns):
            by_folder.setdefault(folder_of(path), []).append(path)
        tree.parsed[key] = by_folder
    found: dict[str, list[str]] = tree.parsed[key]
    return found.get(folder, [])


def shallow_first(paths: Iterable[str]) -> list[str]:
    """What starts a program stands near the top."""
    return sorted(paths, key=lambda path: (path.count("/"), path))


def is_inside(path: str, folder: str) -> bool:
    """Whether `path` is the folder or lies below it."""
    return folder in (".", "") or path == folder or path.startswith(folder + "/")
