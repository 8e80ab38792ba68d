"""BuildKit's progress as the engine's API sends it: protobuf messages `moby.buildkit.v1.StatusResponse`.

Source of the field numbers: moby/buildkit, api/services/control/control.proto, and google.protobuf.Timestamp.
Only what SlimDesk shows is decoded; unknown fields are skipped, as protobuf wants it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


class TraceError(ValueError):
    """Bytes that are not such a message."""


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
    """Something that BuildKit says of the Dockerfile."""

    vertex: str
    text: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One message."""

    vertexes: tuple[Vertex, ...] = ()
    statuses: tuple[Status, ...] = ()
    logs: tuple[Log, ...] = ()
    warnings: tuple[Advice, ...] = ()


def decode(data: bytes) -> Trace:
    """Decode one StatusResponse. Raises TraceError."""
    vertexes: list[Vertex] = []
    statuses: list[Status] = []
    logs: list[Log] = []
    warnings: list[Advice] = []
    for number, value in _fields(data):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            vertexes.append(_vertex(value))
        elif number == 2:
            statuses.append(_status(value))
        elif number == 3:
            logs.append(_log(value))
        elif number == 4:
            warnings.append(_warning(value))
    return Trace(tuple(vertexes), tuple(statuses), tuple(logs), tuple(warnings))


def _vertex(data: bytes) -> Vertex:
    found = dict(_fields(data))
    return Vertex(
        digest=_text(found.get(1)),
        name=_text(found.get(3)),
        cached=bool(_number(found.get(4))),
        started=_time(found.get(5)),
        completed=_time(found.get(6)),
        error=_text(found.get(7)),
    )


def _status(data: bytes) -> Status:
    found = dict(_fields(data))
    return Status(
        identity=_text(found.get(1)),
        vertex=_text(found.get(2)),
        current=_signed(_number(found.get(4))),
        total=_signed(_number(found.get(5))),
        completed=_time(found.get(8)) is not None,
    )


def _log(data: bytes) -> Log:
    found = dict(_fields(data))
    message = found.get(4)
    return Log(_text(found.get(1)), message if isinstance(message, bytes) else b"")


def _warning(data: bytes) -> Advice:
    found = dict(_fields(data))
    return Advice(_text(found.get(1)), _text(found.get(3)))


def _text(value: int | bytes | None) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else ""


def _number(value: int | bytes | None) -> int:
    return value if isinstance(value, int) else 0


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _time(value: int | bytes | None) -> float | None:
    if not isinstance(value, bytes):
        return None
    found = dict(_fields(value))
    return _signed(_number(found.get(1))) + _signed(_number(found.get(2))) / 1e9


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Every field of a message: its number, and an integer or the bytes of a string or a nested message.

    Source: protobuf.dev/programming-guides/encoding (wire types 0 varint, 1 64 bit, 2 length, 5 32 bit).
    """
    place, end = 0, len(data)
    while place < end:
        key, place = _varint(data, place)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, place = _varint(data, place)
            yield number, value
            continue
        if kind == 2:
            length, place = _varint(data, place)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise TraceError(f"wire type {kind}")
        if place + length > end:
            raise TraceError("a field is longer than the message")
        piece = data[place : place + length]
        place += length
        yield number, piece if kind == 2 else int.from_bytes(piece, "little")


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if place >= len(data) or shift > 63:
            raise TraceError("a number that does not end")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
