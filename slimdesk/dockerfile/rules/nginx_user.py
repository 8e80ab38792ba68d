"""nginx as another user than root, with the configuration that only root can follow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import command_text
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import short_name
from slimdesk.dockerfile.view import View

RULE = "nginx-user"


def check(view: View) -> Iterator[Finding]:
    """An error for the official image with a USER and no folders of its own."""
    final = view.final
    user = final.last("USER")
    if user is None or final.image is None or short_name(final.image) != "nginx":
        return
    if user.arguments[0].partition(":")[0] in ("root", "0"):
        return
    # Whoever moves the pid file or re-owns the folders knows of it.
    if any(
        re.search(r"/var/cache/nginx|/var/run|/run/nginx|nginx\.pid|/tmp", command_text(run))
        for run in final.inherited("RUN")
    ):
        return
    if any("nginx.conf" in word for one in final.inherited("COPY", "ADD") for word in one.arguments):
        return
    message = (
        "nginx starts as root to write /run/nginx.pid and /var/cache/nginx; as another user it stops at once"
    )
    yield Finding(
        RULE, "error", message, line=user.line, fix="FROM nginxinc/nginx-unprivileged, which listens on 8080"
    )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The image that is made for it; its USER is 101, its port 8080."""
    final = view.final
    user = view.at(finding.line)
    first = final.chain[-1].instructions[0]
    if user is None or final.image is None or len(final.chain) > 1:
        return ()
    tag = final.image.tag
    name = "nginxinc/nginx-unprivileged" + (f":{tag}" if tag else "")
    edits = [
        *lines.substituted(first, re.escape(first.arguments[0]), name, 1),
        lines.replaced(user, "USER 101"),
    ]
    for port in final.own("EXPOSE"):
        edits.extend(lines.substituted(port, r"\b80\b", "8080"))
    return tuple(edits)
