"""The build context: what of a folder is sent to the engine, in the order and with the metadata of an archive.

As the Docker CLI does it (moby, pkg/archive): owner 0:0, symbolic links as links, sockets and devices left out, .dockerignore
decides, and a folder that is left out is still walked where an exception (`!…`) may bring something of it back.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible

_SCRIPT_OR_PROGRAM = (b"#!", b"\x7fELF")


class Ignored(Protocol):
    """What .dockerignore says; `slimdesk.dockerfile.ignore.Ignore` is one."""

    def excludes(self, path: str, is_dir: bool) -> bool:
        """Whether that path, relative to the context and with /, is left out."""

    def prunes(self, folder: str) -> bool:
        """Whether a folder is left out with all that it holds."""


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One thing of the context. `path` is relative, with /; `mode` are permission bits; `target` is a link's text.

    `changed_ns` is when it was last written, in nanoseconds since the epoch.
    """

    path: str
    source: str
    kind: Literal["file", "folder", "link"]
    mode: int
    size: int = 0
    target: str = ""
    changed_ns: int = 0


def entries(root: Path, ignored: Ignored) -> Iterator[ContextEntry]:
    """Every entry that is sent, each folder before what it holds, in order of names.

    What vanishes before it is reached is left out. Raises BadInput for what cannot be read.
    """
    if not root.is_dir():
        raise BadInput(f"{visible(str(root))} is not a folder", "", "Choose the folder that is to be built")
    yield from _folder(str(root), "", ignored, [])


def changed(path: str) -> BadInput:
    """Return the error for a file that was cut short while it was read."""
    return BadInput(
        "The project changed while it was being sent to the engine",
        f"{visible(path)} became shorter",
        "Build again once nothing writes to it any more",
    )


def unreadable(path: str, error: OSError) -> BadInput:
    """Return the error for a file or folder that cannot be read."""
    return BadInput(
        f"{visible(path)} cannot be sent to the engine",
        error.strerror or type(error).__name__,
        "Allow yourself to read it, or name it in .dockerignore",
    )


def _folder(
    folder: str, prefix: str, ignored: Ignored, pending: list[ContextEntry]
) -> Iterator[ContextEntry]:
    """Walk one folder; `pending` are excluded folders above it, sent only if something in them is."""
    try:
        with os.scandir(folder) as listing:
            found = sorted(listing, key=lambda entry: entry.name.encode("utf-8", "surrogateescape"))
    except FileNotFoundError:
        return
    except OSError as error:
        # An excluded folder that cannot be read is nobody's loss.
        if pending:
            return
        raise unreadable(prefix.rstrip("/") or folder, error) from error
    for one in found:
        path = prefix + one.name
        is_folder = one.is_dir(follow_symlinks=False)
        out = ignored.excludes(path, is_folder)
        if out and not is_folder:
            continue
        entry = _entry(path, one)
        if entry is None:
            continue
        if out:
            if not ignored.prunes(path):
                pending.append(entry)
                yield from _folder(one.path, f"{path}/", ignored, pending)
                if pending:
                    pending.pop()
            continue
        yield from pending
        pending.clear()
        yield entry
        if is_folder:
            yield from _folder(one.path, f"{path}/", ignored, pending)


def _entry(path: str, one: os.DirEntry[str]) -> ContextEntry | None:
    try:
        status = one.stat(follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            target = str(Path(one.path).readlink())
            if sys.platform == "win32":
                target = target.replace("\\", "/")
            return ContextEntry(path, one.path, "link", 0o777, 0, target, status.st_mtime_ns)
        if stat.S_ISDIR(status.st_mode):
            mode = _mode(status.st_mode, one.path, folder=True)
            return ContextEntry(path, one.path, "folder", mode, changed_ns=status.st_mtime_ns)
        if stat.S_ISREG(status.st_mode):
            mode = _mode(status.st_mode, one.path, folder=False)
            return ContextEntry(path, one.path, "file", mode, status.st_size, "", status.st_mtime_ns)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from error
    return None


def _mode(mode: int, source: str, *, folder: bool) -> int:
    if sys.platform != "win32":
        return stat.S_IMODE(mode)
    if folder:
        return 0o755
    # Windows keeps no such bit: what the kernel could start may be started.
    try:
        with open(source, "rb") as file:  # noqa: PTH123
            return 0o755 if file.read(4).startswith(_SCRIPT_OR_PROGRAM) else 0o644
    except OSError:
        return 0o644
