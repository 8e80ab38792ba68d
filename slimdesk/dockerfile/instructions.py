"""From a statement to an Instruction, or the reason why BuildKit refuses it.

Rules of moby/buildkit frontend/dockerfile/parser/line_parsers.go and instructions/parse.go (v0.33).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from slimdesk.dockerfile.flags import check_flags
from slimdesk.dockerfile.lines import Statement, is_heredoc
from slimdesk.dockerfile.model import Form, Instruction
from slimdesk.dockerfile.shellwords import GO_SPACE
from slimdesk.dockerfile.statement import (
    Refused,
    Split,
    blank_words,
    did_you_mean,
    json_list,
    name_values,
    quoted_words,
    split_statement,
)

_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")


def holds_heredoc(text: str, escape: str) -> bool:
    """Whether the << in a statement announces a heredoc: RUN, COPY and ADD, also behind ONBUILD, unless in JSON."""
    split = split_statement(text, escape)
    if split.keyword.lower() == "onbuild":
        split = split_statement(split.rest, escape)
    keyword = split.keyword.upper()
    try:
        return keyword in ("RUN", "COPY", "ADD") and json_list(split.rest) is None
    except Refused:
        return False


def read_instruction(statement: Statement, escape: str) -> Instruction:
    """Take a statement apart. Raises Refused."""
    text = statement.text
    split = split_statement(text, escape)
    keyword = split.keyword.upper()
    reader = _READERS.get(keyword)
    if reader is None:
        raise Refused(
            f"unknown instruction {split.keyword or 'at the end of a continuation'}",
            did_you_mean(keyword, _READERS),
        )
    arguments, form = reader(split, escape)
    if keyword != "HEALTHCHECK" or arguments[0] != "NONE":
        check_flags(keyword, split.flags)
    if keyword in ("COPY", "ADD") and is_heredoc(arguments[-1]):
        raise Refused(f"the destination of {keyword} is a heredoc", "Write the destination last")
    return Instruction(
        keyword,
        arguments,
        split.flags,
        form,
        tuple(heredoc.content for heredoc in statement.heredocs),
        _layout(statement, split, arguments) if form == "shell" else (),
        statement.line,
        statement.end_line,
    )


def _layout(statement: Statement, split: Split, arguments: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of a shell command as they stand, cut where the continuations were."""
    if not arguments or len(statement.pieces) == 1:
        return ()
    end = split.rest_at + len(split.rest)
    start = end - len(arguments[-1])
    cut: list[str] = []
    at = 0
    for piece in statement.pieces:
        cut.append(piece[max(0, start - at) : max(0, end - at)])
        at += len(piece)
    layout = tuple(piece for piece in cut if piece)
    return layout if len(layout) > 1 else ()


def _command(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    del escape
    words = json_list(split.rest)
    if words is not None:
        return words, "exec"
    return ((split.rest,) if split.rest else ()), "shell"


def _shell(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    words, form = _command(split, escape)
    if form != "exec" or not words:
        raise Refused("SHELL takes a JSON list of words", 'Write it as SHELL ["/bin/bash", "-c"]')
    return words, form


def _paths(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    del escape
    words = json_list(split.rest)
    found = blank_words(split.rest) if words is None else words
    if split.keyword.upper() == "VOLUME":
        if not found:
            raise Refused("VOLUME needs at least one path")
        if not all(word.strip(GO_SPACE) for word in found):
            raise Refused("a path of VOLUME is empty")
    elif len(found) < 2:
        raise Refused(
            f"{split.keyword.upper()} needs a source and a destination",
            f"Write {split.keyword.upper()} SOURCE DESTINATION",
        )
    return found, None


def _pairs(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    return name_values(split.rest, escape, split.keyword.upper()), None


def _arguments(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    words = quoted_words(split.rest, escape)
    if not words:
        raise Refused("ARG needs at least one name")
    if any(word.startswith("=") for word in words):
        raise Refused("a name of ARG is empty", "Write NAME=VALUE without a blank before the =")
    return tuple(words), None


def _ports(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    del escape
    if not split.rest:
        raise Refused("EXPOSE needs at least one port")
    return blank_words(split.rest), None


def _from(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    del escape
    words = blank_words(split.rest)
    if len(words) == 3 and words[1].lower() == "as":
        if not _STAGE_NAME.fullmatch(words[2].lower()):
            raise Refused(
                f"{words[2]} cannot be the name of a stage",
                "A name begins with a letter, followed by letters, digits, dashes, dots and underscores",
            )
    elif len(words) != 1:
        raise Refused("FROM takes one image, or one image AS a name", "Write FROM IMAGE AS NAME")
    return words, None


def _text(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    del escape
    if not split.rest:
        raise Refused(f"{split.keyword.upper()} needs exactly one value")
    return (split.rest,), None


def _health(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    del escape
    match = re.match(f"([^{GO_SPACE}]+)[{GO_SPACE}]*", split.rest)
    if match is None:
        raise Refused("HEALTHCHECK needs CMD and a command, or NONE")
    kind, command = match[1].upper(), split.rest[match.end() :]
    words = json_list(command)
    if kind == "NONE":
        if command and words != ():
            raise Refused("HEALTHCHECK NONE takes no arguments")
        return ("NONE",), None
    if kind != "CMD":
        raise Refused(f"HEALTHCHECK {match[1]} is not known", "Write HEALTHCHECK CMD and a command")
    if words is None and command:
        return ("CMD", command), "shell"
    if not words:
        raise Refused("HEALTHCHECK CMD has no command")
    return ("CMD", *words), "exec"


def _trigger(split: Split, escape: str) -> tuple[tuple[str, ...], Form | None]:
    if not split.rest:
        raise Refused("ONBUILD needs an instruction")
    inner = split_statement(split.rest, escape)
    keyword = inner.keyword.upper()
    if keyword == "ONBUILD":
        raise Refused("ONBUILD cannot trigger ONBUILD")
    if keyword in ("FROM", "MAINTAINER"):
        raise Refused(f"ONBUILD cannot trigger {keyword}")
    # What the trigger holds is judged when it fires; only its outer form is read now.
    if keyword in ("ENV", "LABEL"):
        if quoted_words(inner.rest, escape):
            name_values(inner.rest, escape, keyword)
    elif keyword == "HEALTHCHECK":
        json_list(inner.rest.partition(" ")[2])
    elif keyword in ("RUN", "CMD", "ENTRYPOINT", "SHELL", "COPY", "ADD", "VOLUME"):
        json_list(inner.rest)
    rest = split.rest[len(inner.keyword) :].strip(GO_SPACE)
    return ((keyword, rest) if rest else (keyword,)), None


_Reader = Callable[[Split, str], tuple[tuple[str, ...], Form | None]]
_READERS: dict[str, _Reader] = {
    "ADD": _paths,
    "ARG": _arguments,
    "CMD": _command,
    "COPY": _paths,
    "ENTRYPOINT": _command,
    "ENV": _pairs,
    "EXPOSE": _ports,
    "FROM": _from,
    "HEALTHCHECK": _health,
    "LABEL": _pairs,
    "MAINTAINER": _text,
    "ONBUILD": _trigger,
    "RUN": _command,
    "SHELL": _shell,
    "STOPSIGNAL": _text,
    "USER": _text,
    "VOLUME": _paths,
    "WORKDIR": _text,
}
KEYWORDS = frozenset(_READERS)
