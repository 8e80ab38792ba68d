"""Whole folders re-owned or re-moded after they were copied: every file is in the image twice."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import Command, commands
from slimdesk.dockerfile.view import View

RULE = "late-change"


def check(view: View) -> Iterator[Finding]:
    """A warning for a RUN of the final image with chown -R or chmod -R over what a COPY before it brought."""
    here = "/"
    copied: list[str] = []
    for one in view.final.inherited("WORKDIR", "COPY", "ADD", "RUN"):
        if one.keyword == "WORKDIR":
            here = posixpath.join(here, one.arguments[0].strip("\"'"))
        elif one.keyword != "RUN":
            copied.append(posixpath.normpath(posixpath.join(here, one.arguments[-1].strip("\"'"))))
        else:
            found = next(
                (change for command in commands(one) if (change := _change(command, here, copied))), None
            )
            if found is not None:
                tool, value = found
                message = f"{tool} -R writes every file below it into a new layer once more"
                yield Finding(RULE, "warning", message, line=one.line, fix=f"COPY --{tool}={value} …")


def _change(command: Command, here: str, copied: list[str]) -> tuple[str, str] | None:
    """The tool and its first word, if it goes through a folder that was copied or lies above or below one."""
    for tool in ("chown", "chmod"):
        rest = command.after(tool)
        if rest is None or not any(word in ("-R", "--recursive", "-Rf", "-fR") for word in rest):
            continue
        value, *places = [word for word in rest if not word.startswith("-")] or [""]
        for place in places:
            path = posixpath.normpath(posixpath.join(here, place.strip("\"'")))
            if any(
                path == one
                or one.startswith(path.rstrip("/") + "/")
                or path.startswith(one.rstrip("/") + "/")
                for one in copied
            ):
                return tool, value
    return None
