"""ADD of an address: what comes is not checked, and an archive stays packed in the layer."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.view import View

RULE = "add-url"


def check(view: View) -> Iterator[Finding]:
    """A warning for each http address without --checksum."""
    for stage in view.stages:
        for add in stage.own("ADD"):
            remote = [source for source in add.arguments[:-1] if source.startswith(("http://", "https://"))]
            if remote and not flag_values(add.flags, "checksum"):
                message = f"ADD fetches {remote[0]} without checking what comes"
                fix = "Give --checksum=sha256:…, or fetch, check and unpack it in one RUN of a build stage"
                yield Finding(RULE, "warning", message, line=add.line, fix=fix)
