"""How grave a line of a log is, by the words that logging libraries write."""

from __future__ import annotations

import re
from typing import Literal

Level = Literal["error", "warning", "info", "debug"]

# Where a library puts it: a JSON key, key=value, in brackets, or a word in capitals; klog and glog begin with one letter.
_PLACES = (
    re.compile(r'"(?:level|severity|levelname|lvl|log\.level|@l)"\s*:\s*"?([A-Za-z]+|\d{2})'),
    re.compile(r"\b(?:level|lvl|severity)=\"?([A-Za-z]+)"),
    re.compile(r"\[\s*([A-Za-z]{4,8})\s*\]"),
    re.compile(
        r"\b(FATAL|CRITICAL|SEVERE|PANIC|EMERG|ALERT|ERROR|ERR!|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE|VERBOSE|FINE)(?:\b|(?<=!))"
    ),
    re.compile(r"^\s*(?:npm\s+)?(error|warn|warning|info|debug|fatal|panic|trace)\b\s*[:\]-]", re.IGNORECASE),
    re.compile(r"^([IWEF])\d{4} \d\d:\d\d:\d\d"),
)
_WORDS: dict[str, Level] = {
    **dict.fromkeys(("fatal", "critical", "crit", "severe", "panic", "emerg", "alert", "error", "err", "err!", "e", "f"), "error"),
    **dict.fromkeys(("warning", "warn", "w"), "warning"),
    **dict.fromkeys(("info", "information", "notice", "log", "i"), "info"),
    **dict.fromkeys(("debug", "trace", "verbose", "fine", "dbug"), "debug"),
    # Bunyan and pino number them.
    "60": "error", "50": "error", "40": "warning", "30": "info", "20": "debug", "10": "debug",
}  # fmt: skip
_TRACE = re.compile(
    r"^(?:Traceback \(most recent call last\)|Exception in thread |panic: |Caused by: |Unhandled |\w*Error: )"
)


def level_of(text: str) -> Level | None:
    """Return how grave a line is; None where it does not say."""
    found = level_at(text)
    return found[2] if found is not None else None


def level_at(text: str) -> tuple[int, int, Level] | None:
    """Return where a line says how grave it is, as (start, end, level); of a trace its whole beginning."""
    for place in _PLACES:
        match = place.search(text[:400])
        if match:
            level = _WORDS.get(match[1].lower())
            if level is not None:
                return match.start(1), match.end(1), level
    trace = _TRACE.match(text)
    return (trace.start(), trace.end(), "error") if trace else None
