"""Several CMD, ENTRYPOINT or HEALTHCHECK in a stage: only the last of each is heeded."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "overruled"


def check(view: View) -> Iterator[Finding]:
    """A warning for each that a later one of the same stage replaces."""
    for stage in view.stages:
        for keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
            found = list(stage.own(keyword))
            for one in found[:-1]:
                message = f"This {keyword} is never used: line {found[-1].line} replaces it"
                yield Finding(
                    RULE,
                    "warning",
                    message,
                    line=one.line,
                    fix="Take the line away; one container starts one program",
                )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Take the line away."""
    found = view.at(finding.line)
    return () if found is None else (lines.removed(found),)
