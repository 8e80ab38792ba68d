"""One run, and the verdicts, on an engine that is played: its containers answer from this process."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from slimdesk.basics.errors import EngineError, EngineUnreachable, ImageNotFound
from slimdesk.basics.job import Silent
from slimdesk.engine.model import ContainerRecord, ImageRecord
from slimdesk.operations.verify import is_foreign, port_of, verify_image
from slimdesk.verify.control import Controls
from slimdesk.verify.model import RunProfile
from slimdesk.verify.run import run_image


@dataclass
class Behaviour:
    """How an image behaves: `ends` after that many looks with `code`, `answers` on a port of this machine."""

    start_error: str | None = None
    ends: int | None = None
    code: int = 0
    oom: bool = False
    log: tuple[str, ...] = ()
    port: int | None = None
    heeds_term: bool = True
    config: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    platform: str | None = "linux/amd64"
    output: bytes = b""


class PlayedEngine:
    """The calls that verify makes, without an engine."""

    def __init__(self, platform="linux/amd64", **images):
        self.images = images
        self.known = SimpleNamespace(platform=platform)
        self.settings = SimpleNamespace(socket_path=None)
        self.alive = {}
        self.looks = {}
        self.made = []
        self.removed = []
        self.stdin = None
        self.create_delay = 0.0

    async def inspect(self, image):
        if image not in self.images:
            raise ImageNotFound(f"no {image}")
        one = self.images[image]
        return ImageRecord("sha256:1", (image,), None, 1, one.labels, one.platform, one.config)

    async def create(self, spec):
        await asyncio.sleep(self.create_delay)
        self.alive[spec.name] = spec
        self.made.append(spec)
        self.looks[spec.name] = 0
        return spec.name

    async def start(self, name):
        error = self._of(name).start_error
        if error == "gone":
            raise EngineUnreachable("The engine is gone")
        if error:
            raise EngineError("The container could not be started", error)

    async def inspect_container(self, name):
        one = self._of(name)
        self.looks[name] += 1
        ended = one.ends is not None and self.looks[name] > one.ends
        spec = self.alive[name]
        ports = {number: one.port for number in spec.ports if one.port}
        return ContainerRecord(
            name, name, spec.image, "sha256:1", "exited" if ended else "running", one.code if ended else None, "",
            one.oom, None, ports, "", None, None, None,
        )  # fmt: skip

    async def wait(self, name, seconds=None):
        return (await self.inspect_container(name)).exit_code

    async def logs(self, name, tail=None):
        return self._of(name).log

    async def output(self, name):
        return self._of(name).output, b""

    async def attach_stdin(self, name, data):
        self.stdin = data

    async def kill(self, name, signal="KILL"):
        one = self._of(name)
        if one.heeds_term:
            one.ends = 0

    async def remove(self, name):
        self.alive.pop(name, None)
        self.removed.append(name)

    def _of(self, name):
        return self.images[self.alive[name].image]


@contextlib.asynccontextmanager
async def web(status=200, body=b"ok"):
    async def handle(reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    handling = set()

    def accept(reader, writer):
        handling.add(asyncio.ensure_future(handle(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    await asyncio.gather(*handling)


def names(found):
    return {check.name: check.passed for check in found.checks}


async def test_a_service_that_answers_runs_and_nothing_is_left():
    async with web() as port:
        engine = PlayedEngine(app=Behaviour(port=port, config={"User": "65532"}))
        found = await verify_image(engine, "app", RunProfile(port=8080, expect="ok"))
    assert (found.verdict, found.http_status, found.exit_code, found.kind) == ("runs", 200, None, "service")
    assert found.first_answer is not None
    assert names(found) == {
        "start": True,
        "answer": True,
        "text": True,
        "up": True,
        "stops": True,
        "user": True,
    }
    assert engine.alive == {}


async def test_root_and_a_deaf_process_are_told_but_decide_nothing():
    async with web() as port:
        found = await verify_image(
            PlayedEngine(app=Behaviour(port=port, heeds_term=False)), "app", RunProfile(port=80)
        )
    assert found.verdict == "runs"
    assert found.user == "0"
    assert (names(found)["user"], names(found)["stops"]) == (False, False)


@pytest.mark.parametrize(
    ("status", "profile", "verdict"),
    [
        (404, RunProfile(port=80), "runs"),
        (500, RunProfile(port=80, timeout=1.0), "fails"),
        (404, RunProfile(port=80, status=200, timeout=1.0), "fails"),
        (503, RunProfile(port=80, status=503), "runs"),
        (200, RunProfile(port=80, expect="other"), "fails"),
    ],
)
async def test_which_answers_count(status, profile, verdict):
    async with web(status) as port:
        found = await verify_image(PlayedEngine(app=Behaviour(port=port)), "app", profile)
    assert found.verdict == verdict
    assert found.http_status == status


async def test_a_service_that_stays_silent_fails_in_time():
    found = await verify_image(PlayedEngine(app=Behaviour()), "app", RunProfile(port=80, timeout=0.3))
    assert found.verdict == "fails"
    assert found.exit_code is None
    assert "port 80" in found.reason


async def test_the_port_comes_from_the_image():
    async with web() as port:
        engine = PlayedEngine(app=Behaviour(port=port, labels={"io.slimdesk.port": "8080"}))
        found = await verify_image(engine, "app", RunProfile())
    assert (found.kind, found.port) == ("service", 8080)


async def test_a_command_ends_as_expected():
    engine = PlayedEngine(app=Behaviour(ends=0, code=3, output=b"42 ships\n"))
    profile = RunProfile(exit_code=3, expect="42", stdin="count", command=("a", "-b"))
    found = await verify_image(engine, "app", profile)
    assert (found.verdict, found.exit_code, found.kind) == ("runs", 3, "command")
    assert engine.stdin == b"count"
    assert engine.made[0].command == ("a", "-b")
    assert engine.made[0].stdin_open


async def test_a_command_that_goes_on_fails():
    found = await verify_image(PlayedEngine(app=Behaviour()), "app", RunProfile(timeout=0.1))
    assert (found.verdict, found.exit_code) == ("fails", None)
    assert "still running" in found.reason


async def test_a_missing_variable_blames_no_family():
    engine = PlayedEngine(app=Behaviour(ends=0, code=1, log=("DATABASE_URL is not set",)))
    found = await verify_image(engine, "app", RunProfile(port=80))
    assert found.verdict == "not-proven"
    assert found.reason == "Not proven: the app itself exits, DATABASE_URL is not set."
    assert found.exit_code == 1


async def test_a_variable_that_the_code_requires_counts_where_the_log_is_silent():
    engine = PlayedEngine(app=Behaviour(ends=0, code=1))
    profile = RunProfile(port=80, required=("DATABASE_URL",))
    assert (await verify_image(engine, "app", profile)).verdict == "not-proven"
    given = RunProfile(port=80, required=("DATABASE_URL",), environment={"DATABASE_URL": "x"})
    assert (await verify_image(engine, "app", given)).verdict == "fails"


async def test_on_a_read_only_root_a_tmp_that_cannot_be_written_is_not_said_to_lack():
    said = "FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp', '/app']"
    engine = PlayedEngine(app=Behaviour(ends=0, code=1, log=(said,)))
    found = await verify_image(engine, "app", RunProfile(port=80, read_only=True))
    assert "root file system is read-only" in found.reason
    assert "There is no /tmp" in (await verify_image(engine, "app", RunProfile(port=80))).reason


async def test_the_control_runs_first_and_clears_the_family():
    broken = Behaviour(ends=0, code=1, log=("boom",))
    engine = PlayedEngine(slim=broken, baseline=broken)
    found = await verify_image(engine, "slim", RunProfile(port=80, read_only=True), "baseline")
    assert [spec.image for spec in engine.made] == ["baseline", "slim"]
    assert [spec.read_only for spec in engine.made] == [False, True]
    assert found.verdict == "not-proven"
    assert "baseline" in found.reason
    assert names(found)["control"] is False


async def test_a_control_that_runs_leaves_the_blame_with_the_image():
    async with web() as port:
        engine = PlayedEngine(slim=Behaviour(ends=0, code=1, log=("boom",)), baseline=Behaviour(port=port))
        found = await verify_image(engine, "slim", RunProfile(port=80), "baseline")
    assert found.verdict == "fails"
    assert names(found)["control"] is True


async def test_the_reference_runs_once_for_all_that_are_held_against_it():
    async with web() as port:
        behaves = Behaviour(port=port)
        engine = PlayedEngine(baseline=behaves, slim=Behaviour(port=port), alpine=Behaviour(ends=0, code=1))
        controls, profile = Controls(), RunProfile(port=80)
        await verify_image(engine, "baseline", profile, controls=controls)
        found = await asyncio.gather(
            *(
                verify_image(engine, name, profile, "baseline", controls=controls)
                for name in ("slim", "alpine")
            )
        )
        assert sorted(spec.image for spec in engine.made) == ["alpine", "baseline", "slim"]
        assert [one.verdict for one in found] == ["runs", "fails"]
        assert all(names(one)["control"] is True for one in found)
        otherwise = RunProfile(port=80, environment={"MODE": "else"})
        await verify_image(engine, "slim", otherwise, "baseline", controls=controls)
    assert [spec.image for spec in engine.made][3:] == ["baseline", "slim"]


async def test_a_control_that_could_not_be_run_is_tried_again():
    engine = PlayedEngine(slim=Behaviour(ends=0, code=1), baseline=Behaviour(start_error="gone"))
    controls = Controls()
    with pytest.raises(EngineUnreachable):
        await verify_image(engine, "slim", RunProfile(port=80), "baseline", controls=controls)
    engine.images["baseline"].start_error = "it broke"
    found = await verify_image(engine, "slim", RunProfile(port=80), "baseline", controls=controls)
    assert names(found)["control"] is False


async def test_an_image_that_lacks_a_shell_fails_even_if_the_control_fails_otherwise():
    shell = 'exec: "/bin/sh": stat /bin/sh: no such file or directory'
    engine = PlayedEngine(
        slim=Behaviour(start_error=shell),
        baseline=Behaviour(ends=0, code=1, log=("DATABASE_URL is not set",)),
    )
    found = await verify_image(engine, "slim", RunProfile(port=80), "baseline")
    assert found.verdict == "fails"
    assert "shell" in found.reason


async def test_an_image_for_another_processor_is_not_run_here():
    engine = PlayedEngine(
        app=Behaviour(ends=0, code=1, log=("exec /app: exec format error",), platform="linux/arm64")
    )
    found = await verify_image(engine, "app", RunProfile(port=80))
    assert found.verdict == "not-proven"
    assert found.reason.startswith("Not run here")
    assert found.emulated is False


async def test_what_runs_emulated_says_so():
    async with web() as port:
        engine = PlayedEngine(app=Behaviour(port=port, platform="linux/arm64"))
        found = await verify_image(engine, "app", RunProfile(port=80))
    assert (found.verdict, found.emulated) == ("runs", True)
    assert "emulated" in found.reason


async def test_memory_is_named():
    engine = PlayedEngine(app=Behaviour(ends=0, code=137, oom=True))
    found = await verify_image(engine, "app", RunProfile(port=80))
    assert "memory" in found.reason


async def test_the_median_of_several_starts():
    async with web() as port:
        engine = PlayedEngine(app=Behaviour(port=port))
        engine.images["app"].heeds_term = False
        found = await verify_image(engine, "app", RunProfile(port=80), repeats=3)
    assert len(engine.made) == 3
    assert found.first_answer is not None


async def test_an_engine_that_dies_is_an_error_and_no_verdict():
    engine = PlayedEngine(app=Behaviour(start_error="gone"))
    with pytest.raises(EngineUnreachable):
        await verify_image(engine, "app", RunProfile(port=80))
    assert engine.removed


async def test_an_unknown_image_is_an_error():
    with pytest.raises(ImageNotFound):
        await verify_image(PlayedEngine(), "app", RunProfile())


@pytest.mark.parametrize("delay", [0.0, 0.2])
async def test_cancelled_at_any_moment_nothing_is_left(delay):
    engine = PlayedEngine(app=Behaviour())
    engine.create_delay = delay
    task = asyncio.create_task(run_image(engine, "app", RunProfile(port=80), Silent()))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert engine.alive == {}
    assert len(engine.removed) == 1


@pytest.mark.parametrize(
    ("labels", "exposed", "port"),
    [
        ({"io.slimdesk.port": "8080"}, {"9090/tcp": {}}, 8080),
        ({}, {"9090/tcp": {}}, 9090),
        ({}, {"9090/tcp": {}, "9091/tcp": {}}, None),
        ({}, {"53/udp": {}, "80": {}}, 80),
        ({}, None, None),
        ({"io.slimdesk.port": "no"}, {}, None),
    ],
)
def test_the_port_that_an_image_states(labels, exposed, port):
    record = ImageRecord("sha256:1", (), None, 0, labels, None, {"ExposedPorts": exposed})
    assert port_of(record) == port


@pytest.mark.parametrize(
    ("image", "engine", "foreign"),
    [
        ("linux/arm64", "linux/amd64", True),
        ("linux/amd64", "linux/amd64", False),
        ("linux/386", "linux/amd64", False),
        ("linux/arm/v7", "linux/arm64", False),
        ("linux/amd64", "linux/x86_64", False),
        (None, "linux/amd64", False),
    ],
)
def test_which_platforms_are_foreign(image, engine, foreign):
    assert is_foreign(image, engine) is foreign
