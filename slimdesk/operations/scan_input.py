"""An image as a file that a scanner takes: the archive or layout that it is, else a copy that goes afterwards."""

from __future__ import annotations

import contextlib
import shutil
import tarfile
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from slimdesk.basics.errors import ArchiveError, BadInput, OutputError
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter
from slimdesk.basics.units import format_bytes
from slimdesk.image.model import Image
from slimdesk.scan.scanner import Form, Scanner

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine

_PIECE = 1 << 20
_ZSTD = b"\x28\xb5\x2f\xfd"


@contextlib.asynccontextmanager
async def image_file(
    image: Image, scanner: Scanner, engine: Engine | None, reporter: Reporter
) -> AsyncIterator[tuple[Path, Form]]:
    """Give a path that the scanner takes and what form it has; what was written for it is removed at the end.

    An engine's image is saved into a file, by its ID. Raises EngineError, ArchiveError, BadInput, OutputError.
    """
    path = Path(image.location)
    if image.source == "oci-layout":
        yield path, "oci-layout"
        return
    compressed = image.source != "engine" and _starts_with(path, _ZSTD)
    if image.source == "docker-archive" and not compressed:
        yield path, "docker-archive"
        return
    if image.source == "oci-archive" and not compressed and "oci-archive" in scanner.forms:
        yield path, "oci-archive"
        return
    with tempfile.TemporaryDirectory(prefix="slimdesk-image-", ignore_cleanup_errors=True) as folder:
        target = Path(folder)
        if image.source == "engine":
            yield await _saved(image, engine, target / "image.tar", reporter), "docker-archive"
        elif image.source == "docker-archive":
            reporter.progress("Inflating the archive")
            await _in_thread(_inflate, path, target / "image.tar")
            yield target / "image.tar", "docker-archive"
        else:
            reporter.progress("Laying the image out for the scanner")
            await _in_thread(_lay_out, path, target / "layout")
            yield target / "layout", "oci-layout"


async def _saved(image: Image, engine: Engine | None, target: Path, reporter: Reporter) -> Path:
    if engine is None:
        raise BadInput("The image's engine is not known", "", "Open the image again")
    import asyncio

    from slimdesk.engine.save import open_save
    from slimdesk.engine.threads import in_thread

    _room(target.parent, image.sizes.unpacked)
    loop = asyncio.get_running_loop()
    stream = open_save(engine.settings, image.image_id or image.location, image.platform)
    whole = image.sizes.unpacked

    def save() -> None:
        done = 0
        try:
            with stream, target.open("wb") as file:
                for piece in stream:
                    file.write(piece)
                    done += len(piece)
                    loop.call_soon_threadsafe(
                        reporter.progress, "Saving the image", done, max(done, whole), "bytes"
                    )
        except OSError as error:
            raise _not_written(error) from error

    await in_thread(save, stream.close, name="scan-save")
    return target


def _inflate(source: Path, target: Path) -> None:
    import zstandard

    try:
        with source.open("rb") as file, target.open("wb") as out:
            for piece in zstandard.ZstdDecompressor().read_to_iter(file, read_size=_PIECE, write_size=_PIECE):
                out.write(piece)
                if out.tell() % (64 * _PIECE) < _PIECE:
                    _room(target.parent, 0)
    except OSError as error:
        raise _not_written(error) from error
    except zstandard.ZstdError as error:
        raise ArchiveError(f"{visible(source.name)} cannot be inflated", visible(str(error), 200)) from error


def _lay_out(source: Path, target: Path) -> None:
    """Write an OCI archive's files as a folder: those of the specification and nothing else, under names of our own."""
    try:
        with tarfile.open(source) as tar:
            for member in tar:
                name = PurePosixPath(member.name.removeprefix("./"))
                place = _place(name)
                body = tar.extractfile(member) if place is not None and member.isfile() else None
                if place is None or body is None:
                    continue
                _room(target.parent, member.size)
                (target / place).parent.mkdir(parents=True, exist_ok=True)
                with body, (target / place).open("wb") as out:
                    shutil.copyfileobj(body, out, _PIECE)
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveError(f"{visible(source.name)} cannot be read", visible(str(error), 200)) from error
    except OSError as error:
        raise _not_written(error) from error


def _place(name: PurePosixPath) -> str | None:
    """Return where a file of a layout belongs; None for what is none (image-spec, image-layout.md)."""
    if str(name) in ("oci-layout", "index.json"):
        return str(name)
    parts = name.parts
    if len(parts) == 3 and parts[0] == "blobs" and parts[1] in ("sha256", "sha512"):
        return str(name) if parts[2].isalnum() and parts[2].isascii() else None
    return None


def _starts_with(path: Path, mark: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(mark)) == mark
    except OSError:
        return False


def _room(folder: Path, needed: int) -> None:
    """Refuse before the disk is full, with some left for others. Raises OutputError."""
    free = shutil.disk_usage(folder).free
    if free < needed + (256 << 20):
        raise OutputError(
            "The image cannot be put beside the scanner",
            f"that takes {format_bytes(needed)}, and {format_bytes(free)} are free in {folder}",
            "Free some space, or set TMPDIR to a larger disk",
        )


def _not_written(error: OSError) -> OutputError:
    return OutputError(
        "The image cannot be put beside the scanner", error.strerror or str(error), "Free some space"
    )


async def _in_thread(work: Callable[[Path, Path], None], source: Path, target: Path) -> None:
    import asyncio

    await asyncio.to_thread(work, source, target)
