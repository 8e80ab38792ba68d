"""Variables in exec form: there is no shell that would put their values in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.images import program
from slimdesk.dockerfile.view import View

RULE = "exec-variable"

_VARIABLE = re.compile(r"(?<!\$)\$(?:\{\w+[^}]*\}|[A-Za-z_]\w*)")
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})


def check(view: View) -> Iterator[Finding]:
    """A warning for each start command whose words hold a variable."""
    for keyword in ("ENTRYPOINT", "CMD"):
        found = view.final.last(keyword)
        if found is None or found.form != "exec" or program(found.arguments) in _SHELLS:
            continue
        match = next((one for word in found.arguments if (one := _VARIABLE.search(word))), None)
        if match is None:
            continue
        message = (
            f"{keyword} is in exec form, so {match[0]} stays as it is written: no shell puts its value in"
        )
        java = "JAVA" in match[0] or "JVM" in match[0]
        fix = (
            "Set JAVA_TOOL_OPTIONS, which the Java machine reads by itself"
            if java
            else "Let the program read the variable, or write its value"
        )
        yield Finding(RULE, "warning", message, line=found.line, fix=fix)
