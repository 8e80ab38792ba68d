"""Changes of a Dockerfile that leave something out: a source of a COPY, what a RUN leaves behind, a group of packages."""

from __future__ import annotations

import posixpath
import re
import shlex

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.commands import commands, installed
from slimdesk.dockerfile.edits import Lines, apply_edits
from slimdesk.dockerfile.model import Dockerfile, Instruction
from slimdesk.dockerfile.parse import parse
from slimdesk.recipes.leave_out_manifest import CannotTakeOut

_INSTALL = re.compile(r"\bnpm (ci|install|i)\b(?![^&|;\n]*--(?:omit|production))")


def without_source(text: str, instruction: Instruction, word: str) -> str:
    """Return the Dockerfile without one source of a COPY or ADD; the whole instruction goes with its only one.

    Raises CannotTakeOut.
    """
    lines = Lines.of(text)
    sources = instruction.arguments[:-1]
    if len(sources) <= 1:
        return _checked(apply_edits(text, [lines.removed(instruction)]))
    edits = lines.substituted(instruction, rf'(?<=[\s,\[])"?{re.escape(word)}"?,?[ \t]+', "", 1)
    if not edits:
        raise CannotTakeOut(f"{word} is not plain to see in line {instruction.line}: take it out by hand")
    return _checked(apply_edits(text, edits))


def with_removal(text: str, instruction: Instruction, *paths: str) -> str:
    """Return the Dockerfile with a RUN that removes `paths` before its layer is closed. Raises CannotTakeOut."""
    if instruction.form != "shell" or instruction.heredocs:
        raise CannotTakeOut(
            f"Line {instruction.line} is no plain shell command: let it remove {paths[0]} itself, in the same RUN"
        )
    lines = Lines.of(text)
    old = lines.at(instruction).rstrip("\n")
    return _checked(apply_edits(text, [lines.replaced(instruction, f"{old} && {_removal(paths)}")]))


def with_removal_at_end(text: str, dockerfile: Dockerfile, stage: int, *paths: str) -> str:
    """Return the Dockerfile with a RUN at the end of a stage that is only copied from. Raises CannotTakeOut."""
    last = dockerfile.stages[stage].instructions[-1]
    edit = Lines.of(text).after(last, f"RUN {_removal(paths)}")
    return _checked(apply_edits(text, [edit]))


def without_development(text: str, dockerfile: Dockerfile) -> str:
    """Return the Dockerfile whose last npm install leaves the dev dependencies out. Raises CannotTakeOut."""
    for stage in reversed(dockerfile.stages):
        for one in reversed(stage.instructions):
            if one.keyword == "RUN":
                edits = Lines.of(text).substituted(one, _INSTALL.pattern, r"npm \1 --omit=dev", 1)
                if edits:
                    return _checked(apply_edits(text, edits))
    raise CannotTakeOut("No npm ci in the Dockerfile installs them: leave them out where they are installed")


def without_package(text: str, instruction: Instruction, name: str) -> str:
    """Return the Dockerfile with a RUN that no longer installs a package. Raises CannotTakeOut."""
    asked = [
        words
        for one in commands(instruction)
        if (found := installed(one))
        for words in [found[1]]
        if name in words
    ]
    if not asked:
        raise CannotTakeOut(f"Line {instruction.line} does not install {name} by its name")
    if any(set(words) == {name} for words in asked):
        raise CannotTakeOut(f"Line {instruction.line} installs nothing but {name}: take it out by hand")
    pattern = rf"(?<=\s){re.escape(name)}(?:[=/][^\s;&|\\]*)?(?=[\s;&|]|$)(?:[ \t]*\\\n)?[ \t]*"
    lines = Lines.of(text)
    old = lines.at(instruction)
    new = re.sub(pattern, "", old, count=1)
    if new == old:
        raise CannotTakeOut(f"{name} is not plain to see in line {instruction.line}: take it out by hand")
    new = re.sub(r"[ \t]+(\n?)\Z", r"\1", new)
    after = _checked(apply_edits(text, [lines.replaced(instruction, new)]))
    left = next(
        one for stage in parse(after).stages for one in stage.instructions if one.line == instruction.line
    )
    still = [word for one in commands(left) if (found := installed(one)) for word in found[1]]
    wanted = [word for one in commands(instruction) if (found := installed(one)) for word in found[1]]
    wanted.remove(name)
    if still != wanted:
        raise CannotTakeOut(f"{name} cannot be cut out of line {instruction.line}: take it out by hand")
    return after


def _removal(paths: tuple[str, ...]) -> str:
    return f"rm -rf {' '.join(_word(path) for path in paths)}"


def _word(path: str) -> str:
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in path):
        raise CannotTakeOut("Its name holds control characters, which no Dockerfile takes")
    if posixpath.normpath(path).strip("/") in (".", ""):
        raise CannotTakeOut("The whole image cannot be left out of itself")
    # In a shell command BuildKit leaves variables to the shell; the quotes keep it from reading any.
    return shlex.quote(path)


def _checked(text: str) -> str:
    try:
        parse(text)
    except DockerfileError as error:
        raise CannotTakeOut(f"The Dockerfile cannot be changed there: {error.why}") from None
    return text
