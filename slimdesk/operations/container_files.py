"""The files of a container: browsed live, what changed since its start, one copied out or in."""

from __future__ import annotations

import asyncio
import contextlib
import posixpath
from pathlib import Path

from slimdesk.basics.errors import BadInput, EngineError, OutputError
from slimdesk.basics.escaping import visible
from slimdesk.debug.folder import FolderEntry, listing, parse_listing, parse_reading, reading
from slimdesk.engine.container_files import Change
from slimdesk.engine.engine import Engine
from slimdesk.operations.sidecar import Sidecar

# What is shown of a file.
PREVIEW = 1 << 20
# What can be copied in: the archive is made in memory.
LARGEST_IN = 256 << 20


async def list_folder(helper: Sidecar, path: str) -> tuple[FolderEntry, ...]:
    """Return a folder of the running target, folders first. Raises BadInput with why it cannot be listed, EngineError."""
    asked = listing(helper.survey, path)
    return parse_listing(asked, await helper.ask(asked), path)


async def read_file(helper: Sidecar, path: str, limit: int = PREVIEW) -> bytes:
    """Return the beginning of a file of the running target. Raises BadInput with why it cannot be read, EngineError."""
    asked = reading(helper.survey, path, limit)
    return parse_reading(asked, await helper.ask(asked), path)


async def changes(engine: Engine, container: str) -> tuple[Change, ...]:
    """Return what is not as in its image, by path; folders that only hold such a thing are left out."""
    found = await engine.changes(container)
    parents = {parent for one in found for parent in _parents(one.path)}
    kept = [one for one in found if one.kind != "changed" or one.path not in parents]
    return tuple(sorted(kept, key=lambda one: one.path))


async def copy_out(engine: Engine, container: str, path: str, to: Path, *, overwrite: bool = False) -> int:
    """Copy a file of a container, running or not, to this machine; return its bytes. Whole or not at all.

    Raises OutputError where `to` cannot be written or is there already, EngineError and ImageNotFound for the path.
    """
    part = await asyncio.to_thread(_Part, to, overwrite=overwrite)
    try:
        done = await engine.copy_out(container, path, part.write)
        await asyncio.to_thread(part.keep)
    finally:
        part.drop()
    return done


async def write_out(data: bytes, to: Path) -> int:
    """Write what `read_file` gave to this machine, over what is there; return its bytes. Raises OutputError."""

    def write() -> None:
        part = _Part(to, overwrite=True)
        try:
            part.write(data)
            part.keep()
        finally:
            part.drop()

    await asyncio.to_thread(write)
    return len(data)


async def copy_in(engine: Engine, container: str, source: Path, path: str) -> None:
    """Copy a file of this machine into a container, as its own user and over what is there.

    Raises BadInput for a file that cannot be read, EngineError in words, such as for a read-only root.
    """
    data, mode = await asyncio.to_thread(_read, source)
    if not path.startswith("/") or path.endswith("/"):
        raise BadInput(
            f"{visible(path, 100)} is no file in the container", "", "Give an absolute path with a name"
        )
    user = (await engine.inspect_container(container)).user
    try:
        await engine.copy_in(container, posixpath.normpath(path), data, mode=mode, owner=_owner(user))
    except EngineError as error:
        if "read-only" in error.why:
            raise EngineError(
                error.what,
                "its root file system is read-only",
                "Copy it into a volume, or start it without --read-only",
            ) from error
        raise


class _Part:
    """A file that is there whole or not at all. What goes wrong with it is OutputError, not the engine's fault."""

    def __init__(self, to: Path, *, overwrite: bool) -> None:
        if to.exists() and not overwrite:
            raise OutputError(f"{visible(to.name)} is there already", "", "Choose another name")
        self._to = to
        self._part = to.with_name(f".{to.name}.part")
        try:
            self._file = self._part.open("wb")
        except OSError as error:
            raise self._failed(error) from error

    def write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise self._failed(error) from error

    def keep(self) -> None:
        try:
            self._file.close()
            self._part.replace(self._to)
        except OSError as error:
            raise self._failed(error) from error

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    def _failed(self, error: OSError) -> OutputError:
        why = error.strerror or type(error).__name__
        return OutputError(f"{visible(self._to.name)} could not be written", why, "Choose another place")


def _read(source: Path) -> tuple[bytes, int]:
    try:
        status = source.stat()
        if status.st_size > LARGEST_IN:
            what = f"{visible(source.name)} is too large to be copied in"
            raise BadInput(what, "", "Mount its folder as a volume")
        return source.read_bytes(), 0o755 if status.st_mode & 0o100 else 0o644
    except OSError as error:
        what = f"{visible(source.name)} cannot be read"
        raise BadInput(what, error.strerror or "", "Choose another file") from error


def _owner(user: str) -> tuple[int, int]:
    """The numbers of "uid[:gid]"; a name is known inside only: root then, who may change it."""
    uid, _, gid = user.partition(":")
    if not uid.isdigit() or not (gid or uid).isdigit():
        return 0, 0
    return int(uid), int(gid or uid)


def _parents(path: str) -> list[str]:
    found = []
    while (path := posixpath.dirname(path)) not in ("", "/"):
        found.append(path)
    return found
