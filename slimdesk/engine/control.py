"""BuildKit's own interface, through the engine: calls of its service Control over POST /grpc, as buildx's docker driver makes them.

Source: moby/buildkit, api/services/control/control.proto; moby, daemon/server/router/grpc. Messages are bytes in
protobuf's wire format (`wire.py`); a call gives back the messages of its answer.
"""

from __future__ import annotations

import urllib.parse
import uuid
from typing import Any

from slimdesk.basics.errors import EngineError
from slimdesk.basics.escaping import visible
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.upgraded import Upgraded
from slimdesk.engine.wire import framed, put_bytes, put_message, put_number, unframed

_SERVICE = "/moby.buildkit.v1.Control/"
# What a server may say of a failure, in characters.
_LONGEST = 2000


class Control:
    """One connection: calls come one after the other, in the thread that made it; `shut` may come from any other."""

    def __init__(self, endpoint: Endpoint, what: str) -> None:
        """Connect; `what` begins the sentence of a failure. Raises what docker-py raises, also where there is no such interface."""
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self._what = what
        self._connection = Upgraded(endpoint, "/grpc")
        self._http: Any = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self._http.initiate_connection()

    def call(self, method: str, message: bytes) -> list[bytes]:
        """Return the messages of the answer.

        Raises EngineError with what BuildKit says of a failure, OSError where the connection ends before.
        """
        from h2.exceptions import ProtocolError

        identity = self._http.get_next_available_stream_id()
        headers = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", _SERVICE + method),
            (":authority", "localhost"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ]
        self._http.send_headers(identity, headers)
        try:
            status, said, answer = self._exchange(identity, bytearray(framed(message)))
        except ProtocolError as error:
            raise ConnectionError("not HTTP/2") from error
        if status != "0":
            raise EngineError(self._what, visible(said, _LONGEST) or f"status {visible(status, 20)}", "")
        return unframed(answer)

    def shut(self) -> None:
        """End the connection, and with it what the engine does for a call."""
        self._connection.shut()

    def release(self) -> None:
        """Give the connection back, in the thread that made it."""
        self._connection.release()

    def _exchange(self, identity: int, outgoing: bytearray) -> tuple[str, str, bytearray]:
        from h2 import events

        answer = bytearray()
        told: dict[str, str] = {}
        while True:
            self._send(identity, outgoing)
            data = self._connection.read()
            if not data:
                raise ConnectionResetError("the engine ended the connection")
            for event in self._http.receive_data(data):
                if isinstance(event, events.DataReceived):
                    self._http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    answer += event.data
                elif isinstance(event, events.ResponseReceived | events.TrailersReceived):
                    told.update((str(name), str(value)) for name, value in event.headers)
                elif isinstance(event, events.StreamReset | events.ConnectionTerminated):
                    raise ConnectionResetError("the engine ended the call")
                elif isinstance(event, events.StreamEnded):
                    self._connection.write(self._http.data_to_send())
                    said = urllib.parse.unquote(told.get("grpc-message", ""))
                    return told.get("grpc-status", ""), said, answer

    def _send(self, identity: int, outgoing: bytearray) -> None:
        """Send as much as the engine's windows take."""
        while outgoing:
            room = min(self._http.local_flow_control_window(identity), self._http.max_outbound_frame_size)
            if room <= 0:
                break
            self._http.send_data(identity, bytes(outgoing[:room]), end_stream=len(outgoing) <= room)
            del outgoing[:room]
        self._connection.write(self._http.data_to_send())


def solve_request(graph: bytes, session: str) -> bytes:
    """Return a SolveRequest (control.proto) that gives the graph's result to the session as a tar, and is in nobody's history."""
    return (
        put_bytes(1, uuid.uuid4().hex.encode())
        + put_message(2, graph)
        + put_bytes(3, b"tar")
        + put_bytes(5, session.encode())
        + put_number(11, 1)
    )
