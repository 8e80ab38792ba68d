"""What a shell beside a container would be, before anything is started: the way in that the toolbox is known to allow."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.debug.toolboxes import TOOLBOXES
from slimdesk.debug.ways import Way
from slimdesk.engine.details import ContainerDetails


@dataclass(frozen=True, slots=True)
class ShellPlan:
    """A shell beside `target` with the tools of `toolbox`; `pid` is the target's process as a helper beside it numbers it."""

    target: ContainerDetails
    toolbox: str
    way: Way
    reason: str
    pid: int = 1


def plan(target: ContainerDetails, toolbox: str, wanted: Way | None = None) -> ShellPlan:
    """Return the shell as it would be; a toolbox that nobody knows is taken to need libraries of its own."""
    static = any(box.image == toolbox and box.static for box in TOOLBOXES)
    name = visible(toolbox)
    # Also with --init: its process has the same root as the app's.
    pid = target.pid if target.pid_mode == "host" and target.pid else 1
    if static and wanted != "tools":
        reason = f"The container's files are at /, and the tools of {name} are on PATH; nothing is written into the container."
        return ShellPlan(target, toolbox, "files", reason, pid)
    if wanted == "files":
        reason = f"The container's files are at /; that works only if the tools of {name} need no libraries of their own."
        return ShellPlan(target, toolbox, "files", reason, pid)
    why = "" if static else " (they need libraries of their own, as far as is known)"
    reason = f"The tools of {name} are at /{why}, the container's files at /proc/{pid}/root."
    return ShellPlan(target, toolbox, "tools", reason, pid)
