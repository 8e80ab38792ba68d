"""Files out of an image that the engine holds, through a container that is made and never started. Blocking.

Source: Docker Engine API, `HEAD` and `GET /containers/{id}/archive`: the stat is JSON in base64 in a header, its mode has Go's
bits (io/fs.FileMode); the body is a tar. Folders on the way that are links are followed inside the container, a last link not.
"""

from __future__ import annotations

import base64
import contextlib
import json
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from slimdesk.basics.errors import ImageNotFound
from slimdesk.engine import containers
from slimdesk.engine.client import CHUNK, open_client, release, request
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.model import LABEL_PREFIX, ContainerSpec

LABEL = f"{LABEL_PREFIX}look"
# What a program left behind that was ended by force is removed by the next one that looks, once it is so old.
_LEFT_BEHIND = 600.0  # seconds
_HEADER = "X-Docker-Container-Path-Stat"
_GO_BITS = (
    (1 << 31, stat.S_IFDIR),
    (1 << 27, stat.S_IFLNK),
    (1 << 25, stat.S_IFIFO),
    (1 << 24, stat.S_IFSOCK),
    (1 << 21, stat.S_IFCHR),
    (1 << 26, stat.S_IFBLK),
)


@dataclass(frozen=True, slots=True)
class FileStat:
    """size in bytes; mode as POSIX has it, with its kind; target: what a symbolic link leads to, as the engine resolved it."""

    name: str
    size: int
    mode: int
    target: str


def make(endpoint: Endpoint, image: str, platform: str | None = None) -> str:
    """Make a container that is there to be looked at and return its ID. Raises ImageNotFound, EngineError."""
    _remove_left_behind(endpoint)
    spec = ContainerSpec(
        image=image,
        # An image without a command cannot be made into a container; nothing is started, so any word will do.
        entrypoint=("/never-started",),
        network="none",
        labels={LABEL: str(int(time.time()))},
        platform=platform,
    )
    return containers.create(endpoint, spec)


class ContainerFiles:
    """The files of a container, as they are in its image. For one thread; to be used in a `with`."""

    def __init__(self, endpoint: Endpoint, container: str) -> None:
        self._endpoint = endpoint
        self._container = container
        self._opened: Any = None

    def __enter__(self) -> Self:
        """Open one connection for all that is asked."""
        with engine_calls("The engine cannot be asked for files", self._endpoint):
            self._opened = open_client(self._endpoint, None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._opened.close()

    def stat(self, path: str) -> FileStat | None:
        """Return what stands at an absolute path, a last link not followed; None if nothing does."""
        import docker.errors

        with engine_calls(f"{path} could not be looked at", self._endpoint):
            try:
                response = request(self._opened, "HEAD", self._place(), parameters={"path": _bytes(path)})
            except docker.errors.NotFound:
                return None
            except docker.errors.APIError:
                # A file where a folder should be on the way is told as an error of the engine's own, without words.
                if self._is_below_a_file(path):
                    return None
                raise
            stated = response.headers.get(_HEADER, "")
            response.close()
        return _stat_of(stated)

    @contextlib.contextmanager
    def tar(self, path: str) -> Iterator[Iterator[bytes]]:
        """Give the file, or the folder with all below it, as the pieces of a tar. Raises ImageNotFound, StreamBroken."""
        what = f"{path} could not be read"
        with engine_calls(what, self._endpoint, streaming=True):
            # Else newer engines compress it, only for it to be inflated again here.
            plain = {"Accept-Encoding": "identity"}
            response = request(
                self._opened,
                "GET",
                self._place(),
                parameters={"path": _bytes(path)},
                headers=plain,
                stream=True,
                timeout=None,
            )
            try:
                yield iter(lambda: response.raw.read(CHUNK, decode_content=False), b"")
            finally:
                release(response)

    def _is_below_a_file(self, path: str) -> bool:
        above = path.rstrip("/").rpartition("/")[0]
        if not above:
            return False
        found = self.stat(above)
        if found is not None and stat.S_ISLNK(found.mode):
            found = self.stat(found.target)
        return found is None or not stat.S_ISDIR(found.mode)

    def _place(self) -> str:
        return f"/containers/{self._container}/archive"


def _bytes(path: str) -> bytes:
    """Return a path as the image spells it, also where that is no UTF-8."""
    return path.encode("utf-8", "surrogateescape")


def _stat_of(stated: str) -> FileStat | None:
    try:
        read: Any = json.loads(base64.b64decode(stated))
        mode = int(read["mode"])
        kind = next((bits for bit, bits in _GO_BITS if mode & bit), stat.S_IFREG)
        special = (stat.S_ISUID if mode & 1 << 23 else 0) | (stat.S_ISGID if mode & 1 << 22 else 0)
        special |= stat.S_ISVTX if mode & 1 << 20 else 0
        return FileStat(
            str(read["name"]), int(read["size"]), kind | special | mode & 0o777, str(read["linkTarget"])
        )
    except (ValueError, LookupError, TypeError):
        return None


def _remove_left_behind(endpoint: Endpoint) -> None:
    for one in containers.list_containers(endpoint, LABEL):
        # Another that looks may be done with it by now.
        with contextlib.suppress(ImageNotFound):
            record = containers.inspect(endpoint, one)
            made = record.labels.get(LABEL, "")
            if record.state == "created" and made.isdigit() and time.time() - int(made) > _LEFT_BEHIND:
                containers.remove(endpoint, one)
