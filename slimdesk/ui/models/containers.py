"""A container in a row of the list: its sign, its words, and since when they hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from slimdesk.basics import clock
from slimdesk.basics.escaping import visible
from slimdesk.engine.model import LABEL_PREFIX, ContainerRecord
from slimdesk.ui.models.rows import Column
from slimdesk.ui.theme.tokens import Token

# How programs end that were asked to: by nothing, Ctrl+C, SIGKILL after a stop that they did not heed, SIGTERM.
_ASKED = (0, 130, 137, 143)
_DEBUG = f"{LABEL_PREFIX}debug"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """A container; `shell` is the path of its image's shell, "" = it has none, None = not looked for yet."""

    record: ContainerRecord
    shell: str | None = None

    @property
    def key(self) -> str:
        """What stays the same while the container changes."""
        return self.record.container_id

    @property
    def debug(self) -> bool:
        """Whether its image is a debug variant, which is not to be shipped."""
        return self.record.labels.get(_DEBUG) == "true"

    @property
    def tag(self) -> tuple[str, Token]:
        """The word beside its name, and its colour; "" for none."""
        return ("debug image", "bad") if self.debug else ("no shell" if self.shell == "" else "", "text2")


def name_of(record: ContainerRecord) -> str:
    """Return its name, harmless; the beginning of its ID where it has none."""
    return visible(record.name or record.container_id[:12], 100)


def image_of(record: ContainerRecord) -> str:
    """Return its image's name without the registry, harmless; of an ID the beginning."""
    name = record.image
    if name.startswith("sha256:"):
        return name[7:19]
    return visible(name.rpartition("/")[2] if "/" in name else name, 120)


def failed(record: ContainerRecord) -> bool:
    """Whether it ended, or did not start, as nobody asked for."""
    if record.error or record.oom:
        return not record.running
    return record.exit_code is not None and record.exit_code not in _ASKED


def sign(record: ContainerRecord) -> tuple[str, Token, str]:
    """Return the icon, its colour, and what it means."""
    if failed(record):
        return "x-circle-fill", "bad", "Failed"
    if record.health == "unhealthy":
        return "warning-fill", "warn", "Unhealthy"
    return {
        "running": ("play-circle-fill", "good", "Running"),
        "paused": ("pause-circle-fill", "warn", "Paused"),
        "restarting": ("arrow-clockwise", "warn", "Restarting"),
    }.get(record.state, ("stop-circle", "text2", "Stopped"))  # type: ignore[return-value]


def state_words(record: ContainerRecord, now: dt.datetime | None = None) -> str:
    """Return its state and since when: "Running, 12 min", "Exited 1, 4 min ago", "Not started"."""
    if record.state in ("running", "paused", "restarting", "removing"):
        word = "Unhealthy" if record.health == "unhealthy" else record.state.capitalize()
        since = span(record.started_at, now)
        return f"{word}, {since}" if since and record.state in ("running", "paused") else word
    if record.error or record.state == "created":
        return "Did not start" if record.error else "Not started"
    word = "Out of memory" if record.oom else f"Exited {record.exit_code}" if record.exit_code else "Stopped"
    since = span(record.finished_at, now)
    return f"{word}, {since} ago" if since else word


def span(since: dt.datetime | None, now: dt.datetime | None = None) -> str:
    """Return how long ago something was, roughly: "4 s", "12 min", "3 h", "2 days"; "" where that is not known."""
    if since is None:
        return ""
    seconds = max(0, int(((now or clock.now()) - since).total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h"
    return f"{seconds // _DAY} days"


def container_columns() -> list[Column[ContainerRow]]:
    """Return the one column: what the delegate does not draw is for filter, sorting and screen readers."""
    return [
        Column(
            "name",
            "Container",
            lambda one: name_of(one.record),
            second=spoken,
            font="strong",
            grows=True,
            picture=lambda one: sign(one.record)[:2],
            cell_tip=lambda one: (
                f"{name_of(one.record)}\n{visible(one.record.image, 300)}\n{state_words(one.record)}"
            ),
        )
    ]


def spoken(one: ContainerRow) -> str:
    """Return image, state, and that it has no shell, as one line."""
    parts = [image_of(one.record), state_words(one.record), one.tag[0]]
    return ", ".join(part for part in parts if part)
