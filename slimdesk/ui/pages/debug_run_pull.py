"""An image that the engine has not is fetched, and then what needed it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from slimdesk.basics.escaping import visible
from slimdesk.ui.desk import Desk

if TYPE_CHECKING:
    from slimdesk.basics.job import Job


def pull_and_go_on(desk: Desk, image: str, go_on: Callable[[], object]) -> None:
    """Pull an image as a job, and call `go_on` once it is there; a failure is told as a notice of the window."""

    async def work(job: Job) -> None:
        from slimdesk.operations.connect import connected

        async with connected(desk.workspace.settings.context) as engine:
            await engine.pull(image, None, job)

    async def pulled() -> None:
        await desk.job(f"Pull {visible(image, 60)}", "pull", work)
        go_on()

    desk.spawn(pulled())
