"""What makes BuildKit refuse a text altogether, mended where it is plain what was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.parse import parse

MAX_ROUNDS = 40
_KEYWORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN", "SHELL",
    "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
# Words of a shell that an article writes without RUN.
_COMMANDS = frozenset({
    "apt-get", "apt", "apk", "pip", "pip3", "npm", "yarn", "pnpm", "go", "cargo", "mvn", "./mvnw", "gradle", "./gradlew", "mkdir", "chmod",
    "chown", "rm", "cp", "mv", "curl", "wget", "useradd", "adduser", "echo", "python", "python3", "cd", "tar", "make",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class SyntaxFix:
    """A line that was changed so that the file can be read, and why it could not."""

    line: int
    why: str
    title: str


def mend_syntax(text: str) -> tuple[str, tuple[SyntaxFix, ...]]:
    """Return the text with plain slips mended, one after the other; it may still be refused."""
    fixes: list[SyntaxFix] = []
    for _ in range(MAX_ROUNDS):
        try:
            parse(text)
        except DockerfileError as error:
            changed = _mended(text, error)
            if changed is None or changed[0] == text:
                break
            text = changed[0]
            fixes.append(SyntaxFix(error.line or 1, error.why, changed[1]))
        else:
            break
    return text, tuple(fixes)


def _mended(text: str, error: DockerfileError) -> tuple[str, str] | None:
    lines = text.split("\n")
    if error.line is None or not 0 < error.line <= len(lines):
        return None
    for mend in _MENDERS:
        changed = mend(lines, error.line - 1, error.why)
        if changed is not None:
            new, title = changed
            return "\n".join(new), title
    return None


_Changed = tuple[list[str], str] | None


def _keyword(lines: list[str], at: int, why: str) -> _Changed:
    """RNU, ENTRYPOIN, `RUN:`; a command without RUN; the rest of a command whose backslash is missing."""
    if not why.startswith("unknown instruction"):
        return None
    line = lines[at]
    word = line.split()[0] if line.split() else ""
    bare = word.strip(":*`-").upper()
    rest = line.strip()[len(word) :].lstrip()
    if word == "MAINTAINER":
        return None
    close = difflib.get_close_matches(bare, _KEYWORDS, 1, 0.7)
    if close and word.lower() not in _COMMANDS:
        return [*lines[:at], f"{close[0]} {rest}", *lines[at + 1 :]], f"{close[0]} instead of {word}"
    before = next(
        (
            place
            for place in range(at - 1, -1, -1)
            if lines[place].strip() and not lines[place].lstrip().startswith("#")
        ),
        None,
    )
    goes_on = (
        word in ("&&", "||", "|", ";")
        or line[:1] in " \t"
        or (before is not None and lines[before].rstrip().endswith(("&&", "|", ",", "[")))
    )
    if before is not None and goes_on:
        new = list(lines)
        new[before] = f"{lines[before].rstrip()} \\"
        return new, "a backslash at the end of the line before"
    if word in _COMMANDS:
        return [*lines[:at], f"RUN {line.strip()}", *lines[at + 1 :]], f"RUN in front of {word}"
    if (
        before is not None
        and re.fullmatch(r"[\])\"',\w .-]+", line.strip())
        and "[" in lines[before]
        and "]" not in lines[before]
    ):
        new = list(lines)
        new[before] = f"{lines[before].rstrip()} \\"
        return new, "a backslash at the end of the line before"
    return None


def _case_of_base(lines: list[str], at: int, why: str) -> _Changed:
    """Names of images are in lower case."""
    found = re.match(r"(\s*FROM\s+(?:--\S+\s+)*)(\S+)(.*)$", lines[at], re.IGNORECASE)
    if found is None or "not the name of an image" not in why:
        return None
    name, colon, tag = found[2].partition(":")
    better = name.lower().strip("\"'`") + colon + tag.strip("\"'`")
    return [*lines[:at], f"{found[1]}{better}{found[3]}", *lines[at + 1 :]], f"{better} in small letters"


def _from_words(lines: list[str], at: int, why: str) -> _Changed:
    """FROM x as: too many words, or the word AS missing."""
    if not why.startswith("FROM takes"):
        return None
    words = lines[at].split()
    flags = [word for word in words[1:] if word.startswith("--")]
    rest = [word for word in words[1:] if not word.startswith("--")]
    if len(rest) == 2 and rest[1].lower() != "as" and re.fullmatch(r"[a-z][\w.-]*", rest[1]):
        new = [rest[0], "AS", rest[1]]
    elif len(rest) >= 3 and rest[1].lower() == "as":
        new = [rest[0], "AS", "-".join(rest[2:]).lower()]
    elif rest:
        new = rest[:1]
    else:
        return None
    line = " ".join(("FROM", *flags, *new))
    return [*lines[:at], line, *lines[at + 1 :]], line


def _destination(lines: list[str], at: int, why: str) -> _Changed:
    """COPY with one path."""
    if "needs a source and a destination" not in why:
        return None
    return [
        *lines[:at],
        f"{lines[at].rstrip()} .",
        *lines[at + 1 :],
    ], "the folder in force as the destination"


def _pair(lines: list[str], at: int, why: str) -> _Changed:
    """ENV A = b."""
    del why
    if "=" not in lines[at] or not re.match(r"\s*(?:ENV|ARG|LABEL)\b", lines[at], re.IGNORECASE):
        return None
    new = re.sub(r"[ \t]*=[ \t]*", "=", lines[at], count=1)
    if new == lines[at]:
        found = re.match(r"(\s*(?:ENV|LABEL)\s+[\w.-]+=)([^\"'].*\s.*)$", lines[at], re.IGNORECASE)
        if found is None or "=" in found[2]:
            return None
        new = f'{found[1]}"{found[2].strip()}"'
    return [*lines[:at], new, *lines[at + 1 :]], new.strip()[:80]


def _port(lines: list[str], at: int, why: str) -> _Changed:
    """EXPOSE 8080, 9090 or EXPOSE http."""
    if "EXPOSE" not in why:
        return None
    named = {"http": "80", "https": "443"}
    ports = [named.get(word.lower(), word) for word in re.findall(r"\w+(?:/\w+)?", lines[at])[1:]]
    numbers = [word for word in ports if re.match(r"\d", word)]
    new = f"EXPOSE {' '.join(numbers)}" if numbers else "# " + lines[at].strip()
    return [*lines[:at], new, *lines[at + 1 :]], new


def _placeholder(lines: list[str], at: int, why: str) -> _Changed:
    """... and <your code here> are not meant to be carried out."""
    del why
    text = lines[at].strip()
    if re.fullmatch(r"\.{3,}|\u2026|<[^>]+>|\[\.\.\.\]|-{3,}|={3,}|[*_]{2,}", text) or (
        text.startswith("//") and len(text) > 2
    ):
        return [*lines[:at], f"# {text}", *lines[at + 1 :]], "a comment of it"
    return None


def _before_from(lines: list[str], at: int, why: str) -> _Changed:
    """Something else than ARG before the first FROM: behind it."""
    if "stands before the first FROM" not in why:
        return None
    first = next(
        (place for place in range(at + 1, len(lines)) if re.match(r"\s*FROM\s", lines[place], re.IGNORECASE)),
        None,
    )
    if first is None:
        return None
    return [*lines[:at], *lines[at + 1 : first + 1], lines[at], *lines[first + 1 :]], "behind FROM"


_MENDERS: tuple[Callable[[list[str], int, str], _Changed], ...] = (
    _placeholder, _before_from, _keyword, _case_of_base, _from_words, _destination, _port, _pair,
)  # fmt: skip
