"""A helper container beside a target: opened, asked, and always removed."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.basics import clock
from slimdesk.basics.errors import (
    EngineError,
    EngineUnreachable,
    ImageNotFound,
    PullFailed,
    StreamBroken,
    ToolboxMissing,
)
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter
from slimdesk.basics.owner import is_orphan
from slimdesk.debug import sidecar, toolboxes, ways
from slimdesk.debug.sections import Script
from slimdesk.debug.survey import SCRIPT, Survey, parse
from slimdesk.debug.ways import Rights
from slimdesk.engine.details import ContainerDetails
from slimdesk.engine.duplex import Duplex
from slimdesk.engine.engine import Engine
from slimdesk.engine.exec import Exec, ExecRequest, ExecResult
from slimdesk.engine.frames import Frames
from slimdesk.engine.model import LABEL_HELPER, LABEL_OWNER
from slimdesk.verify.run import finished

# When it is tried again to remove a helper, in seconds after the time before.
_TRIES = (0.0, 0.5, 2.0)
# How long the helper may take to look around, in seconds.
PATIENCE = 15.0
# One that was made and never started belongs to a program that was killed in between; others take a moment.
NEVER_STARTED = 120.0


@dataclass(slots=True)
class Sidecar:
    """A helper that runs beside `target`. `close` removes it; its engine does so too when this program is gone.

    `survey` is what it found, `target` how the target was made, `tie` its standard input: it ends when that does.
    Use `beside` to open one.
    """

    engine: Engine
    target: ContainerDetails
    toolbox: str
    container: str
    tie: Duplex
    survey: Survey

    async def run(self, command: Sequence[str], seconds: float = 20.0) -> ExecResult:
        """Run a program of the toolbox to its end, at most `seconds`. Raises EngineError."""
        return await self.engine.exec_output(self.container, ExecRequest(tuple(command), {}), seconds)

    async def ask(self, asked: Script, seconds: float = 20.0, *, may_be_cut: bool = False) -> bytes:
        """Run a script and return its answer. Raises EngineError where none comes in time, unless it `may_be_cut`."""
        found = await self.run(asked.command, seconds)
        if found.exit_code is None and not may_be_cut:
            raise EngineError(
                "The helper beside the container did not answer",
                f"it took longer than {seconds:.0f} s, or has ended with the container",
                "Look whether the container still runs, and ask again",
            )
        return found.out

    async def start(self, wanted: ExecRequest) -> Exec:
        """Start a program in it; the caller closes it. Raises EngineError."""
        return await self.engine.exec(self.container, wanted)

    async def ended(self) -> None:
        """Wait until it has ended: with its target, or with the engine. One at a time may wait."""
        with contextlib.suppress(EngineError):
            while await self.tie.read():
                pass

    async def close(self) -> None:
        """Remove it, whatever happens meanwhile; an engine that is gone takes it along. May be called more than once."""
        await finished(_put_away(self.engine, self.container, self.tie))


def must_run(details: ContainerDetails) -> str:
    """Return what people call a container. Raises EngineError where it does not run: nothing can be shared with it then."""
    name = details.record.name or details.record.container_id[:12]
    if details.record.state not in ("running", "paused"):
        raise EngineError(
            f"{visible(name)} does not run ({details.record.state})",
            "a shell beside it shares its processes and network, and it has none",
            "Start it, or open a shell in its image with the entry point held (slimdesk hold)",
        )
    return name


async def beside(engine: Engine, target: str, toolbox: str, reporter: Reporter) -> Sidecar:
    """Open a helper beside a running container; the caller closes it.

    The toolbox is fetched if it is not there. Raises ToolboxMissing where that fails, ImageNotFound where there is no
    such container, EngineError where it does not run, or the engine allows no helper.
    """
    details = await engine.container_details(target)
    name = must_run(details)
    await have_toolbox(engine, toolbox, reporter)
    reporter.progress(f"Opening a helper beside {visible(name)}")
    refused: EngineError | None = None
    for given in ways.rights(details):
        try:
            return await _open(engine, details, toolbox, given)
        except (EngineUnreachable, StreamBroken, ImageNotFound):
            raise
        except EngineError as error:
            # Refused: the next ones ask for less.
            refused = refused or error
    if refused is not None and details.record.state == "paused":
        raise EngineError(
            refused.what, refused.why, f"Unpause {visible(name)} first: this engine starts nothing beside it"
        )
    raise refused or EngineError(f"No helper could be opened beside {visible(name)}")


async def have_toolbox(engine: Engine, toolbox: str, reporter: Reporter) -> None:
    """Fetch the toolbox unless it is there. Raises ToolboxMissing with the images that could take its place."""
    if await engine.has_image(toolbox):
        return
    try:
        await engine.pull(toolbox, reporter=reporter)
    except (PullFailed, ImageNotFound) as error:
        tags = [tag for image in await engine.images() for tag in image.tags]
        found = toolboxes.candidates(tags, toolbox)
        instead = f"take one that is there ({', '.join(found[:3])}), or " if found else ""
        raise ToolboxMissing(
            f"The tools of {visible(toolbox)} are not on this engine and could not be fetched",
            error.why or error.what,
            f"Connect and try again, {instead}load the image from an archive that `docker save` wrote elsewhere",
            found,
        ) from error


async def sweep(engine: Engine) -> int:
    """Remove what a killed program left behind: its containers (return how many) and its networks. Those in use stay."""
    removed = 0
    for label in (LABEL_HELPER, LABEL_OWNER):
        for record in await engine.container_records(label):
            age = (clock.now() - record.created_at).total_seconds() if record.created_at else 0.0
            never_started = record.state == "created" and age > NEVER_STARTED
            if is_orphan(record.labels.get(label, "")) or never_started:
                with contextlib.suppress(EngineError):
                    await engine.remove(record.container_id)
                    removed += 1
    for name, mark in (await engine.networks(LABEL_HELPER)).items():
        if is_orphan(mark):
            with contextlib.suppress(EngineError):
                await engine.remove_network(name)
    return removed


async def _open(engine: Engine, target: ContainerDetails, toolbox: str, given: Rights) -> Sidecar:
    name = f"slimdesk-helper-{uuid.uuid4().hex[:12]}"
    making = asyncio.ensure_future(engine.create(sidecar.helper_spec(target, toolbox, given, name)))
    tie: Duplex | None = None
    try:
        # Shielded: one whose making was cancelled half-way is known by its name, and removed.
        container = await asyncio.shield(making)
        tie = await engine.attach(container)
        await engine.start(container)
        await tie.write(SCRIPT.encode())
        survey = await _look_around(tie, toolbox)
        return Sidecar(engine, target, toolbox, container, tie, survey)
    except BaseException:
        await finished(_never_mind(engine, making, name, tie))
        raise


async def _look_around(tie: Duplex, toolbox: str) -> Survey:
    frames, said = Frames(), bytearray()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while data := await tie.read():
                said += b"".join(piece for _, piece in frames.feed(data))
                found = parse(said.decode("utf-8", "replace"))
                if found is not None:
                    return found
    last = visible(said.decode("utf-8", "replace").strip()[-200:])
    raise EngineError(
        f"The tools of {visible(toolbox)} did not start",
        last or "it ended at once",
        "Take an image that has a shell",
    )


async def _never_mind(engine: Engine, making: asyncio.Future[str], name: str, tie: Duplex | None) -> None:
    with contextlib.suppress(EngineError):
        await making
    await _put_away(engine, name, tie)


async def _put_away(engine: Engine, container: str, tie: Duplex | None) -> None:
    if tie is not None:
        await tie.close()
    # One that is just being started may not be ended at once: engines up to 20.10 give up after ten seconds.
    for pause in _TRIES:
        await asyncio.sleep(pause)
        try:
            await engine.remove(container)
        except (EngineUnreachable, StreamBroken):
            return
        except EngineError:
            continue
        return
