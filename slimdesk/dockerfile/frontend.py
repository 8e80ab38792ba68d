"""Which Dockerfile syntax an engine must know, for engines that are older than what is written.

BuildKit's Dockerfile frontend has versions of its own; "added in version" of docs.docker.com/reference/dockerfile, and the
frontend that each Docker Engine has built in (BuildKit's release notes). `# syntax=` makes BuildKit fetch a newer one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.dockerfile.model import Dockerfile

Version = tuple[int, int]

_FLAGS: dict[tuple[str, str], Version] = {
    ("RUN", "mount"): (1, 2), ("RUN", "network"): (1, 1), ("RUN", "security"): (1, 20), ("RUN", "device"): (1, 14),
    ("COPY", "chmod"): (1, 2), ("ADD", "chmod"): (1, 2), ("COPY", "link"): (1, 4), ("ADD", "link"): (1, 4),
    ("ADD", "checksum"): (1, 6), ("ADD", "keep-git-dir"): (1, 1), ("COPY", "exclude"): (1, 19), ("ADD", "exclude"): (1, 19),
    ("COPY", "parents"): (1, 20), ("ADD", "unpack"): (1, 17),
}  # fmt: skip
_HEREDOC: Version = (1, 4)
# Docker Engine's major version -> the frontend in its BuildKit.
_BUILT_IN: dict[int, Version] = {
    18: (1, 0), 19: (1, 1), 20: (1, 2), 22: (1, 3), 23: (1, 4), 24: (1, 5), 25: (1, 6), 26: (1, 7), 27: (1, 9),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """Something that is written on a line, and the frontend that knows it."""

    line: int
    what: str
    version: Version


def needs(dockerfile: Dockerfile) -> tuple[Need, ...]:
    """Return what not every frontend understands, in the order of the file."""
    found: list[Need] = []
    for one in dockerfile.instructions():
        for flag in one.flags:
            name = flag.removeprefix("--").partition("=")[0]
            version = _FLAGS.get((one.keyword, name))
            if version is not None:
                found.append(Need(one.line, f"{one.keyword} --{name}", version))
        if one.heredocs:
            found.append(Need(one.line, f"{one.keyword} <<", _HEREDOC))
    return tuple(found)


def unknown_to(dockerfile: Dockerfile, engine_version: str | None) -> Need | None:
    """Return the first thing that Docker Engine of that version does not understand; None where its version says nothing."""
    major = re.match(r"\d+", engine_version or "")
    known = _BUILT_IN.get(int(major[0])) if major else None
    if known is None or "syntax" in dockerfile.directives:
        return None
    return next((one for one in needs(dockerfile) if one.version > known), None)
