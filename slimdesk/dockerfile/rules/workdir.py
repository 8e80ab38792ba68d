"""WORKDIR that is relative to a folder nobody named."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "relative-workdir"


def check(view: View) -> Iterator[Finding]:
    """A warning for a relative WORKDIR without an absolute one before it."""
    for stage in view.stages:
        known = False
        for one in stage.inherited("WORKDIR"):
            path = one.arguments[0].strip("\"'")
            absolute = path.startswith(("/", "$", "~")) or path[1:2] == ":"
            if not absolute and not known and one in stage.stage.instructions:
                message = f"WORKDIR {path} starts from a folder of the base image, which may change"
                yield Finding(
                    RULE, "warning", message, line=one.line, fix=f"WORKDIR /{path.removeprefix('./')}"
                )
            known = known or absolute


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The same path from the root, where the base image starts by usage."""
    one = view.at(finding.line)
    return () if one is None or not finding.fix else (lines.replaced(one, finding.fix),)
