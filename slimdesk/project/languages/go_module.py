"""go.mod and go.work as data. The grammar is that of https://go.dev/ref/mod#go-mod-file, read forgivingly.

Directives that are not known are passed over, so that a file of a later Go is read as far as it is understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from slimdesk.basics.escaping import without_controls
from slimdesk.project.walk import Tree, folder_of, join, normal

_GO_VERSION = re.compile(r"[1-9]\d{0,4}(?:\.\d{1,4}){0,2}(?:(?:rc|beta)\d{1,3})?", re.ASCII)
_TOOLCHAIN = re.compile(r"go[1-9][\w.+-]{0,60}|default", re.ASCII)
_MODULE_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~/-]{0,299}", re.ASCII)
_WORD = re.compile(r'"((?:[^"\\]++|\\.)*+)"|`([^`]*+)`|([^\s"`]++)')
MAX_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Require:
    """A module that is needed, and where go.mod says so."""

    path: str
    version: str
    line: int
    indirect: bool


@dataclass(slots=True)
class GoModule:
    """One go.mod: `folder` is where it stands, `replaced` the local folders that it takes modules from."""

    folder: str
    file: str
    path: str | None = None
    path_line: int | None = None
    go: str | None = None
    go_line: int | None = None
    toolchain: str | None = None
    toolchain_line: int | None = None
    requires: list[Require] = field(default_factory=list)
    replaced: list[tuple[str, int]] = field(default_factory=list)
    problems: list[tuple[str, int | None]] = field(default_factory=list)

    @property
    def short_name(self) -> str:
        """What `go build` would call a binary of the module's own folder: the last part without a major version."""
        parts = (self.path or "").split("/")
        if len(parts) > 1 and re.fullmatch(r"v\d+", parts[-1]):
            parts.pop()
        return parts[-1] or "app"


@dataclass(slots=True)
class GoWork:
    """One go.work and the folders of its members."""

    folder: str
    file: str
    members: list[tuple[str, int]] = field(default_factory=list)
    go: str | None = None
    go_line: int | None = None
    toolchain: str | None = None
    toolchain_line: int | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    verb: str
    words: tuple[str, ...]
    comment: str


def read_module(tree: Tree, file: str) -> GoModule:
    """Read one go.mod; what is wrong with it stands in `problems` as (sentence, line)."""
    module = GoModule(folder_of(file), file)
    text = tree.text(file)
    if text is None:
        module.problems.append(("go.mod could not be read", None))
        return module
    lines, open_block = _lines(text)
    if open_block:
        module.problems.append(
            ("go.mod ends inside a block that is never closed; it may be cut off", open_block)
        )
    for line in lines:
        _apply(module, line)
    if module.path is None and not module.problems:
        module.problems.append(("go.mod has no module line; write one with: go mod edit -module NAME", None))
    return module


def read_work(tree: Tree, file: str) -> GoWork:
    """Read one go.work."""
    work = GoWork(folder_of(file), file)
    lines, open_block = _lines(tree.text(file) or "")
    if open_block:
        tree.problem("go.work ends inside a block that is never closed; it may be cut off", file, open_block)
    for line in lines:
        if line.verb == "use" and line.words:
            folder = normal(join(work.folder, line.words[0]))
            if folder is None:
                tree.problem("go.work uses a folder outside of the project", file, line.number)
            else:
                work.members.append((folder, line.number))
        elif line.verb == "go" and len(line.words) == 1 and _GO_VERSION.fullmatch(line.words[0]):
            work.go, work.go_line = line.words[0], line.number
        elif line.verb == "toolchain" and len(line.words) == 1 and _TOOLCHAIN.fullmatch(line.words[0]):
            work.toolchain, work.toolchain_line = line.words[0], line.number
    return work


def later(one: str | None, other: str | None) -> bool:
    """Whether Go version `one` comes after `other`; a missing one comes first."""
    return _order(one) > _order(other)


def _order(version: str | None) -> tuple[int, ...]:
    """Return a version as numbers: 1.24rc1 before 1.24 and 1.24.0 (language versions and releases as go.dev/doc/toolchain)."""
    if version is None:
        return ()
    release, mark, candidate = re.match(r"([\d.]*)(rc|beta)?(\d*)", version.removeprefix("go")).groups()  # type: ignore[union-attr]
    numbers = [int(part) for part in release.split(".") if part]
    numbers += [0] * (3 - len(numbers))
    return (*numbers, {"beta": 0, "rc": 1}.get(mark, 2), int(candidate or 0))


def _apply(module: GoModule, line: _Line) -> None:
    words = line.words
    first = words[0] if words else ""
    if line.verb == "module" and module.path is None:
        if len(words) == 1 and _MODULE_PATH.fullmatch(first):
            module.path, module.path_line = first, line.number
        else:
            module.problems.append(("The module line of go.mod does not hold a module path", line.number))
    elif line.verb == "go" and module.go is None:
        if len(words) == 1 and _GO_VERSION.fullmatch(first):
            module.go, module.go_line = first, line.number
        else:
            module.problems.append(
                ("The go line of go.mod does not hold a version such as 1.24", line.number)
            )
    elif line.verb == "toolchain" and len(words) == 1 and _TOOLCHAIN.fullmatch(first):
        module.toolchain, module.toolchain_line = first, line.number
    elif line.verb == "require" and len(words) >= 2:
        module.requires.append(
            Require(words[0][:300], words[1][:100], line.number, "indirect" in line.comment)
        )
    elif line.verb == "replace" and "=>" in words:
        target = words[words.index("=>") + 1 :]
        if len(target) == 1 and target[0].startswith((".", "/")):
            folder = None if target[0].startswith("/") else normal(join(module.folder, target[0]))
            if folder is None:
                module.problems.append(
                    (
                        "go.mod replaces a module by a folder outside of the project, which a build cannot see",
                        line.number,
                    )
                )
            else:
                module.replaced.append((folder, line.number))


def _lines(text: str) -> tuple[list[_Line], int | None]:
    """Every directive as (verb, words), blocks unrolled; and the line of a block that was never closed."""
    found: list[_Line] = []
    block: str | None = None
    block_line = 0
    for number, raw in enumerate(text.splitlines()[:MAX_LINES], 1):
        words, comment = _split(raw)
        if not words:
            continue
        if block is not None:
            if words[0] == ")":
                block = None
            else:
                found.append(_Line(number, block, words, comment))
        elif len(words) >= 2 and words[1] == "(":
            # `require ()` and `require ( a v1 )` are not written by any tool; the first is closed at once.
            if words[-1] != ")":
                block, block_line = words[0], number
        else:
            found.append(_Line(number, words[0], words[1:], comment))
    return found, block_line if block is not None else None


def _split(raw: str) -> tuple[tuple[str, ...], str]:
    code, _, comment = raw.partition("//") if '"' not in raw and "`" not in raw else _quoted(raw)
    spaced = code.replace("(", " ( ").replace(")", " ) ") if '"' not in code else code
    words = tuple(
        without_controls(next(part for part in match.groups() if part is not None))
        for match in _WORD.finditer(spaced[:4000])
    )
    return words, comment.strip()


def _quoted(raw: str) -> tuple[str, str, str]:
    """Split at the first // that stands outside of quotes."""
    quote = ""
    for at, sign in enumerate(raw):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in '"`':
            quote = sign
        elif raw.startswith("//", at):
            return raw[:at], "//", raw[at + 2 :]
    return raw, "", ""
