"""An image as the doctor's rules see it: its configuration, its files, its user, and what it starts."""

from __future__ import annotations

import posixpath
import re
import shlex
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from slimdesk.basics.finding import Finding
from slimdesk.image.elf_summary import ElfSummary, summarise
from slimdesk.image.model import ImageConfig
from slimdesk.image.starting import places

# The largest program that is looked into.
MAX_BODY = 384 << 20
_HOPS = 16
_LONGEST_SCRIPT = 64 << 10
# What lets a script change its words, or take them for something else than a command.
_CHANGES = re.compile(r"\bset --|\bcase\b|\bshift\b|\$1\b|\$\{1")
# Programs that start what is named behind them, and the options of theirs that take a word.
_WRAPPERS: dict[str, tuple[str, ...]] = {
    "tini": ("-p", "-e"),
    "tini-static": ("-p", "-e"),
    "dumb-init": ("-r", "--rewrite"),
    "catatonit": (),
    "env": ("-u", "--unset", "-C", "--chdir"),
    "nice": ("-n", "--adjustment"),
    "gosu": (),
    "su-exec": (),
}
# Of these the first word is a user.
_AS_SOMEBODY = ("gosu", "su-exec")
_SHELL_WORDS = frozenset(";|&<>()$`*?{}[]!~#\n")
_SHELLS = ("sh", "bash", "ash", "dash")

Keyword = Literal["ENTRYPOINT", "CMD", "USER", "WORKDIR", "EXPOSE", "HEALTHCHECK", "ENV"]


@dataclass(frozen=True, slots=True)
class FileNode:
    """What stands at a path: mode as POSIX has it with its kind, bytes, and what a symbolic link says."""

    mode: int
    size: int = 0
    target: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        """Whether it is a file with bytes."""
        return stat.S_ISREG(self.mode)


class Choice(Protocol):
    """Which files of many are wanted."""

    def __call__(self, path: str, size: int) -> bool:
        """Whether a file is wanted."""

    def cut_off(self) -> None:
        """Be told that there was more than could be gone through."""


class Files(Protocol):
    """The files of an image that is not started. Paths are absolute; folders on the way that are links are followed."""

    def stat(self, path: str) -> FileNode | None:
        """Return what stands there, a last link not followed."""

    def owner(self, path: str) -> tuple[int, int] | None:
        """Return uid and gid of what stands there; None if that is not known."""

    def bodies(self, paths: Iterable[str], limit: int) -> dict[str, bytes]:
        """Return the bytes of files; those of more than `limit` bytes, or that are no files, are missing."""

    def matching(self, places: tuple[str, ...], wanted: Choice) -> Iterable[tuple[str, bytes]]:
        """Yield (path, body) of the files at and below some places that are wanted."""

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder; none if there is no such folder."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """A finding, with the Dockerfile's keyword that it is about. doubt: nothing is wrong, but nothing is certain either."""

    finding: Finding
    keyword: Keyword | None = None
    doubt: bool = False


Rule = Callable[["Patient"], Iterable[Symptom]]


@dataclass(frozen=True, slots=True)
class User:
    """Who the process runs as. uid, gid: None where the name stands for nobody. named: by a name, not a number."""

    uid: int | None
    gid: int | None
    named: bool
    missing: str = ""


@dataclass
class Patient:
    """config, platform: of the image. Asked for once, everything is remembered."""

    config: ImageConfig
    platform: str | None
    files: Files
    _stats: dict[str, FileNode | None] = field(default_factory=dict)
    _bodies: dict[str, bytes | None] = field(default_factory=dict)
    _elves: dict[str, ElfSummary | None] = field(default_factory=dict)

    # Files

    def stat(self, path: str) -> FileNode | None:
        """Return what stands at a path, a last link not followed."""
        path = clean(path)
        if path not in self._stats:
            self._stats[path] = self.files.stat(path)
        return self._stats[path]

    def real(self, path: str) -> str | None:
        """Return where a path leads when links are followed; None where it leads to nothing."""
        path = clean(path)
        for _ in range(_HOPS):
            node = self.stat(path)
            if node is None:
                return None
            if not stat.S_ISLNK(node.mode):
                return path
            path = clean(posixpath.join(posixpath.dirname(path), node.target))
        return None

    def is_file(self, path: str) -> bool:
        """Whether a path leads to a file."""
        real = self.real(path)
        node = None if real is None else self.stat(real)
        return node is not None and node.is_file

    def fetch(self, paths: Iterable[str]) -> None:
        """Read files together: from an archive each reading is a pass over it."""
        wanted = [path for path in dict.fromkeys(map(clean, paths)) if path not in self._bodies]
        if wanted:
            found = self.files.bodies(wanted, MAX_BODY)
            self._bodies.update({path: found.get(path) for path in wanted})

    def body(self, path: str) -> bytes | None:
        """Return the bytes of a file, links followed; None where it is not there or too large."""
        real = self.real(path)
        if real is None or not self.is_file(real):
            return None
        self.fetch([real])
        return self._bodies[real]

    def text(self, path: str) -> str:
        """Return a small text file; empty where there is none."""
        return (self.body(path) or b"")[: 1 << 20].decode("utf-8", "replace")

    def elf(self, path: str) -> ElfSummary | None:
        """Return what a program or library says of itself."""
        if path not in self._elves:
            body = self.body(path)
            self._elves[path] = None if body is None else summarise(body)
        return self._elves[path]

    # What it starts

    @property
    def keyword(self) -> Keyword:
        """The instruction that says what is started."""
        return "ENTRYPOINT" if self.config.entrypoint else "CMD"

    @property
    def words(self) -> tuple[str, ...]:
        """The whole command: ENTRYPOINT, then CMD."""
        return (*(self.config.entrypoint or ()), *(self.config.command or ()))

    @cached_property
    def chain(self) -> tuple[tuple[str, ...], ...]:
        """The commands that are started one after the other: what the image says, then what a wrapper or shell starts.

        Of a shell's text only a plain command is followed.
        """
        found: list[tuple[str, ...]] = []
        words: tuple[str, ...] | None = self.words
        while words and len(found) < 8:
            found.append(words)
            words = _inner(words) or self._handed_on(words)
        return tuple(found)

    def _handed_on(self, words: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the words that a script starts as they are (`exec "$@"`); None if it may change them first."""
        path = self.command(words[0]) if len(words) > 1 and not words[1].startswith("-") else None
        node = self.stat(path) if path else None
        if path is None or node is None or not node.is_file or node.size > _LONGEST_SCRIPT:
            return None
        text = self.text(path)
        plain = text.startswith("#!") and 'exec "$@"' in text
        return words[1:] if plain and not _CHANGES.search(text) else None

    def command(self, word: str) -> str | None:
        """Return the path that a command's word stands for, links followed; None where it stands for nothing."""
        for place in places(self.config, word):
            real = self.real(place)
            node = None if real is None else self.stat(real)
            if real is not None and node is not None and ("/" in word or not node.is_folder):
                return real
        return None

    # Who it is

    @cached_property
    def user(self) -> User:
        """Return who the process runs as, as runc reads it (moby/sys/user, GetExecUser)."""
        word, _, group = self.config.user.partition(":")
        accounts = [line.split(":") for line in self.text("/etc/passwd").splitlines()]
        uid: int | None = 0
        gid: int | None = 0
        named, missing = False, ""
        if word and word not in ("0", "root"):
            found = next((one for one in accounts if len(one) > 3 and word in (one[0], one[2])), None)
            named = not word.isdecimal()
            numbers = _numbers(found)
            if numbers is None:
                uid, gid = (None, None) if named else (int(word[:10]), 0)
                missing = word if named else ""
            else:
                uid, gid = numbers
        if group:
            gid, missing_group = self._group(group)
            missing = missing or missing_group
        return User(uid, gid, named, missing)

    def _group(self, group: str) -> tuple[int | None, str]:
        if group.isdecimal():
            return int(group[:10]), ""
        lines = [line.split(":") for line in self.text("/etc/group").splitlines()]
        number = next((one[2] for one in lines if len(one) > 2 and one[0] == group), "")
        return (int(number[:10]), "") if number.isdecimal() else (None, f"group {group}")

    def may(self, path: str, bit: int) -> bool | None:
        """Whether the user has a right (4 read, 2 write, 1 execute or enter) to what stands there; None = not known."""
        node, user = self.stat(path), self.user
        if node is None or user.uid is None:
            return None
        if user.uid == 0:
            return bit != 1 or node.is_folder or bool(node.mode & 0o111)
        owner = self.files.owner(path)
        if owner is None:
            return None
        shift = 6 if owner[0] == user.uid else 3 if owner[1] == user.gid else 0
        return bool(node.mode >> shift & bit)

    def barred(self, path: str) -> str | None:
        """Return the first folder on the way to a path that the user may not enter."""
        above = ""
        for part in clean(path).split("/")[1:-1]:
            above += f"/{part}"
            node = self.stat(above)
            if node is not None and node.is_folder and self.may(above, 1) is False:
                return above
        return None


def clean(path: str) -> str:
    """Return an absolute path without `.`, `..` and double slashes."""
    return "/" + posixpath.normpath("/" + path).lstrip("/")


def _numbers(account: list[str] | None) -> tuple[int, int] | None:
    if account is None or not account[2].isdecimal() or not account[3].isdecimal():
        return None
    return int(account[2][:10]), int(account[3][:10])


def _inner(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the command that a wrapper or shell starts; None if it is none, or cannot be told."""
    name = posixpath.basename(words[0])
    rest = list(words[1:])
    if name in _SHELLS:
        return _of_shell(rest)
    if name not in _WRAPPERS:
        return None
    while rest and (rest[0].startswith("-") or (name == "env" and "=" in rest[0])):
        option = rest.pop(0)
        if option == "--":
            break
        if option in _WRAPPERS[name] and rest:
            rest.pop(0)
    if name in _AS_SOMEBODY:
        rest = rest[1:]
    return tuple(rest) or None


def _of_shell(rest: list[str]) -> tuple[str, ...] | None:
    if len(rest) < 2 or rest[0] != "-c":
        # `sh script` reads the script; what it starts cannot be told.
        return None
    if _SHELL_WORDS & set(rest[1]):
        return None
    try:
        words = shlex.split(rest[1])
    except ValueError:
        return None
    while words and (words[0] == "exec" or ("=" in words[0] and not words[0].startswith("="))):
        words = words[1:]
    return tuple(words) or None
