"""Prove that an image still runs: the control first, then the image, each started as production would."""

from __future__ import annotations

import statistics
from dataclasses import replace

from slimdesk.basics import clock
from slimdesk.basics.errors import BadInput
from slimdesk.basics.job import Reporter, Silent
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_PREFIX, ImageRecord
from slimdesk.project.model import Component
from slimdesk.verify.model import Check, RunProfile, Verification
from slimdesk.verify.run import Run, run_image
from slimdesk.verify.verdict import control_check, foreign, judge, user_check

LABEL_PORT = f"{LABEL_PREFIX}port"
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
) -> Verification:
    """Run `image` as `profile` says and judge it; with `repeats` the time to the first answer is the median.

    `control` is the reference image: it is run first, and where it fails in the same way the verdict is not-proven. A
    profile without a port takes the image's own (`port_of`). Nothing is left behind, also when cancelled. Raises
    ImageNotFound, EngineError.
    """
    told = reporter or Silent()
    began = clock.monotonic()
    record = await engine.inspect(image)
    if profile.port is None:
        profile = replace(profile, port=port_of(record))
    checks: list[Check] = []
    control_run: Run | None = None
    if control is not None and control != image:
        told.log(f"Control: {control}")
        # The control shows whether the app can run at all: it is not put to the tests that were chosen beside that.
        control_run = await run_image(engine, control, replace(profile, read_only=False, expect=None), told)
        checks.append(control_check(control_run, control))
    told.log(f"Image: {image}")
    run = await run_image(engine, image, profile, told)
    emulated = is_foreign(record.platform, engine.known.platform)
    if emulated:
        run = foreign(run, record.platform or "", engine.known.platform)
    verdict, reason = judge(run, control_run, profile, control)
    if run.failure is not None and run.failure.kind == "not-run-here":
        verdict, reason = "not-proven", run.failure.message
    elif emulated:
        reason = f"{reason} It ran emulated: times say nothing."
    first = run.first_answer
    if first is not None and verdict == "runs":
        times = [await _again(engine, image, profile, told) for _ in range(1, repeats)]
        first = statistics.median([first, *(seconds for seconds in times if seconds is not None)])
    for line in run.log[-LOG_LINES:]:
        told.log(line)
    user = user_of(record)
    return Verification(
        verdict=verdict,
        reason=reason,
        kind=profile.kind,
        port=profile.port,
        http_status=run.http_status,
        exit_code=run.exit_code,
        first_answer=first,
        seconds=clock.monotonic() - began,
        user=user,
        emulated=emulated and verdict == "runs",
        checks=(*checks, *run.checks, user_check(user)),
        log=run.log,
    )


def port_of(record: ImageRecord) -> int | None:
    """Return the port that the image says it listens on: the label io.slimdesk.port, else the only EXPOSE; None without."""
    label = record.labels.get(LABEL_PORT, "")
    if label.isascii() and label.isdigit() and 0 < int(label) < 65_536:
        return int(label)
    exposed = []
    for text in record.config.get("ExposedPorts") or {}:
        number, _, protocol = str(text).partition("/")
        if number.isdigit() and protocol in ("", "tcp"):
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


def check_profile(profile: RunProfile) -> None:
    """Raise BadInput for a profile that cannot be run."""
    if profile.port is not None and not 0 < profile.port < 65_536:
        raise BadInput(f"{profile.port} is not a port", "", "Ports are 1 to 65535")
    if profile.http is not None and (not profile.http.startswith("/") or any(c <= " " for c in profile.http)):
        raise BadInput(f"{profile.http!r} is not a path", "", "Write for example --http /healthz")
    if not profile.timeout > 0:
        raise BadInput("The timeout must be more than 0 seconds", "", "Write for example --timeout 60")
    if profile.status is not None and not 100 <= profile.status <= 599:
        raise BadInput(f"{profile.status} is not an HTTP status", "", "They are 100 to 599")


async def _again(engine: Engine, image: str, profile: RunProfile, reporter: Reporter) -> float | None:
    return (await run_image(engine, image, profile, reporter)).first_answer
