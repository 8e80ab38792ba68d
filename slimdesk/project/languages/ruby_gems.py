"""What Gemfile, Gemfile.lock, a gemspec and version files say, read line by line: a Gemfile is code, and is never run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from slimdesk.project.code_search import files_in
from slimdesk.project.manifests import read_tool_versions
from slimdesk.project.model import Evidence
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, join, normal

MAX_LINES = 20_000
_GEM = bounded(r"""^[ \t]*gem[ (]+["']([A-Za-z0-9_.-]+)["']([^#\n]*)""")
_GROUP = bounded(r"^[ \t]*group[ (]+([^\n]*)\bdo\b")
_RUBY = bounded(r"""^[ \t]*ruby[ (]+["']([^"'\n]+)["']""")
_END = re.compile(r"^[ \t]*end\b")
_BLOCK = bounded(r"^[ \t]*(?:if|unless|case|platforms?|source|path|git|install_if)\b(?:[^\n]*)$|\bdo[ \t]*$")
_PATH = bounded(r"""(?:\bpath:|:path\s*=>)\s*["']([^"'\n]+)["']""")
_GIT = bounded(r"""(?:\b(?:git|github|gitlab|bitbucket):|:(?:git|github)\s*=>)""")
_ONLY_DEV = bounded(r"""\bgroups?:\s*(?:\[[^\]\n]*\]|:[a-z_]+)""")
_SPEC = re.compile(r"^    ([A-Za-z0-9_.-]{1,100}) \(([^()\s]{1,60})\)")
_REQUIRED = bounded(r"""required_ruby_version\s*=\s*(?:Gem::Requirement\.new\()?["']([^"'\n]+)["']""")
_EXECUTABLE = bounded(r"""\bexecutables\s*=\s*(?:\[\s*|%w[\[({]\s*)["']?([\w-]+)""")
_DEV_GROUPS = frozenset({"development", "test", "ci", "lint", "docs"})


@dataclass(frozen=True, slots=True)
class Gem:
    """One gem of a Gemfile: where it stands, and whether only developers and tests need it."""

    name: str
    evidence: Evidence
    development: bool = False
    path: str | None = None
    git: bool = False


@dataclass(slots=True)
class Gems:
    """What the files of one folder say.

    `locked` maps a gem to the versions in the lock with their platforms ("1.18.2-x86_64-linux-gnu") and lines.
    """

    folder: str
    gemfile: str | None = None
    lock: str | None = None
    gems: dict[str, Gem] = field(default_factory=dict)
    locked: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    platforms: dict[str, int] = field(default_factory=dict)
    version: tuple[str, Evidence] | None = None
    pin: tuple[str, Evidence] | None = None
    version_file: str | None = None

    def has(self, *names: str) -> Evidence | None:
        """Return where the first of these gems is asked for outside of development groups, else where it is locked."""
        for name in names:
            gem = self.gems.get(name)
            if gem is not None and not gem.development:
                return gem.evidence
        return None

    def resolved(self, name: str) -> Evidence | None:
        """Return where the gem is asked for or locked, by whomever it is needed."""
        if (found := self.has(name)) is not None:
            return found
        if name in self.gems or name not in self.locked or self.lock is None:
            return None
        return Evidence(self.lock, self.locked[name][0][1])

    def precompiled(self, name: str, *words: str) -> int | None:
        """Return the line at which the lock holds the gem built for a platform with all these words; None if it does not."""
        for version, line in self.locked.get(name, ()):
            _, _, platform = version.partition("-")
            if platform and all(word in platform for word in words):
                return line
        return None


def read_gems(tree: Tree, folder: str) -> Gems:
    """Read the folder's Gemfile, lock and version files; what is not there stays empty."""
    gems = Gems(folder)
    for name in ("Gemfile", "gems.rb"):
        path = join(folder, name)
        if tree.has(path):
            gems.gemfile = path
            _read_gemfile(tree, path, gems)
            break
    for name in ("Gemfile.lock", "gems.locked"):
        path = join(folder, name)
        if tree.has(path):
            gems.lock = path
            _read_lock(tree, path, gems)
            break
    _read_versions(tree, folder, gems)
    return gems


def executable_of(tree: Tree, path: str) -> tuple[str, int] | None:
    """Return the first program that a gemspec installs, and its line."""
    text = tree.text(path) or ""
    match = _EXECUTABLE.search(text)
    return (match.group(1), text.count("\n", 0, match.start()) + 1) if match else None


def gem_path(gems: Gems, path: str) -> str | None:
    """Return the folder of a path gem from the project's root; None if it leaves it."""
    return normal(join(gems.folder, path))


def _read_gemfile(tree: Tree, path: str, gems: Gems) -> None:
    blocks: list[bool] = []
    for number, line in enumerate((tree.text(path) or "").splitlines()[:MAX_LINES], 1):
        group = _GROUP.match(line)
        gem = _GEM.match(line)
        if group:
            blocks.append(_development(group.group(1)))
        elif gem:
            rest = gem.group(2)
            inline = _ONLY_DEV.search(rest)
            development = any(blocks) or (inline is not None and _development(inline.group()))
            local = _PATH.search(rest)
            gems.gems.setdefault(
                gem.group(1),
                Gem(
                    gem.group(1),
                    Evidence(path, number),
                    development,
                    local.group(1) if local else None,
                    _GIT.search(rest) is not None,
                ),
            )
        elif _END.match(line):
            if blocks:
                blocks.pop()
        elif _BLOCK.search(line.split("#")[0]):
            blocks.append(False)
        elif (ruby := _RUBY.match(line)) is not None:
            gems.version = (ruby.group(1), Evidence(path, number))


def _development(words: str) -> bool:
    names = set(re.findall(r"[a-z_]{1,40}", words)) - {"group", "groups", "optional", "true"}
    return bool(names) and names <= _DEV_GROUPS


def _read_lock(tree: Tree, path: str, gems: Gems) -> None:
    section = ""
    for number, line in enumerate((tree.text(path) or "").splitlines()[:MAX_LINES], 1):
        if line and not line.startswith(" "):
            section = line.strip()
        elif section in ("GEM", "PATH", "GIT") and (match := _SPEC.match(line)):
            gems.locked.setdefault(match.group(1), []).append((match.group(2), number))
        elif section == "PLATFORMS" and line.strip():
            gems.platforms.setdefault(line.strip()[:60], number)
        elif (
            section == "RUBY VERSION"
            and (found := re.search(r"ruby (\d+\.\d+\.\d+)", line))
            and gems.version is None
        ):
            gems.version = (found.group(1), Evidence(path, number))


def _read_versions(tree: Tree, folder: str, gems: Gems) -> None:
    for place in dict.fromkeys((folder, ".")):
        path = join(place, ".ruby-version")
        text = (tree.text(path) or "").strip()
        if match := re.match(r"(?:ruby-)?(\d+(?:\.\d+){0,2})", text):
            gems.pin = (match.group(1), Evidence(path, 1))
            gems.version_file = path if place == folder else None
            return
        path = join(place, ".tool-versions")
        found = read_tool_versions(tree, path).get("ruby")
        if found and re.fullmatch(r"\d+(?:\.\d+){0,2}", found[0]):
            gems.pin = (found[0], Evidence(path, found[1]))
            return
    if gems.version is None:
        for path in files_in(tree, folder, "*.gemspec"):
            text = tree.text(path) or ""
            if required := _REQUIRED.search(text):
                line = text.count("\n", 0, required.start()) + 1
                gems.version = (required.group(1), Evidence(path, line))
                return
