"""Patterns for code that nobody vouches for: no repeat is unbounded, so no input makes them slow."""

from __future__ import annotations

import re

MAX_SPACE = 60
MAX_REPEAT = 200

# A character class or an escaped character, and the repeat after it.
_REPEATED = re.compile(r"(\[\^?\]?(?:\\.|[^\]\\])*\]|\\.)([*+])(?!\+)", re.DOTALL)


def bounded(pattern: str, flags: int = 0) -> re.Pattern[str]:
    r"""Compile a pattern with each `*` and `+` after a class or an escape bounded: \s to 60, all else to 200 characters.

    Two unbounded repeats side by side take quadratic time on a long run of what both accept; bounded, the time is linear.
    """

    def bound(match: re.Match[str]) -> str:
        most = MAX_SPACE if match.group(1) == r"\s" else MAX_REPEAT
        return f"{match.group(1)}{{{0 if match.group(2) == '*' else 1},{most}}}"

    return re.compile(_REPEATED.sub(bound, pattern), flags)
