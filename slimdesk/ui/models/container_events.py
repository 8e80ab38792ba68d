"""What happened to a container, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.engine.model import ContainerRecord, EngineEvent
from slimdesk.ui.models.rows import Column
from slimdesk.ui.theme.tokens import Token

_SIGNALS = {"2": "SIGINT", "9": "SIGKILL", "15": "SIGTERM", "1": "SIGHUP", "3": "SIGQUIT"}
_WORDS: dict[str, tuple[str, str, Token]] = {
    "create": ("Created", "plus", "text2"),
    "start": ("Started", "play-circle-fill", "good"),
    "restart": ("Restarted", "arrow-clockwise", "text2"),
    "stop": ("Stopped", "stop-circle", "text2"),
    "pause": ("Paused", "pause-circle-fill", "warn"),
    "unpause": ("Goes on", "play-circle-fill", "good"),
    "oom": ("Ran out of memory", "x-circle-fill", "bad"),
    "destroy": ("Removed", "trash", "text2"),
    "rename": ("Renamed", "pencil-simple", "text2"),
    "update": ("Its bounds were changed", "sliders-horizontal", "text2"),
}


@dataclass(frozen=True, slots=True)
class EventRow:
    """One thing that happened."""

    time: dt.datetime | None
    what: str
    more: str = ""
    picture: str = "info"
    tone: Token = "text2"


def event_row(event: EngineEvent) -> EventRow | None:
    """Return an event in words; None for what nobody wants to read, such as each health check's start."""
    known = event.attributes
    if event.action == "die":
        code = known.get("exitCode", "")
        bad = code not in ("", "0", "130", "137", "143")
        return EventRow(event.time, f"Ended with exit code {visible(code, 10)}" if code else "Ended", "", "x-circle-fill" if bad else "stop-circle", "bad" if bad else "text2")  # fmt: skip
    if event.action == "kill":
        signal = known.get("signal", "")
        return EventRow(event.time, "Was sent a signal", visible(_SIGNALS.get(signal, signal), 20), "warning")
    if event.action.startswith("health_status"):
        state = event.action.partition(":")[2].strip()
        well = state == "healthy"
        return EventRow(event.time, f"Is {visible(state, 30)}", "its health check says so", "check-circle-fill" if well else "warning-fill", "good" if well else "warn")  # fmt: skip
    word = _WORDS.get(event.action)
    if word is None:
        return None
    more = visible(known.get("name", ""), 100) if event.action == "rename" else ""
    return EventRow(event.time, word[0], more, word[1], word[2])


def rows_of_record(record: ContainerRecord) -> list[EventRow]:
    """Return what the container itself tells of its past, for what the engine no longer does."""
    found = []
    if record.created_at is not None:
        found.append(EventRow(record.created_at, "Created", visible(record.image, 120), "plus"))
    if record.error:
        found.append(
            EventRow(record.finished_at, "Did not start", visible(record.error, 300), "x-circle-fill", "bad")
        )
    elif record.started_at is not None:
        found.append(EventRow(record.started_at, "Started", "", "play-circle-fill", "good"))
    if record.exit_code is not None and not record.error:
        words = "Ran out of memory" if record.oom else f"Ended with exit code {record.exit_code}"
        bad = record.oom or record.exit_code not in (0, 130, 137, 143)
        found.append(EventRow(record.finished_at, words, "", "x-circle-fill" if bad else "stop-circle", "bad" if bad else "text2"))  # fmt: skip
    return found


def merged(own: list[EventRow], told: list[EventRow]) -> list[EventRow]:
    """Return all in order of time; what both tell stands once."""
    new = [
        one
        for one in own
        if not any(one.what == other.what and _near(one.time, other.time) for other in told)
    ]
    return sorted(
        [*told, *new], key=lambda one: one.time or dt.datetime.min.replace(tzinfo=dt.UTC), reverse=True
    )


def event_columns() -> list[Column[EventRow]]:
    """Return time, what, and more."""
    return [
        Column("time", "When", lambda one: _when(one.time), sort=lambda one: one.time, tone=lambda _one: "text2", width=130),
        Column("what", "What", lambda one: one.what, picture=lambda one: (one.picture, one.tone), width=240, tone=lambda one: "bad" if one.tone == "bad" else "text"),
        Column("more", "", lambda one: one.more, tone=lambda _one: "text2", width=120, grows=True, cell_tip=lambda one: one.more),
    ]  # fmt: skip


def _when(time: dt.datetime | None) -> str:
    if time is None:
        return ""
    local = time.astimezone()
    return f"{local.day} {local:%b %H:%M:%S}"


def _near(one: dt.datetime | None, two: dt.datetime | None) -> bool:
    return one is not None and two is not None and abs((one - two).total_seconds()) < 2.0
