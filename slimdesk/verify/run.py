"""One run of an image: made, started, asked, stopped and removed again, whatever happens in between."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from slimdesk.basics import clock
from slimdesk.basics.errors import EngineError, EngineUnreachable, ImageNotFound, StreamBroken
from slimdesk.basics.job import Reporter
from slimdesk.basics.owner import owner_mark
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_HELPER, LABEL_PREFIX, ContainerRecord, ContainerSpec
from slimdesk.verify import diagnose
from slimdesk.verify.diagnose import Diagnosis
from slimdesk.verify.model import Check, RunProfile
from slimdesk.verify.probe import Answer, ask_http, ask_tcp

T = TypeVar("T")

LABEL = f"{LABEL_PREFIX}verify"
LOG_LINES = 500
STAYS_UP = 0.5  # seconds after the first answer
# An app that nobody uses has nothing to finish: what takes longer has not heard the signal.
STOP_GRACE = 5.0  # seconds
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.25


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run. `failure` None = all that decides the verdict went well.

    `exit_code` None: it was still running when it was judged. `stage` is how far it came.
    """

    failure: Diagnosis | None
    stage: str
    checks: tuple[Check, ...]
    http_status: int | None = None
    exit_code: int | None = None
    first_answer: float | None = None
    log: tuple[str, ...] = ()


@dataclass(slots=True)
class _Live:
    """A container that runs, and what is known of it so far; `began` is when it was started."""

    engine: Engine
    container: str
    profile: RunProfile
    reporter: Reporter
    began: float
    checks: list[Check] = field(default_factory=list)
    failure: Diagnosis | None = None
    stage: str = "start"
    http_status: int | None = None
    exit_code: int | None = None
    first_answer: float | None = None
    log: tuple[str, ...] = ()

    def check(self, name: str, passed: bool | None, seconds: float | None, message: str) -> None:
        self.checks.append(Check(name, passed, seconds, message))

    @property
    def words(self) -> str:
        """Why it failed."""
        return self.failure.message if self.failure else ""

    @property
    def seconds(self) -> float:
        """Since it was started."""
        return clock.monotonic() - self.began

    async def record(self) -> ContainerRecord:
        """The container as it stands."""
        return await self.engine.inspect_container(self.container)

    async def read_log(self) -> None:
        """Keep the newest lines of its log."""
        try:
            self.log = await self.engine.logs(self.container, LOG_LINES)
        except (EngineUnreachable, StreamBroken):
            raise
        except EngineError:
            # Some log drivers cannot be read back.
            self.log = ()

    def fail(self, stage: str, failure: Diagnosis) -> None:
        self.failure = diagnose.on_read_only(failure) if self.profile.read_only else failure
        self.stage = stage


async def run_image(
    engine: Engine, image: str, profile: RunProfile, reporter: Reporter, network: str | None = None
) -> Run:
    """Run `image` once as `profile` says and judge it; no container is left behind, also when cancelled.

    `network` is one that services beside it are in.

    Raises ImageNotFound, and EngineError where the engine itself fails.
    """
    async with made(engine, _spec(image, profile, network)) as container:
        live = _Live(engine, container, profile, reporter, clock.monotonic())
        reporter.progress("Starting")
        if await _started(live):
            await _give_input(live)
            if profile.port is None:
                await _as_command(live)
            else:
                await _as_service(live, profile.port)
    return Run(
        live.failure,
        live.stage,
        tuple(live.checks),
        live.http_status,
        live.exit_code,
        live.first_answer,
        live.log,
    )


def _spec(image: str, profile: RunProfile, network: str | None) -> ContainerSpec:
    return ContainerSpec(
        image=image,
        command=profile.command,
        environment=profile.environment,
        volumes=profile.volumes,
        read_only=profile.read_only,
        ports=() if profile.port is None else (profile.port,),
        network=network,
        labels={LABEL: "true", LABEL_HELPER: owner_mark()},
        name=f"slimdesk-verify-{uuid.uuid4().hex[:12]}",
        platform=profile.platform,
        stdin_open=profile.stdin is not None,
    )


@contextlib.asynccontextmanager
async def made(engine: Engine, spec: ContainerSpec) -> AsyncIterator[str]:
    """Make a container (it is not started) and remove it at the end, also if this task is cancelled meanwhile.

    `spec` has a name. Raises ImageNotFound, EngineError.
    """
    if spec.name is None:
        raise ValueError("a container that is to be removed again needs a name")
    making = asyncio.ensure_future(engine.create(spec))
    try:
        # Shielded, so that a container whose making was cancelled half-way is known and can be removed.
        yield await asyncio.shield(making)
    finally:
        await finished(_remove(engine, making, spec.name))


async def _remove(engine: Engine, making: asyncio.Future[str], name: str) -> None:
    with contextlib.suppress(EngineError):
        await making
    with contextlib.suppress(EngineError):
        await engine.remove(name)


async def finished(work: Awaitable[T]) -> T:
    """Await `work` to its end; a cancellation that comes meanwhile takes effect after it."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
    return task.result()


async def _started(live: _Live) -> bool:
    try:
        await live.engine.start(live.container)
    except (EngineUnreachable, StreamBroken, ImageNotFound):
        raise
    except EngineError as error:
        live.fail("start", diagnose.of_start(error.why or error.what))
        live.check("start", False, live.seconds, live.words)
        return False
    live.check("start", True, live.seconds, "The engine started it.")
    return True


async def _give_input(live: _Live) -> None:
    if live.profile.stdin is not None:
        # One that ended without reading it is judged by how it ended.
        with contextlib.suppress(EngineError):
            await live.engine.attach_stdin(live.container, live.profile.stdin.encode())


async def _as_command(live: _Live) -> None:
    wanted, limit = live.profile.exit_code, live.profile.timeout
    live.reporter.progress("Waiting for it to end")
    code = await live.engine.wait(live.container, limit)
    seconds = live.seconds
    record = await live.record()
    live.exit_code = code
    await live.read_log()
    if code is None:
        message = (
            f"It was still running after {limit:.0f} s. A service needs a port; a slow command needs longer."
        )
        live.fail("end", Diagnosis("still-running", message, image=False))
        live.check("end", False, seconds, message)
        return
    if code != wanted:
        live.fail("end", diagnose.of_end(code, oom=record.oom, log=live.log))
        live.check("end", False, seconds, _other_code(code, wanted, live.failure))
        return
    live.check("end", True, seconds, f"It ended with exit code {code}.")
    live.stage = "done"
    if live.profile.expect is not None:
        out, error = await live.engine.output(live.container)
        _check_text(live, live.profile.expect, out + error, "its output")


def _other_code(code: int, wanted: int, failure: Diagnosis | None) -> str:
    known = failure is not None and failure.kind != "ended"
    return f"It ended with exit code {code} instead of {wanted}." + (
        f" {failure.message}" if known and failure else ""
    )


async def _as_service(live: _Live, port: int) -> None:
    profile = live.profile
    live.reporter.progress(f"Waiting for an answer on port {port}")
    answer = await _first_answer(live, port)
    seconds = live.seconds
    record = await live.record()
    if not record.running:
        await _ended(live, record, seconds)
        return
    if answer is None or not _good(answer, profile):
        await live.read_log()
        live.http_status = answer.status if answer else None
        failure = _no_answer(answer, profile, port, seconds, live.log)
        live.fail("answer", failure)
        live.check("answer", False, seconds, failure.message)
    else:
        live.first_answer, live.http_status = seconds, answer.status
        how = f"HTTP {answer.status}" if answer.status else "a TCP connection"
        path = f" on {profile.http or '/'}" if answer.status else ""
        live.check("answer", True, seconds, f"It answered with {how}{path}, port {port}.")
        if profile.expect is not None:
            _check_text(live, profile.expect, answer.body, "the answer")
        await _stays_up(live)
    if live.exit_code is None:
        live.reporter.progress("Stopping")
        await _stops(live)
        await live.read_log()


async def _first_answer(live: _Live, port: int) -> Answer | None:
    """Ask until a good answer comes, it ends, or time is up; the last answer counts."""
    profile = live.profile
    answer: Answer | None = None
    pause = _FIRST_PAUSE
    while (left := profile.timeout - live.seconds) > 0:
        record = await live.record()
        if not record.running:
            return None
        # Looked up each time: the engine knows address and published port only some time after the start.
        for host, number in addresses(live.engine, record, port):
            found = await _ask(host, number, profile, left)
            if found is not None:
                answer = found
                if _good(found, profile):
                    return found
                break
        await asyncio.sleep(min(pause, max(0.0, profile.timeout - live.seconds)))
        pause = min(_LONGEST_PAUSE, pause * 1.5)
    return answer


async def _ask(host: str, port: int, profile: RunProfile, left: float) -> Answer | None:
    path, seconds = profile.http or "/", max(0.2, min(5.0, left))
    began = clock.monotonic()
    answer = await ask_http(host, port, path, seconds)
    if answer is None or answer.status is not None:
        return answer
    if _must_be_http(profile):
        return None
    hung_up = clock.monotonic() - began < seconds
    if not await ask_tcp(host, port):
        return None
    if hung_up:
        # It may have begun to listen between the two: an engine's proxy, that hangs up until then, was asked first.
        again = await ask_http(host, port, path, seconds)
        return again if again is not None and again.status is not None else answer
    return answer


def _must_be_http(profile: RunProfile) -> bool:
    return profile.http is not None or profile.status is not None or profile.expect is not None


def _good(answer: Answer, profile: RunProfile) -> bool:
    if answer.status is None:
        return not _must_be_http(profile)
    return answer.status == profile.status if profile.status is not None else answer.status < 500


def addresses(engine: Engine, record: ContainerRecord, port: int) -> list[tuple[str, int]]:
    """Where to ask: the container itself where this machine reaches it, else the port published on this machine."""
    found = []
    # Straight to the container it is exact: before an app listens, an engine's proxy accepts in its place.
    if record.ip and sys.platform.startswith("linux") and engine.settings.socket_path is not None:
        found.append((record.ip, port))
    if port in record.ports:
        found.append(("127.0.0.1", record.ports[port]))
    return found


async def _ended(live: _Live, record: ContainerRecord, seconds: float) -> None:
    live.exit_code = record.exit_code
    await live.read_log()
    live.fail("up", diagnose.of_end(record.exit_code or 0, oom=record.oom, log=live.log))
    live.check("answer", False, seconds, f"It ended with exit code {record.exit_code} before it answered.")


async def _stays_up(live: _Live) -> None:
    began = clock.monotonic()
    code = await live.engine.wait(live.container, STAYS_UP)
    seconds = clock.monotonic() - began
    if code is None:
        live.check("up", True, seconds, "It stayed up after its first answer.")
        live.stage = "done" if live.failure is None else live.stage
        return
    record = await live.record()
    live.exit_code = code
    await live.read_log()
    live.fail("up", diagnose.of_end(code, oom=record.oom, log=live.log))
    live.check("up", False, seconds, f"It answered, then ended with exit code {code}. {live.words}")


async def _stops(live: _Live) -> None:
    began = clock.monotonic()
    await live.engine.kill(live.container, "TERM")
    code = await live.engine.wait(live.container, STOP_GRACE)
    seconds = clock.monotonic() - began
    if code is None:
        message = f"It ignored SIGTERM for {STOP_GRACE:.0f} s: `docker stop` takes 10 s and then kills it."
        live.check("stops", False, seconds, message)
    else:
        live.check("stops", True, seconds, f"It ended {seconds:.1f} s after SIGTERM, with exit code {code}.")


def _no_answer(
    answer: Answer | None, profile: RunProfile, port: int, seconds: float, log: tuple[str, ...]
) -> Diagnosis:
    if answer is None or answer.status is None:
        return diagnose.of_silence(port, seconds, log)
    wanted = f"{profile.status} was asked for" if profile.status is not None else "below 500 was asked for"
    return Diagnosis(
        "wrong-status", f"{profile.http or '/'} answered with HTTP {answer.status}; {wanted}.", image=False
    )


def _check_text(live: _Live, text: str, data: bytes, where: str) -> None:
    found = text in data.decode("utf-8", errors="replace")
    message = f"The expected text is in {where}." if found else f"The expected text is not in {where}."
    live.check("text", found, None, message)
    if not found:
        live.fail("text", Diagnosis("wrong-text", message, image=False))
