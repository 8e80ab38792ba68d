"""What a result was made from, and what has changed since: the difference between new and older results."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

# In this order, and in these words, changes are told.
WORDS = {
    "dockerfile": "the Dockerfile",
    "dockerignore": ".dockerignore",
    "arguments": "build arguments",
    "target": "the target",
    "platform": "the platform",
    "base": "the base image",
    "context": "the project's files",
    "engine": "the engine",
    "image": "the image",
    "run": "how it is run",
}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Short hashes by the keys of WORDS; a key that is left out was of no influence."""

    parts: Mapping[str, str]

    def changed(self, now: Fingerprint) -> tuple[str, ...]:
        """Return what differs, in words; empty = the result is still good. A part that one side lacks is not compared."""
        return tuple(
            word
            for key, word in WORDS.items()
            if key in self.parts and key in now.parts and self.parts[key] != now.parts[key]
        )


def fingerprint(**parts: str | Mapping[str, str] | None) -> Fingerprint:
    """Return the fingerprint of texts and tables; None leaves a part out. Raises KeyError for an unknown part."""
    made = {}
    for key, value in parts.items():
        if key not in WORDS:
            raise KeyError(key)
        if value is not None:
            text = (
                value if isinstance(value, str) else "\0".join(f"{k}={v}" for k, v in sorted(value.items()))
            )
            made[key] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Fingerprint(made)


def context_state(folder: Path, left_out: Callable[[str], bool] = lambda _path: False) -> str:
    """Return a text that changes when a file below `folder` changes (path, size, mtime); blocking.

    `left_out` takes a POSIX path relative to `folder`, a folder's with a closing slash: whatever .dockerignore leaves
    out. What cannot be read counts by its name alone.
    """
    digest = hashlib.sha256()
    todo = [("", folder)]
    while todo:
        prefix, place = todo.pop()
        try:
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            digest.update(f"{prefix}?\0".encode("utf-8", "surrogatepass"))
            continue
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name != ".git" and not left_out(f"{path}/"):
                    todo.append((f"{path}/", Path(entry.path)))
            elif not left_out(path):
                try:
                    state = entry.stat(follow_symlinks=False)
                    line = f"{path}\0{state.st_size}\0{state.st_mtime_ns}\0"
                except OSError:
                    line = f"{path}\0?\0"
                digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
