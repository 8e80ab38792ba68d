"""A shell beside a container that has none."""

from __future__ import annotations

import asyncio

from slimdesk.basics.errors import EngineError, ImageNotFound
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter, Silent
from slimdesk.debug.plan import ShellPlan, plan
from slimdesk.debug.sidecar import shell_request
from slimdesk.debug.toolboxes import DEFAULT
from slimdesk.debug.ways import Chosen, Way, choose
from slimdesk.engine.engine import Engine
from slimdesk.engine.exec import Exec
from slimdesk.operations.sidecar import Sidecar, beside, must_run
from slimdesk.operations.terminal_stream import ProgramStream
from slimdesk.verify.run import finished

# How long an engine may take to notice that a container or a program has ended, in seconds: more than a few where others compute.
SETTLES = 10.0
KILLED = 137
# How long the last output may take after its container has ended, in seconds.
LAST_WORDS = 0.5


class ShellStream(ProgramStream):
    """A shell in a helper of its own: the helper goes when the shell is closed, or with this program.

    `chosen` is the way in and why, `toolbox` the image of its tools.
    """

    def __init__(self, helper: Sidecar, program: Exec, chosen: Chosen) -> None:
        super().__init__(program)
        self.chosen = chosen
        self.toolbox = helper.toolbox
        self.target = helper.target
        self._helper = helper
        self._watching = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        """End the shell's stream with its helper: engines up to 20.10 now and then leave it open, and silent for ever."""
        await self._helper.ended()
        await asyncio.sleep(LAST_WORDS)
        self._program.hang_up()

    async def _put_away(self) -> None:
        self._watching.cancel()
        await self._program.close()
        await self._helper.close()

    async def _why(self) -> str:
        if self._closed:
            return "It was closed."
        name = visible(self.target.record.name or self.target.record.container_id[:12])
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLES
        while True:
            try:
                now = await self._helper.engine.inspect_container(self.target.record.container_id)
            except ImageNotFound:
                return f"{name} was removed, and the shell with it."
            except EngineError as error:
                return f"The engine went away, and the shell with it. {error.todo}".rstrip(". ") + "."
            if now.exit_code is not None or now.started_at != self.target.record.started_at:
                code = "" if now.exit_code is None else f" (exit code {now.exit_code})"
                return f"{name} ended{code}, and the shell with it: they share their processes."
            code_of_shell = await self._program.exit_code()
            # A shell that was killed: by its target's end, most likely, of which the engine does not know yet.
            if code_of_shell not in (None, KILLED) or loop.time() > deadline:
                self.exit_code = code_of_shell
                break
            await asyncio.sleep(0.05)
        return (
            "The shell has ended."
            if not self.exit_code
            else f"The shell ended with exit code {self.exit_code}."
        )


async def open_shell(
    engine: Engine,
    target: str,
    toolbox: str = DEFAULT,
    way: Way | None = None,
    *,
    columns: int = 80,
    rows: int = 24,
    reporter: Reporter | None = None,
) -> ShellStream:
    """Open a shell beside a running container; `way` None = the best that it allows. The caller closes it.

    Raises ToolboxMissing (its `candidates` could take its place), ImageNotFound, and EngineError where the container
    does not run or the engine allows no helper.
    """
    told = reporter or Silent()
    helper = await beside(engine, target, toolbox, told)
    try:
        chosen = choose(helper.target, helper.survey, toolbox, way)
        told.progress("Starting the shell")
        program = await helper.start(shell_request(helper.target, helper.survey, chosen.way))
        # The engine starts it at 0 by 0; before its first prompt it is to know how much room it has.
        await program.resize(columns, rows)
    except BaseException:
        await finished(helper.close())
        raise
    return ShellStream(helper, program, chosen)


async def plan_shell(
    engine: Engine, target: str, toolbox: str = DEFAULT, way: Way | None = None
) -> ShellPlan:
    """Return what `open_shell` would do, starting nothing.

    Raises ImageNotFound where there is no such container, EngineError where it does not run.
    """
    details = await engine.container_details(target)
    must_run(details)
    return plan(details, toolbox, way)
