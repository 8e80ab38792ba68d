"""Run as this pod: the image is started here as a manifest asks for, its probes are asked, and it is removed again."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tarfile
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from slimdesk.basics import clock
from slimdesk.basics.errors import BadInput, EngineError, EngineUnreachable, ImageNotFound, StreamBroken
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter, Silent
from slimdesk.basics.owner import owner_mark
from slimdesk.basics.units import format_seconds
from slimdesk.debug import pod_checks
from slimdesk.debug.causes import Cause, of_exit_code
from slimdesk.debug.pod import Manifest, Pod, PodContainer, Probe
from slimdesk.debug.pod_fixes import Folder, closed_folder, in_a_pod, may_use
from slimdesk.debug.pod_plan import PodChoices, PodPlan, plan_pod
from slimdesk.engine import exec as engine_exec
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.engine import Engine
from slimdesk.engine.exec import ExecRequest
from slimdesk.engine.file_out import ContainerFiles
from slimdesk.engine.model import LABEL_OWNER, LABEL_PREFIX, ContainerRecord, ContainerSpec, EngineStatus
from slimdesk.engine.threads import in_thread
from slimdesk.verify import diagnose
from slimdesk.verify.diagnose import Diagnosis
from slimdesk.verify.model import Check
from slimdesk.verify.probe import ask_http, ask_tcp
from slimdesk.verify.run import addresses, made

LABEL = f"{LABEL_PREFIX}pod"
LOG_LINES = 500
# A service without probes must stay up for so long; a job must end within the bound.
STAYS_UP = 3.0  # seconds
BOUND = 60.0
_PAUSE = 0.2
_JOBS = ("Job", "CronJob")
_OWNED = re.compile(r",[ug]id=\d+(?=,|$)")


@dataclass(frozen=True, slots=True)
class PodRun:
    """What came of it. `runs`: started, stayed up, probes passed. `refused`: Kubernetes would not start it at all.

    `cause` says why not, with the fix. `exit_code` None: it was still running. `seconds` since its start.
    """

    verdict: Literal["runs", "fails", "refused"]
    reason: str
    plan: PodPlan
    cause: Cause | None = None
    checks: tuple[Check, ...] = ()
    exit_code: int | None = None
    oom: bool = False
    seconds: float = 0.0
    log: tuple[str, ...] = ()


@dataclass(slots=True)
class _Live:
    """A container that runs, and what is known of it so far."""

    engine: Engine
    container: str
    plan: PodPlan
    reporter: Reporter
    bound: float
    began: float
    checks: list[Check] = field(default_factory=list)
    log: tuple[str, ...] = ()
    exit_code: int | None = None
    oom: bool = False
    closed: Folder | None = None

    def told_as(self, found: Diagnosis) -> Cause:
        """Return what verify's rules recognised, told for a pod."""
        if self.plan.spec is not None and self.plan.spec.read_only:
            found = diagnose.on_read_only(found)
        return in_a_pod(found.kind, found.message, self.plan, self.closed)

    @property
    def seconds(self) -> float:
        return clock.monotonic() - self.began

    def check(self, name: str, passed: bool | None, message: str) -> None:
        self.checks.append(Check(name, passed, round(self.seconds, 3), message))


async def plan_on(
    engine: Engine, manifest: Manifest, pod: Pod, container: PodContainer, choices: PodChoices
) -> PodPlan:
    """Plan one container with the image that the engine holds. Raises ImageNotFound, BadInput where none is named."""
    image = choices.image or container.image
    if not image:
        raise BadInput(
            f"{container.name} names no image", f"line {container.line}", "Choose one with --image"
        )
    try:
        record = await engine.inspect(image)
    except ImageNotFound as error:
        raise ImageNotFound(
            f"The engine has no image {visible(image, 120)}",
            "the manifest names it",
            "Pull it, or choose the one that you built with --image",
        ) from error
    return plan_pod(manifest, pod, container, record.config, choices)


async def run_pod(
    engine: Engine,
    manifest: Manifest,
    pod: Pod,
    container: PodContainer,
    choices: PodChoices | None = None,
    *,
    reporter: Reporter | None = None,
    bound: float = BOUND,
) -> PodRun:
    """Start the container as the pod asks for, ask its probes, and judge; nothing is left behind, also when cancelled.

    `bound` is how long a probe or a job is waited for, in seconds. Raises ImageNotFound, BadInput, EngineError.
    """
    told = reporter or Silent()
    plan = await plan_on(engine, manifest, pod, container, choices or PodChoices())
    if plan.spec is None:
        first = plan.refused[0]
        return PodRun("refused", str(first), plan, first)
    spec = to_start(plan.spec, engine.known)
    async with made(engine, spec) as identity:
        closed = await _closed_folder(engine, identity, plan)
        live = _Live(engine, identity, plan, told, bound, clock.monotonic(), closed=closed)
        told.progress("Starting")
        cause = await _started(live) or await _judged(live, job=pod.kind in _JOBS)
        await _read_log(live)
    for line in live.log:
        told.log(line)
    if cause is None:
        reason = _good_words(live, pod)
        return PodRun(
            "runs", reason, plan, None, tuple(live.checks), live.exit_code, False, live.seconds, live.log
        )
    return PodRun(
        "fails", str(cause), plan, cause, tuple(live.checks), live.exit_code, live.oom, live.seconds, live.log
    )


def to_start(spec: ContainerSpec, known: EngineStatus) -> ContainerSpec:
    """Return what that engine is to start: with a name and marks of ours, and volumes as the engine can make them."""
    tmpfs = spec.tmpfs
    if known.product == "Podman":
        # It knows no owner of memory, and refuses the container for it.
        tmpfs = tuple(
            f"{path}:{_OWNED.sub('', how)}" for path, _, how in (one.partition(":") for one in tmpfs)
        )
    name, labels = f"slimdesk-pod-{uuid.uuid4().hex[:12]}", {LABEL: "true", LABEL_OWNER: owner_mark()}
    return replace(spec, name=name, labels=labels, tmpfs=tmpfs)


async def _closed_folder(engine: Engine, container: str, plan: PodPlan) -> Folder | None:
    """Return the working folder if the user may not use it, or what is above it; None where it may, or none is known."""
    if plan.spec is None or not plan.working_dir.startswith("/"):
        return None
    volumes = {one.partition(":")[0] for one in plan.spec.tmpfs}
    parts = [part for part in plan.working_dir.split("/") if part]
    for count in range(1, len(parts) + 1):
        path = "/" + "/".join(parts[:count])
        if path in volumes:
            return None
        folder = await in_thread(partial(_folder_at, engine.settings, container, path), name="folder")
        if folder is None:
            return None
        if not may_use(folder, plan.user, plan.spec.groups):
            return folder
    return None


def _folder_at(endpoint: Endpoint, container: str, path: str) -> Folder | None:
    """Read the head of the folder's tar: the engine tells owner and mode nowhere else."""
    head = b""
    with contextlib.suppress(EngineError, tarfile.TarError):
        with ContainerFiles(endpoint, container) as files, files.tar(path) as pieces:
            for piece in pieces:
                head += piece
                if len(head) >= tarfile.BLOCKSIZE:
                    break
        entry = tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
        if entry.isdir():
            return Folder(path, entry.uid, entry.gid, entry.mode & 0o777)
    return None


async def _started(live: _Live) -> Cause | None:
    try:
        await live.engine.start(live.container)
    except (EngineUnreachable, StreamBroken, ImageNotFound):
        raise
    except EngineError as error:
        cause = live.told_as(diagnose.of_start(error.why or error.what))
        live.check("start", False, cause.message)
        return cause
    live.check("start", True, "The engine started it.")
    return None


async def _judged(live: _Live, *, job: bool) -> Cause | None:
    if job:
        return await _as_job(live)
    probes = pod_checks.in_order(live.plan.probes)
    startup = next((probe for probe in probes if probe.kind == "startup"), None)
    for probe in probes:
        cause = await _probed(live, probe, startup)
        if cause is not None:
            return cause
    return await _stays_up(live)


async def _as_job(live: _Live) -> Cause | None:
    live.reporter.progress("Waiting for it to end")
    code = await live.engine.wait(live.container, live.bound)
    if code is None:
        live.check("end", None, f"It was still running after {format_seconds(live.bound)}.")
        return None
    if code == 0:
        live.exit_code = 0
        live.check("end", True, "It ended with exit code 0.")
        return None
    return await _ended(live, "end")


async def _stays_up(live: _Live) -> Cause | None:
    left = max(0.5, STAYS_UP - live.seconds)
    live.reporter.progress("Seeing whether it stays up")
    if await live.engine.wait(live.container, left) is None:
        live.check("up", True, f"It is still running after {format_seconds(live.seconds)}.")
        return None
    return await _ended(live, "up")


async def _ended(live: _Live, name: str) -> Cause:
    record = await live.engine.inspect_container(live.container)
    live.exit_code, live.oom = record.exit_code, record.oom
    await _read_log(live)
    code = record.exit_code or 0
    known = None if record.oom else diagnose.of_log(live.log)
    cause = of_exit_code(code, oom=record.oom) if known is None else live.told_as(known)
    if known is None and live.closed is not None and code not in (0, 137, 143):
        cause = closed_folder(live.closed, live.plan.user)
    elif known is None and cause.kind in ("ended", "no-program") and live.log:
        last = next((line.strip() for line in reversed(live.log) if line.strip()), "")
        cause = replace(cause, message=f"{cause.message} Its last line was: {visible(last, 200)}.")
    live.check(name, False, f"It ended with exit code {code}.")
    return cause


async def _probed(live: _Live, probe: Probe, startup: Probe | None) -> Cause | None:
    limits = pod_checks.window(probe, live.bound, startup)
    name, asked = f"{probe.kind} probe", pod_checks.question(probe)
    live.reporter.progress(f"Waiting for the {name}: {asked}")
    said = "nothing answered"
    while True:
        record = await live.engine.inspect_container(live.container)
        if not record.running:
            return await _ended(live, name)
        if live.seconds >= limits.begins:
            passed, said = await _asked(live, record, probe)
            if passed:
                break
        if live.seconds >= limits.ends:
            cause = pod_checks.failed(probe, said, limits)
            if cause is not None and live.closed is not None:
                cause = closed_folder(live.closed, live.plan.user)
            live.check(
                name, None if cause is None else False, f"{asked}: {said} in {format_seconds(live.seconds)}."
            )
            return cause
        await asyncio.sleep(_PAUSE)
    cause = pod_checks.late(probe, live.seconds, limits)
    live.check(name, cause is None, f"{asked}: {said}.")
    return cause


async def _asked(live: _Live, record: ContainerRecord, probe: Probe) -> tuple[bool, str]:
    """Ask once; return whether it passed, and what came in words that the kubelet's own resemble."""
    if probe.how == "exec":
        return await _executed(live, probe)
    if probe.port is None:
        return False, "it names no port"
    said = "connection refused"
    for host, port in addresses(live.engine, record, probe.port):
        if probe.how != "http" or probe.https:
            if await ask_tcp(host, port):
                how = "TLS was not checked" if probe.https else ""
                return True, f"it accepts connections{'; ' + how if how else ''}"
            continue
        answer = await ask_http(host, port, probe.path, max(probe.timeout, 0.5), probe.headers)
        if answer is None:
            continue
        if answer.status is None:
            said = "timeout: no HTTP answer"
            continue
        return pod_checks.passes(answer.status), f"HTTP {answer.status}"
    return False, said


async def _executed(live: _Live, probe: Probe) -> tuple[bool, str]:
    if not probe.command:
        return False, "the command is empty"
    try:
        done = await engine_exec.run(
            live.engine.settings,
            live.container,
            ExecRequest(probe.command, {}),
            max(probe.timeout, 0.5),
            limit=4096,
        )
    except (EngineUnreachable, StreamBroken):
        raise
    except EngineError as error:
        return False, visible(error.why or error.what, 300)
    if done.exit_code is None:
        return False, "timeout"
    said = visible((done.error or done.out).decode("utf-8", errors="replace").strip(), 300)
    return done.exit_code == 0, f"exit code {done.exit_code}{': ' + said if said else ''}"


async def _read_log(live: _Live) -> None:
    with contextlib.suppress(EngineError):
        live.log = await live.engine.logs(live.container, LOG_LINES)


def _good_words(live: _Live, pod: Pod) -> str:
    if live.exit_code == 0:
        return f"{pod.title} runs here: it ended with exit code 0."
    probes = sum(1 for check in live.checks if check.name.endswith("probe") and check.passed)
    words = f" and {probes} of its probes passed" if probes > 1 else " and its probe passed" if probes else ""
    return f"{pod.title} runs here: it stayed up{words}."


@contextlib.asynccontextmanager
async def kept_pod(engine: Engine, plan: PodPlan) -> AsyncIterator[str]:
    """Start what was planned and keep it for as long as the block lasts, for a shell beside it; then remove it.

    Where this program is killed meanwhile, `sweep` removes it at the next start.

    Raises BadInput where the plan says that Kubernetes refuses it, EngineError if it does not start.
    """
    if plan.spec is None:
        raise BadInput("The pod was not started", str(plan.refused[0]), "")
    spec = to_start(plan.spec, engine.known)
    async with made(engine, spec) as identity:
        await engine.start(identity)
        yield identity
