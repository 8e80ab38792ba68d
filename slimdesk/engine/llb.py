"""Build graphs in BuildKit's own words (LLB), for what no Dockerfile says well.

Source: moby/buildkit, solver/pb/ops.proto. An operation is bytes; others name it by the SHA-256 of them. A definition
holds all operations, inputs before what uses them; its last one names the output that is wanted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.engine.wire import put_bytes, put_message, put_number

SCRATCH = -1
"""The input of a mount, or of a file operation, that begins empty."""
_NO_NETWORK = 2
_NOT_BY_CONTENT = 2


@dataclass(frozen=True, slots=True)
class Operation:
    """One vertex: its message, and what all before it are (`inputs` in the order of their numbers)."""

    message: bytes
    inputs: tuple[Operation, ...] = ()

    @property
    def digest(self) -> bytes:
        """What others name it by."""
        return b"sha256:" + hashlib.sha256(self.message).hexdigest().encode()


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of a step: `source` is the number of an input or SCRATCH; `output` is the number under which it can be taken."""

    target: str
    source: int
    output: int


def local_image(name: str, platform: str) -> Operation:
    """Return an image that the engine has; `name` with registry and tag, platform as os/architecture."""
    attribute = put_bytes(1, b"image.resolvemode") + put_bytes(2, b"local")
    source = put_bytes(1, f"docker-image://{name}".encode()) + put_message(2, attribute)
    return Operation(put_message(3, source) + _platform(platform))


def program(path: str, body: bytes, platform: str) -> Operation:
    """Return a folder with nothing in it but an executable file."""
    # The time is part of what its cache key is made of: a fixed one.
    file = put_bytes(1, path.encode()) + put_number(2, 0o755) + put_bytes(3, body) + put_number(5, 1)
    action = put_number(1, SCRATCH) + put_number(2, SCRATCH) + put_message(5, file)
    return Operation(put_message(4, put_message(2, action)) + _platform(platform))


def step(
    words: Sequence[str], mounts: Sequence[Mount], inputs: Sequence[Operation], platform: str
) -> Operation:
    """Return a command without network, run by root. What is mounted is never read to find out whether it changed.

    BuildKit hashes all content of a mount that gives no output or cannot be written; since 0.13 a mount can say no to that,
    before it did without for those that can be written and have an output.
    """
    meta = b"".join(put_bytes(1, word.encode()) for word in words) + put_bytes(3, b"/")
    body = put_message(1, meta)
    for mount in mounts:
        body += put_message(
            2,
            put_number(1, mount.source)
            + put_bytes(3, mount.target.encode())
            + put_number(4, mount.output)
            + put_number(24, _NOT_BY_CONTENT if mount.source != SCRATCH else 0),
        )
    body += put_number(3, _NO_NETWORK)
    named = b"".join(put_message(1, put_bytes(1, one.digest)) for one in inputs)
    return Operation(named + put_message(2, body) + _platform(platform), tuple(inputs))


def definition(wanted: Operation, output: int) -> bytes:
    """Return the definition whose result is that output."""
    ordered: dict[bytes, Operation] = {}

    def add(one: Operation) -> None:
        for before in one.inputs:
            add(before)
        ordered[one.digest] = one

    add(wanted)
    add(Operation(put_message(1, put_bytes(1, wanted.digest) + put_number(2, output))))
    return b"".join(put_message(1, one.message) for one in ordered.values()) + b"".join(
        put_message(2, put_bytes(1, digest) + put_message(2, b"")) for digest in ordered
    )


def _platform(platform: str) -> bytes:
    system, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    told = (
        put_bytes(1, architecture.encode()) + put_bytes(2, system.encode()) + put_bytes(3, variant.encode())
    )
    return put_message(10, told)
