"""What a shell would need for a text: the programs it starts, and the features that only a shell has.

A tolerant reader, not a parser: it knows words, quotes, comments, here-documents and where a command begins. It never
raises; what it cannot follow it passes over. Grammar: POSIX.1-2017, Shell Command Language, sections 2.2 to 2.10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.project.shell_words import Word, commands

MAX_TEXT = 65_536
MAX_COMMANDS = 500
MAX_DEPTH = 8

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_KEYWORDS = frozenset({
    "if", "then", "elif", "else", "fi", "do", "done", "while", "until", "{", "}", "!", "time", "coproc",
})  # fmt: skip
# A word of these is followed by data, not by a command.
_HEADS = frozenset({"for", "case", "select", "function", "in", "esac"})
_NAMES = (
    ". : [ [[ alias bg break cd command continue declare disown echo enable eval exec exit export false fc fg getopts hash help jobs "
    "kill let local mapfile popd printf pushd pwd read readarray readonly return set shift shopt source test times trap true type "
    "typeset ulimit umask unalias unset wait"
)
BUILTINS = frozenset(_NAMES.split())
# They start the command that follows them: how many of their own words stand before it, options aside.
_STARTERS = {
    "exec": 0, "command": 0, "eval": 0, "nohup": 0, "env": 0, "sudo": 0, "time": 0, "nice": 0, "xargs": 0, "setsid": 0, "timeout": 1,
    "gosu": 1, "su-exec": 1, "chroot": 1, "tini": 0, "dumb-init": 0, "catatonit": 0, "stdbuf": 0, "setpriv": 0, "flock": 1,
    "wait-for-it.sh": 1, "wait-for-it": 1, "wait-for": 1, "wait-for.sh": 1, "dockerize": 0,
}  # fmt: skip
# Options of the starters that take the next word.
_TAKES_WORD = frozenset({
    "-u", "--user", "-n", "-k", "-s", "-g", "-t", "-P", "-I", "-C", "--reuid", "--regid", "-wait", "-timeout", "--timeout", "-template", "-h", "-p",
})  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]{0,40}\])?\+?=", re.ASCII)
_VARIABLE = re.compile(r"\$(?:\{[!#]?)?([A-Za-z_][A-Za-z0-9_]*|[@*#?$!0-9-])", re.ASCII)
_BASHISM = re.compile(
    r"\[\[|\bpipefail\b|<<<|/dev/tcp/|\bdeclare\b|\bmapfile\b|\bshopt\b|<\(|\$'|^[ \t]*function[ \t]",
    re.MULTILINE,
)
_GLOB = re.compile(r"[*?]|\[[^\]]+\]")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a script: its words as written, without their outer quotes; line from 1.

    `joiner` is what stands between it and the command before it: empty, &&, ||, ;, |, & or newline.
    """

    words: tuple[str, ...]
    line: int
    joiner: str = ""
    execs: bool = False

    @property
    def program(self) -> str:
        """The program's name without its folder."""
        return self.words[0].rsplit("/", 1)[-1] if self.words else ""


@dataclass(frozen=True, slots=True)
class Script:
    """What a text for the shell does. `variables` are the names it expands, `features` what needs a shell.

    Features are words: variables, substitution, sequence, pipe, redirection, control, glob, bash.
    """

    commands: tuple[Command, ...]
    variables: tuple[str, ...]
    features: frozenset[str]

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs that it starts, without what the shell does itself, each once."""
        found = (one.program for one in self.commands)
        return tuple(dict.fromkeys(name for name in found if name and name not in BUILTINS))


def read_script(text: str) -> Script:
    """Read a text as a shell would; at most 64 KiB of it."""
    reader = _Reader()
    reader.read(text[:MAX_TEXT], 1, 0)
    if _BASHISM.search(text[:MAX_TEXT]):
        reader.features.add("bash")
    return Script(tuple(reader.commands), tuple(dict.fromkeys(reader.variables)), frozenset(reader.features))


def started_by(words: tuple[str, ...] | list[str]) -> tuple[tuple[str, ...], str | None]:
    """Return the words without what only starts others (env, tini, exec, gosu), and the text given to a shell's -c.

    `["sh", "-c", "a && b"]` gives `(("sh", "-c", "a && b"), "a && b")`.
    """
    rest = list(words)
    for _ in range(MAX_DEPTH):
        while rest and _ASSIGNMENT.match(rest[0]):
            rest.pop(0)
        name = rest[0].rsplit("/", 1)[-1] if rest else ""
        if name not in _STARTERS:
            break
        after = _after_starter(rest)
        if not after:
            break
        rest = after
    name = rest[0].rsplit("/", 1)[-1] if rest else ""
    if name in SHELLS:
        for at, word in enumerate(rest[1:-1], 1):
            if re.fullmatch(r"-[a-z]*c[a-z]*", word):
                return tuple(rest), rest[at + 1]
    return tuple(rest), None


def handed_over(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a script that ends with `exec "$@"` starts: its arguments, without those of wait-for-it's kind."""
    name = words[0].rsplit("/", 1)[-1] if words else ""
    return tuple(_after_starter(list(words))) if name in _STARTERS else words[1:]


def _after_starter(words: list[str]) -> list[str]:
    """Return what the first word, a starter, starts; empty if that is nothing."""
    own = _STARTERS[words[0].rsplit("/", 1)[-1]]
    at = 1
    while at < len(words):
        word = words[at]
        if word == "--":
            at += 1
            break
        if word.startswith("-") and len(word) > 1:
            at += 2 if word in _TAKES_WORD else 1
        elif _ASSIGNMENT.match(word):
            at += 1
        elif own:
            own -= 1
            at += 1
        else:
            break
    return words[at:]


class _Reader:
    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.variables: list[str] = []
        self.features: set[str] = set()
        self._functions: set[str] = set()

    def read(self, text: str, line: int, depth: int) -> None:
        """Read commands from `text`, whose first line is `line`."""
        if depth > MAX_DEPTH:
            return
        for words, at_line, joiner in commands(text, line, MAX_COMMANDS):
            if len(self.commands) >= MAX_COMMANDS:
                return
            self._command(words, at_line, joiner, depth)

    def _command(self, words: list[Word], line: int, joiner: str, depth: int) -> None:
        for word in words:
            self._look_inside(word, line, depth)
        if joiner in ("&&", "||", ";", "&", "\n"):
            self.features.add("sequence")
        elif joiner == "|":
            self.features.add("pipe")
        words = self._without_keywords(words)
        if words and words[0].function:
            self._functions.add(words[0].text)
            self.features.add("control")
            return
        kept = []
        for word in words:
            if word.redirection:
                self.features.add("redirection")
            else:
                kept.append(word)
        while kept and not kept[0].quoted and _ASSIGNMENT.match(kept[0].text):
            kept.pop(0)
        if not kept:
            return
        if any(not word.quoted and _GLOB.search(word.text) for word in kept[1:]) and kept[0].text not in (
            "[",
            "[[",
            "test",
        ):
            self.features.add("glob")
        self._started([word.text for word in kept], line, joiner, depth)

    def _started(self, words: list[str], line: int, joiner: str, depth: int) -> None:
        execs = words[0] == "exec"
        for _ in range(MAX_DEPTH):
            name = words[0].rsplit("/", 1)[-1]
            if name not in _STARTERS:
                break
            after = _after_starter(words)
            if name not in BUILTINS:
                self.commands.append(Command(tuple(words), line, joiner))
            if not after:
                return
            words = after
        name = words[0].rsplit("/", 1)[-1]
        inner = started_by(words)[1] if name in SHELLS else None
        if inner is not None:
            if name != "sh":
                self.commands.append(Command(tuple(words), line, joiner, execs))
            self.read(inner, line, depth + 1)
            return
        if words[0] in self._functions or words[0].startswith(("$", "-", '"$')):
            if words[0].startswith(("$@", '"$@')) and execs:
                self.features.add("hands-over")
            return
        self.commands.append(Command(tuple(words), line, joiner, execs))

    def _without_keywords(self, words: list[Word]) -> list[Word]:
        while words and not words[0].quoted:
            text = words[0].text
            if text in _KEYWORDS:
                if text in ("if", "while", "until"):
                    self.features.add("control")
                words = words[1:]
            elif text in _HEADS:
                self.features.add("control")
                return []
            else:
                return words
        return words

    def _look_inside(self, word: Word, line: int, depth: int) -> None:
        if word.literal:
            return
        found = _VARIABLE.findall(word.raw)
        if found:
            self.variables.extend(found)
            self.features.add("variables")
        for inner in word.substitutions:
            self.features.add("substitution")
            self.read(inner, line, depth + 1)
