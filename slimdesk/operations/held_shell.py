"""A shell in a container that has ended, crashed or never started, or in an image: its entry point held."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from functools import partial

from slimdesk.basics.errors import EngineError, ImageNotFound
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter, Silent
from slimdesk.basics.owner import owner_mark
from slimdesk.debug.held import (
    BUSYBOX,
    SHELLS,
    HeldPlan,
    held_line,
    held_spec,
    install_request,
    omitted_of,
    own_environment,
    shell_request,
)
from slimdesk.debug.toolboxes import DEFAULT
from slimdesk.engine.details import ContainerDetails
from slimdesk.engine.duplex import Duplex
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.engine import Engine
from slimdesk.engine.exec import Exec
from slimdesk.engine.file_out import ContainerFiles
from slimdesk.engine.model import LABEL_HELPER, LABEL_PREFIX, ContainerSpec
from slimdesk.engine.threads import in_thread
from slimdesk.operations.sidecar import have_toolbox
from slimdesk.operations.terminal_stream import ProgramStream
from slimdesk.verify.run import finished, made

LABEL = f"{LABEL_PREFIX}held"
_PATIENCE = 100  # tenths of a second


class HeldShell(ProgramStream):
    """A shell in a held container, which goes when the shell is closed, or with this program.

    `plan` says what was started and where the shell comes from.
    """

    def __init__(self, engine: Engine, plan: HeldPlan, container: str, tie: Duplex, program: Exec) -> None:
        super().__init__(program)
        self.plan = plan
        self.container = container
        self._engine = engine
        self._tie = tie

    async def _why(self) -> str:
        self.exit_code = await self._program.exit_code()
        if self.exit_code is None:
            return "The engine or the held container went away, and the shell with it."
        return "The shell has ended."

    async def _put_away(self) -> None:
        await self._program.close()
        await _remove(self._engine, self.container, self._tie)


async def plan_held(engine: Engine, target: str, image: str | None = None) -> HeldPlan:
    """Return what `held_shell` would start for a container or an image; `image` (a debug variant) stands in for the target's.

    Raises ImageNotFound where there is neither a container nor an image of that name.
    """
    try:
        details = await engine.container_details(target)
    except ImageNotFound:
        details = None
    chosen = image or (details.record.image_id if details is not None else target)
    try:
        record = await engine.inspect(chosen)
    except ImageNotFound as error:
        raise ImageNotFound(
            f"There is no container or image {visible(target if image is None else image, 120)}",
            error.why if details is None else "the container's image was removed",
            "Choose one that the engine has",
        ) from error
    title = image or (details.record.image if details is not None else target)
    shell = await _shell_in(engine, record.image_id)
    if details is None:
        return HeldPlan(record.image_id, visible(title, 120), shell)
    given = await _given(engine, details)
    return HeldPlan(image or record.image_id, visible(title, 120), shell, details, given, omitted_of(details))


async def _given(engine: Engine, details: ContainerDetails) -> tuple[tuple[str, str], ...]:
    """Return the container's own variables; all of them where its image is gone."""
    try:
        config = (await engine.inspect(details.record.image_id)).config
    except ImageNotFound:
        config = {}
    return own_environment(details, config)


async def held_shell(
    engine: Engine,
    target: str,
    *,
    image: str | None = None,
    toolbox: str = DEFAULT,
    columns: int = 80,
    rows: int = 24,
    reporter: Reporter | None = None,
) -> HeldShell:
    """Open a shell in what does not run; the caller closes it. `target` is a container or an image, `image` stands in for its own.

    Raises ToolboxMissing where the image has no shell and `toolbox` cannot be had, ImageNotFound, EngineError.
    """
    told = reporter or Silent()
    told.progress("Looking for a shell in the image")
    plan = await plan_held(engine, target, image)
    busybox = await _busybox(engine, toolbox, told) if plan.brings_tools else b""
    name = f"slimdesk-held-{uuid.uuid4().hex[:12]}"
    spec = held_spec(plan, name, {LABEL: "true", LABEL_HELPER: owner_mark()})
    told.progress("Starting the image with its entry point held")
    making = asyncio.ensure_future(engine.create(spec))
    tie: Duplex | None = None
    try:
        container = await asyncio.shield(making)
        if plan.brings_tools:
            await engine.copy_in(container, BUSYBOX, busybox, mode=0o755)
        tie = await engine.attach(container)
        await engine.start(container)
        if plan.brings_tools:
            await engine.exec_output(container, install_request())
        program = await engine.exec(container, shell_request(plan))
        await program.resize(columns, rows)
        return HeldShell(engine, plan, container, tie, program)
    except BaseException:
        await finished(_never_mind(engine, making, name, tie))
        raise


def held_command(plan: HeldPlan, toolbox: str = DEFAULT) -> str:
    """Return the equal `docker` line to take along."""
    name = plan.details.record.name if plan.details is not None and plan.details.record.name else "image"
    return held_line(plan, f"{name}-held", toolbox)


async def _shell_in(engine: Engine, image: str) -> str | None:
    """Return the first shell that the image has; looked for in a container that is never started."""
    async with made(engine, _never_started(image)) as container:
        return await in_thread(partial(_first_there, engine.settings, container), name="stat")


def _first_there(endpoint: Endpoint, container: str) -> str | None:
    with ContainerFiles(endpoint, container) as files:
        return next((shell for shell in SHELLS if files.stat(shell) is not None), None)


async def _busybox(engine: Engine, toolbox: str, reporter: Reporter) -> bytes:
    await have_toolbox(engine, toolbox, reporter)
    pieces: list[bytes] = []
    async with made(engine, _never_started(toolbox)) as container:
        try:
            await engine.copy_out(container, "/bin/busybox", pieces.append)
        except ImageNotFound as error:
            raise EngineError(
                f"{visible(toolbox)} has no /bin/busybox", "the image has no shell, and a static busybox is brought in",
                f"Take {DEFAULT}",
            ) from error  # fmt: skip
    return b"".join(pieces)


def _never_started(image: str) -> ContainerSpec:
    name = f"slimdesk-look-{uuid.uuid4().hex[:12]}"
    return ContainerSpec(
        image=image, entrypoint=("/never-started",), network="none", labels={LABEL: "true"}, name=name
    )


async def _never_mind(engine: Engine, making: asyncio.Future[str], name: str, tie: Duplex | None) -> None:
    with contextlib.suppress(EngineError):
        await making
    await _remove(engine, name, tie)


async def _remove(engine: Engine, container: str, tie: Duplex | None) -> None:
    if tie is not None:
        await tie.close()
    with contextlib.suppress(EngineError):
        await engine.remove(container)
        # Its end made the engine remove it already: that takes a moment, and our call does not wait for it.
        for _ in range(_PATIENCE):
            await engine.inspect_container(container)
            await asyncio.sleep(0.1)
