"""What the image starts is not there, cannot be executed, or needs an interpreter or a loader that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.findings.shell_form import SHELLS
from slimdesk.image.findings.survey import Hint, Survey
from slimdesk.image.packages.program_facts import WORD, Program
from slimdesk.image.starting import places
from slimdesk.image.table import Kind


def find(survey: Survey) -> Iterator[Hint]:
    """Yield one error at most: the first thing that keeps the image from starting."""
    config = survey.image.config
    words = config.entrypoint or config.command
    if not words or (config.os or "linux") != "linux" or not len(survey.table) > 1:
        return
    keyword = "ENTRYPOINT" if config.entrypoint else "CMD"
    if words[0] in SHELLS and words[1:2] == ("-c",) and survey.at(words[0]) is None:
        # The rule about shell form says so, with a better cure.
        return
    name = visible(words[0], 120)
    node = _command(survey, words[0])
    if node is None or survey.table.kind[node] == Kind.FOLDER:
        where = "is not in the image" if "/" in words[0] else "is in no folder of PATH"
        if node is not None:
            where = "is a folder"
        yield _error("entrypoint-missing", f"{keyword} starts {name}, which {where}: it cannot start", name)
        return
    if not survey.table.mode(survey.table.body(node)) & 0o111:
        message = f"{keyword} starts {name}, which nobody may execute: it cannot start"
        yield _error("entrypoint-not-executable", message, name, f"COPY --chmod=0755 for {name}")
        return
    program = next(
        (one.value for one in survey.look.found(WORD) if one.node == survey.table.body(node)), None
    )
    if not isinstance(program, Program):
        return
    if program.interpreter and not _there(survey, program.interpreter):
        needed = visible(program.interpreter, 120)
        message = f"{name} is a script for {needed}, which is not in the image: it cannot start"
        yield _error(
            "interpreter-missing", message, name, "Start the program itself, or choose a family with a shell"
        )
    elif program.loader and not _there(survey, program.loader):
        needed = visible(program.loader, 120)
        yield _error(
            "loader-missing",
            f"{name} is linked against {needed}, which is not in the image: it cannot start",
            name,
            "Link it statically, or choose a family with the C library that it was built for",
        )


def _there(survey: Survey, path: str) -> bool:
    node = survey.at(path)
    return node is not None and survey.table.kind[node] != Kind.FOLDER


def _command(survey: Survey, word: str) -> int | None:
    """Return the node that the word starts, as runc finds it."""
    for place in places(survey.image.config, word):
        node = survey.at(place)
        # A path is taken as it is, so that a folder can be told; in PATH a folder is passed over.
        if node is not None and ("/" in word or survey.table.kind[node] != Kind.FOLDER):
            return node
    return None


def _error(rule: str, message: str, path: str, fix: str = "Correct the path, or COPY the file") -> Hint:
    return Hint(Finding(rule, "error", message, path=path, fix=fix))
