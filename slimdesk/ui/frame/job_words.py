"""A job in words and icons, for the strip, the panel and the log's window."""

from __future__ import annotations

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job, JobState
from slimdesk.basics.units import format_bytes, format_seconds
from slimdesk.ui.theme.tokens import Token

_STATES: dict[JobState, tuple[str, Token, str]] = {
    JobState.QUEUED: ("clock", "text2", "Waiting"),
    JobState.RUNNING: ("spinner-gap", "accent_text", "Running"),
    JobState.SUCCEEDED: ("check-circle-fill", "good", "Done"),
    JobState.FAILED: ("x-circle-fill", "bad", "Failed"),
    JobState.CANCELLED: ("prohibit", "text3", "Cancelled"),
}
_KINDS = {
    "build": "wrench",
    "verify": "shield-check",
    "analyse": "cube",
    "pull": "download-simple",
    "read": "folder-open",
    "clean": "trash",
}


def state_icon(job: Job) -> tuple[str, Token]:
    """Return icon and colour of a job's state."""
    name, role, _ = _STATES[job.state]
    return name, role


def state_word(job: Job) -> str:
    """Return its state in a word."""
    return _STATES[job.state][2]


def kind_icon(job: Job) -> str:
    """Return the icon of what it does."""
    return _KINDS.get(job.kind, "gear-six")


def says(job: Job) -> str:
    """Return where it stands, or what came of it."""
    if job.state is JobState.QUEUED:
        return "Waiting"
    if job.state is JobState.CANCELLED:
        return "Cancelled"
    if job.state is JobState.FAILED:
        error = job.error
        return visible(
            str(error) if isinstance(error, SlimDeskError) else "Stopped by an unforeseen error", 300
        )
    if job.state is JobState.SUCCEEDED:
        return visible(job.summary or "Done", 300)
    now = job.current
    step = visible(now.step, 200)
    if now.unit == "bytes" and now.done:
        of = f" of {format_bytes(now.total)}" if now.total else ""
        return f"{step} {format_bytes(now.done)}{of}".strip()
    return step or "Running"


def lasted(job: Job) -> str:
    """Return how long, in words; a running job's in whole seconds, so that it does not flicker."""
    seconds = job.seconds
    if seconds is None:
        return ""
    if job.state is JobState.RUNNING:
        whole = int(seconds)
        return f"{whole // 60}:{whole % 60:02}"
    return format_seconds(seconds)
