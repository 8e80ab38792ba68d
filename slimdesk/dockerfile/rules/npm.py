"""npm (and its like) in a build: what is not locked, what is old, what starts badly."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import Command, commands
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import StageView, View

RULE = "npm"

_LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
_OLD = ("--only=production", "--only=prod", "--production", "--production=true")


def check(view: View) -> Iterator[Finding]:
    """Warnings for install instead of ci with a lock file, for flags that are gone, and for npm as the program."""
    for stage in view.stages:
        for run in stage.own("RUN"):
            called = commands(run)
            if any(_unlocked(one) for one in called) and _has_lock(view, stage):
                message = "npm install may take other versions than the lock file says, and writes it anew"
                yield Finding(RULE, "warning", message, line=run.line, fix="npm ci")
            old = next(
                (word for one in called if one.after("npm") for word in one.words if word in _OLD), None
            )
            if old:
                message = f"npm no longer documents {old}; what it meant is --omit=dev"
                yield Finding(RULE, "warning", message, line=run.line, fix="--omit=dev")
    start = view.final.last("CMD") or view.final.last("ENTRYPOINT")
    if start is not None and start.form == "exec" and start.arguments[:1] in (("npm",), ("yarn",), ("pnpm",)):
        tool = start.arguments[0]
        message = f"{tool} stands between the engine and the program: it keeps the signal to stop, and needs to be in the image"
        yield Finding(
            RULE,
            "warning",
            message,
            line=start.line,
            fix='CMD ["node", "FILE"], as the script in package.json says',
        )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The words that npm wants today."""
    run = view.at(finding.line)
    if run is None:
        return ()
    if finding.fix == "npm ci":
        return lines.substituted(
            run, r"\bnpm((?:[ \t]+--?\S+)*)[ \t]+(?:install|i)(?=[ \t]*(?:$|[;&|\\]|--))", r"npm\1 ci"
        )
    if finding.fix == "--omit=dev":
        return lines.substituted(run, r"--(?:only=prod(?:uction)?|production(?:=true)?)\b", "--omit=dev")
    return ()


def _unlocked(command: Command) -> bool:
    """`npm install` without the name of a package."""
    if not command.runs("npm", "install", "i"):
        return False
    words = command.after("npm") or ()
    names = [word for word in words if not word.startswith("-")]
    return len(names) == 1 and not {"-g", "--global"} & set(words)


def _has_lock(view: View, stage: StageView) -> bool:
    """A lock file is named by a COPY, or stands in the folder that is copied."""
    named = [source for copy in stage.inherited("COPY", "ADD") for source in copy.arguments[:-1]]
    if any(source.rpartition("/")[2] in _LOCKS for source in named):
        return True
    around = view.surroundings
    return around is not None and any(lock in around.names for lock in _LOCKS)
