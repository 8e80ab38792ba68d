"""The build context as a tar archive that is made while it is sent: nothing is written to disk, little is kept.

For engines without BuildKit's sessions. GNU format: a body that begins with a PAX header is taken for a Dockerfile.
Times are fixed, so that two machines make the same layers.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from slimdesk.engine.context import ContextEntry, Ignored, changed, entries, unreadable

CHUNK = 1 << 20
# npm's own constant (1985-10-26): not before 1980, where zip archives made inside a build would refuse it.
FIXED_TIME = 499_162_500
_BLOCK = tarfile.BLOCKSIZE
_BUILDAHS = ".containerignore"

_KINDS = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}


def private_folder(root: Path) -> str:
    """Return a name for a folder of ours at the top of the context that the project has not."""
    name, number = ".slimdesk-build", 1
    while (root / name).exists():
        number += 1
        name = f".slimdesk-build-{number}"
    return name


def hiding_rules(root: Path, dockerfile: str) -> dict[str, bytes]:
    """Return files (path -> content) that keep what is ours out of the images that Buildah, Podman's builder, makes.

    Since 1.28 Buildah reads DOCKERFILE.containerignore alone (its parse.ContainerIgnoreFile), so the project's own rules stand
    in it too; before that it reads the context's. BuildKit reads neither from an archive.
    """
    own = _own_rules(root)
    folder = dockerfile.rpartition("/")[0]
    rules = {f"{dockerfile}{_BUILDAHS}": (own or b"") + f"\n/{folder}\n".encode()}
    if own is None:
        rules[f"{dockerfile}{_BUILDAHS}"] += f"/{_BUILDAHS}\n".encode()
        rules[_BUILDAHS] = rules[f"{dockerfile}{_BUILDAHS}"]
    return rules


def _own_rules(root: Path) -> bytes | None:
    """The project's .containerignore; None where it has none."""
    path = root / _BUILDAHS
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise unreadable(_BUILDAHS, error) from error


def context_tar(
    root: Path, ignored: Ignored, injected: dict[str, bytes], sent: Callable[[int], None] | None = None
) -> Iterator[bytes]:
    """Return the archive in pieces of up to 1 MiB: first `injected` (path -> content), then the folder.

    `sent` is told how many bytes went out so far. Raises BadInput for a file that cannot be read or changes.
    """
    total = 0
    for piece in _gathered(_pieces(root, ignored, injected)):
        yield piece
        total += len(piece)
        if sent is not None:
            sent(total)


def _pieces(root: Path, ignored: Ignored, injected: dict[str, bytes]) -> Iterator[bytes]:
    for path, content in injected.items():
        yield _header(ContextEntry(path, "", "file", 0o644, len(content)))
        yield content + b"\0" * (-len(content) % _BLOCK)
    for entry in entries(root, ignored):
        if entry.kind != "file":
            yield _header(entry)
            continue
        yield from _file(entry)
    yield b"\0" * (2 * _BLOCK)


def _file(entry: ContextEntry) -> Iterator[bytes]:
    try:
        file = Path(entry.source).open("rb")  # noqa: SIM115 - the with below closes it
    except FileNotFoundError:
        return
    except OSError as error:
        raise unreadable(entry.path, error) from error
    with file:
        yield _header(entry)
        left = entry.size
        while left:
            try:
                piece = file.read(min(CHUNK, left))
            except OSError as error:
                raise unreadable(entry.path, error) from error
            if not piece:
                raise changed(entry.path)
            left -= len(piece)
            yield piece
    yield b"\0" * (-entry.size % _BLOCK)


def _header(entry: ContextEntry) -> bytes:
    info = tarfile.TarInfo(entry.path)
    info.type = _KINDS[entry.kind]
    info.mode, info.size, info.mtime = entry.mode, entry.size, FIXED_TIME
    info.linkname = entry.target
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces joined: a context of many small files is not sent header by header."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
