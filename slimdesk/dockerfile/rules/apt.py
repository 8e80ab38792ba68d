"""apt in a build: what asks a question nobody answers, what works on old lists, what installs more than was meant."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import Command, commands
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.view import StageView, View

RULE = "apt"

_YES = frozenset({"-y", "--yes", "--assume-yes", "-yq", "-qy", "-yqq", "-qqy", "-qq", "-fy", "-yf", "-fyq"})
_INSTALL = r"\b(apt-get|apt)((?:[ \t]+-\S+)*)[ \t]+install\b"


def check(view: View) -> Iterator[Finding]:
    """Errors for an install that stops at a question or has no lists; warnings for lists of another day; hints."""
    for stage in view.stages:
        listed = False
        for run in stage.inherited("RUN"):
            called = commands(run)
            update = _calls(called, "update")
            if run in stage.stage.instructions:
                yield from _judged(stage, run, called, listed=listed)
            listed = listed or update


def _judged(
    stage: StageView, run: Instruction, called: tuple[Command, ...], *, listed: bool
) -> Iterator[Finding]:
    update, install = _calls(called, "update"), [one for one in called if _is(one, "install")]
    if any(not _answers(one, stage) for one in install):
        message = "apt asks whether to go on, nobody answers, and the build stops here"
        yield Finding(RULE, "error", message, line=run.line, fix="apt-get install -y")
    if install and not update and not listed and stage.facts.libc == "glibc" and stage.facts.shell:
        message = "The base image has no package lists, so apt finds no package: nothing updates them first"
        yield Finding(RULE, "error", message, line=run.line, fix="apt-get update && apt-get install …")
    elif (
        update
        and not install
        and any(_is(one, "install") for later in _after(stage, run) for one in commands(later))
    ):
        message = (
            "The package lists are a layer of their own: once cached they are old, and a later install fails"
        )
        yield Finding(
            RULE, "warning", message, line=run.line, fix="apt-get update && apt-get install … in one RUN"
        )
    if any(one.after("apt") is not None for one in called if _is(one, "install") or _is(one, "update")):
        message = "apt is made for people at a terminal and may change; scripts call apt-get"
        yield Finding(RULE, "info", message, line=run.line, fix="apt-get")
    if any("--no-install-recommends" not in one.words for one in install) and not any(
        "Install-Recommends" in word for one in called for word in one.words
    ):
        message = "apt installs recommended packages too, which are often larger than what was asked for"
        yield Finding(RULE, "info", message, line=run.line, fix="apt-get install --no-install-recommends")


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Put the missing word into the command, or join the update with the install that follows it."""
    run = view.at(finding.line)
    if run is None:
        return ()
    if finding.fix == "apt-get install -y":
        return lines.substituted(run, _INSTALL, r"\1\2 install -y")
    if finding.fix == "apt-get install --no-install-recommends":
        return lines.substituted(run, _INSTALL, r"\1\2 install --no-install-recommends")
    if finding.fix == "apt-get":
        return lines.substituted(
            run,
            r"(?<![\w/.-])apt(?=[ \t]+(?:-\S+[ \t]+)*(?:install|update|upgrade|remove|purge|autoremove|clean)\b)",
            "apt-get",
        )
    if finding.severity == "error":
        return lines.substituted(run, r"\b(?:apt-get|apt)\b", "apt-get update && apt-get", 1)
    stage = next(one for one in view.stages if run in one.stage.instructions)
    following = next(iter(_after(stage, run)), None)
    if (
        following is None
        or following.line != run.end_line + 1
        or len(commands(run)) > 1
        or following.heredocs
    ):
        return ()
    joined = lines.substituted(following, r"\A(\s*(?i:RUN)\s+(?:--\S+\s+)*)", r"\1apt-get update && ", 1)
    return (lines.removed(run), *joined)


def _after(stage: StageView, run: Instruction) -> list[Instruction]:
    own = list(stage.own("RUN"))
    return own[own.index(run) + 1 :]


def _is(command: Command, verb: str) -> bool:
    return command.runs("apt-get", verb) or command.runs("apt", verb)


def _calls(called: tuple[Command, ...], verb: str) -> bool:
    return any(_is(one, verb) for one in called)


def _answers(command: Command, stage: StageView) -> bool:
    if _YES & set(command.words) or any("Assume-Yes" in word for word in command.words):
        return True
    return any("assume-yes" in word.lower() for run in stage.inherited("RUN") for word in run.arguments)
