"""Protobuf's wire format and gRPC's frames, as far as BuildKit's interface needs them.

Sources: protobuf.dev/programming-guides/encoding (wire types 0 varint, 1 64 bit, 2 length, 5 32 bit); gRPC over HTTP/2: before
each message a byte (compressed or not) and four bytes of length.
"""

from __future__ import annotations

from collections.abc import Iterator


class WireError(ValueError):
    """Bytes that are not a message."""


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Every field of a message: its number, and an integer or the bytes of a string or a nested message.

    Raises WireError.
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
            raise WireError(f"wire type {kind}")
        if place + length > end:
            raise WireError("a field is longer than the message")
        piece = data[place : place + length]
        place += length
        yield number, piece if kind == 2 else int.from_bytes(piece, "little")


def text(value: int | bytes | None) -> str:
    """Return a string field; empty where there is none."""
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else ""


def number(value: int | bytes | None) -> int:
    """Return an integer field as a signed 64-bit number; 0 where there is none."""
    if not isinstance(value, int):
        return 0
    return value - (1 << 64) if value >= 1 << 63 else value


def put_number(field: int, value: int) -> bytes:
    """Encode an integer field; 0 is left out, as protobuf wants it."""
    return _encoded(field << 3) + _encoded(value & ((1 << 64) - 1)) if value else b""


def put_bytes(field: int, value: bytes) -> bytes:
    """Encode a string, bytes or nested message; an empty one is left out."""
    return put_message(field, value) if value else b""


def put_message(field: int, value: bytes) -> bytes:
    """Encode a nested message, also an empty one: that it is there may be what it says."""
    return _encoded(field << 3 | 2) + _encoded(len(value)) + value


def framed(message: bytes) -> bytes:
    """Return a message as gRPC sends it."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def unframed(received: bytearray) -> list[bytes]:
    """Take the whole messages off the front of what came; the beginning of a next one stays."""
    messages = []
    place = 0
    while len(received) - place >= 5:
        end = place + 5 + int.from_bytes(received[place + 1 : place + 5], "big")
        if len(received) < end:
            break
        messages.append(bytes(received[place + 5 : end]))
        place = end
    del received[:place]
    return messages


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if place >= len(data) or shift > 63:
            raise WireError("a number that does not end")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
