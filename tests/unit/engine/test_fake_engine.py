"""Engines that are too old, in the way, or gone in the middle: small fakes on a socket of this machine."""

import asyncio
import contextlib
import http.server
import io
import json
import socketserver
import sys
import tarfile
import threading
import time

import pytest

from slimdesk.basics.errors import EngineUnreachable, ImageNotFound, PullFailed, StreamBroken
from slimdesk.engine import contexts
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest
from slimdesk.engine.save import open_save
from slimdesk.engine.threads import in_thread

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake listens on a Unix socket")


class Fake:
    """Answers by path; a body may be bytes, JSON, or a function that writes to the connection itself."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []


@pytest.fixture
def fake(tmp_path, monkeypatch):
    servers = []

    def start(**answers):
        made = Fake({"version": VERSION, "info": {}, "_ping": "OK", **answers})

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.partition("?")[0]
                words = [word for word in path.split("/") if word and not word.startswith("v1.")]
                made.asked.append(self.path)
                answer = made.answers.get("_".join(words).replace(":", "_"), made.answers.get(words[0]))
                if callable(answer):
                    answer(self)
                    self.close_connection = True
                    return
                status, value = (404, {"message": "no such image: x"}) if answer is None else (200, answer)
                body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                self.do_GET()

            def do_DELETE(self):
                self.do_GET()

            def address_string(self):
                return "fake"

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        path = tmp_path / f"{len(servers)}.sock"
        server = Server(str(path), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        servers.append((server, thread))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        return made

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


VERSION = {
    "Version": "28.5",
    "ApiVersion": "1.51",
    "Os": "linux",
    "Arch": "arm64",
    "Components": [{"Name": "Engine"}],
}


def chunked(handler, *pieces, whole):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    with contextlib.suppress(OSError):
        for piece in pieces:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            handler.wfile.flush()
        if whole:
            handler.wfile.write(b"0\r\n\r\n")


async def test_the_state_of_an_engine(fake):
    fake(info={"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]})
    state = await contexts.status()
    assert (state.reachable, state.version, state.api_version) == (True, "28.5", "1.51")
    assert (state.store, state.platform, state.builder) == ("containerd", "linux/arm64", "buildkit")
    assert [one.name for one in state.contexts][:2] == ["DOCKER_HOST", "default"]


async def test_podman_is_called_so(fake):
    told = {**VERSION, "Version": "4.3.1", "ApiVersion": "1.41", "Components": [{"Name": "Podman Engine"}]}
    fake(version=told, info={"Rootless": True})
    state = await contexts.status()
    assert (state.reachable, state.product, state.rootless, state.builder) == (True, "Podman", True, None)


@pytest.mark.parametrize("own", [None, b"*.log"])
async def test_what_podman_is_sent_keeps_our_own_files_out_of_the_context(fake, tmp_path, own):
    sent = []

    def answer(handler):
        while size := int(handler.rfile.readline(), 16):
            sent.append(handler.rfile.read(size))
            handler.rfile.readline()
        handler.rfile.readline()
        chunked(handler, b'{"aux":{"ID":"sha256:1"}}\n', whole=True)

    fake(version={**VERSION, "Components": [{"Name": "Podman Engine"}]}, build=answer)
    (tmp_path / "project").mkdir()
    if own is not None:
        (tmp_path / "project" / ".containerignore").write_bytes(own)
    engine = await Engine.connect()
    built = await engine.build(BuildRequest(tmp_path / "project", "FROM scratch\n", "", "shop:1"))
    assert built.image_id == "sha256:1"
    ours = ".slimdesk-build/Dockerfile"
    with tarfile.open(fileobj=io.BytesIO(b"".join(sent))) as archive:
        files = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
        assert len(archive.getnames()) == len(files)
    if own is None:
        hidden = b"\n/.slimdesk-build\n/.containerignore\n"
        assert files == {
            ours: b"FROM scratch\n",
            f"{ours}.containerignore": hidden,
            ".containerignore": hidden,
        }
    else:
        # Podman 4.3.1 was asked: it reads the one beside the Dockerfile, and the project's own stays what it is.
        hidden = b"*.log\n/.slimdesk-build\n"
        assert files == {ours: b"FROM scratch\n", f"{ours}.containerignore": hidden, ".containerignore": own}


async def test_rootless_docker_is_told(fake):
    fake(info={"SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"]})
    state = await contexts.status()
    assert (state.product, state.rootless) == ("Docker", True)


async def test_a_container_that_is_just_ending_is_removed_a_moment_later(fake):
    said = iter([500, 500, 204])

    def answer(handler):
        body = b'{"message": "sending SIGKILL: container state improper: stopped"}'
        handler.send_response(status := next(said))
        handler.send_header("Content-Length", str(len(body) if status == 500 else 0))
        handler.end_headers()
        handler.wfile.write(body if status == 500 else b"")

    fake(containers=answer)
    engine = await Engine.connect()
    await engine.remove("helper")
    assert next(said, None) is None


async def test_an_engine_that_is_too_old_says_so(fake):
    fake(version={**VERSION, "Version": "19.03", "ApiVersion": "1.40"})
    state = await contexts.status()
    assert not state.reachable
    assert "too old" in state.reason
    assert "20.10" in state.reason
    with pytest.raises(EngineUnreachable, match="too old"):
        await Engine.connect()


async def test_podman_has_no_buildkit(fake):
    fake(version={**VERSION, "Components": [{"Name": "Podman Engine"}]})
    assert (await contexts.status()).builder is None


@pytest.mark.parametrize("answer", ["not json", [], {"ApiVersion": None}, {"ApiVersion": "x.y"}])
async def test_something_that_is_no_engine(fake, answer):
    fake(version=answer)
    state = await contexts.status()
    assert not state.reachable
    assert state.reason


async def test_nothing_there_and_no_such_context(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    state = await contexts.status()
    assert "nothing listens" in state.reason
    assert "no Docker context lost" in (await contexts.status("lost")).reason
    with pytest.raises(EngineUnreachable, match="nothing listens"):
        await Engine.connect()


async def test_an_image_that_is_not_there(fake):
    fake()
    engine = await Engine.connect()
    with pytest.raises(ImageNotFound, match="has no image lost:1"):
        await engine.inspect("lost:1")
    assert not await engine.has_image("lost:1")


async def test_a_save_that_ends_too_early_is_broken(fake):
    fake(images=lambda handler: chunked(handler, b"x" * 70_000, whole=False))
    engine = await Engine.connect()

    def read():
        with open_save(engine.settings, "app:1") as stream:
            return sum(map(len, stream))

    with pytest.raises(StreamBroken, match=r"app:1 could not be read to its end.*went away"):
        await in_thread(read)


async def test_a_save_can_be_closed_from_elsewhere(fake):
    def endless(handler):
        chunked(handler, b"x" * 1000, whole=False)
        time.sleep(5)

    fake(images=endless)
    engine = await Engine.connect()
    stream = engine.save("app:1")

    def read():
        with stream:
            return list(stream)

    reading = asyncio.ensure_future(in_thread(read, stream.close))
    await asyncio.sleep(0.3)
    reading.cancel()
    began = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await reading
    # The server itself says nothing for five seconds.
    assert time.monotonic() - began < 1.9


class Heard:
    def __init__(self):
        self.bytes = []
        self.lines = []

    def progress(self, step="", done=0, total=None, unit=""):
        if unit == "bytes":
            self.bytes.append((done, total))

    def log(self, text):
        self.lines.append(text)


def lines(*objects):
    return [json.dumps(one).encode() + b"\r\n" for one in objects]


async def test_a_pull_tells_bytes_and_asks_as_the_person(fake, tmp_path):
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text('{"credsStore": "gone"}')

    def layer(name, done):
        return {"status": "Downloading", "id": name, "progressDetail": {"current": done, "total": 100}}

    told = lines(
        layer("a", 50),
        layer("b", 10),
        {"status": "Download complete", "id": "a"},
        {"status": "Pull complete", "id": "b"},
    )
    made = fake(images=lambda handler: chunked(handler, *told, whole=True))
    heard = Heard()
    await (await Engine.connect()).pull("r.io/app:1@sha256:abc", "linux/arm64", heard)
    await asyncio.sleep(0)
    assert heard.bytes[-1] == (200, 200)
    assert (50, 100) in heard.bytes
    assert "docker-credential-gone was not found" in heard.lines[0]
    asked = next(path for path in made.asked if "create" in path)
    assert "fromImage=r.io%2Fapp" in asked
    assert "tag=sha256%3Aabc" in asked
    assert "platform=linux%2Farm64" in asked


async def test_a_pull_that_fails_says_why(fake):
    told = lines({"errorDetail": {"message": "manifest unknown"}, "error": "manifest unknown"})
    fake(images=lambda handler: chunked(handler, *told, whole=True))
    with pytest.raises(PullFailed, match=r"r.io/app:1 could not be fetched: r.io has no image"):
        await (await Engine.connect()).pull("r.io/app:1")


async def test_a_pull_that_is_cut_off_is_broken(fake):
    fake(images=lambda handler: chunked(handler, *lines({"status": "x"}), whole=False))
    with pytest.raises(StreamBroken):
        await (await Engine.connect()).pull("r.io/app:1")


async def test_events_come_until_the_engine_goes(fake):
    told = lines(
        {
            "Type": "image",
            "Action": "tag",
            "Actor": {"ID": "sha256:1", "Attributes": {"name": "a:1"}},
            "time": 1,
        }
    )
    fake(events=lambda handler: chunked(handler, *told, whole=True))
    engine = await Engine.connect()
    seen = []

    async def listen():
        async with contextlib.aclosing(engine.events()) as events:
            async for event in events:
                seen.append(event)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(StreamBroken):
        await listen()
    assert [(event.kind, event.action, event.attributes) for event in seen] == [
        ("image", "tag", {"name": "a:1"})
    ]


async def test_events_that_are_left_before_the_engine_answers_leave_nothing(fake):
    asked, go_on = threading.Event(), threading.Event()

    def silent(handler):
        asked.set()
        go_on.wait(60)
        with contextlib.suppress(OSError):
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            # Nothing happens at this engine: only who listens can end it.
            handler.rfile.read(1)

    fake(events=silent)
    engine = await Engine.connect()
    events = engine.events()
    first = asyncio.ensure_future(anext(events))
    await asyncio.to_thread(asked.wait, 60)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await events.aclose()
    listening = [thread for thread in threading.enumerate() if thread.name == "events"]
    assert len(listening) == 1
    go_on.set()
    await asyncio.to_thread(listening[0].join, 60)
    assert not listening[0].is_alive()


async def test_a_thread_that_ends_late_hurts_nobody():
    done = threading.Event()
    stopped = threading.Event()

    def work():
        done.wait(5)
        raise ValueError("nobody listens")

    def stop():
        stopped.set()
        done.set()

    task = asyncio.ensure_future(in_thread(work, stop))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stopped.is_set()
