"""What a shell beside a container would be, before anything is started: the way in as the toolbox is known to allow."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.debug.toolboxes import TOOLBOXES
from slimdesk.debug.ways import Way
from slimdesk.engine.details import ContainerDetails


@dataclass(frozen=True, slots=True)
class ShellPlan:
    """A shell beside `target` with the tools of `toolbox`. `place` is where the target's files are for a helper."""

    target: ContainerDetails
    toolbox: str
    way: Way
    reason: str

    @property
    def name(self) -> str:
        """What a person calls the target."""
        return self.target.record.name or self.target.record.container_id[:12]

    @property
    def place(self) -> str:
        """Where a helper beside it finds its files; also with `--init`, whose process has the same root."""
        pid = self.target.pid if self.target.pid_mode == "host" and self.target.pid else 1
        return f"/proc/{pid}/root"

    @property
    def docker(self) -> tuple[str, ...]:
        """The equal `docker run`, word by word (not quoted). It is what `docker` gets; nothing of ours is in it."""
        beside = f"container:{self.name}"
        words = ["docker", "run", "--rm", "-it", "--pid", beside, "--network", beside]
        if self.target.ipc_mode in ("shareable", "host") or self.target.ipc_mode.startswith("container:"):
            words += ["--ipc", beside]
        if self.target.userns_mode:
            words += ["--userns", self.target.userns_mode]
        words += ["--user", "0:0", "--cap-add", "SYS_PTRACE", "--entrypoint", "sh", self.toolbox]
        if self.way == "files":
            # A child of the first shell: that one keeps its own root, through which the tools are reached.
            script = f"PATH=/proc/$$/root/bin:/proc/$$/root/usr/bin:$PATH chroot {self.place} /proc/$$/root/bin/sh -i; exit"
            words += ["-c", script]
        else:
            words += ["-c", f"cd {self.place} && export PWD; exec sh -i"]
        return tuple(words)


def plan(target: ContainerDetails, toolbox: str, wanted: Way | None = None) -> ShellPlan:
    """Return the shell as it would be; a toolbox that nobody knows is taken to need its own libraries."""
    static = any(box.image == toolbox and box.static for box in TOOLBOXES)
    name = visible(toolbox)
    if static and wanted != "tools":
        reason = f"The container's files are at /, and the tools of {name} are on PATH; nothing is written into the container."
        return ShellPlan(target, toolbox, "files", reason)
    if wanted == "files":
        reason = f"The container's files are at /; that works only if the tools of {name} need no libraries of their own."
        return ShellPlan(target, toolbox, "files", reason)
    found = ShellPlan(target, toolbox, "tools", "")
    why = "" if static else " (they need libraries of their own, as far as is known)"
    reason = f"The tools of {name} are at /{why}, the container's files at {found.place}."
    return ShellPlan(target, toolbox, "tools", reason)
