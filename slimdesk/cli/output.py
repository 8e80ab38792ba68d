"""How every subcommand answers: JSON on standard output, progress and warnings on standard error."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from typing import Any

from slimdesk.basics.errors import BadInput, DockerfileError
from slimdesk.basics.escaping import log_line, visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes

SCHEMA = 1


def print_json(payload: Mapping[str, Any]) -> None:
    """Print one JSON object: ASCII, never NaN, with the schema's number first.

    Bytes that were no UTF-8 (in a file's name) come as a backslash and digits: strict readers refuse a lone surrogate.
    """
    answer = {"schema": SCHEMA, **{key: _without_lone(value) for key, value in payload.items()}}
    print(json.dumps(answer, ensure_ascii=True, allow_nan=False, indent=2))


def _without_lone(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {_without_lone(key): _without_lone(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_lone(one) for one in value]
    return value


def say(text: str = "") -> None:
    """Print one line of the answer in words, with control characters made visible."""
    print(visible(text))


def warn(text: str) -> None:
    """Print one line for the person on standard error."""
    print(visible(text), file=sys.stderr)


def tell_dockerfile_error(name: str, error: DockerfileError) -> None:
    """Print why a Dockerfile cannot be read: `name:line: why`, for a person also the place in the text."""
    place = name if error.line is None else f"{name}:{error.line}"
    print(visible(str(BadInput(f"{place}: {error.why}", "", error.todo))), file=sys.stderr)
    # A script gets one sentence.
    for line in error.caret.splitlines() if sys.stderr.isatty() else ():
        print(f"  {visible(line)}", file=sys.stderr)


def warn_of(finding: Finding) -> None:
    """Print a finding on standard error."""
    texts = (text.rstrip(".") for text in (finding.message, finding.fix) if text)
    place = f"line {finding.line}: " if finding.line else ""
    warn(f"{finding.severity}: {place}{'. '.join(texts)}.")


class TerminalReporter:
    """Progress and log lines on standard error; progress at most every half second and only when it changes.

    `patience`: nothing is said of work that takes no longer than so many seconds.
    """

    def __init__(self, *, quiet: bool = False, patience: float = 0.0) -> None:
        self._quiet = quiet
        self._last = ""
        self._when = 0.0
        self._begin = time.monotonic() + patience

    def progress(self, step: str = "", done: float = 0, total: float | None = None, unit: str = "") -> None:
        """Print where it is."""
        now = time.monotonic()
        if self._quiet or now < self._begin or not step or (step == self._last and now - self._when < 0.5):
            return
        amount = ""
        if unit == "bytes" and done:
            amount = f" {format_bytes(done, ' ')}" + (f" of {format_bytes(total, ' ')}" if total else "")
        elif total:
            amount = f" {done:.0f} of {total:.0f}"
        if step != self._last or amount:
            warn(f"{step}{amount}")
        self._last, self._when = step, now

    def log(self, text: str) -> None:
        """Print log lines."""
        if not self._quiet:
            for line in text.splitlines():
                print(f"  {log_line(line)}", file=sys.stderr)
