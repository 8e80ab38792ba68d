"""The image starts as root."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.image.findings.survey import Hint, Survey


def find(survey: Survey) -> Iterator[Hint]:
    """Tell if no user is set, or root by name or number. An image that starts nothing is let be."""
    config = survey.image.config
    user = config.user.partition(":")[0].strip()
    if user not in ("", "0", "root") or not (config.entrypoint or config.command):
        return
    message = "The image starts as root" if user else "The image sets no user, so it starts as root"
    yield Hint(
        Finding("root-user", "warning", message, fix="USER 65532:65532 before the last ENTRYPOINT or CMD")
    )
