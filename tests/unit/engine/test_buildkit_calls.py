"""Calls of BuildKit's interface over an engine's socket: small fakes that answer, refuse, or go away in the middle."""

import asyncio
import contextlib
import gc
import socket
import sys
import threading

import pytest

from slimdesk.basics.errors import EngineError, ImageNotFound, StreamBroken
from slimdesk.engine.control import Control
from slimdesk.engine.credentials import Credentials
from slimdesk.engine.duplex import connect
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.llb import SCRATCH, Mount, definition, local_image, program, step
from slimdesk.engine.session import DIFF_COPY, Session
from slimdesk.engine.wire import WireError, fields, framed, unframed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake listens on a Unix socket")

UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


@pytest.fixture
def fake(tmp_path):
    """Return a function that makes an endpoint whose connections `serve` answers; it gets the connection."""
    listeners, threads = [], []

    def start(serve):
        listener = socket.socket(socket.AF_UNIX)
        path = tmp_path / f"{len(listeners)}.sock"
        listener.bind(str(path))
        listener.listen()
        listeners.append(listener)

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    # The knock that looks whether anybody listens says nothing.
                    with connection, contextlib.suppress(OSError):
                        if connection.recv(1 << 16):
                            serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        threads.append(thread)
        return Endpoint("fake", f"unix://{path}", api_version="1.41")

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


def answering(*messages, status="0", said="", asked=None):
    """Serve calls as gRPC does: messages, then how it went."""
    from h2.config import H2Configuration
    from h2.connection import H2Connection
    from h2.events import DataReceived, RequestReceived, StreamEnded

    def serve(connection):
        connection.sendall(UPGRADED)
        http = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        http.initiate_connection()
        connection.sendall(http.data_to_send())
        while data := connection.recv(1 << 16):
            for event in http.receive_data(data):
                if isinstance(event, RequestReceived) and asked is not None:
                    asked.append(dict(event.headers)[":path"])
                if isinstance(event, DataReceived):
                    http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    if asked is not None:
                        asked.append(event.data)
                if isinstance(event, StreamEnded):
                    http.send_headers(
                        event.stream_id, [(":status", "200"), ("content-type", "application/grpc")]
                    )
                    for message in messages:
                        http.send_data(event.stream_id, framed(message))
                    told = [("grpc-status", status), ("grpc-message", said)]
                    http.send_headers(event.stream_id, told, end_stream=True)
            connection.sendall(http.data_to_send())

    return serve


def ask(endpoint, message=b"what", method="Solve"):
    with engine_calls("It failed", endpoint, streaming=True):
        control = Control(endpoint, "It failed")
        try:
            return control.call(method, message)
        finally:
            control.release()


def test_a_call_gives_back_all_messages(fake):
    asked = []
    endpoint = fake(answering(b"one", b"", b"two", asked=asked))
    assert ask(endpoint, b"what") == [b"one", b"", b"two"]
    assert asked[0] == "/moby.buildkit.v1.Control/Solve"
    assert b"".join(asked[1:]) == framed(b"what")


def test_a_message_larger_than_the_window_arrives_whole(fake):
    asked = []
    message = bytes(range(256)) * 2000
    ask(fake(answering(asked=asked)), message)
    assert b"".join(asked[1:]) == framed(message)


def test_calls_follow_each_other_on_one_connection(fake):
    endpoint = fake(answering(b"answer"))
    control = Control(endpoint, "It failed")
    assert [control.call("DiskUsage", b""), control.call("Prune", b"x")] == [[b"answer"], [b"answer"]]
    control.release()


def test_what_buildkit_says_of_a_failure_is_told_without_its_control_characters(fake):
    endpoint = fake(answering(status="2", said="no such%20image%1B[31m"))
    with pytest.raises(EngineError, match="It failed: no such image") as failure:
        ask(endpoint)
    assert "\x1b" not in str(failure.value)


@pytest.mark.parametrize("said", [b"", UPGRADED, UPGRADED + b"this is no HTTP/2, and never was any" * 3])
def test_an_engine_that_goes_away_or_talks_nonsense(fake, said):
    def serve(connection):
        connection.sendall(said)

    with pytest.raises(StreamBroken, match="It failed"):
        ask(fake(serve))


def test_an_engine_without_the_interface(fake):
    def serve(connection):
        connection.sendall(
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 24\r\nContent-Type: application/json\r\n\r\n"
            b'{"message":"no such way"}'[:24]
        )

    with pytest.raises(ImageNotFound):
        ask(fake(serve))


def test_shutting_ends_a_call_that_waits(fake):
    waiting = threading.Event()

    def serve(connection):
        connection.sendall(UPGRADED)
        waiting.set()
        while connection.recv(1 << 16):
            pass

    endpoint = fake(serve)
    control = Control(endpoint, "It failed")
    failures = []

    def call():
        try:
            control.call("Solve", b"")
        except OSError as error:
            failures.append(error)
        control.release()

    thread = threading.Thread(target=call)
    thread.start()
    assert waiting.wait(5)
    control.shut()
    thread.join(5)
    assert not thread.is_alive()
    assert len(failures) == 1


def test_frames_come_apart_as_they_came_together():
    received = bytearray(framed(b"one") + framed(b"") + framed(b"three")[:-1])
    assert unframed(received) == [b"one", b""]
    received += b"e"
    assert unframed(received) == [b"three"]
    assert not received


def test_a_definition_names_its_inputs_before_what_uses_them():
    image, lister = (
        local_image("docker.io/library/debian:13", "linux/arm64/v8"),
        program("/p", b"x", "linux/amd64"),
    )
    mounts = (Mount("/", 0, 0), Mount("/image", 1, 1), Mount("/out", SCRATCH, 2))
    whole = step(("/p", "/image"), mounts, (lister, image), "linux/amd64")
    read = list(fields(definition(whole, 2)))
    messages = [one for number, one in read if number == 1]
    assert messages[:3] == [lister.message, image.message, whole.message]
    assert list(fields(messages[3])) == [(1, b"\n\x47" + whole.digest + b"\x10\x02")]
    named = [dict(fields(one))[1] for number, one in read if number == 2]
    assert named[:3] == [lister.digest, image.digest, whole.digest]
    # The image's mount: writable, with an output, not compared by content, so that no version of BuildKit reads its files.
    exec_ = dict(fields(whole.message))[2]
    second = [dict(fields(one)) for number, one in fields(exec_) if number == 2][1]
    assert second == {1: 1, 3: b"/image", 4: 1, 24: 2}
    assert dict(fields(exec_))[3] == 2


def test_a_message_that_is_cut_off_is_an_error():
    with pytest.raises(WireError):
        list(fields(b"\n\x05abc"))


async def test_a_connection_that_is_left_while_it_is_opened_is_closed(fake):
    asked, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def serve(connection):
        asked.set()
        go_on.wait(60)
        connection.sendall(UPGRADED.replace(b"h2c", b"tcp"))
        while connection.recv(1 << 16):
            pass
        ended.set()

    opening = asyncio.ensure_future(connect(fake(serve), "It failed", "/containers/x/attach"))
    await asyncio.to_thread(asked.wait, 60)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    go_on.set()
    assert await asyncio.to_thread(ended.wait, 60)
    for thread in [one for one in threading.enumerate() if one.name.startswith("duplex-open")]:
        await asyncio.to_thread(thread.join, 60)
    # A socket that nobody closed would warn here, and warnings are errors.
    gc.collect()


def test_an_engine_that_takes_leave_while_it_is_owed_an_answer_ends_the_session(fake):
    """BuildKit sends GOAWAY as it hangs up; what it asked just before can no longer be answered."""
    from h2.config import H2Configuration
    from h2.connection import H2Connection

    ended = threading.Event()

    def serve(connection):
        connection.sendall(UPGRADED)
        http = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        http.initiate_connection()
        headers = [(":method", "POST"), (":scheme", "http"), (":path", DIFF_COPY), (":authority", "x")]
        http.send_headers(1, [*headers, ("dir-name", "nowhere")])
        http.close_connection()
        connection.sendall(http.data_to_send())
        while connection.recv(1 << 16):
            pass
        ended.set()

    session = Session(fake(serve), {}, "key", lambda _: Credentials(), lambda _: None)
    session.open()
    # Nobody has shut it: the thread itself ends, and gives the connection back.
    assert ended.wait(60)
    session.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "session"]
