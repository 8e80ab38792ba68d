"""RUN in shell form where there is no shell: the build fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import commands, first_program
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import with_shell
from slimdesk.dockerfile.view import View

RULE = "run-without-shell"


def check(view: View) -> Iterator[Finding]:
    """An error for each such RUN of a stage that is built."""
    for stage in view.stages:
        if stage.index not in view.needed or stage.shell is not False:
            continue
        for run in stage.own("RUN"):
            if run.form == "shell":
                name = stage.image.name if stage.image else stage.stage.base
                message = f"RUN needs /bin/sh, and {name} has none: the build fails here"
                fix = "Do it in an earlier stage and copy the result, or write it in exec form"
                yield Finding(RULE, "error", message, line=run.line, fix=fix)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Take away what needs no doing (making users, cleaning up); for all else a base with a shell."""
    run = view.at(finding.line)
    if run is None:
        return ()
    called = {first_program(one) for one in commands(run)}
    if called <= _NEEDLESS:
        return (lines.removed(run),)
    stage = next(one for one in view.stages if run in one.stage.instructions)
    new = with_shell(stage.image) if stage.image is not None and len(stage.chain) == 1 else None
    first = stage.first
    return (
        ()
        if new is None
        else lines.substituted(first, rf"(?<=\s){re.escape(first.arguments[0])}(?=\s)", new, 1)
    )


_NEEDLESS = frozenset(
    {
        "chmod",
        "chown",
        "adduser",
        "useradd",
        "addgroup",
        "groupadd",
        "apt-get",
        "apt",
        "apk",
        "rm",
        "true",
        "",
    }
)
