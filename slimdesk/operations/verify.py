"""Prove that an image still runs: the control first, then the image, each started as production would."""

from __future__ import annotations

import contextlib
import math
import statistics
from dataclasses import replace
from functools import partial
from pathlib import Path

from slimdesk.basics import clock
from slimdesk.basics.errors import BadInput, EngineError
from slimdesk.basics.job import Reporter, Silent
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_PREFIX, ImageRecord
from slimdesk.operations.pull import MissingImage, pull_missing
from slimdesk.operations.sidecar import sweep
from slimdesk.project.model import Component, Project
from slimdesk.recipes.fixes_model import Mend
from slimdesk.verify.beside import BesideFailed, network_of
from slimdesk.verify.compose import Beside, ComposeFile, find_compose_file, read_compose_file
from slimdesk.verify.control import ControlKey, Controls
from slimdesk.verify.masking import hidden, masker
from slimdesk.verify.model import RunProfile, Verification
from slimdesk.verify.run import Run, run_image
from slimdesk.verify.verdict import control_check, foreign, judge, user_check

LABEL_PORT = f"{LABEL_PREFIX}port"
# A debugger listens there, not the app.
LABEL_DEBUGGER = f"{LABEL_PREFIX}debugger-port"
# OCI image specification, annotations.md.
LABEL_BASE = "org.opencontainers.image.base.name"
LOG_LINES = 500
# An amd64 processor runs these itself.
_ALSO = {"amd64": frozenset({"386"}), "arm64": frozenset({"arm"})}
_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}


async def verify_image(
    engine: Engine,
    image: str,
    profile: RunProfile,
    control: str | None = None,
    reporter: Reporter | None = None,
    *,
    repeats: int = 1,
    beside: tuple[Beside, ...] = (),
    controls: Controls | None = None,
) -> Verification:
    """Run `image` as `profile` says and judge it; with `repeats` the time to the first answer is the median.

    `control` is the reference image: it is run first, and where it fails in the same way the verdict is not-proven.
    `controls` are its runs that are known: it is not run again in the same way, and a run of the reference itself, which
    has no `control`, is kept there. A profile without a port takes the image's own (`port_of`). The services `beside` are started first, in a network with
    it; images that the engine lacks are fetched. Nothing is left behind, also when cancelled. Values of variables are masked
    in what it says and logs. Raises ImageNotFound, PullFailed, EngineError.
    """
    told, runs = reporter or Silent(), controls or Controls()
    hide = masker((profile.environment, *(one.environment for one in beside)))
    began = clock.monotonic()
    record = await engine.inspect(image)
    if profile.port is None:
        profile = replace(profile, port=port_of(record))
    if beside:
        with contextlib.suppress(EngineError):
            await sweep(engine)
    await pull_missing(engine, await _not_there(engine, beside), told)
    control_run: Run | None = None
    try:
        async with network_of(engine, beside, told) as network:
            run_once = partial(run_image, engine, reporter=told, network=network)
            if control is not None and control != image:
                told.log(f"Control: {control}")
                # It shows whether the app can run at all: it is not put to the tests that were chosen beside that.
                plain = replace(profile, read_only=False, expect=None)
                key = ControlKey((await engine.inspect(control)).image_id, plain, beside)
                control_run = await runs.run(key, partial(run_once, control, plain))
            told.log(f"Image: {image}")
            run = await run_once(image, profile)
            if control is None:
                runs.keep(ControlKey(record.image_id, profile, beside), run)
            times = [run.first_answer]
            while run.failure is None and profile.port is not None and len(times) < repeats:
                told.progress("Starting again", len(times), repeats, "steps")
                times.append((await run_once(image, profile)).first_answer)
    except BesideFailed as error:
        return _not_proven(str(error), profile, record, clock.monotonic() - began)
    platform = profile.platform or record.platform
    emulated = is_foreign(platform, engine.known.platform)
    if emulated:
        run = foreign(run, platform or "", engine.known.platform)
    verdict, reason = judge(run, control_run, profile, control)
    if run.failure is not None and run.failure.kind == "not-run-here":
        verdict, reason = "not-proven", run.failure.message
    elif emulated:
        reason = f"{reason} It ran emulated: times say nothing."
    checks = (control_check(control_run, control),) if control_run is not None and control is not None else ()
    for line in run.log[-LOG_LINES:]:
        told.log(hide(line))
    user = user_of(record)
    found = Verification(
        verdict=verdict,
        reason=reason,
        kind=profile.kind,
        port=profile.port,
        http_status=run.http_status,
        exit_code=run.exit_code,
        first_answer=_median(times),
        seconds=clock.monotonic() - began,
        user=user,
        emulated=emulated and verdict == "runs",
        checks=(*checks, *run.checks, user_check(user)),
        log=run.log,
        fault=None if verdict == "runs" else run.failure,
    )
    return hidden(found, hide)


async def fix_for(engine: Engine, image: str, found: Verification) -> Mend | None:
    """Return what should mend an image that failed, as far as that can be told without its Dockerfile; None without one."""
    from slimdesk.operations.catalog import catalog_for
    from slimdesk.recipes.fixes import general_mend

    if found.fault is None:
        return None
    base = (await engine.inspect(image)).labels.get(LABEL_BASE, "")
    return general_mend((found.fault.kind, found.fault.subject), catalog_for(None), base, found.user or "0")


def port_of(record: ImageRecord) -> int | None:
    """Return the port that the image says it listens on: the label io.slimdesk.port, else the only EXPOSE; None without."""
    label = record.labels.get(LABEL_PORT, "")
    if label.isascii() and label.isdigit() and 0 < int(label) < 65_536:
        return int(label)
    exposed = []
    for text in record.config.get("ExposedPorts") or {}:
        number, _, protocol = str(text).partition("/")
        if number.isdigit() and protocol in ("", "tcp") and number != record.labels.get(LABEL_DEBUGGER):
            exposed.append(int(number))
    return exposed[0] if len(exposed) == 1 else None


def user_of(record: ImageRecord) -> str:
    """Return what the image runs as; 0 where it says nothing, for that is root."""
    return str(record.config.get("User") or "0")


def is_foreign(image: str | None, engine: str | None) -> bool:
    """Whether the image is for a processor that is not the engine's own; False where one is not known."""
    if not image or not engine:
        return False
    wanted, own = (text.split("/")[1] if "/" in text else text for text in (image, engine))
    wanted, own = _NAMES.get(wanted, wanted), _NAMES.get(own, own)
    return wanted != own and wanted not in _ALSO.get(own, ())


def profile_for(component: Component) -> RunProfile:
    """Propose how a component is run: its port and health path, and the variables that its code cannot do without."""
    path = component.value("health_path")
    required = dict.fromkeys(str(fact.value) for fact in component.all("env_required"))
    http = path if isinstance(path, str) and path.startswith("/") else None
    return RunProfile(port=component.port, http=http, required=tuple(required))


def services_of(project: Project, component: Component) -> tuple[Path, ComposeFile] | None:
    """Return the compose file of a component, its folder's before the project's, and what it says; None without services.

    Blocking. One that cannot be read is as none: detection tells of it.
    """
    root = project.root
    path = find_compose_file(root / component.path, root / component.context, root)
    if path is None:
        return None
    try:
        found = read_compose_file(path, app=root / component.path)
    except BadInput:
        return None
    return (path, found) if found.services else None


def check_profile(profile: RunProfile) -> None:
    """Raise BadInput for a profile that cannot be run."""
    if profile.port is not None and not 0 < profile.port < 65_536:
        raise BadInput(f"{profile.port} is not a port", "", "Ports are 1 to 65535")
    if profile.http is not None and (not profile.http.startswith("/") or any(c <= " " for c in profile.http)):
        raise BadInput(f"{profile.http!r} is not a path", "", "Write for example --http /healthz")
    if not 0 < profile.timeout < math.inf:
        raise BadInput(
            "The timeout must be more than 0 seconds, and end", "", "Write for example --timeout 60"
        )
    if profile.status is not None and not 100 <= profile.status <= 599:
        raise BadInput(f"{profile.status} is not an HTTP status", "", "They are 100 to 599")


async def _not_there(engine: Engine, beside: tuple[Beside, ...]) -> tuple[MissingImage, ...]:
    names = dict.fromkeys(service.image for service in beside)
    return tuple([MissingImage(name) for name in names if not await engine.has_image(name)])


def _median(times: list[float | None]) -> float | None:
    known = [one for one in times if one is not None]
    return statistics.median(known) if known else None


def _not_proven(reason: str, profile: RunProfile, record: ImageRecord, seconds: float) -> Verification:
    user = user_of(record)
    words = f"Not proven: {reason}"
    return Verification(
        "not-proven",
        words,
        profile.kind,
        profile.port,
        seconds=seconds,
        user=user,
        checks=(user_check(user),),
    )
