"""USER with a name that nobody made: the container cannot start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import command_text
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import OFFICIAL, short_name
from slimdesk.dockerfile.view import View

RULE = "missing-user"

# In every Debian and Alpine image; then what single official images add.
_EVERYWHERE = frozenset(
    {
        "root",
        "nobody",
        "daemon",
        "bin",
        "sys",
        "mail",
        "news",
        "man",
        "lp",
        "games",
        "www-data",
        "sync",
        "operator",
        "guest",
        "ftp",
    }
)
_OWN = {
    "node": "node", "nginx": "nginx", "postgres": "postgres", "redis": "redis", "mysql": "mysql", "ubuntu": "ubuntu",
    "gradle": "gradle", "eclipse-temurin": "ubuntu", "maven": "ubuntu", "tomcat": "ubuntu", "caddy": "caddy",
}  # fmt: skip
_MAKES = re.compile(r"\b(?:adduser|useradd|/etc/passwd)\b")


def check(view: View) -> Iterator[Finding]:
    """An error where the base is known and no RUN makes a user."""
    final = view.final
    user = final.last("USER")
    if user is None or final.image is None:
        return
    name = user.arguments[0].strip("\"'").partition(":")[0]
    if not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
        return
    base = short_name(final.image)
    if base.startswith("gcr.io/distroless/"):
        known = frozenset({"root", "nobody", "nonroot"})
    elif base in OFFICIAL:
        known = _EVERYWHERE | {_OWN.get(base, "root")}
    else:
        return
    made = any(_MAKES.search(command_text(run)) for run in final.inherited("RUN"))
    brought = any(
        re.search(r"/etc(?:/passwd)?/?$", one.arguments[-1]) for one in final.inherited("COPY", "ADD")
    )
    if name in known or made or brought:
        return
    message = f"Nobody made the user {name}, and {base} has none of that name: the container cannot start"
    yield Finding(RULE, "error", message, line=user.line, fix="USER 65532:65532")


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """A number needs no entry in /etc/passwd."""
    user = view.at(finding.line)
    return () if user is None or not finding.fix else (lines.replaced(user, finding.fix),)
