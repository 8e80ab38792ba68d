"""The container runs as root."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "root-user"


def check(view: View) -> Iterator[Finding]:
    """A warning if the last USER is root, or if there is none and the base image is known to run as root."""
    user = view.final.last("USER")
    name = (user.arguments[0] if user else view.final.facts.user or "").strip("\"'").partition(":")[0]
    if name not in ("0", "root"):
        return
    said = "The last USER is root" if user else "Nothing sets a user and the base image runs as root"
    yield Finding(
        RULE,
        "warning",
        f"{said}: who breaks out of the program is root in the container",
        line=(user or view.final.first).line,
        fix="USER 65532:65532",
    )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """USER in front of what starts the program, or in place of the one that is root."""
    user = view.final.last("USER")
    own = view.final.stage.instructions
    if user is not None:
        return (lines.replaced(user, finding.fix or ""),) if user in own else ()
    if view.final.facts.serves_files:
        # A web server that starts as root needs more than another user.
        return ()
    start = next((one for one in own if one.keyword in ("ENTRYPOINT", "CMD")), None)
    return (lines.before(start, "USER 65532:65532") if start else lines.after(own[-1], "USER 65532:65532"),)
