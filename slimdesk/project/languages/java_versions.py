"""Which Java a project is written for: words such as 1.8, 21, VERSION_17, 21.0.2-tem, temurin-21."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.project.manifests import read_tool_versions, words_of
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, join

_RELEASE = re.compile(r"(?:[A-Za-z_-]*[-_ ])?(?:1\.)?(\d{1,2})(?:[._+-].*)?$", re.ASCII)
OLDEST, NEWEST = 5, 60


def release(text: object) -> int | None:
    """Return the Java release that a word names; None if it names none."""
    word = words_of(text, 60)
    match = _RELEASE.fullmatch(word.replace("VERSION_1_", "").replace("VERSION_", "")) if word else None
    number = int(match.group(1)) if match else None
    return number if number is not None and OLDEST <= number <= NEWEST else None


def from_tools(tree: Tree, folder: str) -> Iterator[tuple[int, Evidence]]:
    """What .java-version, .sdkmanrc and .tool-versions in a folder ask for, in this order."""
    path = join(folder, ".java-version")
    for number, line in enumerate((tree.text(path) or "").splitlines()[:20], 1):
        found = release(line.strip())
        if found is not None:
            yield found, Evidence(path, number)
            break
    path = join(folder, ".sdkmanrc")
    text = tree.text(path) or ""
    match = re.search(r"(?m)^[ \t]*java[ \t]*=[ \t]*([\w.+-]{1,40})", text)
    if match:
        found = release(match.group(1))
        if found is not None:
            yield found, Evidence(path, text.count("\n", 0, match.start(1)) + 1)
    path = join(folder, ".tool-versions")
    if tree.has(path):
        stated = read_tool_versions(tree, path).get("java")
        found = release(stated[0]) if stated else None
        if stated and found is not None:
            yield found, Evidence(path, stated[1])
