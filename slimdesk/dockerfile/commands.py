"""The commands of a RUN as words, in one pass: what a project says may be long, so no pattern looks at it twice."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache

from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.mounts import parse_mount
from slimdesk.dockerfile.statement import Refused

_ENDS = re.compile(r"[;&|()`{}\n]+")


@dataclass(frozen=True, slots=True)
class Command:
    """Words between the shell's operators; quotes are not understood."""

    words: tuple[str, ...]

    def after(self, *programs: str) -> tuple[str, ...] | None:
        """Return the words behind the first of these programs, however its path is written; None without one."""
        for index, word in enumerate(self.words):
            if posixpath.basename(word) in programs:
                return self.words[index + 1 :]
        return None

    def runs(self, program: str, *verbs: str) -> bool:
        """Whether it calls the program with one of the verbs as its first word that is no flag."""
        rest = self.after(program)
        return rest is not None and next((word for word in rest if not word.startswith("-")), "") in verbs

    def removes(self, *places: str) -> bool:
        """Whether it is a recursive rm of something at or above one of the places, or below it."""
        rest = self.after("rm")
        if rest is None or not any(word.startswith("-") and "r" in word.lower() for word in rest):
            return False
        return any(word.startswith(places) for word in rest)


def command_text(run: Instruction) -> str:
    """Return what an instruction says as one text, its heredocs included."""
    return "\n".join((" ".join(run.arguments), *run.heredocs))


@lru_cache(maxsize=256)
def commands(run: Instruction) -> tuple[Command, ...]:
    """Return the commands of a RUN, those of its heredocs included. Many rules ask for the same ones."""
    if run.form == "exec":
        return (Command(run.arguments),)
    text = command_text(run).replace("\\\n", " ")
    return tuple(Command(tuple(part.split())) for part in _ENDS.split(text) if part.strip())


def kept_elsewhere(run: Instruction) -> tuple[str, ...]:
    """Return the folders of a RUN that are cache or tmpfs mounts: what is written there is in no layer."""
    try:
        mounts = [parse_mount(value) for value in flag_values(run.flags, "mount")]
    except Refused:
        return ()
    return tuple(mount.target for mount in mounts if mount.target and mount.kind in ("cache", "tmpfs"))


_INSTALLERS = {
    "apt-get": ("install",), "apt": ("install",), "apk": ("add",), "dnf": ("install",), "yum": ("install",),
    "microdnf": ("install",), "zypper": ("install", "in"),
}  # fmt: skip
_WITH_VALUE = frozenset({"-t", "--virtual", "--target-release", "--repository", "-X", "-o"})


def installed(command: Command) -> tuple[str, tuple[str, ...]] | None:
    """Return the package manager and the packages that a command installs; None for another command.

    Versions (=1.2) and the release (/trixie) are taken off; words with a variable are left out.
    """
    for manager, verbs in _INSTALLERS.items():
        rest = command.after(manager)
        if rest is None:
            continue
        words = [word for word in rest if not word.startswith("-")]
        if not words or words[0] not in verbs:
            continue
        names: list[str] = []
        skip = False
        for word in rest[rest.index(words[0]) + 1 :]:
            if skip or word.startswith("-"):
                skip = word in _WITH_VALUE
                continue
            name = re.split(r"[=/<>~]", word.strip("\"'"), maxsplit=1)[0]
            if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9+.:_-]*", name):
                names.append(name)
        return manager, tuple(names)
    return None


def first_program(command: Command) -> str:
    """Return the program that a command calls, without path, and without variables set in front of it or exec."""
    for word in command.words:
        if word in ("exec", "sudo", "then", "do", "else", "!", "set") or re.match(r"[A-Za-z_]\w*=", word):
            if word == "set":
                return word
            continue
        return posixpath.basename(word.strip("\"'"))
    return ""
