"""sudo in a build: the build is root already, and hardly an image has it."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import commands
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "sudo"


def check(view: View) -> Iterator[Finding]:
    """An error where sudo is not installed and the base is known not to have it; else a hint."""
    for stage in view.stages:
        for run in stage.own("RUN"):
            if not any(one.words[:1] == ("sudo",) for one in commands(run)):
                continue
            lacks = stage.facts.shell is True and "sudo" not in stage.installed
            message = (
                "There is no sudo in this image: the build fails here"
                if lacks
                else "sudo is not needed in a build: USER root before the step does the same, and the image needs no sudo"
            )
            fix = "Leave sudo away; write USER before it to change the user"
            yield Finding(RULE, "error" if lacks else "info", message, line=run.line, fix=fix)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Leave the word away."""
    run = view.at(finding.line)
    return () if run is None else lines.substituted(run, r"\bsudo[ \t]+(?:-\w+[ \t]+)*(?=\w)", "")
