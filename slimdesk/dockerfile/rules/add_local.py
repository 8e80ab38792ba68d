"""ADD where COPY does the same without surprises."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "add-local"

_SPECIAL = re.compile(
    r"^(?:https?|git|ssh|ftp)://|^git@|\.git(?:#|$)|\.(?:tar|tgz|tbz2?|txz|gz|bz2|xz|zst)$|[$*?\[]|^<<"
)


def check(view: View) -> Iterator[Finding]:
    """A hint for each ADD of plain files: ADD unpacks archives and fetches addresses where it meets them."""
    for stage in view.stages:
        for add in stage.own("ADD"):
            if not add.heredocs and not any(
                _SPECIAL.search(source.strip("\"'")) for source in add.arguments[:-1]
            ):
                message = (
                    "ADD unpacks archives and fetches addresses; for plain files COPY says what is meant"
                )
                yield Finding(RULE, "info", message, line=add.line, fix="COPY")


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """COPY."""
    add = view.at(finding.line)
    return () if add is None else lines.substituted(add, r"\A(\s*)(?i:ADD)\b", r"\1COPY", 1)
