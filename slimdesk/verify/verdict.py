"""From the run of an image, and that of its control, to a verdict."""

from __future__ import annotations

from dataclasses import replace

from slimdesk.verify.model import Check, RunProfile, Verdict
from slimdesk.verify.needs import missing_variables, unreachable_service
from slimdesk.verify.run import Run


def judge(
    run: Run, control: Run | None, profile: RunProfile, control_name: str | None
) -> tuple[Verdict, str]:
    """Return the verdict and its reason in a sentence.

    No family is blamed for what the app lacks: a variable, another service, or whatever makes the control fail too.
    """
    failure = run.failure
    if failure is None:
        return "runs", _success(run, profile)
    lacks = lacking(run, profile)
    if failure.image and not _same_end(run, control):
        return "fails", failure.message
    if lacks is not None:
        return "not-proven", f"Not proven: {lacks}"
    if _same_end(run, control) and control is not None and control.failure is not None:
        said = lacking(control, profile) or _lower(control.failure.message)
        return "not-proven", f"Not proven: the control {control_name} fails in the same way: {said}"
    return "fails", failure.message


def lacking(run: Run, profile: RunProfile) -> str | None:
    """Return what the app lacked, in words; None if its log names nothing."""
    names = missing_variables(run.log, profile.environment)
    if not names and run.stage in ("up", "end"):
        names = tuple(name for name in profile.required if name not in profile.environment)
    ended = "the app itself exits" if run.exit_code is not None else "the app itself does not answer"
    if names:
        verb = "is" if len(names) == 1 else "are"
        return f"{ended}, {', '.join(names)} {verb} not set."
    service = unreachable_service(run.log)
    if service:
        return f"{ended}, it cannot reach {service}."
    return None


def control_check(control: Run, name: str) -> Check:
    """Return the control's run as a check of the whole."""
    if control.failure is None:
        return Check("control", True, control.first_answer, f"The control {name} runs.")
    return Check("control", False, None, f"The control {name} fails too: {control.failure.message}")


def user_check(user: str) -> Check:
    """Say whether the image runs as root; advice, not part of the verdict."""
    name = user.partition(":")[0]
    if name in ("0", "root", ""):
        return Check("user", False, None, "It runs as root. Set a numeric USER that is not 0.")
    if not name.isdigit():
        message = f"It runs as {user}. Kubernetes can only check a number: runAsNonRoot refuses a name."
        return Check("user", True, None, message)
    return Check("user", True, None, f"It runs as {user}, not as root.")


def foreign(run: Run, platform: str, engine_platform: str | None) -> Run:
    """Return the run of an image for another processor, with words for one that this machine cannot run."""
    if run.failure is None or run.failure.kind != "wrong-platform":
        return run
    words = f"Not run here: the image is for {platform}, this engine runs {engine_platform}, and no emulation is set up."
    return replace(run, failure=replace(run.failure, kind="not-run-here", message=words, image=False))


def _same_end(run: Run, control: Run | None) -> bool:
    """Whether the control failed as well, and not merely for a reason of its own."""
    if control is None or control.failure is None or run.failure is None:
        return False
    if run.failure.image or control.failure.image:
        return run.failure.kind == control.failure.kind
    return True


def _success(run: Run, profile: RunProfile) -> str:
    if profile.port is None:
        return f"It ended with exit code {run.exit_code}, as expected."
    how = f"HTTP {run.http_status}" if run.http_status is not None else "a TCP connection"
    return f"It answers on port {profile.port} with {how}."


def _lower(sentence: str) -> str:
    return (
        sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() or sentence[1:2] == " " else sentence
    )
