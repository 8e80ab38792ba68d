"""Writing a Dockerfile such that BuildKit reads exactly one instruction per Instruction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.lines import heredocs_of
from slimdesk.dockerfile.model import Dockerfile, Instruction
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.shellwords import GO_SPACE
from slimdesk.dockerfile.units import Unit, units_of

INDENT = "    "
_WIDE = 100
_NEEDS_JSON = re.compile(f"[{GO_SPACE}\"']|^$|^--|^\\[|<<")


def write(
    dockerfile: Dockerfile,
    heading: str = "",
    closing: Callable[[tuple[Unit, ...]], str] | None = None,
    *,
    pragma: str = "",
) -> tuple[str, Dockerfile]:
    """Return the text, which ends with a newline, and the same model with line and end_line filled in.

    `heading` is a comment of one line that stands after the directives; `closing` makes one from the units of all lines
    but these two, which stands at the end. `pragma` is a comment for a tool, below the heading.

    Stages are separated by one empty line. The pieces of `layout` that make up the command exactly stand as they are;
    others are joined by a blank, the escape character and an indent. The text is read back: a ValueError says that
    BuildKit would not read what the model says, which is a mistake of whoever made the model.
    """
    escape = dockerfile.directives.get("escape", "\\")
    blocks: list[str] = []
    if dockerfile.directives:
        blocks.append("".join(f"# {name}={value}\n" for name, value in dockerfile.directives.items()))
    if dockerfile.arguments:
        blocks.append(_block(dockerfile.arguments, escape))
    blocks.extend(_block(stage.instructions, escape) for stage in dockerfile.stages)
    text = "\n".join(blocks)
    placed = _with_lines(dockerfile, text, escape)
    head = blocks[0] if dockerfile.directives else ""
    above, rest = "", text[len(head) :]
    opening = "".join(f"{_comment(line)}\n" for line in (heading, pragma) if line)
    if opening:
        # The empty line keeps BuildKit from taking the comment for the description of the first stage.
        above, rest = opening, rest if head else f"\n{rest}"
    whole = f"{head}{above}{rest}"
    placed = moved(placed, whole.count("\n") - text.count("\n"))
    if closing is None:
        return whole, placed
    body = tuple(unit for unit in units_of(whole, placed) if not heading or unit.lines != (heading,))
    return f"{whole}\n{_comment(closing((*body, Unit(('',)))))}\n", placed


def _comment(line: str) -> str:
    """Return the line. Raises ValueError for what is no comment of one line."""
    if not line.startswith("# ") or len(line.splitlines()) != 1:
        raise ValueError(f"{line!r} is no comment of one line")
    return line


def moved(dockerfile: Dockerfile, by: int) -> Dockerfile:
    """Return the model with all its lines `by` further down."""

    def down(one: Instruction) -> Instruction:
        return replace(one, line=one.line + by, end_line=one.end_line + by)

    stages = tuple(
        replace(stage, instructions=tuple(map(down, stage.instructions)), line=stage.line + by)
        for stage in dockerfile.stages
    )
    return replace(dockerfile, arguments=tuple(map(down, dockerfile.arguments)), stages=stages)


def _block(instructions: Iterable[Instruction], escape: str) -> str:
    return "".join(write_instruction(instruction, escape) + "\n" for instruction in instructions)


def write_instruction(instruction: Instruction, escape: str = "\\") -> str:
    """Return one instruction without its last newline; heredocs follow it."""
    writer = _WRITERS.get(instruction.keyword, _plain)
    flags = [_flag(flag, escape) for flag in instruction.flags]
    rest = writer(instruction, escape)
    if rest.startswith("--"):
        # What follows a lone -- is no flag.
        flags.append("--")
    joint = (
        f" {escape}\n{INDENT}"
        if _breaks(instruction.keyword, flags, rest, heredocs=bool(instruction.heredocs))
        else " "
    )
    line = joint.join(
        part for part in (" ".join((instruction.keyword, *flags[:1])), *flags[1:], rest) if part
    )
    return line + _bodies(instruction, line)


def _breaks(keyword: str, flags: list[str], rest: str, *, heredocs: bool) -> bool:
    """Whether each flag of a RUN, and then its command, stands on a line of its own."""
    if keyword != "RUN" or not flags or heredocs or rest.lstrip().startswith("#"):
        return False
    return len(" ".join((keyword, *flags, rest)).splitlines()[0]) > _WIDE


def _bodies(instruction: Instruction, line: str) -> str:
    if not instruction.heredocs:
        return ""
    announced = heredocs_of(line)
    if len(announced) != len(instruction.heredocs):
        raise ValueError(
            f"{instruction.keyword} announces {len(announced)} heredocs and has {len(instruction.heredocs)}"
        )
    parts: list[str] = []
    for heredoc, body in zip(announced, instruction.heredocs, strict=True):
        ended = body if not body or body.endswith("\n") else body + "\n"
        parts.append(f"\n{ended}{heredoc.name}")
    return "".join(parts)


def _flag(flag: str, escape: str) -> str:
    if not re.search(f"[{GO_SPACE}\"'{re.escape(escape)}]", flag):
        return flag
    name, equals, value = flag.partition("=")
    protected = value.replace(escape, escape * 2).replace('"', f'{escape}"')
    return f'{name}{equals}"{protected}"'


def _json(words: Iterable[str]) -> str:
    return json.dumps(list(words))


def _command(instruction: Instruction, escape: str) -> str:
    if instruction.form == "exec":
        return _json(instruction.arguments)
    return _shell(instruction, instruction.arguments, escape)


def _shell(instruction: Instruction, arguments: tuple[str, ...], escape: str) -> str:
    text = arguments[0] if arguments else ""
    if len(instruction.layout) < 2:
        return text
    joint = f"{escape}\n" if "".join(instruction.layout) == text else f" {escape}\n{INDENT}"
    return joint.join(instruction.layout)


def _health(instruction: Instruction, escape: str) -> str:
    kind, *command = instruction.arguments
    if instruction.form is None:
        return kind
    words = _json(command) if instruction.form == "exec" else _shell(instruction, tuple(command), escape)
    return f"{kind} {words}"


def _paths(instruction: Instruction, escape: str) -> str:
    del escape
    plain = bool(instruction.heredocs) or not any(_NEEDS_JSON.search(word) for word in instruction.arguments)
    return " ".join(instruction.arguments) if plain else _json(instruction.arguments)


def _pairs(instruction: Instruction, escape: str) -> str:
    words = instruction.arguments
    wide = sum(len(word) + 1 for word in words) > _WIDE
    # A line that begins with # would be a comment.
    if not wide or "=" not in words[0] or any(word.startswith("#") for word in words):
        return " ".join(words)
    return f" {escape}\n{INDENT}".join(words)


def _plain(instruction: Instruction, escape: str) -> str:
    del escape
    return " ".join(instruction.arguments)


_WRITERS: dict[str, Callable[[Instruction, str], str]] = {
    "ADD": _paths,
    "CMD": _command,
    "COPY": _paths,
    "ENTRYPOINT": _command,
    "ENV": _pairs,
    "HEALTHCHECK": _health,
    "LABEL": _pairs,
    "RUN": _command,
    "SHELL": _command,
    "VOLUME": _paths,
}


def _with_lines(dockerfile: Dockerfile, text: str, escape: str) -> Dockerfile:
    """Read the text back, compare, and take over the lines. Raises ValueError."""
    try:
        again = parse(text)
    except DockerfileError as error:
        raise ValueError(f"the Dockerfile that was written cannot be read: {error}") from error
    if again.directives != dockerfile.directives:
        raise ValueError(f"the directives {dockerfile.directives} are read as {again.directives}")
    wanted = tuple(dockerfile.instructions())
    read = tuple(again.instructions())
    for one, other in zip(wanted, read, strict=False):
        if _meaning(one, escape) != _meaning(other, escape):
            raise ValueError(f"{one.keyword} {one.arguments} is read as {other.keyword} {other.arguments}")
    if len(wanted) != len(read) or len(dockerfile.stages) != len(again.stages):
        raise ValueError(f"{len(wanted)} instructions are read as {len(read)}")
    placed = iter(read)

    def at(instruction: Instruction) -> Instruction:
        found = next(placed)
        return replace(instruction, line=found.line, end_line=found.end_line)

    arguments = tuple(at(instruction) for instruction in dockerfile.arguments)
    stages = []
    for stage, found in zip(dockerfile.stages, again.stages, strict=True):
        if (stage.name, stage.base, stage.platform) != (found.name, found.base, found.platform):
            raise ValueError(f"the stage {stage.name} is read as {found.name} from {found.base}")
        stages.append(
            replace(stage, instructions=tuple(at(one) for one in stage.instructions), line=found.line)
        )
    return replace(dockerfile, arguments=arguments, stages=tuple(stages))


def _meaning(instruction: Instruction, escape: str) -> tuple[object, ...]:
    """What must be the same when it is read back: a shell command as its lines are joined."""
    arguments = instruction.arguments
    if instruction.form == "shell" and len(instruction.layout) > 1 and arguments:
        joined = _shell(instruction, (arguments[-1],), escape).replace(f"{escape}\n", "")
        arguments = (*arguments[:-1], joined)
    bodies = tuple(body if not body or body.endswith("\n") else body + "\n" for body in instruction.heredocs)
    return instruction.keyword, arguments, instruction.flags, instruction.form, bodies
