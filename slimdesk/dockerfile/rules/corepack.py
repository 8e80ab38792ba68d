"""corepack, yarn and pnpm that a Node.js image does not bring any more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import commands, first_program
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import short_name
from slimdesk.dockerfile.view import StageView, View

RULE = "corepack"


def check(view: View) -> Iterator[Finding]:
    """An error for the first call of a tool that is not there. Node.js dropped corepack with 25; its image yarn with 26."""
    for stage in view.stages:
        major = _major(stage)
        if major is None or major < 25:
            continue
        brought: set[str] = set()
        for run in stage.inherited("RUN"):
            for one in commands(run):
                if one.runs("npm", "install", "i") and {"-g", "--global"} & set(one.words):
                    brought.update(re.split(r"(?<=.)@", word)[0] for word in one.words)
                tool = first_program(one)
                gone = tool in ("corepack", "pnpm") or (tool == "yarn" and major >= 26)
                if not gone or tool in brought or "corepack" in brought:
                    continue
                if run in stage.stage.instructions:
                    message = f"The image of Node.js {major} has no {tool}: this command is not found"
                    yield Finding(
                        RULE, "error", message, line=run.line, fix=f"npm install -g {tool} before it"
                    )
                brought.add(tool)
                brought.update(("yarn", "pnpm") if tool == "corepack" else ())


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Install the tool in front of its first use."""
    run = view.at(finding.line)
    tool = re.search(r"-g (\w+)", finding.fix or "")
    return () if run is None or tool is None else (lines.before(run, f"RUN npm install -g {tool[1]}"),)


def _major(stage: StageView) -> int | None:
    if stage.image is None or short_name(stage.image) != "node":
        return None
    tag = stage.image.tag or "latest"
    number = re.match(r"\d+", tag)
    return (
        int(number[0])
        if number
        else 26
        if tag in ("latest", "current", "alpine", "slim", "trixie", "lts")
        else None
    )
