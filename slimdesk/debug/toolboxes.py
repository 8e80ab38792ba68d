"""Images with the tools for a shell: which are known, and which of those that an engine has could serve."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Toolbox:
    """An image whose tools a shell brings. `static`: they need no library, so they also run among another image's files."""

    image: str
    title: str
    what: str
    static: bool


# The first is the default. Sources: docker-library/busybox (the musl variant is linked statically), Alpine's aports
# main/busybox (linked to musl), nicolaka/netshoot README, chainguard-images min-toolkit-debug.
TOOLBOXES = (
    Toolbox(
        "busybox:1-musl", "BusyBox", "1 MB: sh, ls, ps, netstat, vi, wget, nc; needs no library.", static=True
    ),
    Toolbox("alpine:3.24", "Alpine", "BusyBox and apk, which installs what you miss.", static=False),
    Toolbox(
        "nicolaka/netshoot:latest",
        "netshoot",
        "For networks: curl, dig, tcpdump, nmap, iperf, openssl, and more.",
        static=False,
    ),
    Toolbox(
        "cgr.dev/chainguard/min-toolkit-debug:latest",
        "Chainguard min-toolkit",
        "bash, curl, strace and BusyBox, on Wolfi.",
        static=False,
    ),
)
DEFAULT = TOOLBOXES[0].image

# Repositories whose images have a POSIX shell, the smaller first (by their names alone).
_WITH_SHELL = (
    "busybox",
    "alpine",
    "netshoot",
    "min-toolkit-debug",
    "debian",
    "ubuntu",
    "fedora",
    "buildpack-deps",
)
_DEBUG_TAG = re.compile(r"debug|-dev$")


def candidates(tags: Iterable[str], missing: str = "") -> tuple[str, ...]:
    """Return those of an engine's image names that most likely have a shell and tools, the best first.

    The known toolboxes come first, then small distributions and debug images; `missing` is left out.
    """
    known = [box.image for box in TOOLBOXES]
    ranked: list[tuple[int, str]] = []
    for tag in dict.fromkeys(tags):
        rank = _rank(tag, known)
        if rank is not None and tag != missing:
            ranked.append((rank, tag))
    return tuple(tag for _, tag in sorted(ranked))


def _rank(tag: str, known: list[str]) -> int | None:
    if tag in known:
        return known.index(tag)
    repository, _, version = tag.rpartition(":")
    name = repository.rpartition("/")[2]
    if name in _WITH_SHELL:
        return len(known) + _WITH_SHELL.index(name)
    return len(known) + len(_WITH_SHELL) if _DEBUG_TAG.search(version) else None
