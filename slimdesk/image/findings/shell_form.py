"""The entry point or command is in shell form: it needs a shell, and signals do not reach the program."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import json_words, visible
from slimdesk.basics.finding import Finding
from slimdesk.image.findings.survey import Hint, Survey
from slimdesk.image.table import Kind

SHELLS = ("/bin/sh", "/bin/bash", "/bin/ash", "/bin/dash")


def find(survey: Survey) -> Iterator[Hint]:
    """An error where the image has no such shell, else a warning."""
    config = survey.image.config
    words = config.entrypoint or config.command
    if not words or len(words) < 3 or words[0] not in SHELLS or words[1] != "-c":
        return
    keyword = "ENTRYPOINT" if config.entrypoint else "CMD"
    fix = f"{keyword} {json_words(words[2].split())}"
    shell = survey.at(words[0])
    if shell is None or survey.table.kind[shell] == Kind.FOLDER:
        message = f"{keyword} is in shell form, but the image has no {words[0]}: it cannot start"
        yield Hint(Finding("shell-form", "error", message, fix=fix))
    else:
        text = visible(words[2], 80)
        message = f"{keyword} is in shell form: the shell is process 1 and keeps signals from `{text}`"
        yield Hint(Finding("shell-form", "warning", message, fix=fix))
