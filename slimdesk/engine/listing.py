"""The whole tree of an image that the engine holds, without moving any content: names, sizes, modes and links.

A build mounts the image into a step that runs a small program of ours, and gives the program's list back through its session:
no image is made, nothing is pulled, images from scratch are listed like all others. It knows nothing of layers.
The list is in the format of resources/listing/list.c.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import threading
import uuid
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import EngineError
from slimdesk.basics.resources import resource
from slimdesk.engine.build import stop_build
from slimdesk.engine.client import json_lines, open_client, release, request, shut
from slimdesk.engine.credentials import Credentials
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.filesync import Folder
from slimdesk.engine.session import Session

if TYPE_CHECKING:
    from requests import Response

# What a list may take, in bytes: a million entries. Of larger images the list, and a tree of it beside the layers', would take
# too much memory.
MAX_LIST = 128 << 20
# Word characters and the marks between them: nothing that ends a word of a Dockerfile.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,4095}")
_PROGRAMS = {"linux/amd64": "linux-amd64", "linux/arm64": "linux-arm64"}
_DOCKERFILE = """FROM {name} AS slimdesk-listed
FROM scratch AS slimdesk-list
COPY --chmod=755 list /list
RUN --mount=type=bind,from=slimdesk-listed,target=/image ["/list", "/image", "/entries"]
FROM scratch
COPY --from=slimdesk-list /entries /entries
"""


def program_for(platform: str | None) -> str | None:
    """Return the program that lists on an engine of that platform; None where there is none."""
    system, _, rest = (platform or "").partition("/")
    return _PROGRAMS.get(f"{system}/{rest.partition('/')[0]}")


def can_list(name: str | None, image_platform: str | None, engine_platform: str | None) -> bool:
    """Whether the engine can list that image: of the platform that the engine runs, and by a name that the engine has given.

    BuildKit takes an ID, and any name that the engine does not have, for a name to be fetched.
    """
    named = (
        bool(name and _NAME.fullmatch(name))
        and ":" in (name or "")
        and not (name or "").startswith("sha256:")
    )
    return (
        named
        and program_for(engine_platform) is not None
        and program_for(image_platform) == program_for(engine_platform)
    )


class Listing:
    """One listing: `run` blocks, so it belongs in a thread; `stop` ends it from any other."""

    def __init__(self, endpoint: Endpoint, name: str, platform: str) -> None:
        self._endpoint = endpoint
        self._name = name
        self._platform = platform
        self._identity = uuid.uuid4().hex
        self._received = bytearray()
        self._response: Response | None = None
        self._stopped = threading.Event()
        self._ended = threading.Event()
        self._failure = ""

    def run(self) -> bytes:
        """Return the list. Raises EngineError where the engine cannot or does not make one."""
        try:
            with engine_calls(f"{self._name} could not be listed", self._endpoint, streaming=True):
                self._build()
        finally:
            self._ended.set()
        if self._failure or not self._received:
            raise EngineError(f"{self._name} could not be listed", self._failure or "the engine sent nothing")
        return unpacked(self._received, self._name)

    def stop(self) -> None:
        """End it at the engine; `run` then raises."""
        self._stopped.set()
        if not stop_build(self._endpoint, self._identity, self._ended) and self._response is not None:
            shut(self._response)

    def _build(self) -> None:
        program = program_for(self._platform)
        if program is None or not _NAME.fullmatch(self._name):
            raise EngineError(
                f"{self._name} could not be listed", "there is no program that lists on this engine"
            )
        files = {
            "dockerfile": Folder({"Dockerfile": _DOCKERFILE.format(name=self._name).encode()}),
            "context": Folder({"list": resource(f"listing/{program}").read_bytes()}),
        }
        opened = open_client(self._endpoint, None)
        session = Session(
            self._endpoint, files, self._identity, lambda _: Credentials(), lambda _: None, take=self._take
        )
        try:
            session.open()
            self._response = request(
                opened,
                "POST",
                "/build",
                parameters={
                    "version": "2",
                    "buildid": self._identity,
                    "remote": "client-session",
                    "session": session.identity,
                    "dockerfile": "Dockerfile",
                    "outputs": json.dumps([{"type": "tar"}]),
                },
                stream=True,
                timeout=None,
            )
            if not self._stopped.is_set():
                for line in json_lines(self._response):
                    self._note(line)
        finally:
            session.close()
            release(self._response)
            opened.close()

    def _note(self, line: dict[str, Any]) -> None:
        failure = line.get("errorDetail") or line.get("error")
        if failure:
            self._failure = str(failure.get("message") if isinstance(failure, dict) else failure)

    def _take(self, piece: bytes) -> None:
        if len(self._received) + len(piece) > MAX_LIST:
            self._failure = "it has too many files"
            self._stopped.set()
            if self._response is not None:
                shut(self._response)
            return
        self._received += piece


def unpacked(tar: bytearray, name: str) -> bytes:
    """Return the list out of the tar in which a build gives it back. Raises EngineError."""
    try:
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            found = archive.getmember("entries")
        return bytes(memoryview(tar)[found.offset_data : found.offset_data + found.size])
    except (tarfile.TarError, KeyError, OSError) as error:
        raise EngineError(f"{name} could not be listed", "the engine sent something else") from error
