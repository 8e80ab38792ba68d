"""Files of a container through the engine: what changed since its start, one copied out, some copied in. Blocking.

The engine sees the container's own layer and its volumes, not what is in memory (tmpfs).
"""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from slimdesk.basics.errors import EngineError
from slimdesk.basics.escaping import shell_word
from slimdesk.engine.client import client, open_client, release, request, shut
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls

ChangeKind = Literal["changed", "added", "removed"]
_KINDS: tuple[ChangeKind, ...] = ("changed", "added", "removed")


@dataclass(frozen=True, slots=True)
class Change:
    """A path of the container that is not as in its image."""

    path: str
    kind: ChangeKind


def changes(endpoint: Endpoint, container: str) -> tuple[Change, ...]:
    """Return what is not as in the image, as `docker diff` does. Raises ImageNotFound, EngineError."""
    with (
        engine_calls("What changed in the container could not be read", endpoint),
        client(endpoint) as opened,
    ):
        listed = opened.diff(container) or ()
    return tuple(
        Change(str(one.get("Path", "")), _KINDS[int(one.get("Kind", 0)) % len(_KINDS)]) for one in listed
    )


class CopyOut:
    """One file of a container, in pieces; `stop` ends it from any thread."""

    def __init__(self, endpoint: Endpoint, container: str, path: str) -> None:
        self._endpoint = endpoint
        self._container = container
        self._path = path
        self._response: Any = None

    def stop(self) -> None:
        """End it at once."""
        if self._response is not None:
            shut(self._response)

    def file(self, give: Callable[[bytes], object]) -> int:
        """Hand a regular file's contents to `give`, piece by piece; return their number of bytes.

        Raises ImageNotFound where the path is not there, EngineError for anything but a regular file.
        """
        with self._archive() as archive:
            member = archive.next()
            body = archive.extractfile(member) if member is not None and member.isreg() else None
            if body is None:
                raise EngineError(
                    f"{self._path} is no regular file",
                    "",
                    f"Copy a file; a folder: docker cp {shell_word(f'{self._container}:{self._path}')} .",
                )
            done = 0
            while piece := body.read(1 << 20):
                give(piece)
                done += len(piece)
            return done

    @contextlib.contextmanager
    def _archive(self) -> Iterator[tarfile.TarFile]:
        with self._stream() as raw, tarfile.open(fileobj=raw, mode="r|") as archive:
            yield archive

    @contextlib.contextmanager
    def _stream(self) -> Iterator[Any]:
        what = f"{self._path} could not be copied out of the container"
        with engine_calls(what, self._endpoint, streaming=True):
            opened = open_client(self._endpoint, None)
            try:
                url = f"/containers/{self._container}/archive"
                # Engines compress it otherwise, which costs more than it saves on one machine.
                self._response = request(
                    opened,
                    "GET",
                    url,
                    parameters={"path": self._path},
                    headers={"Accept-Encoding": "identity"},
                    stream=True,
                    timeout=None,
                )
                yield self._response.raw
            finally:
                release(self._response)
                opened.close()


def copy_in(
    endpoint: Endpoint, container: str, path: str, data: bytes, *, mode: int, owner: tuple[int, int]
) -> None:
    """Write one file, over what is there; `path` is absolute, its folder exists. Raises EngineError, ImageNotFound."""
    folder, _, name = path.rpartition("/")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), mode
        entry.uid, entry.gid = owner
        archive.addfile(entry, io.BytesIO(data))
    what = f"{path} could not be copied into the container"
    with engine_calls(what, endpoint), client(endpoint, None) as opened:
        opened.put_archive(container, folder or "/", buffer.getvalue())
