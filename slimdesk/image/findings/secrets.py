"""Private keys, tokens and passwords: in files, in files that a later layer deletes, and in the environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes
from slimdesk.image.findings.secret_looks import WORD
from slimdesk.image.findings.survey import Hint, Survey

if TYPE_CHECKING:
    from slimdesk.image.packages.look import Found

_MOST = 50
_NAME = re.compile(
    r"(?:^|_)(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY)(?:_|$)", re.IGNORECASE
)
_MOUNT = "RUN --mount=type=secret for what the build needs, the environment for what the program needs; then change it, for it is known to all who have the image"
# Go's own tests have keys; the toolchain is no package.
_PUBLIC = ("/usr/local/go/src/", "/usr/local/go/test/")
NAMES = frozenset((b".git",))


def find(survey: Survey) -> Iterator[Hint]:
    """Yield an error per file with a secret. What a published package or a base image brings is public, and so let be."""
    for number, found in enumerate(survey.look.found(WORD)):
        if number >= _MOST:
            break
        if not _is_public(survey, found):
            yield _file(survey, found, "")
    for number, found in enumerate(survey.look.hidden(WORD)):
        if number >= _MOST:
            break
        if not _is_public(survey, found):
            yield _file(survey, found, ", which a later layer hides: whoever has the image can still read it")
    for variable in survey.image.config.environment:
        name, _, value = variable.partition("=")
        if value and _NAME.search(name) and not name.endswith("_FILE"):
            message = (
                f"The environment variable {visible(name, 80)} looks like a secret, and is set in the image"
            )
            yield Hint(Finding("secret", "warning", message, fix=_MOUNT))
    for node in survey.named(b".git"):
        if survey.table.is_folder(node):
            size = survey.table.live_bytes(node)
            message = f"A Git repository with all its history: {format_bytes(size)}"
            finding = Finding(
                "git-folder",
                "warning",
                message,
                path=survey.path(node),
                bytes=size,
                fix="Add .git to .dockerignore",
            )
            yield Hint(finding, (node,))


def _is_public(survey: Survey, found: Found) -> bool:
    if survey.package(found.node) is not None or found.path.startswith(_PUBLIC):
        return True
    return survey.table.layer[found.node] < (survey.image.base_layers or 0)


def _file(survey: Survey, found: Found, more: str) -> Hint:
    signs = found.value if isinstance(found.value, tuple) else ()
    what, line = signs[0] if signs else ("a secret", 0)
    path = survey.path(found.node)
    message = f"{path} holds {what}{more}"
    fix = f"Add it to .dockerignore. {_MOUNT}"
    return Hint(Finding("secret", "error", message, path=path, line=line or None, fix=fix))
