"""Take a dependency out of the manifest that asks for it: the new text of each file, and what is to be run afterwards."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slimdesk.basics.escaping import visible
from slimdesk.project.dependencies import Declared
from slimdesk.project.walk import folder_of, join
from slimdesk.recipes.leave_out_locks import LOCKS, Gone
from slimdesk.recipes.leave_out_locks.gone import mapping

Read = Callable[[str], str | None]
"""Return a file's text by its path from the project; None where there is none."""

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
_COMMANDS = {"composer": "composer remove {}", "gem": "bundle remove {}", "nuget": "dotnet remove package {}"}
_MOST_LINES = 60
_SECTION = re.compile(r"\s*\[")


class CannotTakeOut(ValueError):
    """Why no text can be written, as a sentence."""


@dataclass(frozen=True, slots=True)
class NewText:
    """A file of the project: its path from the project, the text that it has, the one that it would have."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TakenOut:
    """The texts of all files that change, and commands that a person runs afterwards so that a lock file follows."""

    texts: tuple[NewText, ...]
    commands: tuple[str, ...] = ()


def without_dependencies(read: Read, declared: tuple[Declared, ...]) -> TakenOut:
    """Return the manifests (and lock files as far as they can be written) without these lines. Raises CannotTakeOut."""
    texts: dict[str, NewText] = {}
    commands: dict[str, None] = {}

    def now(path: str) -> str | None:
        return texts[path].after if path in texts else read(path)

    def keep(path: str, before: str, after: str) -> None:
        old = texts[path].before if path in texts else before
        texts[path] = NewText(path, old, after)

    # From the bottom up: a line that goes moves those below it.
    for one in sorted(declared, key=lambda one: (one.evidence.path, -(one.evidence.line or 0))):
        path = one.evidence.path
        text = now(path)
        if text is None:
            raise CannotTakeOut(f"{path} cannot be read")
        after = without_dependency(path, text, one)
        keep(path, text, after)
        folder = folder_of(path)
        for place in _folders_above(folder):
            member = "" if place == folder else folder if place == "." else folder.removeprefix(f"{place}/")
            for lock in LOCKS:
                old = now(join(place, lock.name)) if path.endswith(lock.manifest) else None
                if old is None or lock.command in commands:
                    continue
                new = lock.rewritten(old, Gone(one.name, member, text, after))
                if new is None:
                    commands[lock.command] = None
                    texts.pop(join(place, lock.name), None)
                else:
                    keep(join(place, lock.name), old, new)
    return TakenOut(tuple(texts.values()), tuple(commands))


def without_dependency(path: str, text: str, declared: Declared) -> str:
    """Return a manifest's text without the dependency. Raises CannotTakeOut."""
    name = path.rsplit("/", 1)[-1]
    line = declared.evidence.line
    if declared.type == "golang":
        raise CannotTakeOut(
            "Go builds in only what the sources import: take the import out, then run go mod tidy"
        )
    if declared.type in _COMMANDS:
        command = _COMMANDS[declared.type].format(shlex.quote(visible(declared.name, 200)))
        raise CannotTakeOut(
            f"{path} is not changed by SlimDesk: run {command}, which updates the lock file too"
        )
    if line is None:
        raise CannotTakeOut(f"{path} does not say on which line {declared.name} is asked for")
    if name == "package.json":
        return _without_json(path, text, declared.name)
    if name == "pom.xml":
        return _without_element(path, text, line)
    if name.endswith((".gradle", ".kts")):
        return _without_lines(text, line, line)
    if name.endswith(".txt"):
        return _without_requirement(text, line)
    if name in ("pyproject.toml", "Pipfile"):
        return _without_toml(path, text, line, declared.name)
    if name == "Cargo.toml":
        return _without_crate(path, text, line, declared.name)
    raise CannotTakeOut(f"{path} is not changed by SlimDesk: take {declared.name} out by hand")


def with_cpu_index(path: str, text: str) -> str:
    """Return a requirements file that takes PyTorch's CPU build: with its index, whose `+cpu` versions win over PyPI's.

    Raises CannotTakeOut for another manifest.
    """
    if not path.endswith(".txt"):
        raise CannotTakeOut(
            f"Only a requirements file takes an index as a line: in {path}, name {CPU_INDEX} as the index of torch"
        )
    return f"--extra-index-url {CPU_INDEX}\n{text}"


def _folders_above(folder: str) -> list[str]:
    """The folder, and those above it up to the project's: a workspace has one lock file at its root."""
    found = [folder]
    while folder not in (".", ""):
        folder = folder_of(folder)
        found.append(folder)
    return found


def _without_lines(text: str, first: int, last: int) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: first - 1], *lines[last:]])


def _without_requirement(text: str, line: int) -> str:
    """A requirement goes on over lines that end with a backslash (pip, requirements file format)."""
    lines = text.splitlines()
    last = line
    while last < len(lines) and lines[last - 1].rstrip().endswith("\\"):
        last += 1
    return _without_lines(text, line, last)


def _without_json(path: str, text: str, name: str) -> str:
    """Take the entry out where it stands, so that all else stays as it is written."""
    try:
        wanted: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise CannotTakeOut(f"{path} cannot be read as JSON") from None
    groups = [
        key
        for key in ("dependencies", "optionalDependencies", "devDependencies")
        if name in mapping(wanted, key)
    ]
    if not groups:
        raise CannotTakeOut(f"{path} does not ask for {name}")
    for key in groups:
        del wanted[key][name]
    entry = rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:\s*\"(?:[^\"\\\n]|\\.)*\""
    candidate = text
    for _ in groups:
        # The comma behind it goes too, else the one before it.
        for pattern in (rf"[ \t]*{entry}\s*,[ \t]*\n?", rf",\s*{entry}", rf"{entry}"):
            for match in re.finditer(pattern, candidate):
                shorter = candidate[: match.start()] + candidate[match.end() :]
                if _is_json(shorter) and _stands_in(candidate, match.start(), groups):
                    candidate = shorter
                    break
            else:
                continue
            break
    try:
        same = json.loads(candidate) == wanted
    except ValueError:
        same = False
    return candidate if same else json.dumps(wanted, indent=2, ensure_ascii=False) + "\n"


def _stands_in(text: str, at: int, groups: list[str]) -> bool:
    """Whether the last key with an object that opens before a place is one of the groups."""
    opened = re.findall(r'"([^"\n]{1,100})"\s*:\s*\{', text[: at + 1])
    return bool(opened) and opened[-1] in groups


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _without_element(path: str, text: str, line: int) -> str:
    """The <dependency> around, or on, a line."""
    starts = [match.start() for match in re.finditer(r"[ \t]*<dependency>", text)]
    ends = text.splitlines(keepends=True)
    upto = sum(len(one) for one in ends[:line])
    start = max((at for at in starts if at < upto), default=-1)
    stop = text.find("</dependency>", start)
    if start < 0 or stop < 0 or text.count("\n", 0, stop) + 1 < line:
        raise CannotTakeOut(f"{path}:{line} is no dependency that can be taken out")
    stop += len("</dependency>")
    return text[:start] + text[stop:].removeprefix("\r").removeprefix("\n")


def _without_toml(path: str, text: str, line: int, name: str) -> str:
    import tomllib

    from slimdesk.project.languages.python_manifest import normal_name

    lines = text.splitlines(keepends=True)
    if line > len(lines):
        raise CannotTakeOut(f"{path} has changed since it was read")
    old = lines[line - 1]
    key, equals, _ = old.partition("=")
    if equals and normal_name(key.strip().strip("\"'")) == name and not _SECTION.match(old):
        new = ""
    else:
        quoted = [
            match
            for match in re.finditer(r"""(["'])((?:(?!\1)[^\n\\])*)\1\s*,?[ \t]*""", old)
            if normal_name(match.group(2)) == name
        ]
        if not quoted:
            raise CannotTakeOut(f"{name} is not plain to see at {path}:{line}: take it out by hand")
        new = old[: quoted[0].start()] + old[quoted[0].end() :]
        new = "" if not new.strip() else new
    after = "".join([*lines[: line - 1], new, *lines[line:]])
    try:
        tomllib.loads(after)
    except (ValueError, RecursionError):
        raise CannotTakeOut(
            f"{name} stands at {path}:{line} in a way that cannot be cut out: take it out by hand"
        ) from None
    return after


def _without_crate(path: str, text: str, line: int, name: str) -> str:
    """Take the key or table out that begins on a line, with as many lines as it has."""
    import tomllib

    hand = f"{visible(name, 80)} stands at {path}:{line} in a way that cannot be cut out: take it out by hand"
    try:
        wanted = tomllib.loads(text)
    except (ValueError, RecursionError):
        raise CannotTakeOut(f"{path} cannot be read as TOML") from None
    key = _without_key(wanted, name)
    if key is None:
        raise CannotTakeOut(hand)
    for feature, words in mapping(wanted, "features").items():
        if any(
            str(word).removeprefix("dep:").partition("/")[0].removesuffix("?") == key
            for word in (words if isinstance(words, list) else ())
        ):
            raise CannotTakeOut(
                f"The feature {visible(feature, 60)} of {path} names {name}: take it out of both by hand"
            )
    for last in range(line, line + _MOST_LINES):
        after = _without_lines(text, line, last)
        try:
            document = tomllib.loads(after)
        except (ValueError, RecursionError):
            continue
        if _filled(document) == _filled(wanted):
            return after
    raise CannotTakeOut(hand)


def _without_key(document: dict[str, Any], name: str) -> str | None:
    """Take a crate out of the first table that asks for it; return its key, which is not its name where it is renamed."""
    for table in (document, *mapping(document, "target").values()):
        for group in ("dependencies", "build-dependencies", "dev-dependencies"):
            asked = mapping(table, group)
            for key, how in asked.items():
                if (how.get("package", key) if isinstance(how, dict) else key) == name:
                    del asked[key]
                    return str(key)
    return None


def _filled(document: dict[str, Any]) -> dict[str, Any]:
    """A table that has become empty may be gone altogether."""
    return {key: value for key, value in document.items() if value != {}}
