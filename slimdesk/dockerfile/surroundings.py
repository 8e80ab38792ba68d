"""What lies around a Dockerfile: the files of its build context, as far as the rules ask for them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MAX_ENTRIES = 20_000
MAX_IGNORE = 1_048_576


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`names` are the files and folders at the top of the context; `dockerignore` is the text in force, None without."""

    names: frozenset[str]
    dockerignore: str | None = None


def look_around(folder: Path, dockerfile: Path | None = None) -> Surroundings | None:
    """Read the top of a build context; None if it cannot be read. BuildKit takes NAME.dockerignore first."""
    names: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names.add(entry.name)
                if len(names) >= MAX_ENTRIES:
                    break
    except OSError:
        return None
    places = [folder / ".dockerignore"]
    if dockerfile is not None:
        places.insert(0, dockerfile.with_name(f"{dockerfile.name}.dockerignore"))
    return Surroundings(
        frozenset(names), next((text for text in map(_text, places) if text is not None), None)
    )


def _text(path: Path) -> str | None:
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MAX_IGNORE).decode("utf-8-sig", "replace").replace("\0", "")
    except OSError:
        return None
