"""Files that hold secrets, copied into a layer: deleting them later does not take them out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.view import View

RULE = "secret-file"

_SECRET = re.compile(
    r"(?:id_(?:rsa|dsa|ecdsa|ed25519)(?!.*\.pub)|\.env(?:\.(?!example|sample|template|dist)\w+)?|\.npmrc|\.netrc|\.pypirc|\.pgpass"
    r"|\.git-credentials|credentials\.json|service[-_]account.*\.json|.*\.(?:pem|key|p12|pfx|jks|keystore)|\.ssh|\.aws|\.gnupg|\.kube)"
)


def check(view: View) -> Iterator[Finding]:
    """A warning for each copy of a key, a password file or a .env from the build context."""
    for stage in view.stages:
        for copy in stage.own("COPY", "ADD"):
            if flag_values(copy.flags, "from"):
                continue
            for source in copy.arguments[:-1]:
                name = posixpath.basename(source.strip("\"'").rstrip("/"))
                if _SECRET.fullmatch(name) and "pub" not in name and not name.startswith("ca"):
                    message = f"{name} may hold secrets, and stays readable in the layer, even if a later step deletes it"
                    fix = "RUN --mount=type=secret,id=…, or give it when the container starts"
                    yield Finding(RULE, "warning", message, line=copy.line, fix=fix)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Take a copy of nothing but a .env away: the container gets its variables when it starts."""
    copy = view.at(finding.line)
    if (
        copy is None
        or len(copy.arguments) != 2
        or not posixpath.basename(copy.arguments[0]).startswith(".env")
    ):
        return ()
    return (lines.removed(copy),)
