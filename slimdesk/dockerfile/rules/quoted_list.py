"""A list in square brackets that is no JSON: it is taken as a shell command and fails when the container starts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.view import View

RULE = "quoted-list"


def check(view: View) -> Iterator[Finding]:
    """An error for CMD ['node', 'x.js'] and its like."""
    for one in view.dockerfile.instructions():
        if (
            one.form != "shell"
            or one.keyword not in ("CMD", "ENTRYPOINT", "RUN", "HEALTHCHECK")
            or not one.arguments
        ):
            continue
        text = one.arguments[-1].strip()
        # [ is also a program of the shell: [ -f x ] && y
        if (
            not re.match(r"\[\s*[\"'\u201c\u2018\w./-]", text)
            or not text.endswith("]")
            or re.match(r"\[\s+-\w\s", text)
        ):
            continue
        words = _words(text)
        message = f"{one.keyword} looks like a list and is none: words of a list stand between double quotes, with commas"
        fix = _written(one, words) if words else f'{one.keyword} ["word", "word"]'
        yield Finding(RULE, "error", message, line=one.line, fix=fix)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The same words as JSON."""
    one = view.at(finding.line)
    if one is None or not one.arguments:
        return ()
    words = _words(one.arguments[-1].strip())
    return (lines.replaced(one, _written(one, words)),) if words else ()


def _words(text: str) -> list[str]:
    inner = text[1:-1].strip().strip(",")
    found = [part.strip().strip("\"'\u201c\u201d\u2018\u2019`") for part in inner.split(",")]
    if len(found) == 1:
        found = found[0].split()
    return found if all(found) else []


def _written(one: Instruction, words: list[str]) -> str:
    head = " ".join((one.keyword, *one.flags, *(("CMD",) if one.keyword == "HEALTHCHECK" else ())))
    return f"{head} {json.dumps(words)}"
