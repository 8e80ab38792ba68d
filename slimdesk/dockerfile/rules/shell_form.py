"""ENTRYPOINT, CMD and HEALTHCHECK that need a shell to start.

In shell form the program is a child of /bin/sh: signals do not reach it, and where there is no shell nothing starts.
"""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import json_words
from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.rules import needs_shell
from slimdesk.dockerfile.view import View

RULE = "shell-form"
_SHELL_SIGNS = frozenset("$&|;<>()`\"'*?~\\")


def check(view: View) -> Iterator[Finding]:
    """Errors where the base has no shell; warnings for the rest, but not for HEALTHCHECK."""
    for keyword in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
        found = view.final.last(keyword)
        if found is None or found.form != "shell" or not found.arguments:
            continue
        if view.final.shell is False:
            message = (
                f"{keyword} is in shell form, and the base image has no shell: the container cannot start"
            )
            if keyword == "HEALTHCHECK":
                message = "HEALTHCHECK is in shell form, and the base image has no shell: it always fails"
            yield Finding(RULE, "error", message, line=found.line, fix=_fix(found))
        elif keyword != "HEALTHCHECK":
            message = f"{keyword} is in shell form: a shell stands between the engine and the program, and keeps its signals"
            yield Finding(RULE, "warning", message, line=found.line, fix=_fix(found))


def _fix(found: Instruction) -> str:
    text = found.arguments[-1]
    head = "HEALTHCHECK CMD" if found.keyword == "HEALTHCHECK" else found.keyword
    if _SHELL_SIGNS & set(text):
        return f'Write it in exec form: {head} and a list of words, such as {head} ["/app", "--flag"]'
    return f"{head} {json_words(text.removeprefix('exec ').split())}"


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Exec form where the words are plain; where only a shell can tell, a base that has one."""
    found = view.at(finding.line)
    if found is None or not finding.fix:
        return ()
    if finding.fix.startswith("Write"):
        if finding.severity == "error" and found.keyword == "HEALTHCHECK":
            return (lines.removed(found),)
        return needs_shell.mend(view, lines, finding) if finding.severity == "error" else ()
    head = found.keyword
    flags = f" {' '.join(found.flags)}" if found.flags else ""
    return (lines.replaced(found, f"{head}{flags}{finding.fix.removeprefix(head)}"),)
