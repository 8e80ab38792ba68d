"""What is going on in a running container, without typing: each question is one call, answered by a helper beside it."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.errors import EngineError
from slimdesk.debug import environment, http_probe, limits, mounts, name_check, processes, sockets
from slimdesk.debug.environment import Variable
from slimdesk.debug.http_probe import HttpAnswer
from slimdesk.debug.limits import Limits
from slimdesk.debug.mounts import Mount
from slimdesk.debug.name_check import NameAnswer
from slimdesk.debug.processes import Process
from slimdesk.debug.sections import Script
from slimdesk.debug.sockets import Socket
from slimdesk.operations.sidecar import Sidecar

# A name server that is not there is waited for by the tool itself: three times five seconds.
_NAME_PATIENCE = 20.0


async def list_processes(helper: Sidecar) -> tuple[Process, ...]:
    """Return the target's processes, by number. Raises EngineError."""
    asked = processes.script()
    out = await _ask(helper, asked)
    return processes.parse(asked, out, helper.target.record.container_id, helper.container)


async def list_sockets(helper: Sidecar) -> tuple[Socket, ...]:
    """Return its open ports and connections, the open ports first. Raises EngineError."""
    asked = sockets.script(helper.survey.app)
    return sockets.parse(asked, await _ask(helper, asked))


async def read_environment(helper: Sidecar) -> tuple[Variable, ...]:
    """Return the variables that its process was started with. Raises EngineError where the helper may not look at them."""
    asked = environment.script(helper.survey.app)
    return environment.parse(asked, await _ask(helper, asked, needs_root=True))


async def list_mounts(helper: Sidecar) -> tuple[Mount, ...]:
    """Return what is mounted in it, the engine's own mounts last. Raises EngineError."""
    asked = mounts.script(helper.survey.app)
    return mounts.parse(asked, await _ask(helper, asked, needs_root=True))


async def read_limits(helper: Sidecar) -> Limits:
    """Return what it may use and uses. Raises EngineError."""
    asked = limits.script(helper.survey.app)
    found = limits.parse(asked, await _ask(helper, asked))
    target = helper.target
    if found.memory is not None or found.cpus is not None or found.pids is not None:
        return found
    # Its control group is not to be seen from inside: what it was started with holds all the same.
    return Limits(
        target.memory, found.memory_used, found.oom_kills, target.cpus, found.throttled, target.pids, found.pids_used,
        found.process,
    )  # fmt: skip


async def check_name(helper: Sidecar, name: str) -> NameAnswer:
    """Ask for a host name from inside its network. Raises BadInput for what is no name, EngineError."""
    asked = name_check.script(helper.survey.app, name)
    return name_check.parse(asked, await _ask(helper, asked, _NAME_PATIENCE, may_be_cut=True), name)


async def probe_http(
    helper: Sidecar, port: int, path: str = "/", *, seconds: int = 5, secure: bool = False
) -> HttpAnswer:
    """Ask its own port from inside its network. Raises BadInput for a port or path that cannot be one, EngineError."""
    asked = http_probe.script(port, path, seconds, secure=secure)
    return http_probe.parse(asked, await _ask(helper, asked, seconds + 5.0, may_be_cut=True))


@dataclass(frozen=True, slots=True)
class Overview:
    """All that needs no question of the person's own."""

    processes: tuple[Process, ...]
    sockets: tuple[Socket, ...]
    environment: tuple[Variable, ...]
    mounts: tuple[Mount, ...]
    limits: Limits


async def look(helper: Sidecar) -> Overview:
    """Ask everything at once. Raises EngineError."""
    import asyncio

    found = await asyncio.gather(
        list_processes(helper),
        list_sockets(helper),
        read_environment(helper),
        list_mounts(helper),
        read_limits(helper),
    )
    return Overview(*found)


async def _ask(
    helper: Sidecar,
    asked: Script,
    seconds: float = 10.0,
    *,
    needs_root: bool = False,
    may_be_cut: bool = False,
) -> bytes:
    if needs_root and not helper.survey.root:
        raise EngineError(
            "The engine does not let a helper look into this container",
            "it is refused what belongs to another user's process",
            "",
        )
    return await helper.ask(asked, seconds, may_be_cut=may_be_cut)
