"""A BuildKit session: the connection on which the engine asks us for files and credentials while it builds.

POST /session becomes an HTTP/2 connection on which the engine is the client and we are a gRPC server (moby/buildkit,
session/). Served: FileSync.DiffCopy (`filesync.py`), FileSend.DiffCopy (what a build gives back as one tar,
where somebody takes it), Auth.Credentials, health checks; anything else is "unimplemented", which BuildKit takes as "has not".
With a session the Dockerfile is no part of the context, only changed files travel, and builds of one project share their
cache; without one none of that holds.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import urllib.parse
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slimdesk.basics.errors import BadInput
from slimdesk.engine.credentials import HUB, Credentials
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.filesync import Folder, Transfer, farewell
from slimdesk.engine.upgraded import Upgraded
from slimdesk.engine.wire import fields, framed, put_bytes, put_number, text, unframed

DIFF_COPY = "/moby.filesync.v1.FileSync/DiffCopy"
FILE_SEND = "/moby.filesync.v1.FileSend/DiffCopy"
CREDENTIALS = "/moby.filesync.v1.Auth/Credentials"
HEALTH = "/grpc.health.v1.Health/Check"

_OK, _UNIMPLEMENTED, _NOT_FOUND = 0, 12, 5
_READ = 1 << 16
# Docker Hub's registry goes by this name in requests for credentials.
_HUB_HOSTS = ("registry-1.docker.io", "index.docker.io", HUB)


@dataclass(slots=True)
class _Stream:
    """One gRPC call: what came of its request so far, and what is still to be sent."""

    path: str
    headers: dict[str, list[str]]
    received: bytearray = field(default_factory=bytearray)
    outgoing: bytearray = field(default_factory=bytearray)
    transfer: Transfer | None = None
    answered: bool = False
    closing: bool = False
    status: int = _OK


class Session:
    """Open it before the build, close it after; served by a thread of its own.

    `folders` are what the engine may read by name ("context", "dockerfile"). `problem` says why a file could not be sent.
    `take` gets the pieces of what the build gives back; without it nothing is taken.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        folders: Mapping[str, Folder],
        shared_key: str,
        credentials: Callable[[str], Credentials],
        sent: Callable[[int], None],
        *,
        take: Callable[[bytes], None] | None = None,
    ) -> None:
        self.identity = uuid.uuid4().hex
        self.problem: BadInput | None = None
        self._endpoint = endpoint
        self._folders = folders
        self._shared_key = shared_key
        self._credentials = credentials
        self._sent = sent
        self._take = take
        self._streams: dict[int, _Stream] = {}
        self._connection: Upgraded | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Connect and begin to serve. Raises what docker-py raises."""
        headers = {
            "X-Docker-Expose-Session-Uuid": self.identity,
            "X-Docker-Expose-Session-Name": "slimdesk",
            "X-Docker-Expose-Session-Sharedkey": self._shared_key,
        }
        served = (DIFF_COPY, FILE_SEND) if self._take else (DIFF_COPY,)
        methods = [("X-Docker-Expose-Session-Grpc-Method", method) for method in served]
        self._connection = Upgraded(self._endpoint, "/session", headers, methods)
        self._thread = threading.Thread(
            target=self._serve, args=(self._connection,), name="session", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """End it: the engine's connection is shut and the thread ends."""
        if self._connection is not None:
            self._connection.shut()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _serve(self, connection: Upgraded) -> None:
        from h2.exceptions import ProtocolError

        try:
            # A connection that breaks ends the session; the build's own stream tells what that means. So does one that the
            # engine has taken leave of (GOAWAY): what is still to be answered on it can no longer be sent.
            with contextlib.suppress(OSError, ValueError, EOFError, ProtocolError):
                self._speak(connection)
        finally:
            connection.release()

    def _speak(self, connection: Upgraded) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        http = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        http.initiate_connection()
        connection.write(http.data_to_send())
        while data := connection.read():
            for event in http.receive_data(data):
                self._handle(http, event)
            self._pump(http, connection)

    def _handle(self, http: Any, event: Any) -> None:
        from h2 import events

        if isinstance(event, events.RequestReceived):
            self._begin(event)
        elif isinstance(event, events.DataReceived):
            http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            stream = self._streams.get(event.stream_id)
            if stream is not None:
                stream.received += event.data
                self._messages(stream)
        elif isinstance(event, events.StreamEnded):
            stream = self._streams.get(event.stream_id)
            if stream is not None and stream.path == FILE_SEND:
                stream.closing = True
        elif isinstance(event, events.StreamReset):
            self._streams.pop(event.stream_id, None)

    def _begin(self, event: Any) -> None:
        headers: dict[str, list[str]] = {}
        for name, value in event.headers:
            headers.setdefault(name, []).append(value)
        stream = _Stream((headers.get(":path") or [""])[0], headers)
        self._streams[event.stream_id] = stream
        if stream.path == DIFF_COPY:
            folder = self._folders.get((_values(headers, "dir-name") or [""])[0])
            if folder is None:
                stream.status, stream.closing = _NOT_FOUND, True
            else:
                stream.transfer = Transfer(folder, _values(headers, "followpaths"), self._sent)
        elif stream.path not in (CREDENTIALS, HEALTH) and (stream.path != FILE_SEND or self._take is None):
            stream.status, stream.closing = _UNIMPLEMENTED, True

    def _messages(self, stream: _Stream) -> None:
        for message in unframed(stream.received):
            if stream.transfer is not None:
                stream.transfer.take(message)
                if stream.transfer.ended:
                    stream.outgoing += framed(farewell())
                    stream.closing = True
            elif stream.path == FILE_SEND and self._take is not None:
                # A BytesMessage: field 1 is the next piece.
                piece = dict(fields(message)).get(1)
                self._take(piece if isinstance(piece, bytes) else b"")
            elif stream.path == HEALTH:
                stream.outgoing += framed(put_number(1, 1))
                stream.closing = True
            elif stream.path == CREDENTIALS:
                stream.outgoing += framed(self._answer(text(dict(fields(message)).get(1))))
                stream.closing = True

    def _answer(self, host: str) -> bytes:
        found = self._credentials(HUB if host in _HUB_HOSTS else host)
        if found.identity_token:
            return put_bytes(2, found.identity_token.encode())
        return put_bytes(1, found.username.encode()) + put_bytes(2, found.password.encode())

    def _pump(self, http: Any, connection: Upgraded) -> None:
        """Send as much as the engine's windows take; what they do not take waits for its next word."""
        for identity, stream in list(self._streams.items()):
            while True:
                self._fill(stream)
                room = min(http.local_flow_control_window(identity), http.max_outbound_frame_size)
                if stream.outgoing and room > 0:
                    self._head(http, identity, stream)
                    http.send_data(identity, bytes(stream.outgoing[:room]))
                    del stream.outgoing[:room]
                    connection.write(http.data_to_send())
                    continue
                break
            if stream.closing and not stream.outgoing:
                self._head(http, identity, stream)
                http.send_headers(identity, [("grpc-status", str(stream.status))], end_stream=True)
                del self._streams[identity]
        connection.write(http.data_to_send())

    def _fill(self, stream: _Stream) -> None:
        while stream.transfer is not None and len(stream.outgoing) < _READ and not stream.closing:
            packet = stream.transfer.next_packet()
            if packet is None:
                return
            stream.outgoing += framed(packet)
            if stream.transfer.problem is not None:
                self.problem = stream.transfer.problem
                stream.closing = True

    def _head(self, http: Any, identity: int, stream: _Stream) -> None:
        if not stream.answered:
            http.send_headers(identity, [(":status", "200"), ("content-type", "application/grpc")])
            stream.answered = True


def shared_key(context: Path) -> str:
    """Return what tells this machine's folder from all others, so that the engine compares with the right old files."""
    mark = f"{uuid.getnode()}:{context.resolve()}"
    return hashlib.sha256(mark.encode("utf-8", "surrogateescape")).hexdigest()


def _values(headers: Mapping[str, list[str]], name: str) -> list[str]:
    """Return a metadata value; BuildKit escapes those that are not ASCII and says so."""
    values = headers.get(name, [])
    if (headers.get(f"{name}-encoded") or ["0"])[0] in ("1", "true"):
        return [urllib.parse.unquote_plus(value) for value in values]
    return list(values)
