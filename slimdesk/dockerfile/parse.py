"""Reading any Dockerfile back, and refusing what BuildKit refuses, with the line and the reason."""

from __future__ import annotations

import re

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.instructions import holds_heredoc, read_instruction
from slimdesk.dockerfile.lines import Statement, read_source
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.dockerfile.stages import RefusedAt, check_stages
from slimdesk.dockerfile.statement import Refused

MAX_SHOWN = 400


def parse(text: str, name: str = "Dockerfile") -> Dockerfile:
    """Read a Dockerfile; `name` stands in errors.

    Arguments of an instruction: exec form its words, shell form one text as BuildKit joins it; ONBUILD its keyword
    and the rest as written; else the words as written, quotes and variables included. The old form of ENV and LABEL
    gives two words, NAME and VALUE. Raises DockerfileError with the line where BuildKit refuses.
    """
    try:
        return _parse(text)
    except DockerfileError as error:
        place = name if error.line is None else f"{name}:{error.line}"
        column, source = place_of_error(text, error.line, error.why)
        raise DockerfileError(
            f"{place} cannot be built", error.why, error.todo, line=error.line, column=column, source=source
        ) from None


def place_of_error(text: str, line: int | None, why: str) -> tuple[int | None, str]:
    """Return the column (from 1) of what is wrong in a line, and the line; None and nothing where there is no line.

    It is the first word that the reason names, else the first word behind the keyword.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    if line is None or not 0 < line <= len(lines):
        return None, ""
    source = lines[line - 1].rstrip("\r")[:MAX_SHOWN]
    words = list(re.finditer(r"\S+", source))
    if not words:
        return 1, source
    named = set(re.findall(r"\S+", why))
    unknown = why.startswith("unknown instruction")
    order = words if unknown else [*words[1:], words[0]]
    for word in order:
        if {
            word[0],
            word[0].strip("\"',"),
            word[0].removeprefix("--from="),
            word[0].partition("=")[0],
        } & named:
            return word.start() + 1, source
    return (words[0] if len(words) == 1 or unknown else words[1]).start() + 1, source


def _parse(text: str) -> Dockerfile:
    source = read_source(text, holds_heredoc)
    arguments: list[Instruction] = []
    stages: list[list[Instruction]] = []
    for statement in source.statements:
        instruction = _read(statement, source.escape)
        if instruction.keyword == "FROM":
            stages.append([instruction])
        elif stages:
            stages[-1].append(instruction)
        elif instruction.keyword == "ARG":
            arguments.append(instruction)
        else:
            raise DockerfileError(
                "",
                f"{instruction.keyword} stands before the first FROM",
                "Only ARG may stand there",
                line=statement.line,
            )
    if not stages:
        raise DockerfileError(
            "", "there is no FROM", "Begin with FROM and the name of a base image", line=statement.line
        )
    dockerfile = Dockerfile(tuple(_stage(body) for body in stages), source.directives, tuple(arguments))
    try:
        check_stages(dockerfile)
    except RefusedAt as at:
        raise DockerfileError("", at.refused.why, at.refused.todo, line=at.instruction.line) from None
    return dockerfile


def _read(statement: Statement, escape: str) -> Instruction:
    try:
        return read_instruction(statement, escape)
    except Refused as refused:
        raise DockerfileError("", refused.why, refused.todo, line=statement.line) from None


def _stage(body: list[Instruction]) -> Stage:
    first = body[0]
    words = first.arguments
    platform = next(iter(flag_values(first.flags, "platform")), None) or None
    return Stage(tuple(body), words[2].lower() if len(words) == 3 else None, words[0], platform, first.line)
