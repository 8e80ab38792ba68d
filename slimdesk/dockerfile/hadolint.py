"""hadolint, where it is installed: a second pair of eyes. It is called as a program, its findings become ours.

Its JSON: a list of {code, level, line, message, file, column}; level is error, warning, info or style
(github.com/hadolint/hadolint README.md, 2026-08). A file that it cannot parse is one entry of code DL1000.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding, Severity

TIMEOUT = 60.0
MAX_OUTPUT = 16_000_000
# Its grammar is behind BuildKit's (heredocs after comments, for one): what it cannot read it has not checked.
UNREADABLE = "DL1000"
_LEVELS: dict[str, Severity] = {"error": "error", "warning": "warning", "info": "info", "style": "info"}


@dataclass(frozen=True, slots=True)
class Lint:
    """What hadolint said. `findings` is None where it did not run, and `reason` says why: that is not zero findings."""

    findings: tuple[Finding, ...] | None
    reason: str = ""


def find_hadolint() -> Path | None:
    """Return the program: beside this Python first (the extra `lint` puts it there), then on PATH."""
    beside = Path(sys.executable).parent
    found = shutil.which("hadolint", path=str(beside)) or shutil.which("hadolint")
    return Path(found) if found else None


def run_hadolint(text: str, path: str | None = None, program: Path | None = None) -> Lint:
    """Give the text to hadolint; blocking, up to a minute. The project's own .hadolint.yaml is not looked for."""
    program = program or find_hadolint()
    if program is None:
        return Lint(None, "hadolint is not installed")
    try:
        with tempfile.TemporaryDirectory(prefix="slimdesk-") as folder:
            # The configuration of whatever folder we are in must not change the answer.
            config = Path(folder) / "hadolint.yaml"
            config.write_text("ignored: []\n", encoding="utf-8")
            command = [str(program), "--config", str(config), "--no-fail", "--format", "json", "-"]
            done = subprocess.run(
                command, input=text.encode(), capture_output=True, timeout=TIMEOUT, check=False
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Lint(None, f"hadolint could not be run: {visible(str(error), 200)}")
    if done.returncode != 0 or len(done.stdout) > MAX_OUTPUT:
        said = visible(done.stderr.decode("utf-8", "replace").strip(), 200)
        return Lint(None, f"hadolint ended with status {done.returncode}: {said}")
    try:
        rows = json.loads(done.stdout)
        unread = next((row for row in rows if row["code"] == UNREADABLE), None)
        if unread is not None:
            said = " ".join(visible(word, 80) for word in str(unread["message"]).split())
            return Lint(None, f"hadolint cannot read line {unread.get('line')}: {said[:200]}")
        return Lint(tuple(_finding(row, path) for row in rows))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Lint(None, "hadolint's answer could not be read")


def _finding(row: dict[str, Any], path: str | None) -> Finding:
    line = row.get("line")
    return Finding(
        rule=f"hadolint-{visible(str(row['code']), 20)}",
        severity=_LEVELS.get(str(row.get("level")), "info"),
        message=visible(str(row["message"]), 500),
        path=path,
        line=line if isinstance(line, int) and line > 0 else None,
    )
