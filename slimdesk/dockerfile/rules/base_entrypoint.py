"""CMD that does not fit the ENTRYPOINT it is added to."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import json_words
from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import program
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.view import View

RULE = "base-entrypoint"

_PROGRAMS = frozenset({
    "npm", "yarn", "pnpm", "npx", "node", "java", "python", "python3", "gunicorn", "uvicorn", "flask", "celery", "streamlit", "sh", "bash",
})  # fmt: skip


def check(view: View) -> Iterator[Finding]:
    """An error, for instance, for CMD java -jar app.jar, or CMD Main, on an image that starts java -jar by itself."""
    final = view.final
    command = final.last("CMD")
    if command is None or command.form != "exec" or not command.arguments:
        return
    own = final.last("ENTRYPOINT")
    if own is None and final.facts.entrypoint is not None and final.facts.shell is not True:
        yield from _inherited(command, final.facts.entrypoint)
    elif own is not None and own.form == "exec" and own.line != command.line:
        yield from _own(own, command)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """ENTRYPOINT with the whole command, or the doubled CMD away."""
    command = view.at(finding.line)
    if command is None or not finding.fix:
        return ()
    if finding.fix.startswith("ENTRYPOINT "):
        return (lines.replaced(command, finding.fix),)
    return (lines.removed(command),) if finding.fix.startswith("Take") else ()


def _inherited(command: Instruction, inherited: tuple[str, ...]) -> Iterator[Finding]:
    words = command.arguments
    name, theirs = program(words), program(inherited)
    joined = " ".join((*inherited, *words))
    same = name == theirs or (name.startswith("python") and theirs.startswith("python"))
    if same:
        message = f"The base image starts {' '.join(inherited)} and CMD is added to it: {joined}"
        yield Finding(
            RULE,
            "error",
            message,
            line=command.line,
            fix=f"ENTRYPOINT {json_words(_absolute(words, inherited))}",
        )
    elif (
        inherited[-1:] == ("-jar",)
        and not words[0].endswith((".jar", ".war"))
        and not words[0].startswith(("-", "$"))
    ):
        message = f"The base image starts java -jar, so {words[0]} is taken for a jar file: {joined}"
        fix = f"ENTRYPOINT {json_words(('/usr/bin/java', '-cp', '/app', *words))}"
        yield Finding(RULE, "error", message, line=command.line, fix=fix)
    elif name in _PROGRAMS:
        message = f"The base image starts {' '.join(inherited)}, so {name} is taken for a file that it should run: {joined}"
        module = name if theirs.startswith("python") else ""
        fix = (
            f"ENTRYPOINT {json_words((inherited[0], '-m', *words))}"
            if module and name not in ("sh", "bash", "npm", "node", "java")
            else "Name the file that the interpreter should run"
        )
        yield Finding(RULE, "error", message, line=command.line, fix=fix)


def _own(own: Instruction, command: Instruction) -> Iterator[Finding]:
    """The words of CMD become arguments of ENTRYPOINT: a second program is none."""
    first, words = own.arguments, command.arguments
    jar = any(word.endswith(".jar") for word in first)
    main = (
        jar
        and len(words) == 1
        and words[0].rpartition(".")[2][:1].isupper()
        and words[0].replace(".", "").isalnum()
    )
    if main:
        message = f"ENTRYPOINT starts a jar file, so {words[0]} is handed to it as an argument: {' '.join((*first, *words))}"
        yield Finding(
            RULE, "error", message, line=command.line, fix="Take CMD away; the jar names its main class"
        )
    elif program(words) in _PROGRAMS and program(words) == program(first) and len(first) > 1:
        message = f"CMD is added to ENTRYPOINT: {' '.join((*first, *words))}"
        yield Finding(RULE, "error", message, line=command.line, fix="Take one of the two away")


def _absolute(words: tuple[str, ...], inherited: tuple[str, ...]) -> tuple[str, ...]:
    """The interpreter stands where the image has it, which PATH may not say."""
    return (inherited[0], *words[1:])
