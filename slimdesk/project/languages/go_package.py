"""Go packages as the go command would see them on Linux: files, imports, build constraints, what a main reaches."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from slimdesk.project.languages.go_module import GoModule
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, folder_of, join

MAX_FILE = 524_288
MAX_HEAD = 32_768
# Reading all of Kubernetes would take minutes; the packages nearest to a main come first.
MAX_SCANNED_FILES = 2_000
MAX_SCANNED_BYTES = 24 * 1_048_576

_OPERATING_SYSTEMS = frozenset(
    [
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "hurd",
        "illumos",
        "ios",
        "js",
        "linux",
        "nacl",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "wasip1",
        "windows",
        "zos",
    ]
)
_ARCHITECTURES = frozenset(
    [
        "386",
        "amd64",
        "arm",
        "arm64",
        "loong64",
        "mips",
        "mips64",
        "mips64le",
        "mipsle",
        "ppc64",
        "ppc64le",
        "riscv64",
        "s390x",
        "sparc64",
        "wasm",
    ]
)
_TRUE_TAGS = frozenset({"linux", "unix", "amd64", "arm64", "gc", "cgo"})
# Strings, runes and comments, each possessive: linear on any input.
_TOKENS = re.compile(
    r"""("(?:[^"\\\n]++|\\.)*+"?|`[^`]*+`?|'(?:[^'\\\n]++|\\.)*+'?)|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"""
)
_PACKAGE = bounded(r"^[ \t]*package\s+([A-Za-z_]\w*)", re.MULTILINE)
_MAIN = re.compile(r"^func\s+main\s*\(\s*\)", re.MULTILINE)
_IMPORT_BLOCK = re.compile(r"^import[ \t]*+\(([^()]*+)\)", re.MULTILINE)
_IMPORT_ONE = bounded(r"""^import[ \t]+(?:[\w.]+[ \t]+)?(["`][^"`\n]+["`])""", re.MULTILINE)
_IMPORTED = re.compile(r"""["`]([^"`\n]++)["`]""")
_CONSTRAINT = re.compile(r"^//\s*(?:go:build\s+(.+)|\+build\s+(.+))$", re.MULTILINE)
_TAG = re.compile(r"\s*(\(|\)|&&|\|\||!|[\w.]+)")


@dataclass(frozen=True, slots=True)
class GoFile:
    """One source file: `code` has its comments blanked, line for line; `imports` are (path, line).

    `ends` are the offsets of the ends of lines in `code`.
    """

    path: str
    raw: str
    code: str
    package: str
    imports: tuple[tuple[str, int], ...]
    generated: bool
    ends: tuple[int, ...]

    def line(self, at: int) -> int:
        """Return the line, from 1, of an offset in `code`."""
        return bisect_left(self.ends, at) + 1

    def line_text(self, at: int) -> str:
        """Return the text of the line of an offset in `code`, at most 200 characters to either side."""
        start = self.code.rfind("\n", max(0, at - 200), at) + 1 or max(0, at - 200)
        end = self.code.find("\n", at, at + 200)
        return self.code[start : end if end >= 0 else at + 200]


@dataclass(slots=True)
class Sources:
    """The Go files of a tree by folder, parsed when they are needed.

    `pure` are the folders with a file for builds without cgo: what they do with C, they do without as well.
    """

    tree: Tree
    folders: dict[str, list[str]] = field(default_factory=dict)
    scanned: int = 0
    scanned_bytes: int = 0
    cut_short: bool = False
    pure: set[str] = field(default_factory=set)
    _files: dict[str, GoFile | None] = field(default_factory=dict)
    _mains: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Tree) -> Sources:
        """Collect the folders that hold Go files which are not tests and build on Linux."""
        sources = cls(tree)
        for path in tree.named("*.go"):
            name = path.rsplit("/", 1)[-1]
            if name.endswith("_test.go") or name.startswith(("_", ".")) or not _name_builds(name):
                continue
            parts = path.split("/")[:-1]
            if any(part.startswith(("_", ".")) or part in ("testdata", "vendor") for part in parts):
                continue
            sources.folders.setdefault(folder_of(path), []).append(path)
        return sources

    def files(self, folder: str) -> list[GoFile]:
        """Every file of the package in `folder` that builds on Linux."""
        parsed = (self._file(path) for path in self.folders.get(folder, ()))
        return [file for file in parsed if file is not None]

    def is_main(self, folder: str) -> bool:
        """Whether the folder is a `package main` with a func main."""
        if folder not in self._mains:
            paths = self.folders.get(folder, ())
            # All files of a folder share one package clause: two heads spare the reading of whole libraries.
            heads = (self.tree.data(path, MAX_HEAD) or b"" for path in paths[:2])
            candidate = any(b"package main" in head for head in heads)
            self._mains[folder] = candidate and any(
                file.package == "main" and _MAIN.search(file.code) for file in self.files(folder)
            )
        return self._mains[folder]

    def reached(self, main: str, modules: Iterable[GoModule]) -> list[GoFile]:
        """Return the files of the package in `main` and of every package of these modules that it imports, nearest first."""
        roots = sorted(
            ((module.path, module.folder) for module in modules if module.path),
            key=lambda root: -len(root[0]),
        )
        seen = {main}
        queue = deque([main])
        found: list[GoFile] = []
        while queue:
            for file in self.files(queue.popleft()):
                found.append(file)
                for path, _ in file.imports:
                    folder = _own_folder(path, roots)
                    if folder is not None and folder not in seen and folder in self.folders:
                        seen.add(folder)
                        queue.append(folder)
        return found

    def _file(self, path: str) -> GoFile | None:
        if path not in self._files:
            if self.scanned >= MAX_SCANNED_FILES or self.scanned_bytes >= MAX_SCANNED_BYTES:
                self.cut_short = True
                return None
            data = self.tree.data(path, MAX_FILE)
            self.scanned += 1
            self.scanned_bytes += len(data or b"")
            self._files[path] = None if data is None else _parse(path, data)
            if b"!cgo" in (data or b"")[:MAX_HEAD] and self._files[path] is None:
                self.pure.add(folder_of(path))
        return self._files[path]


def _own_folder(path: str, roots: list[tuple[str, str]]) -> str | None:
    for module, folder in roots:
        if path == module:
            return folder
        if path.startswith(module + "/"):
            return join(folder, path[len(module) + 1 :])
    return None


def _parse(path: str, data: bytes) -> GoFile | None:
    raw = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    code = _TOKENS.sub(_blank, raw)
    package = _PACKAGE.search(code)
    if package is None or not _builds(raw[: raw.find("package " + package.group(1))]):
        return None
    ends = tuple(match.start() for match in re.finditer("\n", code))
    imports: list[tuple[str, int]] = []
    for pattern in (_IMPORT_ONE, _IMPORT_BLOCK):
        for match in pattern.finditer(code):
            imports.extend(
                (quoted.group(1)[:300], bisect_left(ends, quoted.start()) + 1)
                for quoted in _IMPORTED.finditer(code, match.start(1), match.end(1))
            )
    generated = "Code generated" in raw[:2000] and "DO NOT EDIT" in raw[:2000]
    return GoFile(path, raw, code, package.group(1), tuple(imports), generated, ends)


def _blank(match: re.Match[str]) -> str:
    text = match.group(1)
    return text if text is not None else " " + "\n" * match.group().count("\n")


def _name_builds(name: str) -> bool:
    """Whether the name's _GOOS and _GOARCH endings let the file build on Linux (go/build, goodOSArchFile)."""
    parts = name.removesuffix(".go").split("_")[1:][-2:]
    if len(parts) == 2 and not (parts[0] in _OPERATING_SYSTEMS and parts[1] in _ARCHITECTURES):
        parts = parts[1:]
    return all(
        (part not in _OPERATING_SYSTEMS or part == "linux")
        and (part not in _ARCHITECTURES or part in ("amd64", "arm64"))
        for part in parts
    )


def _builds(head: str) -> bool:
    """Whether the build constraints before the package clause hold on Linux with cgo and no tags of one's own."""
    constraints = [
        match.group(1) or match.group(2).replace(",", " && ") for match in _CONSTRAINT.finditer(head)
    ]
    modern = [match.group(1) for match in _CONSTRAINT.finditer(head) if match.group(1)]
    return all(_holds(expression) for expression in modern or constraints)


def _holds(expression: str) -> bool:
    words = _TAG.findall(expression[:1000])
    position = 0
    if sum(word in ("(", "!") for word in words) > 40:
        # Nobody writes that; it would only nest our calls.
        return True

    def either() -> bool:
        nonlocal position
        value = both()
        while position < len(words) and (words[position] == "||" or words[position] not in ("&&", ")")):
            # Old `+build a b` lines mean a or b.
            position += words[position] == "||"
            value = both() or value
        return value

    def both() -> bool:
        nonlocal position
        value = one()
        while position < len(words) and words[position] == "&&":
            position += 1
            value = one() and value
        return value

    def one() -> bool:
        nonlocal position
        if position >= len(words):
            return True
        word = words[position]
        position += 1
        if word == "!":
            return not one()
        if word == "(":
            value = either()
            position += 1
            return value
        return word in _TRUE_TAGS or re.fullmatch(r"go1\.\d+", word) is not None

    return either()
