"""Whole folders re-owned or re-moded after they were copied: every file is in the image twice."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import commands
from slimdesk.dockerfile.view import View

RULE = "late-change"


def check(view: View) -> Iterator[Finding]:
    """A warning for chown -R and chmod -R in a RUN after a COPY of the final image, where RUN itself made no files."""
    copied = False
    for one in view.final.inherited("COPY", "ADD", "RUN"):
        if one.keyword != "RUN":
            copied = True
            continue
        for command in commands(one):
            for tool in ("chown", "chmod"):
                rest = command.after(tool)
                if (
                    not copied
                    or rest is None
                    or not any(word in ("-R", "--recursive", "-Rf") for word in rest)
                ):
                    continue
                message = f"{tool} -R writes every file below it into a new layer once more"
                value = next((word for word in rest if not word.startswith("-")), "…")
                yield Finding(RULE, "warning", message, line=one.line, fix=f"COPY --{tool}={value} …")
