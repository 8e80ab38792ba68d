"""What hadolint would say of a generated Dockerfile that is so on purpose: told to it in one line of the file.

DL3008, DL3018: packages are not pinned, because the archives keep only the newest revision of each and a pinned one
stops building; the release is pinned by the base. DL3007: Chainguard's free images have no other tag than latest.
DL3002: a build stage ends as root where its image starts without the right to install; what ships has a user of its own.
DL3013: a script without a manifest states no versions. (hadolint.github.io and its README, 2026-08.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from slimdesk.dockerfile.model import Stage

MARK = "# hadolint global ignore="
_COMMANDS = (
    ("DL3008", re.compile(r"\bapt-get install\b")),
    ("DL3013", re.compile(r"\bpip\b[^&|;]*?\binstall\b(?![^&|;]*(?:\s-r\s|\s--requirement\b|\s\.))")),
    ("DL3018", re.compile(r"\bapk add\b")),
)


def pragma(stages: Sequence[Stage]) -> str:
    """Return the comment that names what hadolint shall not tell of these stages; empty where there is nothing."""
    codes: set[str] = set()
    names = {stage.name for stage in stages}
    for stage in stages:
        if stage.base not in names and stage.base.endswith(":latest"):
            codes.add("DL3007")
        users = [one.arguments[0] for one in stage.instructions if one.keyword == "USER" and one.arguments]
        if stage is not stages[-1] and users and users[-1].partition(":")[0] in ("0", "root"):
            codes.add("DL3002")
        for one in stage.instructions:
            if one.keyword == "RUN":
                text = " ".join(one.arguments)
                codes.update(code for code, pattern in _COMMANDS if pattern.search(text))
    return f"{MARK}{','.join(sorted(codes))}" if codes else ""


def is_pragma(line: str) -> bool:
    """Whether a line is such a comment."""
    return line.startswith(MARK)
