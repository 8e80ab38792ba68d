"""A program that the container starts and a shell-less image has not: a script, npm, a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import program, with_shell
from slimdesk.dockerfile.view import View

RULE = "needs-shell"

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_SCRIPTED = frozenset(
    {"npm", "npx", "yarn", "pnpm", "mvn", "mvnw", "gradle", "gradlew", "env", "nodemon", "catalina.sh"}
)


def check(view: View) -> Iterator[Finding]:
    """An error for a start command in exec form whose program needs a shell that is not there."""
    final = view.final
    if final.shell is not False:
        return
    for keyword in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
        found = final.last(keyword)
        if (
            found is None
            or found.form != "exec"
            or (keyword == "CMD" and (final.last("ENTRYPOINT") or final.facts.entrypoint))
        ):
            continue
        words = found.arguments[1:] if keyword == "HEALTHCHECK" else found.arguments
        name = program(words)
        if not (name in _SHELLS or name in _SCRIPTED or name.endswith((".sh", ".bash"))):
            continue
        kind = "a shell" if name in _SHELLS else "a shell script" if "." in name else "a script for a shell"
        message = f"{keyword} starts {name}, which is {kind}, and the base image has no shell: the container cannot start"
        fix = "Start the program itself, or take a base with a shell (slim, alpine)"
        yield Finding(RULE, "error", message, line=found.line, fix=fix)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """A base of the same kind that has a shell: which program the script starts is not known here."""
    del finding
    final = view.final
    first = final.first
    if len(final.chain) > 1 or final.image is None:
        return ()
    new = with_shell(final.image)
    return (
        ()
        if new is None
        else lines.substituted(first, rf"(?<=\s){re.escape(first.arguments[0])}(?=\s)", new, 1)
    )
