"""The container runs as root."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
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
