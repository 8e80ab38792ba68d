"""Secrets in ENV and ARG: everybody who has the image can read them in its history."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "secret-in-image"

# As BuildKit's own check SecretsUsedInArgOrEnv (dockerfile2llb/validations.go).
_SECRET = re.compile(
    r"(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"(?:_|^)(?:public|file|version)(?:_|$)", re.IGNORECASE)
_FIX = "Give it when the container starts, or to a single RUN with --mount=type=secret"


def check(view: View) -> Iterator[Finding]:
    """A warning for each name that says secret; an ENV without a value only declares the name."""
    for instruction in view.dockerfile.instructions():
        if instruction.keyword not in ("ENV", "ARG"):
            continue
        for name, value in _pairs(instruction.keyword, instruction.arguments):
            if not is_secret(name):
                continue
            if instruction.keyword == "ENV" and value.strip("\"'") == "":
                continue
            message = (
                f"{instruction.keyword} {name} looks like a secret, and stays readable in the image's history"
            )
            yield Finding(RULE, "warning", message, line=instruction.line, fix=_FIX)


def is_secret(name: str) -> bool:
    """Whether a variable's name says that its value is nobody's business."""
    return _SECRET.search(name) is not None and _HARMLESS.search(name) is None


def _pairs(keyword: str, words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if keyword == "ENV" and len(words) == 2 and "=" not in words[0]:
        yield words[0], words[1]
        return
    for word in words:
        name, _, value = word.partition("=")
        yield name, value


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Take an instruction away that sets nothing else; whoever starts the container gives the value."""
    one = view.at(finding.line)
    if one is None or one.keyword != "ENV" or len(list(_pairs(one.keyword, one.arguments))) != 1:
        return ()
    return (lines.removed(one),)
