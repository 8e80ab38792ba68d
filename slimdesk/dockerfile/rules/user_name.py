"""Users by name: a number is checked by Kubernetes, and needs no /etc/passwd."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.view import View

RULE = "user-name"


def check(view: View) -> Iterator[Finding]:
    """Errors where there is no /etc/passwd to look the name up; a hint elsewhere, for the last USER only."""
    final = view.final
    bare = final.scratch and not any(
        one.arguments[-1].rstrip("/") in ("/etc/passwd", "/etc", "") for one in final.inherited("COPY", "ADD")
    )
    if bare:
        for copy in final.inherited("COPY", "ADD"):
            for owner in flag_values(copy.flags, "chown"):
                if _is_name(owner):
                    yield Finding(
                        RULE,
                        "error",
                        f"--chown={owner} is a name, and scratch has no /etc/passwd to look it up in: the build fails",
                        line=copy.line,
                        fix="--chown=65532:65532",
                    )
    user = final.last("USER")
    if user is None or not _is_name(user.arguments[0]) or user.arguments[0].partition(":")[0] == "root":
        return
    if bare:
        message = (
            f"USER {user.arguments[0]} is a name, and scratch has no /etc/passwd: the container cannot start"
        )
        yield Finding(RULE, "error", message, line=user.line, fix="USER 65532:65532")
    else:
        message = f"USER {user.arguments[0]} is a name: Kubernetes cannot see that it is not root (runAsNonRoot refuses it)"
        yield Finding(RULE, "info", message, line=user.line, fix="Write the user's number: USER uid:gid")


def _is_name(user: str) -> bool:
    text = user.strip("\"'")
    return bool(text) and "$" not in text and not re.fullmatch(r"[0-9]+(?::[0-9]*)?", text)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The number that distroless and Chainguard use, where there is nothing to look a name up in."""
    one = view.at(finding.line)
    if one is None or finding.severity != "error":
        return ()
    if one.keyword == "USER":
        return (lines.replaced(one, "USER 65532:65532"),)
    return lines.substituted(one, r"--chown=\S+", "--chown=65532:65532")
