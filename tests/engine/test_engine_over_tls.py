"""An engine over TCP with TLS: a build, a proof and a shell over it, and what is said where certificates do not fit."""

import asyncio
import contextlib
import hashlib
import json
import shutil
import socket
import ssl

import pytest
from engine import certificates, engines
from engine.debug_targets import TARGET, TOOLBOX, give_target, none_left
from engine.standins import build as standins

from slimdesk.basics.errors import EngineUnreachable
from slimdesk.engine import contexts
from slimdesk.engine.engine import Engine
from slimdesk.engine.exec import ExecRequest
from slimdesk.engine.model import BuildRequest, ContainerSpec
from slimdesk.operations.debug_shell import open_shell


class Far:
    """An engine that asks for certificates, and folders with those of several clients."""

    def __init__(self, folder, port):
        self.folder = folder
        self.port = port
        self.host = f"tcp://127.0.0.1:{port}"

    def certificates(self, name):
        return str(self.folder / "clients" / name)


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    reason = certificates.why_not() or engines.why_not("modern")
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("tls")
    ca, other = certificates.authority(folder), certificates.authority(folder, "other")
    server = certificates.signed(folder, ca, "server", server=True)
    certificates.signed(folder, ca, "ended", server=True, days=0)
    mine = certificates.signed(folder, ca, "mine")
    clients = folder / "clients"
    certificates.folder_of(clients / "good", ca, mine)
    certificates.folder_of(clients / "other-ca", other, mine)
    certificates.folder_of(clients / "stranger", ca, certificates.signed(folder, other, "stranger"))
    certificates.folder_of(clients / "late", ca, certificates.signed(folder, ca, "late", days=0))
    certificates.folder_of(clients / "none", ca)
    half = certificates.folder_of(clients / "half", ca, mine)
    (half / "key.pem").unlink()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    more = ("-H", f"tcp://127.0.0.1:{port}", "--tlsverify", "--tlscacert", ca.certificate,
            "--tlscert", server.certificate, "--tlskey", server.key)  # fmt: skip
    try:
        running = engines.start(
            "modern", tmp_path_factory.mktemp("x"), dies_with_us=True, more=tuple(map(str, more))
        )
    except engines.EngineStartError as error:
        pytest.skip(f"the engine did not start: {str(error)[:300]}")
    try:
        standins.ensure(running.host, [TOOLBOX])
        give_target(running.host)
        yield Far(folder, port)
    finally:
        engines.stop(running)


@pytest.fixture
def using(far, monkeypatch, tmp_path):
    """Choose the engine as DOCKER_HOST and its two variables do."""
    monkeypatch.setenv("HOME", str(tmp_path))
    # What many networks set for the web is not what signs an engine's certificate.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(far.folder / "other.pem"))
    for name in ("DOCKER_CONTEXT", "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def use(name, host=far.host, verify="1"):
        monkeypatch.setenv("DOCKER_HOST", host)
        for variable, value in (
            ("DOCKER_TLS_VERIFY", verify),
            ("DOCKER_CERT_PATH", name and far.certificates(name)),
        ):
            if value:
                monkeypatch.setenv(variable, value)
            else:
                monkeypatch.delenv(variable, raising=False)

    return use


async def test_a_build_and_a_shell_over_tls(using, tmp_path):
    using("good")
    engine = await Engine.connect()
    assert engine.known.builder == "buildkit"
    project = tmp_path / "project"
    project.mkdir()
    (project / "greeting").write_text("over TLS\n")
    (project / "left-out").write_bytes(bytes(1 << 20))
    request = BuildRequest(
        project,
        f"FROM {TOOLBOX}\nCOPY . /here/\nRUN cat /here/greeting\n",
        "left-out\n",
        "slimdesk-test/tls:1",
    )
    steps = []
    built = await engine.build(request, steps.append)
    assert built.error is None, built.error
    assert any("over TLS" in line for step in steps[-1] for line in step.log)
    identity = await engine.create(ContainerSpec(TARGET))
    try:
        await engine.start(identity)
        shell = await open_shell(engine, identity, TOOLBOX)
        await shell.write(b"cat /srv/index.html; exit 3\n")
        shown = b""
        async with asyncio.timeout(60):
            while piece := await shell.read():
                shown += piece
        assert b"harbour\r\n" in shown
        assert shell.exit_code == 3
        await shell.close()
        await none_left(engine, identity)
        # Much in one direction, and then an end: TLS says goodbye in its own way.
        listed = await engine.exec_output(identity, ExecRequest(("/busybox-app", "seq", "200000"), {}))
        assert listed.out.endswith(b"\n200000\n")
        assert listed.exit_code == 0
    finally:
        await engine.remove(identity)


async def test_streams_that_are_left_and_input_that_ends(using):
    using("good")
    engine = await Engine.connect()
    spec = ContainerSpec(
        TOOLBOX, entrypoint=("sh", "-c"), command=("cat; echo done; exec sleep 60",), stdin_open=True
    )
    identity = await engine.create(spec)
    try:
        async with asyncio.timeout(60):
            await engine.start(identity)
            await engine.attach_stdin(identity, b"over TLS\n")
            async with contextlib.aclosing(engine.follow_logs(identity)) as lines:
                said = [line.text async for line in first_lines(lines, 2)]
            assert said == ["over TLS", "done"]
            listening = asyncio.Event()
            async with contextlib.aclosing(engine.events(listening=listening)) as events:
                waiting = asyncio.ensure_future(anext(events))
                await listening.wait()
                await engine.kill(identity)
                assert (await waiting).action in ("kill", "die")
    finally:
        await engine.remove(identity)


async def first_lines(batches, count):
    async for lines in batches:
        for line in lines:
            yield line
            count -= 1
            if not count:
                return


async def test_a_context_with_certificates(far, using, monkeypatch, tmp_path):
    using(None, host="", verify=None)
    folder = tmp_path / ".docker"
    meta = folder / "contexts" / "meta" / "any"
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": "far", "Endpoints": {"docker": {"Host": far.host}}}))
    digest = hashlib.sha256(b"far").hexdigest()
    shutil.copytree(far.certificates("good"), folder / "contexts" / "tls" / digest / "docker")
    (folder / "config.json").write_text(json.dumps({"currentContext": "far"}))
    state = await contexts.status()
    assert (state.reachable, state.context, state.endpoint) == (True, "far", far.host)


REFUSED = {
    "other-ca": ("is not trusted", "ca.pem"),
    "stranger": ("does not accept this machine's certificate", "cert.pem"),
    "late": ("does not accept this machine's certificate", "expired"),
    "none": ("asks for a certificate", "cert.pem and key.pem"),
    "half": ("asks for a certificate", "cert.pem and key.pem"),
    None: ("expects TLS", "DOCKER_TLS_VERIFY"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_certificates_that_do_not_fit_are_a_sentence(using, name):
    using(name, verify=name and "1")
    why, todo = REFUSED[name]
    with pytest.raises(EngineUnreachable) as caught:
        await Engine.connect()
    if "closed the connection" in caught.value.why:
        # Its refusal got lost: it hung up before the whole request was written.
        why, todo = "closed the connection", "cert.pem and key.pem"
    assert why in caught.value.why
    assert todo in f"{caught.value.why} {caught.value.todo}"


@contextlib.asynccontextmanager
async def serving(context=None):
    async def answer(reader, writer):
        with contextlib.suppress(OSError):
            await reader.readline()
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_an_engine_whose_certificate_has_ended(far, using):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(far.folder / "ended.pem", far.folder / "ended.key")
    async with serving(context) as host:
        using("good", host)
        state = await contexts.status()
    assert not state.reachable
    assert "certificate has expired" in state.reason


async def test_tls_to_an_engine_that_speaks_none(using):
    async with serving() as host:
        using("good", host)
        state = await contexts.status()
    assert not state.reachable
    assert "speaks no TLS" in state.reason
