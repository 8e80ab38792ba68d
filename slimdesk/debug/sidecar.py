"""The helper container beside a target: how it is made, and how a shell in it is started."""

from __future__ import annotations

import re

from slimdesk.basics.owner import owner_mark
from slimdesk.debug.survey import Survey
from slimdesk.debug.ways import Rights, Way
from slimdesk.engine.details import ContainerDetails
from slimdesk.engine.exec import ExecRequest
from slimdesk.engine.model import LABEL_HELPER, LABEL_PREFIX, ContainerSpec

LABEL_TARGET = f"{LABEL_PREFIX}target"
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ODD = re.compile(r"[^A-Za-z0-9_.-]")


def helper_spec(target: ContainerDetails, toolbox: str, given: Rights, name: str) -> ContainerSpec:
    """Return the helper: it shares the target's processes and network, and ends when its standard input does."""
    identity = target.record.container_id
    beside = f"container:{identity}"
    return ContainerSpec(
        image=toolbox,
        # It reads the survey's script, and then nothing until its standard input ends.
        entrypoint=("sh", "-s"),
        command=(identity, str(_fallback(target))),
        user=given.user,
        working_dir="/",
        cap_add=given.cap_add,
        network=beside,
        pid_mode=beside,
        # An engine gives a container an IPC namespace that others may join only if it was asked to.
        ipc_mode=beside if _shares_ipc(target.ipc_mode) else None,
        userns_mode=target.userns_mode or None,
        # The same profile on both sides: AppArmor asks each whether it may look at the other.
        security=(f"apparmor={target.app_armor}",) if target.app_armor else (),
        labels={LABEL_HELPER: owner_mark(), LABEL_TARGET: identity},
        name=name,
        stdin_open=True,
        auto_remove=True,
    )


def shell_request(target: ContainerDetails, survey: Survey, way: Way) -> ExecRequest:
    """Return the program that is the shell, to be started in the helper with a terminal."""
    name = _ODD.sub("", target.record.name)[:40] or target.record.container_id[:12]
    place = f"/proc/{survey.app}/root"
    shown = {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TARGET_PID": str(survey.app),
    }
    if way == "files":
        own = dict(target.environment).get("PATH") or DEFAULT_PATH
        environment = {**shown, "PATH": f"{survey.path}:{own}", "HOME": "/", "PS1": f"{name}:$PWD# "}
        enter = 'cd -- "$1" 2>/dev/null || cd /; exec "$0" -i'
        shell = f"/proc/{survey.own}/root{survey.shell}"
        return ExecRequest(
            ("chroot", place, shell, "-c", enter, shell, target.working_dir), environment, tty=True
        )
    environment = {**shown, "ROOT": place, "PS1": f"{name} (tools):$PWD# "}
    # Exported, because a folder of another root has no name of its own: the next shell would not know where it is.
    enter = 'cd -- "$ROOT" 2>/dev/null; export PWD; exec "$0" -i'
    return ExecRequest((survey.shell, "-c", enter, survey.shell), environment, tty=True)


def _shares_ipc(mode: str) -> bool:
    return mode in ("shareable", "host") or mode.startswith("container:")


def _fallback(target: ContainerDetails) -> int:
    """The target's number of its first process where its control group does not tell: of the engine's host, or 1."""
    return (target.pid or 1) if target.pid_mode == "host" else 1
