"""What BuildKit says when a build fails, as a sentence for people; what nobody foresaw stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from slimdesk.basics.escaping import visible
from slimdesk.engine.failures import FREE_SPACE, disk_full
from slimdesk.engine.pull import pull_words

_ENDED = re.compile(r'(?:process "(?P<new>.*?)" did not complete successfully|executor failed running \[(?P<old>.*?)\]): '
                    r"exit code: (?P<code>\d+)", re.DOTALL)  # fmt: skip
_SIGNALS = {
    137: "it was killed, most often because the engine has too little memory",
    126: "the program may not be run",
    127: "there is no such program in the image",
}
_BASE = re.compile(r"failed to resolve source metadata for (?P<name>\S+): (?P<why>.*)", re.DOTALL)
# 20.10 names the registry's address only.
_OLD_BASE = re.compile(
    r'(?P<why>failed to do request: (?:Head|Get) "https?://(?P<host>[^/"]+)/v2/(?P<path>[^"]+)/manifests/(?P<tag>[^"]+)".*)',
    re.DOTALL,
)
# What reads the Dockerfile, fetched like an image where a `# syntax=` line names it.
_FRONTEND = re.compile(r"docker/dockerfile(?:-upstream)?[:@]")
_NOT_FOUND = re.compile(r'"?(/[^":]*)"?:? not found')
# apt-get, and apk of apk-tools 2 and 3.
_NO_PACKAGE = re.compile(
    r"E: (?:Unable to locate package (?P<apt>\S+)|Package '(?P<none>[^']+)' has no installation candidate)"
    r"|^\s+(?P<apk>\S+) \(no such package\):",
    re.MULTILINE,
)
_WRAPPING = re.compile(r"^(?:failed to solve(?: with frontend [\w.]+)?: |failed to create LLB definition: )+")


def _ended(match: re.Match[str]) -> str:
    code = int(match["code"])
    reason = f" ({_SIGNALS[code]})" if code in _SIGNALS else ""
    return f"The command ended with exit code {code}{reason}: {match['new'] or match['old']}"


def _no_base(match: re.Match[str]) -> str:
    return _base(match["name"].removeprefix("docker.io/library/").removeprefix("docker.io/"), match["why"])


def _no_old_base(match: re.Match[str]) -> str:
    hub = match["host"] in ("registry-1.docker.io", "index.docker.io")
    path = match["path"].removeprefix("library/") if hub else f"{match['host']}/{match['path']}"
    joint = "@" if match["tag"].startswith("sha256:") else ":"
    return _base(f"{path}{joint}{match['tag']}", match["why"])


def _base(name: str, said: str) -> str:
    why, todo = pull_words(said, name, None)
    if _FRONTEND.match(name):
        return (
            f"{name}, which the Dockerfile's `# syntax=` line asks for, could not be fetched: {why}. "
            "Leave the line out, and the engine reads the Dockerfile by itself"
            + (f"; or: {todo}." if todo else ".")
        )
    return f"The base image {name} could not be fetched: {why}." + (f" {todo}." if todo else "")


def _not_there(match: re.Match[str]) -> str:
    return (
        f"{match[1].lstrip('/')} is not in the build context or the stage it is copied from. "
        "See whether it exists and whether .dockerignore leaves it out."
    )


def _no_packages(log: str) -> str | None:
    names = dict.fromkeys(
        match["apt"] or match["none"] or match["apk"] for match in _NO_PACKAGE.finditer(log)
    )
    if not names:
        return None
    several, where = len(names) > 1, "packages.debian.org, packages.ubuntu.com and pkgs.alpinelinux.org"
    return (
        f"There {'are no packages' if several else 'is no package'} {', '.join(list(names)[:5])} for this base image. "
        f"Correct the name{'s' if several else ''}: {where} tell what a release has."
    )


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_ENDED, _ended),
    (_BASE, _no_base),
    (_OLD_BASE, _no_old_base),
    (_NOT_FOUND, _not_there),
)


def build_words(said: str, log: tuple[str, ...] = ()) -> str:
    """Return the engine's message as one line; `log` is what the failed step wrote."""
    if disk_full(said):
        return f"The engine's disk is full. {FREE_SPACE}."
    missing = _no_packages("\n".join(log))
    if missing:
        return visible(missing)
    for pattern, say in _RULES:
        match = pattern.search(said)
        if match:
            return visible(say(match))
    return visible(_WRAPPING.sub("", said.strip()))
