"""npm, yarn and pnpm workspaces: which packages belong together, and what a member needs of the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from slimdesk.project.languages.node_package import Package
from slimdesk.project.manifests import read_yaml
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, join, normal

MAX_PATTERNS = 200
MAX_STARS = 6


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace root and its members, in order of their path."""

    root: Package
    members: tuple[Package, ...]
    evidence: Evidence

    def needed_by(self, member: Package) -> tuple[Package, ...]:
        """The members that `member` uses, directly or not, each after the ones that it uses itself."""
        by_name = {package.name: package for package in self.members if package.name}
        ordered: list[Package] = []
        state: dict[str, bool] = {}
        # An explicit stack: a chain of a thousand members must not end in a RecursionError.
        stack: list[tuple[Package, bool]] = [(member, False)]
        while stack:
            package, finished = stack.pop()
            if finished:
                state[package.folder] = True
                if package is not member:
                    ordered.append(package)
                continue
            if package.folder in state:
                continue
            state[package.folder] = False
            stack.append((package, True))
            names = sorted({**package.development, **package.dependencies}, reverse=True)
            stack.extend((by_name[name], False) for name in names if name in by_name)
        return tuple(ordered)


def find_workspaces(tree: Tree, packages: Mapping[str, Package]) -> list[Workspace]:
    """Find every workspace root among the packages (folder -> package), with its members."""
    found = []
    for folder, package in packages.items():
        patterns, evidence = _patterns(tree, package)
        if not patterns:
            continue
        member_folders = _members(patterns, folder, packages)
        found.append(Workspace(package, tuple(packages[one] for one in member_folders), evidence))
    return found


def _patterns(tree: Tree, package: Package) -> tuple[list[str], Evidence]:
    path = join(package.folder, "pnpm-workspace.yaml")
    if tree.has(path):
        named = (read_yaml(tree, path) or {}).get("packages")
        if isinstance(named, list):
            return _texts(named), Evidence(path)
    stated = package.data.get("workspaces")
    if isinstance(stated, dict):
        stated = stated.get("packages")
    return (_texts(stated) if isinstance(stated, list) else []), package.evidence("workspaces")


def _texts(values: Sequence[object]) -> list[str]:
    return [value for value in values[:MAX_PATTERNS] if isinstance(value, str) and 0 < len(value) <= 200]


def _members(patterns: Iterable[str], root: str, packages: Mapping[str, Package]) -> list[str]:
    wanted: list[re.Pattern[str]] = []
    refused: list[re.Pattern[str]] = []
    for pattern in patterns:
        target = refused if pattern.startswith("!") else wanted
        clean = normal(pattern.removeprefix("!"))
        # Each star may try every length: a handful is what people write, and what stays fast.
        if clean is not None and clean != "." and clean.count("*") <= MAX_STARS:
            target.append(_glob(clean))
    prefix = "" if root == "." else f"{root}/"
    members = []
    for folder in packages:
        if folder in (root, ".") or not folder.startswith(prefix):
            continue
        inside = folder[len(prefix) :]
        if any(one.fullmatch(inside) for one in wanted) and not any(one.fullmatch(inside) for one in refused):
            members.append(folder)
    return sorted(members)


def _glob(pattern: str) -> re.Pattern[str]:
    """Turn a workspace pattern into an expression: * is within one folder, ** is any depth, {a,b} is a choice."""
    out = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            out.append("(?:[^/]+/)*+")
            at += 3
        elif pattern.startswith("**", at):
            out.append(".*")
            at += 2
        elif pattern[at] == "*":
            out.append("[^/]*")
            at += 1
        elif pattern[at] == "{" and "}" in pattern[at:]:
            end = pattern.index("}", at)
            out.append("(?:" + "|".join(re.escape(one) for one in pattern[at + 1 : end].split(",")) + ")")
            at = end + 1
        else:
            out.append(re.escape(pattern[at]))
            at += 1
    return re.compile("".join(out))
