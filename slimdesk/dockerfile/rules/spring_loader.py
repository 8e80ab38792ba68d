"""The old ways of Spring Boot's layers."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import command_text
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "spring-loader"

_OLD = "org.springframework.boot.loader.JarLauncher"
_NEW = "org.springframework.boot.loader.launch.JarLauncher"


def check(view: View) -> Iterator[Finding]:
    """A warning for the launcher's old name (Spring Boot 3.2 moved it), a hint for layertools (3.3 replaced it)."""
    for one in view.dockerfile.instructions():
        if one.keyword in ("ENTRYPOINT", "CMD") and _OLD in " ".join(one.arguments):
            message = "JarLauncher moved with Spring Boot 3.2: from there on this class is not found"
            yield Finding(RULE, "warning", message, line=one.line, fix=_NEW)
        elif one.keyword == "RUN" and "jarmode=layertools" in command_text(one):
            message = "layertools is replaced since Spring Boot 3.3"
            yield Finding(
                RULE,
                "info",
                message,
                line=one.line,
                fix="java -Djarmode=tools -jar app.jar extract --layers --destination extracted",
            )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The launcher's new name."""
    one = view.at(finding.line)
    return (
        () if one is None or finding.fix != _NEW else lines.substituted(one, _OLD.replace(".", r"\."), _NEW)
    )
