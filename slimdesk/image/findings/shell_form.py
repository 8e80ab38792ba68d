"""The entry point or command is in shell form: it needs a shell, and signals do not reach the program."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import json_words, visible
from slimdesk.basics.finding import Finding
from slimdesk.image.model import Image
from slimdesk.image.table import FileTable, Kind

_SHELLS = ("/bin/sh", "/bin/bash", "/bin/ash", "/bin/dash")
_HOPS = 16


def find(image: Image) -> Iterator[Finding]:
    """An error where the image has no such shell, else a warning."""
    words = image.config.entrypoint or image.config.command
    if not words or len(words) < 3 or words[0] not in _SHELLS or words[1] != "-c":
        return
    keyword = "ENTRYPOINT" if image.config.entrypoint else "CMD"
    fix = f"{keyword} {json_words(words[2].split())}"
    if not has_file(image.table, words[0]):
        yield Finding(
            "shell-form",
            "error",
            f"{keyword} is in shell form, but the image has no {words[0]}: it cannot start",
            fix=fix,
        )
    else:
        text = visible(words[2], 80)
        message = f"{keyword} is in shell form: the shell is process 1 and keeps signals from `{text}`"
        yield Finding("shell-form", "warning", message, fix=fix)


def has_file(table: FileTable, path: str) -> bool:
    """Whether a path leads to something visible that is no folder, symbolic links followed inside the image."""
    pending = [part for part in path.split("/") if part]
    walked: list[str] = []
    hops = 0
    while pending:
        part = pending.pop(0)
        if part in (".", ".."):
            walked = walked[:-1] if part == ".." else walked
            continue
        node = table.find("/".join([*walked, part]))
        if node is None or table.is_hidden(node):
            return False
        if table.kind[node] == Kind.SYMLINK:
            hops += 1
            target = table.link(node) or ""
            if hops > _HOPS:
                return False
            walked = [] if target.startswith("/") else walked
            pending = [piece for piece in target.split("/") if piece] + pending
            continue
        walked.append(part)
        if not pending:
            return table.kind[node] != Kind.FOLDER
    return False
