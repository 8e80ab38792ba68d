"""Commands to take along: a shell beside a container in the words of `docker`, `docker debug`, `cdebug` and `kubectl`.

Every line is for a POSIX shell. Sources: docs.docker.com (docker run, docker debug), the README of iximiuz/cdebug 0.0.18.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from slimdesk.basics.escaping import shell_word
from slimdesk.debug.kubectl import KubectlCommand, PodTarget, ephemeral
from slimdesk.debug.ways import Rights, Way, rights
from slimdesk.engine.details import ContainerDetails
from slimdesk.engine.model import ContainerSpec

_ROOT = ("", "0", "root", "0:0", "root:root")
# A child of the first shell: that one keeps its own root, through which the tools are reached from among the target's files.
_ENTER = (
    "PATH=/proc/$$/root/bin:/proc/$$/root/usr/bin:$PATH chroot /proc/{pid}/root /proc/$$/root/bin/sh -i; exit"
)
_TOOLS = "export ROOT=/proc/{pid}/root; exec sh -i"


@dataclass(frozen=True, slots=True)
class Commands:
    """Lines to copy. `cdebug` None where it cannot work; `notes` say why, and what to know."""

    docker: str
    docker_debug: str
    cdebug: str | None
    kubectl: KubectlCommand
    notes: tuple[str, ...] = ()


def commands_for(
    target: ContainerDetails,
    toolbox: str,
    way: Way = "tools",
    *,
    pid: int = 1,
    given: Rights | None = None,
    pod: PodTarget | None = None,
) -> Commands:
    """Return the lines for a shell beside a running container.

    `pid` is the target's process as a helper beside it numbers it, `given` what the helper runs with (None = the first of
    `rights`). `pod` says where the same container runs in a cluster; without it the kubectl line names POD and CONTAINER,
    to be filled in.
    """
    user = target.record.user
    name = _name(target)
    cdebug, note = _cdebug(target, name, toolbox)
    notes = [note] if note else []
    if user.isdigit() and user not in _ROOT:
        notes.append(
            f"A helper with --user {user} alone may not look at the container's files: the group must match as well "
            f"(--user {user}:GROUP), or it runs as root with SYS_PTRACE."
        )
    return Commands(
        docker=line(docker_words(target, toolbox, way, pid=pid, given=given)),
        docker_debug=line(("docker", "debug", name)),
        cdebug=cdebug,
        kubectl=ephemeral(pod or PodTarget("POD", "CONTAINER", user=user), toolbox),
        notes=tuple(notes),
    )


def docker_words(
    target: ContainerDetails, toolbox: str, way: Way, *, pid: int = 1, given: Rights | None = None
) -> tuple[str, ...]:
    """Return the words of `docker run` for a shell beside the target, with its files (`files`) or the tools at /."""
    granted = given or rights(target)[0]
    beside = f"container:{_name(target)}"
    words = ["docker", "run", "--rm", "-it", "--pid", beside, "--network", beside]
    if target.ipc_mode in ("shareable", "host") or target.ipc_mode.startswith("container:"):
        words += ["--ipc", beside]
    words += ["--user", granted.user]
    for capability in granted.cap_add:
        words += ["--cap-add", capability]
    if target.app_armor:
        words += ["--security-opt", f"apparmor={target.app_armor}"]
    if target.userns_mode:
        words += ["--userns", target.userns_mode]
    script = (_ENTER if way == "files" else _TOOLS).format(pid=pid)
    return (*words, "--entrypoint", "sh", toolbox, "-c", script)


def run_line(spec: ContainerSpec) -> str:
    """Return `docker run …` for a container that is to be started, such as a pod's. The values of its variables are in it."""
    words = ["docker", "run", "--rm", "-it"]
    for port in spec.ports:
        words += ["--publish", f"127.0.0.1::{port}"]
    for key, value in spec.environment.items():
        words += ["--env", f"{key}={value}"]
    one_by_one: tuple[tuple[str, Iterable[str]], ...] = (
        ("--tmpfs", spec.tmpfs),
        ("--volume", (*spec.volumes, *spec.binds)),
        ("--volumes-from", spec.volumes_from),
        ("--cap-drop", spec.cap_drop),
        ("--cap-add", spec.cap_add),
        ("--group-add", spec.groups),
    )
    for option, values in one_by_one:
        for value in values:
            words += [option, value]
    if spec.memory is not None:
        words += ["--memory", str(spec.memory), "--memory-swap", str(spec.memory)]
    if spec.cpus is not None:
        words += ["--cpus", f"{spec.cpus:g}"]
    if spec.no_new_privileges:
        words += ["--security-opt", "no-new-privileges"]
    said = (
        ("--user", spec.user),
        ("--workdir", spec.working_dir),
        ("--hostname", spec.hostname),
        ("--network", spec.network),
        ("--platform", spec.platform),
    )
    for option, wanted in said:
        if wanted:
            words += [option, wanted]
    words += ["--read-only"] if spec.read_only else []
    words += ["--init"] if spec.init else []
    # The option takes the program alone; the rest of the entry point stands before the arguments.
    program, *rest = spec.entrypoint or ("",)
    if spec.entrypoint is not None:
        words += ["--entrypoint", program]
    return line(
        [*words, spec.image, *rest, *spec.command] if spec.entrypoint else [*words, spec.image, *spec.command]
    )


def line(words: Iterable[str]) -> str:
    """Return one line that a POSIX shell takes apart into exactly these words."""
    return " ".join(shell_word(word) if word else "''" for word in words)


def _name(target: ContainerDetails) -> str:
    return target.record.name or target.record.container_id[:12]


def _cdebug(target: ContainerDetails, name: str, toolbox: str) -> tuple[str | None, str]:
    """Return the line: tools are linked into the target's root, which takes a writable one and the right to look at it."""
    if target.read_only:
        return None, "cdebug writes a link into the container's root, and this one is read-only."
    words = ["cdebug", "exec", "-it", "--image", toolbox]
    if target.record.user not in _ROOT:
        # Without it: "ln: /proc/1/root/.cdebug…: Permission denied" (iximiuz/cdebug#1).
        words.append("--privileged")
    return line([*words, f"docker://{name}"]), ""
