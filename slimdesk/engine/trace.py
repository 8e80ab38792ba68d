"""BuildKit's progress as the engine's API sends it: protobuf messages `moby.buildkit.v1.StatusResponse`.

Source of the field numbers: moby/buildkit, api/services/control/control.proto, and google.protobuf.Timestamp.
Only what SlimDesk shows is decoded; unknown fields are skipped, as protobuf wants it.
"""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.engine.wire import fields, number, text


@dataclass(frozen=True, slots=True)
class Vertex:
    """A step as one message tells of it; times are seconds since the epoch, None = not said."""

    digest: str
    name: str
    cached: bool
    started: float | None
    completed: float | None
    error: str


@dataclass(frozen=True, slots=True)
class Status:
    """How far a part of a step is, such as one layer of a pull; bytes."""

    identity: str
    vertex: str
    current: int
    total: int
    completed: bool


@dataclass(frozen=True, slots=True)
class Log:
    """Output of a step, as it came: half a line or several."""

    vertex: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that BuildKit says of the Dockerfile; `line` counts from 1, None where it names no place."""

    vertex: str
    text: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """One message."""

    vertexes: tuple[Vertex, ...] = ()
    statuses: tuple[Status, ...] = ()
    logs: tuple[Log, ...] = ()
    warnings: tuple[Advice, ...] = ()


def decode(data: bytes) -> Trace:
    """Decode one StatusResponse. Raises WireError."""
    vertexes: list[Vertex] = []
    statuses: list[Status] = []
    logs: list[Log] = []
    warnings: list[Advice] = []
    for field, value in fields(data):
        if not isinstance(value, bytes):
            continue
        if field == 1:
            vertexes.append(_vertex(value))
        elif field == 2:
            statuses.append(_status(value))
        elif field == 3:
            logs.append(_log(value))
        elif field == 4:
            warnings.append(_warning(value))
    return Trace(tuple(vertexes), tuple(statuses), tuple(logs), tuple(warnings))


def _vertex(data: bytes) -> Vertex:
    found = dict(fields(data))
    return Vertex(
        digest=text(found.get(1)),
        name=text(found.get(3)),
        cached=bool(number(found.get(4))),
        started=_time(found.get(5)),
        completed=_time(found.get(6)),
        error=text(found.get(7)),
    )


def _status(data: bytes) -> Status:
    found = dict(fields(data))
    return Status(
        identity=text(found.get(1)),
        vertex=text(found.get(2)),
        current=number(found.get(4)),
        total=number(found.get(5)),
        completed=_time(found.get(8)) is not None,
    )


def _log(data: bytes) -> Log:
    found = dict(fields(data))
    message = found.get(4)
    return Log(text(found.get(1)), message if isinstance(message, bytes) else b"")


def _warning(data: bytes) -> Advice:
    """VertexWarning: vertex 1, short 3, range 7 (pb.Range: start 1, of pb.Position: line 1)."""
    found = dict(fields(data))
    line = None
    place = found.get(7)
    if isinstance(place, bytes):
        start = dict(fields(place)).get(1)
        if isinstance(start, bytes):
            line = number(dict(fields(start)).get(1)) or None
    return Advice(text(found.get(1)), text(found.get(3)), line)


def _time(value: int | bytes | None) -> float | None:
    if not isinstance(value, bytes):
        return None
    found = dict(fields(value))
    return number(found.get(1)) + number(found.get(2)) / 1e9
