"""How a shell of the Debug page is opened: tools fetched as a job, the way in told above the terminal."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.debug_terminal_pane import TerminalPane

if TYPE_CHECKING:
    from slimdesk.basics.job import Job
    from slimdesk.debug.ways import Way
    from slimdesk.engine.engine import Engine
    from slimdesk.operations.terminal_stream import TerminalStream


class Telling:
    """A reporter that shows each step in the line above a terminal."""

    def __init__(self, pane: TerminalPane) -> None:
        self._pane = pane

    def progress(self, step: str = "", done: float = 0, total: float | None = None, unit: str = "") -> None:
        """Show the step."""
        del done, total, unit
        if step:
            self._pane.say(f"{step}…")

    def log(self, text: str) -> None:
        """Nothing of it is shown."""


def load() -> None:
    """Import what opens shells. Blocking, for a thread: with the first click it would be felt."""
    import slimdesk.operations.connect
    import slimdesk.operations.debug_shell
    import slimdesk.operations.held_shell
    import slimdesk.operations.inspect_container  # noqa: F401
    from slimdesk.terminal.make import make_screen

    # The first one reads the declarations of its library: half a second of the window's, were it made there.
    make_screen().close()


def chosen_toolbox(desk: Desk) -> str:
    """Return the image whose tools a shell brings: the person's own, else the program's."""
    from slimdesk.debug.toolboxes import DEFAULT

    return desk.workspace.settings.toolbox or DEFAULT


def title_of(toolbox: str) -> str:
    """Return what a toolbox is called: "BusyBox" for a known one, else the image's name."""
    from slimdesk.basics.escaping import visible
    from slimdesk.debug.toolboxes import TOOLBOXES

    return next((box.title for box in TOOLBOXES if box.image == toolbox), visible(toolbox, 80))


def beside(
    desk: Desk, pane: TerminalPane, container: str, toolbox: str, way: Way | None
) -> Coroutine[Any, Any, TerminalStream]:
    """Return what opens a shell beside a running container, in that pane."""

    async def opening() -> TerminalStream:
        from slimdesk.operations.connect import connected
        from slimdesk.operations.debug_shell import open_shell

        async with connected(desk.workspace.settings.context) as engine:
            await fetched(desk, engine, toolbox)
            columns, rows = pane.terminal.size_in_cells
            shell = await open_shell(
                engine, container, toolbox, way, columns=columns, rows=rows, reporter=Telling(pane)
            )
        pane.say(
            f"{title_of(toolbox)} beside {pane.title}: same processes, same network. {shell.chosen.reason}"
        )
        return shell

    return opening()


def held(desk: Desk, pane: TerminalPane, target: str, toolbox: str) -> Coroutine[Any, Any, TerminalStream]:
    """Return what opens a shell in what a container that does not run was made from, or in an image."""

    async def opening() -> TerminalStream:
        from slimdesk.operations.connect import connected
        from slimdesk.operations.held_shell import held_shell

        async with connected(desk.workspace.settings.context) as engine:
            columns, rows = pane.terminal.size_in_cells
            shell = await held_shell(
                engine, target, toolbox=toolbox, columns=columns, rows=rows, reporter=Telling(pane)
            )
        omitted = "".join(f" Not as it was: {one}." for one in shell.plan.omitted)
        pane.say(f"Started anew with its entry point held. {shell.plan.reason}{omitted}")
        return shell

    return opening()


def local(pane: TerminalPane, line: str) -> Coroutine[Any, Any, TerminalStream]:
    """Return what runs a line of this machine's shell in that pane."""

    async def opening() -> TerminalStream:
        from slimdesk.operations.local_program import run_line

        columns, rows = pane.terminal.size_in_cells
        return await run_line(line, columns=columns, rows=rows)

    return opening()


async def fetched(desk: Desk, engine: Engine, toolbox: str) -> None:
    """Have the toolbox on the engine; one that must be fetched is a job. Raises ToolboxMissing, EngineError."""
    from slimdesk.operations.sidecar import have_toolbox

    if await engine.has_image(toolbox):
        return

    async def work(job: Job) -> None:
        await have_toolbox(engine, toolbox, job)

    await desk.job(f"Fetch {title_of(toolbox)}", "pull", work)
