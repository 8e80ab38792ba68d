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
_BASE = re.compile(
    r"(?:failed to resolve source metadata for|failed to (?:do request|copy|authorize|load cache key).*? for) (\S+?): (.*)",
    re.DOTALL,
)
_OLD_BASE = re.compile(r"^(?:failed to solve.*?: )?(\S+/\S+?): (failed to do request.*)", re.DOTALL)
_NOT_FOUND = re.compile(r'"?(/[^":]*)"?: not found')


def _ended(match: re.Match[str]) -> str:
    code = int(match["code"])
    reason = f" ({_SIGNALS[code]})" if code in _SIGNALS else ""
    return f"The command ended with exit code {code}{reason}: {match['new'] or match['old']}"


def _no_base(match: re.Match[str]) -> str:
    name = match[1].removeprefix("docker.io/library/").removeprefix("docker.io/")
    why, todo = pull_words(match[2], name, None)
    return f"The base image {name} could not be fetched: {why}." + (f" {todo}." if todo else "")


def _not_there(match: re.Match[str]) -> str:
    return (
        f"{match[1].lstrip('/')} is not in the build context or the stage it is copied from. "
        "See whether it exists and whether .dockerignore leaves it out."
    )


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_ENDED, _ended),
    (_BASE, _no_base),
    (_OLD_BASE, _no_base),
    (_NOT_FOUND, _not_there),
)


def build_words(said: str) -> str:
    """Return the engine's message as one line."""
    if disk_full(said):
        return f"The engine's disk is full. {FREE_SPACE}."
    for pattern, say in _RULES:
        match = pattern.search(said)
        if match:
            return visible(say(match))
    return visible(said.strip())
