"""What is mounted in a container, from its process's mountinfo (proc_pid_mountinfo(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.debug.sections import Script, read_text

_OCTAL = re.compile(r"\\([0-7]{3})")
# What every engine mounts by itself.
_OWN = re.compile(
    r"/(?:proc|sys|dev)(?:/|$)|/etc/(?:resolv\.conf|hostname|hosts)$|/\.dockerinit$|/sbin/docker-init$"
)


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount: `source` is the device or folder of the engine's, `own` says that the engine put it there by itself."""

    path: str
    kind: str
    source: str
    writable: bool
    options: str
    own: bool


def script(app: int) -> Script:
    """Return what asks for the mounts of that process."""
    return Script('echo "$1 mountinfo"; cat "/proc/$2/mountinfo"', (str(app),))


def parse(asked: Script, out: bytes) -> tuple[Mount, ...]:
    """Read the answer: the root first, then by path, the engine's own last."""
    found: list[Mount] = []
    for name, body in asked.parts(out):
        if name == "mountinfo":
            found = [mount for line in read_text(body).split("\n") if (mount := _mount(line))]
    return tuple(sorted(found, key=lambda one: (one.own, one.path)))


def _mount(line: str) -> Mount | None:
    before, dash, after = line.partition(" - ")
    words, more = before.split(" "), after.split(" ")
    if not dash or len(words) < 6 or len(more) < 3:
        return None
    path, root, kind = _plain(words[4]), _plain(words[3]), more[0]
    options = words[5].split(",")
    device = _plain(more[1])
    source = f"{device}:{root}" if root != "/" and device != kind else device if root == "/" else root
    return Mount(
        path=visible(path),
        kind=visible(kind, 40),
        source=visible(source, 400),
        # Either may be read-only: this mount of it, or the file system itself.
        writable="ro" not in options and "ro" not in more[2].split(","),
        options=visible(words[5], 200),
        own=bool(_OWN.match(path)),
    )


def _plain(text: str) -> str:
    """Blanks, tabs, ends of line and backslashes come as octal numbers."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)
