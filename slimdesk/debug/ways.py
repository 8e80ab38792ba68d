"""The two ways into a container that has no shell, and which of them a target allows.

`files`: the target's files are at /, the toolbox's programs are on PATH (chroot through /proc/<pid>/root; the programs are
reached through /proc/<helper>/root, so nothing is written into the target). Takes statically linked tools.
`tools`: the toolbox's own files are at /, the target's are at /proc/<pid>/root. Takes nothing but `sh`.

Both go through the kernel's ptrace check of /proc/<pid>/root. The helper runs as root with SYS_PTRACE added to the engine's
default capabilities; where an engine refuses that, as the target's own user with no more rights than it has.

What works was tried on Docker 20.10 (classic store) and 28 (containerd store), with BusyBox linked statically, 2026-11-21;
tests/engine/test_debug_shell.py tries what is marked * again on each run:

| target                                   | files | tools | note |
|------------------------------------------|-------|-------|------|
| root *, 65532 *, --user of any number    | yes   | yes   | |
| read-only root, all capabilities dropped, no-new-privileges * | yes | yes | nothing is written into it |
| --init *                                 | yes   | yes   | the app is the child of process 1 |
| PID namespace of the host *              | yes   | yes   | told by its control group; all of the host's processes are seen |
| PID namespace of another container *     | yes   | yes   | both containers' processes are seen |
| network none *, host, another container's | yes  | yes   | the target's own network is shared, whatever it is |
| IPC shareable *                          | yes   | yes   | shared as well; a private IPC namespace cannot be joined |
| engine with mapped users (--userns-remap) | yes  | yes   | 20.10; the helper is mapped in the same way |
| --userns=host there                      | yes   | yes   | the helper is given it, too |
| --pid=host there                         | -     | -     | the engine makes no such container |
| helper as the target's user, no capabilities * | no | yes | chroot is root's alone; group and user must both match |
| toolbox with libraries of its own *      | no    | yes   | its programs do not find them below another root |
| stopped, crashed, not started *          | no    | no    | it has no processes to share: start its image anew |
| paused                                   | yes   | yes   | the helper is not paused |

A program that still runs in a shell when it is closed is ended by the engine together with that shell. It may then stay in the
target's process table, as a zombie of a first process that collects none (the target's own with --init does). It is not ended
from inside the helper: where the PID namespace is the host's, a helper cannot tell for sure which processes are its own.
A first process of the helper's own (--init) would not collect it either: what is started in a container later is no child of
it, and the kernel hands what is left to the first process of the shared PID namespace, which is the target's.

Engines, tried by hand with the tests of this package (tests/engine/test_engine_over_tls.py is run each time), 2026-11-21:

| engine                           | both ways | note |
|----------------------------------|-----------|------|
| Docker 28 over TCP with TLS      | yes       | builds, input, logs and events as well |
| Docker 28, rootless              | yes       | containerd store, no control groups (v1): no pausing; where another's PID namespace is shared its first process is taken for the app; a killed program's helper goes, what ran in its shell stays until the target ends |
| Podman 4.3, as root              | yes       | nothing starts beside a paused container; a helper whose program was killed ends, and its record goes at the next start; pod volumes have no owner, /tmp of a read-only root can be written, its own mount points count as changes |
| Podman 4.3, building             | -         | by Buildah, which is sent the whole context: stages, cache and bind mounts work, COPY --link is refused |

Not tried: rootless Podman, AppArmor (the helper is given the target's profile) and SELinux, Windows containers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from slimdesk.debug.survey import Survey
from slimdesk.engine.details import ContainerDetails

Way = Literal["files", "tools"]
_IDS = re.compile(r"[0-9]{1,10}(?::[0-9]{1,10})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A way in, and in a sentence why this one."""

    way: Way
    reason: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What a helper runs with; `user` None = root whatever the toolbox says."""

    user: str
    cap_add: tuple[str, ...]


def rights(target: ContainerDetails) -> tuple[Rights, ...]:
    """Return what a helper is to be given, the best first; the second is for engines that refuse the first."""
    found = [Rights("0:0", ("SYS_PTRACE",))]
    user = target.record.user
    if _IDS.fullmatch(user):
        # Without its group the same user is refused (measured): both must match.
        found.append(Rights(user if ":" in user else f"{user}:{user}", ()))
    return tuple(found)


def choose(target: ContainerDetails, survey: Survey, toolbox: str, wanted: Way | None = None) -> Chosen:
    """Return the way in and why; `wanted` is taken if the target and the toolbox allow it."""
    place = f"/proc/{survey.app}/root"
    if survey.files == "yes" and wanted != "tools":
        read_only = " Its root is read-only and stays as it is." if target.read_only else ""
        return Chosen(
            "files",
            f"The container's files are at /, and the tools of {toolbox} are on PATH; "
            f"nothing is written into the container.{read_only}",
        )
    if survey.files == "yes":
        return Chosen("tools", f"The tools of {toolbox} are at /, the container's files at {place}.")
    if not survey.root:
        return Chosen(
            "tools",
            "The engine does not let a helper look at this container's files: processes and network are there, "
            f"the files at / are those of {toolbox}.",
        )
    why = {
        "dynamic": f"The tools of {toolbox} need libraries that are not among the container's files",
        "no-chroot": f"{toolbox} has no chroot",
    }.get(survey.files, "The engine does not let a helper change its root folder")
    return Chosen("tools", f"{why}: its tools are at /, the container's files at {place}.")
