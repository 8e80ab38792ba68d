"""HEALTHCHECK with a program that the image has not: the container is never healthy."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import command_text
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import program, short_name
from slimdesk.dockerfile.view import StageView, View

RULE = "health-tool"

_TOOLS = ("curl", "wget", "nc", "pg_isready", "mysqladmin", "redis-cli")
# Official images on buildpack-deps or with the tool itself.
_WITH_CURL = frozenset(
    {"nginx", "httpd", "buildpack-deps", "maven", "gradle", "php", "golang", "gcc", "rust"}
)


def check(view: View) -> Iterator[Finding]:
    """An error where the base is known to lack the program and nothing installs it."""
    final = view.final
    found = final.last("HEALTHCHECK")
    if found is None or len(found.arguments) < 2 or final.facts.shell is None:
        return
    words = found.arguments[1:] if found.form == "exec" else tuple(found.arguments[1].split())
    tool = program(words)
    if tool not in _TOOLS or not _lacks(final, tool):
        return
    message = (
        f"The image has no {tool}, so HEALTHCHECK fails each time and the container never becomes healthy"
    )
    fix = "Let the program check itself, ask from outside (an httpGet probe), or leave HEALTHCHECK out"
    yield Finding(RULE, "error", message, line=found.line, fix=fix)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """A check in the language of the image where that is short; else none is better than one that always fails."""
    found = view.at(finding.line)
    if found is None:
        return ()
    address = next(
        (
            word.strip("\"'")
            for word in " ".join(found.arguments).split()
            if word.strip("\"'").startswith("http")
        ),
        None,
    )
    language = view.final.facts.language
    flags = " ".join(found.flags)
    head = f"HEALTHCHECK {flags} CMD" if flags else "HEALTHCHECK CMD"
    if address and '"' not in address and language == "node" and view.final.facts.shell:
        script = f"fetch('{address}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
        return (lines.replaced(found, f'{head} ["node", "-e", "{script}"]'),)
    if address and '"' not in address and language == "python" and view.final.facts.shell:
        script = f"import urllib.request as r; r.urlopen('{address}', timeout=3)"
        return (lines.replaced(found, f'{head} ["python", "-c", "{script}"]'),)
    return (lines.removed(found),)


def _lacks(final: StageView, tool: str) -> bool:
    name = short_name(final.image) if final.image else ""
    tag = (final.image.tag or "") if final.image else ""
    if any(tool in word for copy in final.inherited("COPY", "ADD") for word in copy.arguments):
        return False
    if final.facts.shell is False:
        return True
    packages = {"nc": "netcat", "pg_isready": "postgresql", "mysqladmin": "mysql", "redis-cli": "redis"}
    mark = packages.get(tool, tool)
    if any(mark in command_text(run) for run in final.inherited("RUN")):
        return False
    if final.facts.libc == "musl":
        return tool not in ("wget", "nc")
    full = name in _WITH_CURL or (name in ("node", "python", "ruby") and "slim" not in tag)
    if final.facts.user is None:
        return False
    if full:
        return tool not in ("curl", "wget") and name not in ("postgres", "mysql", "mariadb", "redis")
    return name in ("debian", "ubuntu", "node", "python", "ruby", "gcc")
