"""An engine with containers that a test plays: listed, with events, logs, and what is done to them."""

import asyncio
import contextlib
import datetime as dt
from dataclasses import replace

from slimdesk.basics.errors import EngineError, ImageNotFound
from slimdesk.engine.details import parse_details
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.logs import LogLine
from slimdesk.engine.model import ContainerRecord, EngineEvent, ImageRecord
from slimdesk.engine.stats import Sample

START = dt.datetime(2026, 11, 21, 16, 0, tzinfo=dt.UTC)


def record(name, *, state="running", exit_code=None, image="shop/api:distroless", minutes=0, **more):
    """A container; `minutes` is how long after START it was made."""
    made = START + dt.timedelta(minutes=minutes)
    ended = made + dt.timedelta(seconds=5) if exit_code is not None else None
    values = {"error": "", "oom": False, "ip": None, "ports": {}, "user": "65532:65532"} | more
    return ContainerRecord(
        container_id=f"id-{name}", name=name, image=image, image_id=f"sha256:{image}", state=state,
        exit_code=exit_code, created_at=made, started_at=made, finished_at=ended, **values,
    )  # fmt: skip


def line(text, second=0, stream="stdout"):
    return LogLine(stream, START + dt.timedelta(seconds=second), text)


class PlayedEngine:
    """The parts of `Engine` that the Debug page asks."""

    def __init__(self, *records):
        self.found = {one.container_id: one for one in records}
        self.told = asyncio.Queue()
        self.lines = {}
        self.more_lines = {}
        self.shells = {}
        self.changed = {}
        self.done = []
        self.failure = None
        self.created = []
        self.settings = Endpoint("default", "unix:///var/run/docker.sock")

    async def container_records(self, label=None):
        return [one for one in self.found.values() if label is None or label in one.labels]

    async def networks(self, _label=None):
        return {}

    async def inspect_container(self, container):
        await asyncio.sleep(0)
        if container not in self.found:
            raise ImageNotFound(f"There is no container {container}")
        return self.found[container]

    async def container_details(self, container):
        raw = {
            "Path": "/api",
            "Args": [],
            "Config": {},
            "HostConfig": {"ReadonlyRootfs": True, "Tmpfs": {"/tmp": ""}},
        }
        return parse_details(await self.inspect_container(container), raw)

    async def inspect(self, image):
        return ImageRecord(
            "sha256:1", (image,), None, 1, {}, config={"ExposedPorts": {"8080/tcp": {}}, "User": "65532"}
        )

    async def samples(self, containers):
        return {one: Sample(10**9, 10**10, 2, 34_000_000, 256_000_000) for one in containers}

    async def events(self, _kinds=(), listening=None, since=None):
        if since is not None:
            yield EngineEvent("container", "kill", "id-crashed", {"signal": "15"}, START)
            await asyncio.Event().wait()
        listening.set()
        while True:
            event = await self.told.get()
            if isinstance(event, Exception):
                raise event
            yield event

    async def follow_logs(self, container, *, tail=None, since=None, ongoing=True, tty=False):
        if since is None:
            yield tuple(self.lines.get(container, ()))
        queue = self.more_lines.setdefault(container, asyncio.Queue())
        while True:
            yield await queue.get()

    async def logs(self, container, tail=None):
        return tuple(one.text for one in self.lines.get(container, ()))

    async def changes(self, container):
        return ()

    async def create(self, spec):
        if self.failure is not None:
            raise self.failure
        self.created.append(spec)
        one = record(f"run-{len(self.created)}", image=spec.image, minutes=100 + len(self.created))
        self.change(replace(one, state="created", started_at=None), "create")
        return one.container_id

    async def start(self, container):
        self.done.append(("start", container))
        one = self.found[container]
        if isinstance(self.on_start, EngineError):
            raise self.on_start
        self.change(self.on_start(one), "start")

    on_start = staticmethod(lambda one: replace(one, state="running", started_at=START))

    async def wait(self, container, seconds=None):
        return self.found[container].exit_code

    async def stop(self, container):
        self.done.append(("stop", container))
        self.change(replace(self.found[container], state="exited", exit_code=143, finished_at=START), "die")

    async def restart(self, container):
        self.done.append(("restart", container))

    async def remove(self, container):
        self.done.append(("remove", container))
        self.found.pop(container, None)
        self.told.put_nowait(EngineEvent("container", "destroy", container))

    def change(self, one, action):
        """A container is another now, and the engine tells so."""
        self.found[one.container_id] = one
        self.told.put_nowait(EngineEvent("container", action, one.container_id))


def played(monkeypatch, engine):
    """Let every operation of the window use this engine."""

    @contextlib.asynccontextmanager
    async def connected(_context=None):
        yield engine

    async def find_shell(_engine, container):
        return engine.shells.get(container, "")

    async def changed_files(_engine, container):
        found = engine.changed.get(container, ())
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr("slimdesk.operations.connect.connected", connected)
    monkeypatch.setattr("slimdesk.operations.container_look.find_shell", find_shell)
    monkeypatch.setattr("slimdesk.operations.container_look.changed_files", changed_files)
    monkeypatch.setattr("slimdesk.operations.containers.TOGETHER", 0.0)
