"""The engine in use, for everything else: coroutines that neither block the event loop nor know docker-py."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from slimdesk.basics.job import Reporter, Silent
from slimdesk.engine import (
    attach,
    container_files,
    containers,
    contexts,
    images,
    logs,
    networks,
    registry,
    stats,
)
from slimdesk.engine import build as builds
from slimdesk.engine import exec as execs
from slimdesk.engine.build import OnSteps
from slimdesk.engine.container_files import Change, CopyOut
from slimdesk.engine.credentials import Credentials, credentials_for, registry_of
from slimdesk.engine.details import ContainerDetails
from slimdesk.engine.duplex import Duplex
from slimdesk.engine.endpoint import Endpoint, client_configuration, in_use
from slimdesk.engine.events import KINDS, events
from slimdesk.engine.exec import Exec, ExecRequest, ExecResult
from slimdesk.engine.load import load_images
from slimdesk.engine.logs import LogLine
from slimdesk.engine.model import (
    BuildRequest,
    BuildResult,
    ContainerRecord,
    ContainerSpec,
    EngineEvent,
    EngineStatus,
    HistoryEntry,
    ImageRecord,
    TagDigest,
)
from slimdesk.engine.pull import Pull
from slimdesk.engine.push import Push
from slimdesk.engine.save import SaveStream, open_save
from slimdesk.engine.stats import Sample
from slimdesk.engine.threads import in_thread

# How often a waiting container is looked at, in seconds.
_WATCH = 0.05


class Engine:
    """One engine. Make it with `connect`; it holds no connection, so there is nothing to close.

    Every method may raise EngineUnreachable if the engine is gone, and EngineError with what it says; `image` and
    `container` arguments are names, tags or IDs. Cancelling the awaiting task ends what the engine does for it.
    """

    def __init__(self, settings: Endpoint, known: EngineStatus) -> None:
        self.settings = settings
        self.known = known

    @classmethod
    async def connect(cls, context: str | None = None) -> Engine:
        """Connect to that Docker context, or to the one that the Docker CLI would use. Raises EngineUnreachable."""
        endpoint = in_use(context)
        return cls(*await in_thread(partial(contexts.connect, endpoint), name="connect"))

    async def status(self) -> EngineStatus:
        """Return its state now, and that of every other context; never raises."""
        return await contexts.status(self.settings.context)

    async def images(self, label: str | None = None) -> list[ImageRecord]:
        """Every image with a tag, newest first; with `label` (`NAME` or `NAME=VALUE`) those that have it."""
        return await in_thread(partial(images.list_images, self.settings, label))

    async def inspect(self, image: str) -> ImageRecord:
        """Return one image. Raises ImageNotFound."""
        return await in_thread(partial(images.inspect_image, self.settings, image))

    async def has_image(self, image: str) -> bool:
        """Whether the engine holds it."""
        return await in_thread(partial(images.has_image, self.settings, image))

    async def history(self, image: str) -> list[HistoryEntry]:
        """Return the instructions that made it, oldest first. Raises ImageNotFound."""
        return await in_thread(partial(images.history, self.settings, image))

    async def remove_image(self, image: str) -> None:
        """Remove a tag, or by ID the image; never one that a container uses. Raises ImageNotFound."""
        return await in_thread(partial(images.remove_image, self.settings, image))

    async def digest(self, reference: str) -> str | None:
        """Return sha256:… that the registry (or, without one, the engine) has under that name; None if neither tells."""
        return (await self.tag_digest(reference)).digest

    async def tag_digest(self, reference: str) -> TagDigest:
        """Ask the registry what a name stands for now, with the person's credentials; never raises EngineError."""
        credentials = await self._credentials(reference)
        ask = partial(images.tag_digest, self.settings, reference, credentials)
        return await in_thread(ask, name="digest")

    async def download_size(self, reference: str, platform: str | None = None) -> int | None:
        """Return the bytes that a pull would fetch at most; None where the registry does not tell. Asks it over the network."""
        credentials = await self._credentials(reference)
        wanted = platform or self.known.platform
        return await in_thread(partial(registry.download_size, reference, wanted, credentials))

    async def pull(
        self, reference: str, platform: str | None = None, reporter: Reporter | None = None
    ) -> None:
        """Fetch an image with the person's credentials, telling bytes. Raises PullFailed in words."""
        told = reporter or Silent()
        credentials = await self._credentials(reference)
        if credentials.note:
            told.log(credentials.note)
        loop = asyncio.get_running_loop()
        step = f"Fetching {reference}"
        told.progress(step)

        def progress(done: int, total: int | None) -> None:
            loop.call_soon_threadsafe(told.progress, step, done, total, "bytes")

        fetch = Pull(self.settings, reference, platform, credentials, progress)
        await in_thread(fetch.run, fetch.stop, name="pull")

    async def tag(self, image: str, name: str) -> None:
        """Give an image another name, such as the one that it is pushed under. Raises ImageNotFound."""
        return await in_thread(partial(images.tag_image, self.settings, image, name))

    async def push(self, reference: str, reporter: Reporter | None = None) -> str | None:
        """Give NAME:TAG to its registry with the person's credentials, telling bytes; return the digest that it has there.

        Raises PushFailed in words, ImageNotFound, BadInput for a name with a digest.
        """
        told = reporter or Silent()
        credentials = await self._credentials(reference)
        if credentials.note:
            told.log(credentials.note)
        loop = asyncio.get_running_loop()
        step = f"Pushing {reference}"
        told.progress(step)

        def progress(done: int, total: int | None) -> None:
            loop.call_soon_threadsafe(told.progress, step, done, total, "bytes")

        sending = Push(self.settings, reference, credentials, progress)
        return await in_thread(sending.run, sending.stop, name="push")

    async def build(
        self, request: BuildRequest, on_steps: OnSteps | None = None, reporter: Reporter | None = None
    ) -> BuildResult:
        """Build; a failing step is `BuildResult.error`. `on_steps` hears at most ten times a second.

        Raises BadInput for a context that cannot be read, StreamBroken if the engine dies in the middle.
        """
        buildkit = self.known.builder == "buildkit"
        told = reporter or Silent()
        return await builds.build(self.settings, request, on_steps, told, with_session=buildkit)

    def save(self, image: str, platform: str | None = None) -> SaveStream:
        """Return the image as a stream of tar bytes, for a `with` in a thread (blocking)."""
        return open_save(self.settings, image, platform)

    async def create(self, spec: ContainerSpec) -> str:
        """Make a container and return its ID; it is not started. Raises ImageNotFound."""
        return await in_thread(partial(containers.create, self.settings, spec))

    async def start(self, container: str) -> None:
        """Start it. Raises EngineError with the reason, such as a program that is not there."""
        await in_thread(partial(containers.start, self.settings, container))

    async def inspect_container(self, container: str) -> ContainerRecord:
        """Return it as it stands. Raises ImageNotFound where there is none."""
        return await in_thread(partial(containers.inspect, self.settings, container))

    async def containers(self, label: str | None = None) -> list[str]:
        """Return the IDs of all containers, ended ones too."""
        return await in_thread(partial(containers.list_containers, self.settings, label))

    async def container_records(self, label: str | None = None) -> list[ContainerRecord]:
        """Return every container, ended ones too, newest first; with `label` those that have it."""
        return await in_thread(partial(containers.records, self.settings, label))

    async def container_details(self, container: str) -> ContainerDetails:
        """Return how it was made and what it shares with others. Raises ImageNotFound where there is none."""
        return await in_thread(partial(containers.details, self.settings, container))

    async def attach(self, container: str) -> Duplex:
        """Connect to its standard input and output, also before it is started; close what is returned."""
        return await attach.attach(self.settings, container)

    async def exec(self, container: str, wanted: ExecRequest) -> Exec:
        """Start a program inside it; close what is returned. Raises EngineError, ImageNotFound."""
        return await execs.start(self.settings, container, wanted)

    async def exec_output(self, container: str, wanted: ExecRequest, seconds: float = 20.0) -> ExecResult:
        """Run a program inside it to its end, at most `seconds`, and return what it wrote."""
        return await execs.run(self.settings, container, wanted, seconds)

    def follow_logs(
        self, container: str, *, tail: int | None = 1000, since: dt.datetime | None = None, ongoing: bool = True,
        tty: bool = False,
    ) -> AsyncGenerator[tuple[LogLine, ...], None]:  # fmt: skip
        """Its log as it grows; close it with `contextlib.aclosing`. `tty`: the container has a terminal."""
        return logs.follow(self.settings, container, tail=tail, since=since, ongoing=ongoing, tty=tty)

    async def samples(self, containers: Sequence[str]) -> dict[str, Sample]:
        """What each of these containers has used so far; one that does not run is left out."""
        return await in_thread(partial(stats.sample, self.settings, containers), name="stats")

    async def changes(self, container: str) -> tuple[Change, ...]:
        """Return which of its files are not as in its image (`docker diff`)."""
        return await in_thread(partial(container_files.changes, self.settings, container), name="diff")

    async def copy_out(self, container: str, path: str, give: Callable[[bytes], object]) -> int:
        """Hand a regular file's contents to `give`, in a thread; return their number of bytes."""
        copying = CopyOut(self.settings, container, path)
        return await in_thread(partial(copying.file, give), copying.stop, name="copy")

    async def copy_in(
        self, container: str, path: str, data: bytes, *, mode: int = 0o644, owner: tuple[int, int] = (0, 0)
    ) -> None:
        """Write one file into it, over what is there. Raises EngineError, such as for a read-only root."""
        write = partial(container_files.copy_in, self.settings, container, path, data, mode=mode, owner=owner)
        await in_thread(write, name="copy")

    async def load(self, archive: Path) -> tuple[str, ...]:
        """Load the images of an archive (`docker save`, plain or gzip); return their names. Raises EngineError, OutputError."""
        return await in_thread(partial(load_images, self.settings, archive), name="load")

    async def wait(self, container: str, seconds: float | None = None) -> int | None:
        """Return its exit code once it has ended; None if it still runs after `seconds`."""
        loop = asyncio.get_running_loop()
        deadline = None if seconds is None else loop.time() + seconds
        pause = _WATCH
        while True:
            record = await self.inspect_container(container)
            if record.exit_code is not None:
                return record.exit_code
            if deadline is not None and loop.time() >= deadline:
                return None
            left = pause if deadline is None else min(pause, max(0.0, deadline - loop.time()))
            await asyncio.sleep(left)
            pause = min(0.5, pause * 1.3)

    async def logs(self, container: str, tail: int | None = None) -> tuple[str, ...]:
        """Return the newest lines that it wrote, made harmless."""
        return await in_thread(partial(containers.logs, self.settings, container, tail))

    async def output(self, container: str) -> tuple[bytes, bytes]:
        """Return standard output and standard error as written, at most 1 MiB of each."""
        return await in_thread(partial(containers.output, self.settings, container))

    async def attach_stdin(self, container: str, data: bytes) -> None:
        """Write its standard input and end it; it was made with `stdin_open`."""
        await in_thread(partial(containers.write_stdin, self.settings, container, data))

    async def kill(self, container: str, signal: str = "KILL") -> None:
        """Send a signal; one that has ended is no error."""
        await in_thread(partial(containers.kill, self.settings, container, signal))

    async def stop(self, container: str, seconds: int = 10) -> None:
        """Send SIGTERM, and SIGKILL after `seconds`."""
        await in_thread(partial(containers.stop, self.settings, container, seconds))

    async def restart(self, container: str, seconds: int = 10) -> None:
        """Stop it as `stop` does, and start it again. Raises EngineError with the reason."""
        await in_thread(partial(containers.restart, self.settings, container, seconds))

    async def remove(self, container: str) -> None:
        """End and remove it with its anonymous volumes; one that is gone is no error."""
        await in_thread(partial(containers.remove, self.settings, container))

    async def create_network(self, name: str, labels: Mapping[str, str] | None = None) -> str:
        """Make a network in which containers find one another by name; return its ID."""
        return await in_thread(partial(networks.create_network, self.settings, name, labels))

    async def networks(self, label: str) -> dict[str, str]:
        """Return the networks that carry a label, by name, with its value."""
        return await in_thread(partial(networks.list_networks, self.settings, label))

    async def remove_network(self, name: str) -> None:
        """Remove it; one that is gone is no error."""
        await in_thread(partial(networks.remove_network, self.settings, name))

    def events(
        self,
        kinds: tuple[str, ...] = KINDS,
        listening: asyncio.Event | None = None,
        since: dt.datetime | None = None,
    ) -> AsyncGenerator[EngineEvent, None]:
        """Every event from now on (`listening` is set then), or since then; close it with `contextlib.aclosing`. Raises StreamBroken."""
        return events(self.settings, kinds, listening, since)

    async def _credentials(self, reference: str) -> Credentials:
        registry_name = registry_of(reference)
        return await in_thread(partial(credentials_for, registry_name, client_configuration()))
