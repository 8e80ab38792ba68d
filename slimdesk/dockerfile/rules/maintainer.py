"""MAINTAINER, which is deprecated."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import dockerfile_value
from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "maintainer"


def check(view: View) -> Iterator[Finding]:
    """A hint for each."""
    for one in view.dockerfile.instructions():
        if one.keyword == "MAINTAINER":
            name = " ".join(one.arguments).strip().strip("\"'")
            fix = f"LABEL org.opencontainers.image.authors={dockerfile_value(name)}"
            yield Finding(
                RULE, "info", "MAINTAINER is deprecated; a LABEL names the author", line=one.line, fix=fix
            )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The LABEL in its place."""
    one = view.at(finding.line)
    return () if one is None or not finding.fix else (lines.replaced(one, finding.fix),)
