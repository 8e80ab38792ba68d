"""Save a file or a folder of an image: whole or not at all, and nothing outside the place that was chosen.

A file's bytes come into a folder of their own beside the target first, and are moved when all are there. Nothing keeps a
set-uid bit; devices and pipes are left out; a symbolic link is made only where it leads to something inside the folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from slimdesk.basics.errors import BadInput, OutputError
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter
from slimdesk.basics.units import format_bytes, plural
from slimdesk.image.inside import Place, file_at, place_of
from slimdesk.image.layer import clean_key
from slimdesk.image.model import Image
from slimdesk.image.packages.look import Paths
from slimdesk.image.table import Kind
from slimdesk.image.tarheader import Header
from slimdesk.operations.image_bodies import Holder, bare, gone, holder, read_bodies, read_folder
from slimdesk.operations.worker import Told, in_worker

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine

# File systems have room for more, but people do not look at so many files.
MAX_SAVED = 500_000
# The end of the year 2099; an image may state any time, a file system does not take all.
_LATEST = 4_102_444_799


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written. left_out: a sentence for each thing that was not, at most ten, then how many more."""

    target: Path
    files: int
    bytes: int
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Item:
    """One entry of a folder, `name` below it. kind as in the tree; place of a file's bytes; target of a link."""

    name: bytes
    kind: Kind
    mode: int
    mtime: int
    place: Place | None = None
    target: bytes = b""


async def save_file(
    image: Image,
    path: str,
    target: Path,
    *,
    layer: int | None = None,
    engine: Engine | None = None,
    reporter: Reporter | None = None,
) -> Saved:
    """Write one file's bytes to `target`, replacing what is there. path, layer: as for `look_inside`.

    Raises BadInput, ArchiveError, EngineError, StreamBroken, OutputError (no room, no permission).
    """
    node = file_at(image.table, path, layer)
    place = place_of(image.table, node)
    size = image.table.size[image.table.body(node)]
    hidden = image.table.hidden_by[node] >= 0
    found = image.table.path(node)
    async with _staging(target, size) as stage, holder(image, engine, layers=hidden) as held:
        what = f"Saving {visible(target.name, 60)}"
        wanted = _OneFile(place, found, image.table.mode(node), stage, target)
        saved: Saved = await in_worker(what, _save_file, held, bare(image), wanted, reporter=reporter)
    return saved


async def save_folder(
    image: Image,
    path: str,
    target: Path,
    *,
    as_tar: bool = False,
    engine: Engine | None = None,
    reporter: Reporter | None = None,
) -> Saved:
    """Write what is visible of a folder as a folder, which must not be there yet, or as one tar file.

    Raises what `save_file` raises, and BadInput where there is no such folder, or too much in it.
    """
    if not as_tar:
        _must_be_free(target)
    folder, items, size = _items(image, path)
    async with _staging(target, size) as stage, holder(image, engine, layers=False) as held:
        what = f"Saving {visible(target.name, 60)}"
        wanted = _Folder(folder, items, stage, target, as_tar=as_tar)
        saved: Saved = await in_worker(what, _save_folder, held, bare(image), wanted, reporter=reporter)
    return saved


def free_name(target: Path) -> Path:
    """Return the path, or the first of NAME-2, NAME-3… that is not there."""
    number, free = 1, target
    while free.exists() or free.is_symlink():
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return free


def _must_be_free(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise OutputError(
            f"{target.name} is there already", "a folder is never replaced", "Choose another name"
        )


@contextlib.asynccontextmanager
async def _staging(target: Path, size: int) -> AsyncIterator[Path]:
    """Give a new folder beside the target, and remove it with what is left in it, come what may."""
    folder = target.parent
    try:
        free = shutil.disk_usage(folder).free
        if size > free:
            raise OutputError(
                f"{target.name} was not written",
                f"it needs {format_bytes(size)}, and {format_bytes(free)} are free",
                "Free some space or choose another place",
            )
        stage = Path(tempfile.mkdtemp(prefix=".slimdesk-", dir=folder))
    except OSError as error:
        raise _not_written(target, error) from error
    try:
        yield stage
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, stage, ignore_errors=True))


def _items(image: Image, path: str) -> tuple[str, tuple[_Item, ...], int]:
    """Return the folder's path with links followed, what is visible below it, and its bytes."""
    table = image.table
    node = Paths(table).folder(clean_key(path.encode("utf-8", "surrogateescape")))
    if node is None or table.hidden_by[node] >= 0:
        raise BadInput(f"There is no folder {visible(path, 200)} in the image", "", "Choose another")
    above = len(table.path_bytes(node))
    items: list[_Item] = []
    size = 0
    for one in range(node + 1, table.end[node]):
        if table.hidden_by[one] >= 0:
            continue
        if len(items) >= MAX_SAVED:
            raise BadInput(
                f"{visible(path, 200)} holds too much",
                f"more than {MAX_SAVED:,} files",
                "Choose a part of it",
            )
        kind = Kind(table.kind[one])
        place = None
        if kind in (Kind.FILE, Kind.HARD_LINK):
            # A hard link to nothing is told as left out.
            with contextlib.suppress(BadInput):
                place = place_of(table, one)
            size += table.size[table.body(one)]
        target = (table.link(one) or "").encode("utf-8", "surrogateescape") if kind == Kind.SYMLINK else b""
        name = table.path_bytes(one)[above:].lstrip(b"/")
        when = min(max(0, table.mtime[one]), _LATEST)
        items.append(_Item(name, kind, table.mode(one), when, place, target))
    return table.path(node), tuple(items), size


# In the worker


@dataclass(frozen=True, slots=True)
class _OneFile:
    place: Place
    path: str
    mode: int
    stage: Path
    target: Path


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    items: tuple[_Item, ...]
    stage: Path
    target: Path
    as_tar: bool


class _Bodies:
    """Writes each body to a file of its own in the staging folder."""

    def __init__(self, stage: Path, target: Path) -> None:
        self._stage = stage
        self._target = target
        self._count = 0

    def take(self, _: bytes, __: Header, pieces: Iterator[bytes]) -> Path:
        """Write one; returns where it is. Raises OutputError."""
        self._count += 1
        path = self._stage / f"body-{self._count}"
        with _file(path, self._target) as file:
            for piece in pieces:
                self._write(file, piece)
            self._write(file, b"")
        return path

    def _write(self, file: BinaryIO, piece: bytes) -> None:
        """Write a piece, at the end what is still held; what goes wrong here is not an error of reading."""
        try:
            if piece:
                file.write(piece)
            else:
                file.flush()
        except OSError as error:
            raise _not_written(self._target, error) from error


@contextlib.contextmanager
def _file(path: Path, target: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("xb")
    except OSError as error:
        raise _not_written(target, error) from error
    with file:
        yield file


def _save_file(told: Told, held: Holder, image: Image, wanted: _OneFile) -> Saved:
    try:
        found = read_bodies(
            held, image, {wanted.place: wanted.path}, _Bodies(wanted.stage, wanted.target).take, told
        )
        body = found.get(wanted.place)
        if body is None:
            raise gone(wanted.path)
        size = body.stat().st_size
        body.chmod(_mode(wanted.mode))
        body.replace(wanted.target)
    except OSError as error:
        raise _not_written(wanted.target, error) from error
    return Saved(wanted.target, 1, size)


def _save_folder(told: Told, held: Holder, image: Image, wanted: _Folder) -> Saved:
    prefix = wanted.path.strip("/").encode("utf-8", "surrogateescape")
    by_path = {
        (prefix + b"/" + item.name).strip(b"/"): item.place for item in wanted.items if item.place is not None
    }
    try:
        bodies: dict[Place, Path] = {}
        if by_path:
            take = _Bodies(wanted.stage, wanted.target).take
            bodies = read_folder(held, image, wanted.path, by_path, take, told=told)
        if wanted.as_tar:
            return _write_tar(wanted, bodies)
        return _write_folder(wanted, bodies)
    except OSError as error:
        raise _not_written(wanted.target, error) from error


def _write_folder(wanted: _Folder, bodies: dict[Place, Path]) -> Saved:
    root = wanted.stage / "folder"
    root.mkdir()
    left_out = _LeftOut()
    written: dict[Place, Path] = {}
    files = size = 0
    for item in wanted.items:
        name = os.fsdecode(item.name)
        place = root / name
        if place.exists() or place.is_symlink():
            left_out.add(name, "this file system has one name for it and another")
        elif item.kind == Kind.FOLDER:
            place.mkdir(parents=True)
        elif item.kind == Kind.SYMLINK:
            target = _inside(item, wanted.path)
            if target is None:
                left_out.add(
                    name, f"it is a link to {visible(os.fsdecode(item.target), 80)}, outside the folder"
                )
                continue
            try:
                place.symlink_to(os.fsdecode(target))
            except (OSError, NotImplementedError) as error:
                # Windows lets few people make links.
                if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise
                left_out.add(name, "links cannot be made here")
        elif item.place is None or item.place not in bodies:
            left_out.add(name, _why_not(item.kind))
        else:
            if item.place in written:
                shutil.copyfile(written[item.place], place)
            else:
                bodies[item.place].replace(place)
                written[item.place] = place
            place.chmod(_mode(item.mode))
            files += 1
            size += place.stat().st_size
            os.utime(place, (item.mtime, item.mtime))
    root.replace(wanted.target)
    return Saved(wanted.target, files, size, left_out.told())


def _write_tar(wanted: _Folder, bodies: dict[Place, Path]) -> Saved:
    import tarfile

    draft = wanted.stage / "folder.tar"
    left_out = _LeftOut()
    files = size = 0
    first: dict[Place, str] = {}
    with tarfile.open(draft, "w", format=tarfile.GNU_FORMAT) as tar:
        for item in wanted.items:
            info = tarfile.TarInfo(os.fsdecode(item.name))
            info.mode, info.mtime = item.mode & 0o777, max(0, item.mtime)
            if item.kind == Kind.FOLDER:
                info.type = tarfile.DIRTYPE
            elif item.kind == Kind.SYMLINK:
                info.type, info.linkname = tarfile.SYMTYPE, os.fsdecode(item.target)
            elif item.place is None or item.place not in bodies:
                left_out.add(info.name, _why_not(item.kind))
                continue
            elif item.place in first:
                info.type, info.linkname = tarfile.LNKTYPE, first[item.place]
            else:
                first[item.place] = info.name
                info.size = bodies[item.place].stat().st_size
                with bodies[item.place].open("rb") as body:
                    tar.addfile(info, body)
                files += 1
                size += info.size
                continue
            tar.addfile(info)
    draft.replace(wanted.target)
    return Saved(wanted.target, files, size, left_out.told())


def _inside(item: _Item, folder: str) -> bytes | None:
    """Return what a link is to say so that it leads to a place inside the folder; None where it leads elsewhere.

    `..` is taken at the beginning alone: behind a name that is itself a link it could lead anywhere.
    """
    depth = item.name.count(b"/")
    target = item.target
    if target.startswith(b"/"):
        root = folder.strip("/").encode("utf-8", "surrogateescape")
        parts = [part for part in target.split(b"/") if part not in (b"", b".")]
        above = root.split(b"/") if root else []
        if b".." in parts or parts[: len(above)] != above:
            return None
        return b"/".join([b".."] * depth + parts[len(above) :]) or b"."
    parts = [part for part in target.split(b"/") if part not in (b"", b".")]
    ups = next((number for number, part in enumerate(parts) if part != b".."), len(parts))
    if ups > depth or b".." in parts[ups:]:
        return None
    return b"/".join(parts) or b"."


def _why_not(kind: Kind) -> str:
    if kind in (Kind.FILE, Kind.HARD_LINK):
        return "its bytes are not in the image"
    return "it is a pipe" if kind == Kind.FIFO else "it is a device"


class _LeftOut:
    """Sentences for what was not saved; a hostile image may bring a million."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._more = 0

    def add(self, name: str, why: str) -> None:
        """Note one."""
        if len(self._told) < 10:
            self._told.append(f"{visible(name, 120)} was left out: {why}.")
        else:
            self._more += 1

    def told(self) -> tuple[str, ...]:
        """Return the sentences."""
        if not self._more:
            return tuple(self._told)
        return (*self._told, f"{plural(self._more, 'more thing was', 'more things were')} left out.")


def _mode(mode: int) -> int:
    """Keep who may execute; who saves it may read and write it, and nothing runs as somebody else."""
    return stat.S_IRUSR | stat.S_IWUSR | mode & 0o777


def _not_written(target: Path, error: OSError) -> OutputError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    why = "the disk is full" if full else error.strerror or str(error)
    return OutputError(f"{target.name} was not written", why, "Choose another place or free some space")
