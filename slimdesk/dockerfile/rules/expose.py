"""EXPOSE that is no port of the container."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "expose"

_PORT = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?(?:/(?:tcp|udp|sctp))?", re.IGNORECASE)


def check(view: View) -> Iterator[Finding]:
    """Errors for what is no port, warnings for a mapping HOST:CONTAINER, which belongs to `docker run -p`."""
    for stage in view.stages:
        for one in stage.own("EXPOSE"):
            for word in one.arguments:
                text = word.strip("\"',")
                host, colon, inner = text.rpartition(":")
                match = _PORT.fullmatch(inner)
                if "$" in text:
                    continue
                if match is None or not all(0 < int(number) < 65_536 for number in match.groups() if number):
                    yield Finding(
                        RULE,
                        "error",
                        f"EXPOSE {word}: {text} is no port",
                        line=one.line,
                        fix="Write a number from 1 to 65535",
                    )
                elif colon:
                    message = f"EXPOSE {word} maps nothing: {host} is said when the container starts, with -p {text}"
                    yield Finding(RULE, "warning", message, line=one.line, fix=f"EXPOSE {inner}")
                elif text != word:
                    yield Finding(
                        RULE,
                        "error",
                        f"EXPOSE {word}: quotes and commas are read as part of the port",
                        line=one.line,
                        fix=f"EXPOSE {inner}",
                    )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The port alone."""
    one = view.at(finding.line)
    if one is None or not (finding.fix or "").startswith("EXPOSE "):
        return ()
    ports = [word.strip("\"',").rpartition(":")[2] for word in one.arguments]
    return (lines.replaced(one, f"EXPOSE {' '.join(ports)}"),)
