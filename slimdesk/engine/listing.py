"""The whole tree of an image that the engine holds, without moving any content: names, sizes, modes and links.

BuildKit mounts the image into a step that runs a small program of ours, and gives the program's list back through a session:
no image is made, nothing is pulled, images from scratch are listed like all others, and nothing of the image runs or is read.
It knows nothing of layers. The list is in the format of resources/listing/list.c.
"""

from __future__ import annotations

import contextlib
import io
import re
import tarfile
import threading
import uuid

from slimdesk.basics.errors import EngineError
from slimdesk.basics.resources import resource
from slimdesk.engine.control import Control, solve_request
from slimdesk.engine.credentials import Credentials
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.llb import SCRATCH, Mount, definition, local_image, program, step
from slimdesk.engine.registry import parse_reference
from slimdesk.engine.session import Session
from slimdesk.engine.wire import fields, put_bytes, text

# What a list may take, in bytes: a million entries. Of larger images the list, and a tree of it beside the layers', would take
# too much memory.
MAX_LIST = 128 << 20
# Word characters and the marks between them: nothing that ends a word of a Dockerfile.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,4095}")
_PROGRAMS = {"linux/amd64": "linux-amd64", "linux/arm64": "linux-arm64"}
_PROGRAM, _IMAGE, _OUT, _LIST = "/slimdesk-list", "/image", "/out", "entries"
_WORDS = (_PROGRAM, _IMAGE, f"{_OUT}/{_LIST}")
# What BuildKit calls the folder that a listing leaves in its cache (solver/llbsolver/ops/exec.go).
_LEFT = f"mount {_OUT} from exec {' '.join(_WORDS)}"
_RECORD = re.compile(r"[a-z0-9]{1,64}")
# When it is asked to remove it, in seconds after the time before.
_AGAIN = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)


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
    """One listing: `run` blocks, so it belongs in a thread, as does `tidy`; `stop` ends either from any other."""

    def __init__(self, endpoint: Endpoint, name: str, platform: str) -> None:
        self._endpoint = endpoint
        self._name = name
        self._platform = platform
        self._what = f"{name} could not be listed"
        self._received = bytearray()
        self._control: Control | None = None
        self._stopped = threading.Event()
        self._failure = ""

    def run(self) -> bytes:
        """Return the list. Raises EngineError where the engine cannot or does not make one."""
        lister = program_for(self._platform)
        if lister is None or not _NAME.fullmatch(self._name):
            raise EngineError(self._what, "there is no program that lists on this engine")
        graph = _graph(self._name, self._platform, resource(f"listing/{lister}").read_bytes())
        session = Session(
            self._endpoint, {}, uuid.uuid4().hex, lambda _: Credentials(), lambda _: None, take=self._take
        )
        try:
            with engine_calls(self._what, self._endpoint, streaming=True):
                session.open()
                self._ask("Solve", solve_request(graph, session.identity))
        except EngineError as error:
            if self._stopped.is_set():
                raise EngineError(self._what, self._failure or "it was stopped") from error
            raise
        finally:
            session.close()
        if not self._received:
            raise EngineError(self._what, "the engine sent nothing")
        return unpacked(self._received, self._name)

    def tidy(self) -> None:
        """Take the list out of the build cache, where some megabytes of it would stay. Never raises: it is a matter of space."""
        with contextlib.suppress(EngineError), engine_calls(self._what, self._endpoint, streaming=True):
            answers = self._ask("DiskUsage", b"")
            records = [one for answer in answers for _, one in fields(answer) if isinstance(one, bytes)]
            known = [dict(fields(one)) for one in records]
            # UsageRecord: 1 is its ID, 9 its description. Old engines match no description, so it is looked for here.
            left = {text(one.get(1)) for one in known if text(one.get(9)) == _LEFT}
            left = {one for one in left if _RECORD.fullmatch(one)}
            # What BuildKit has not let go of yet, it passes over without a word: its answer is what it did remove.
            for pause in _AGAIN:
                if not left or self._stopped.wait(pause):
                    return
                pruned = self._ask("Prune", b"".join(put_bytes(1, f"id=={one}".encode()) for one in left))
                left -= {text(dict(fields(one)).get(1)) for one in pruned}

    def stop(self) -> None:
        """End it at the engine; `run` then raises."""
        self._stopped.set()
        if self._control is not None:
            self._control.shut()

    def _ask(self, method: str, message: bytes) -> list[bytes]:
        control = self._control = Control(self._endpoint, self._what)
        try:
            if self._stopped.is_set():
                raise EngineError(self._what, "it was stopped")
            return control.call(method, message)
        finally:
            control.release()

    def _take(self, piece: bytes) -> None:
        if len(self._received) + len(piece) > MAX_LIST:
            self._failure = "it has too many files"
            self.stop()
            return
        self._received += piece


def _graph(name: str, platform: str, body: bytes) -> bytes:
    """The program alone in a folder, the image beside it, and a folder for the list, which is what is wanted.

    That the image could be written gives its mount an output, which nobody takes: old engines hash all its files otherwise.
    """
    reference = parse_reference(name)
    mark = "@" if reference.by_digest else ":"
    image = local_image(f"{reference.registry}/{reference.repository}{mark}{reference.version}", platform)
    mounts = (Mount("/", 0, 0), Mount(_IMAGE, 1, 1), Mount(_OUT, SCRATCH, 2))
    return definition(step(_WORDS, mounts, (program(_PROGRAM, body, platform), image), platform), 2)


def unpacked(tar: bytearray, name: str) -> bytes:
    """Return the list out of the tar in which a build gives it back. Raises EngineError."""
    try:
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            found = archive.getmember("entries")
        return bytes(memoryview(tar)[found.offset_data : found.offset_data + found.size])
    except (tarfile.TarError, KeyError, OSError) as error:
        raise EngineError(f"{name} could not be listed", "the engine sent something else") from error
