"""cd, export and source in a RUN of their own: each RUN begins with a new shell, so nothing of it is left."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import commands, first_program
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.view import StageView, View

RULE = "lost-state"

_LOST = frozenset({"cd", "export", "source", ".", "alias"})
_PLACE = re.compile(r"[\w./${}-]+")


def check(view: View) -> Iterator[Finding]:
    """A warning for a RUN that only changes its own shell; an error for source where /bin/sh has no such word."""
    for stage in view.stages:
        for run in stage.own("RUN"):
            if run.form != "shell":
                continue
            called = [one for one in commands(run) if first_program(one)]
            if called and all(first_program(one) in _LOST for one in called):
                fix = _fix(called[-1].words)
                message = f"{' '.join(called[-1].words[:3])} ends with this RUN: the next one begins with a new shell"
                yield Finding(RULE, "warning", message, line=run.line, fix=fix)
            elif any(first_program(one) == "source" for one in called) and _plain_sh(stage):
                message = (
                    "source is a word of bash, and RUN is carried out by /bin/sh, which does not know it here"
                )
                yield Finding(RULE, "error", message, line=run.line, fix=". FILE instead of source FILE")


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """WORKDIR, ENV, or a dot for source."""
    run = view.at(finding.line)
    if run is None or not finding.fix:
        return ()
    if finding.severity == "error":
        return lines.substituted(run, r"(?<![\w/.-])source(?=\s)", ".")
    if finding.fix.startswith(("WORKDIR ", "ENV ")) and _single(run):
        return (lines.replaced(run, finding.fix),)
    return ()


def _single(run: Instruction) -> bool:
    return len(commands(run)) == 1 and not run.heredocs


def _fix(words: tuple[str, ...]) -> str:
    if words[0] == "cd" and len(words) == 2 and _PLACE.fullmatch(words[1]) and words[1] != "-":
        return f"WORKDIR {words[1]}"
    if words[0] == "export" and len(words) == 2 and "=" in words[1]:
        return f"ENV {words[1]}"
    return "Write it into the RUN that needs it, as cd … && command, or use WORKDIR and ENV"


def _plain_sh(stage: StageView) -> bool:
    """Debian's and Ubuntu's /bin/sh is dash; that of Alpine is busybox, which knows source."""
    return (
        stage.facts.libc == "glibc"
        and stage.facts.shell is True
        and not any(True for _ in stage.inherited("SHELL"))
    )
