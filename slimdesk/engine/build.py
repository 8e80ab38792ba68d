"""Build with BuildKit through the engine's own API: POST /build?version=2.

The engine fetches Dockerfile and context through a session (`session.py`); one without BuildKit gets them as the request's
body (`context_tar.py`). Its answer carries BuildKit's traces (`trace.py`), the image's ID, and the failure.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from slimdesk.basics import clock
from slimdesk.basics.errors import BadInput, StreamBroken
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter
from slimdesk.engine.build_words import build_words
from slimdesk.engine.client import client, json_lines, open_client, release, request, shut
from slimdesk.engine.context import Ignored
from slimdesk.engine.context_tar import context_tar, hiding_rules, private_folder
from slimdesk.engine.credentials import credentials_for
from slimdesk.engine.endpoint import Endpoint, client_configuration
from slimdesk.engine.failures import START_AGAIN, engine_calls
from slimdesk.engine.filesync import Folder
from slimdesk.engine.model import BuildError, BuildRequest, BuildResult, BuildStep
from slimdesk.engine.proxies import proxy_arguments
from slimdesk.engine.session import Session, shared_key
from slimdesk.engine.steps import Steps
from slimdesk.engine.threads import in_thread
from slimdesk.engine.trace import decode
from slimdesk.engine.wire import WireError

if TYPE_CHECKING:
    from requests import Response

OnSteps = Callable[[tuple[BuildStep, ...]], None]

# How often the window hears of progress, in seconds.
TICK = 0.1
ERROR_LOG_LINES = 50
_CANCEL_SECONDS = 0.25
_CANCEL_TRIES = 3


async def build(
    endpoint: Endpoint,
    wanted: BuildRequest,
    on_steps: OnSteps | None,
    reporter: Reporter,
    *,
    with_session: bool = True,
) -> BuildResult:
    """Build, telling `on_steps` and `reporter` at most ten times a second. A failing step is a result, not an error.

    Cancelling the task ends the build at the engine, with the processes that it runs, within a second.
    Raises BadInput for a context that cannot be read, EngineError, StreamBroken if the engine goes away.
    """
    running = _Build(endpoint, wanted, with_session=with_session)
    told = asyncio.ensure_future(_tell(running, on_steps, reporter))
    try:
        return await in_thread(running.run, running.stop, name="build")
    finally:
        told.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await told
        running.tell(on_steps, reporter)


async def _tell(running: _Build, on_steps: OnSteps | None, reporter: Reporter) -> None:
    while True:
        await asyncio.sleep(TICK)
        running.tell(on_steps, reporter)


class _Build:
    """One build: `run` in a thread of its own, `stop` in another, `tell` on the event loop."""

    def __init__(self, endpoint: Endpoint, wanted: BuildRequest, *, with_session: bool) -> None:
        self._endpoint = endpoint
        self._wanted = wanted
        self._with_session = with_session
        self._session: Session | None = None
        self._identity = uuid.uuid4().hex
        self._steps = Steps()
        self._lock = threading.Lock()
        self._changed = False
        self._sent = 0
        self._told = 0
        self._response: Response | None = None
        self._stopped = threading.Event()
        self._ended = threading.Event()
        self._image_id: str | None = None
        self._failure: str | None = None

    def run(self) -> BuildResult:
        """Send the context, read the answer, and say what came of it."""
        began = clock.monotonic()
        try:
            with engine_calls("The build was interrupted", self._endpoint, streaming=True):
                self._build()
        finally:
            self._ended.set()
        with self._lock:
            self._steps.end()
            self._changed = True
            steps, failed = self._steps.snapshot(), self._steps.failed()
            warnings = self._steps.warnings()
        error = None
        if self._session is not None and self._session.problem is not None:
            raise self._session.problem
        if self._failure is not None:
            log = failed.log if failed else ()
            message = build_words(self._failure, log)
            error = BuildError(failed.name if failed else None, message, log[-ERROR_LOG_LINES:])
        elif self._image_id is None:
            raise StreamBroken(
                "The build was interrupted", "the engine ended its answer without a result", START_AGAIN
            )
        image_id = None if error else self._image_id
        return BuildResult(image_id, self._wanted.tag, clock.monotonic() - began, steps, error, warnings)

    def stop(self) -> None:
        """End the build at the engine; if it does not answer, cut the connection, which ends it as well."""
        self._stopped.set()
        if not stop_build(self._endpoint, self._identity, self._ended) and self._response is not None:
            shut(self._response)

    def tell(self, on_steps: OnSteps | None, reporter: Reporter) -> None:
        """Hand over what is new."""
        with self._lock:
            lines = self._steps.take_lines()
            changed, self._changed = self._changed, False
            steps = self._steps.snapshot() if changed else ()
        if lines:
            reporter.log("\n".join(lines))
        if self._sent != self._told:
            self._told = self._sent
            reporter.progress("Sending the build context", self._sent, None, "bytes")
        elif changed and steps:
            _report(steps, reporter)
        if changed and steps and on_steps is not None:
            on_steps(steps)

    def _build(self) -> None:
        opened = open_client(self._endpoint, None)
        try:
            if self._with_session:
                self._session = self._opened_session()
                body, where = None, {"remote": "client-session", "session": self._session.identity}
                dockerfile = "Dockerfile"
            else:
                dockerfile = f"{private_folder(self._wanted.context)}/Dockerfile"
                body, where = self._body(dockerfile), {}
            self._response = request(
                opened,
                "POST",
                "/build",
                parameters={**self._parameters(dockerfile), **where},
                headers={"Content-Type": "application/x-tar"},
                body=body,
                stream=True,
                timeout=None,
            )
            # Stopped before the engine took it up: hanging up is what ends it then.
            if self._stopped.is_set():
                return
            for line in json_lines(self._response):
                self._take(line)
        finally:
            if self._session is not None:
                self._session.close()
            release(self._response)
            opened.close()

    def _opened_session(self) -> Session:
        wanted = self._wanted
        if not wanted.context.is_dir():
            raise BadInput(
                f"{visible(str(wanted.context))} is not a folder", "", "Choose the folder that is to be built"
            )
        # The engine looks for Dockerfile.dockerignore before .dockerignore; old ones ask for the latter as well.
        rules = wanted.dockerignore.encode()
        folders = {
            "dockerfile": Folder(
                {"Dockerfile": wanted.dockerfile.encode(), "Dockerfile.dockerignore": rules}
            ),
            "context": Folder({".dockerignore": rules}, wanted.context, ignored(wanted.dockerignore)),
        }
        configuration = client_configuration()
        session = Session(
            self._endpoint,
            folders,
            shared_key(wanted.context),
            lambda registry: credentials_for(registry, configuration),
            self._count_more,
        )
        session.open()
        return session

    def _parameters(self, dockerfile: str) -> dict[str, str]:
        wanted = self._wanted
        arguments = {**proxy_arguments(client_configuration(), self._endpoint.host), **wanted.build_args}
        parameters = {
            "version": "2",
            "buildid": self._identity,
            "t": wanted.tag,
            "dockerfile": dockerfile,
            "buildargs": json.dumps(arguments),
            "labels": json.dumps(wanted.labels),
        }
        if wanted.target:
            parameters["target"] = wanted.target
        if wanted.platform:
            parameters["platform"] = wanted.platform
        if wanted.no_cache:
            parameters["nocache"] = "1"
        return parameters

    def _body(self, dockerfile: str) -> Iterator[bytes]:
        wanted = self._wanted
        added = {dockerfile: wanted.dockerfile.encode(), **hiding_rules(wanted.context, dockerfile)}
        for piece in context_tar(wanted.context, ignored(wanted.dockerignore), added, self._count):
            if self._stopped.is_set():
                return
            yield piece

    def _count(self, sent: int) -> None:
        self._sent = sent

    def _count_more(self, sent: int) -> None:
        self._sent += sent

    def _take(self, line: Mapping[str, Any]) -> None:
        if line.get("id") == "moby.buildkit.trace":
            with contextlib.suppress(WireError, binascii.Error, TypeError):
                trace = decode(base64.b64decode(line.get("aux") or ""))
                with self._lock:
                    self._steps.add(trace)
                    self._changed = True
            return
        aux = line.get("aux")
        if isinstance(aux, dict) and aux.get("ID"):
            self._image_id = str(aux["ID"])
        failure = line.get("errorDetail") or line.get("error")
        if failure:
            self._failure = str(failure.get("message") if isinstance(failure, dict) else failure)
        elif line.get("stream"):
            with self._lock:
                self._steps.say(str(line["stream"]))


def stop_build(endpoint: Endpoint, identity: str, ended: threading.Event) -> bool:
    """Ask the engine to end a build; whether `ended` was set soon after. Never raises."""
    # More than once: a build that the engine has not taken up yet cannot be cancelled by its number.
    for _ in range(_CANCEL_TRIES):
        with contextlib.suppress(Exception), client(endpoint, _CANCEL_SECONDS) as opened:
            request(opened, "POST", "/build/cancel", parameters={"id": identity}, timeout=_CANCEL_SECONDS)
        if ended.wait(_CANCEL_SECONDS):
            return True
    return False


def ignored(text: str) -> Ignored:
    """Return the rules of a .dockerignore."""
    from slimdesk.dockerfile.ignore import Ignore

    return Ignore.parse(text)


def _report(steps: tuple[BuildStep, ...], reporter: Reporter) -> None:
    """Say which step runs; the newest if several do."""
    ended = sum(1 for step in steps if step.state in ("done", "cached"))
    running = [step for step in steps if step.state == "running"]
    if running:
        step = running[-1]
        if step.total:
            reporter.progress(visible(step.name, 120), step.done, step.total, "bytes")
            return
        reporter.progress(visible(step.name, 120), ended, len(steps), "steps")
