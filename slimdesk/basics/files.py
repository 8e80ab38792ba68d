"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from slimdesk.basics.errors import OutputError


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace `path` in one step; on any failure the old file stays as it was. Raises OutputError."""
    data = content.encode() if isinstance(content, str) else content
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; a new file gets what open() would have given it.
        Path(temporary).chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise OutputError(
            f"{path} was not written", error.strerror or str(error), "Choose another place or free some space"
        ) from error


def keep_original(path: Path) -> Path | None:
    """Move what stands at `path` aside as NAME.orig (then .orig.1, …); None if nothing was there."""
    if not path.exists():
        return None
    kept = path.with_name(f"{path.name}.orig")
    number = 0
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.orig.{number}")
    try:
        kept.write_bytes(path.read_bytes())
    except OSError as error:
        # It was not there before; a full disk leaves half of it.
        with contextlib.suppress(OSError):
            kept.unlink()
        raise OutputError(
            f"{path} was not replaced",
            f"no copy of it could be kept: {error.strerror}",
            "Nothing was changed",
        ) from error
    return kept


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
