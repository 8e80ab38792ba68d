"""A shell in what does not run: the same image with its entry point held, as the container was made.

A stopped or crashed container has no processes or network to share, so its image is started anew: the same environment,
volumes, network, user and rights, and in place of its program a shell that only waits. An image that has no shell gets a
static busybox in a volume of its own at TOOLS, which works with a read-only root too and goes with the container.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slimdesk.debug.commands import line
from slimdesk.engine.details import ContainerDetails
from slimdesk.engine.exec import ExecRequest
from slimdesk.engine.model import ContainerSpec

TOOLS = "/.slimdesk"
BUSYBOX = f"{TOOLS}/busybox"
# Where images have a shell: distroless' debug tags, then everybody else.
SHELLS = ("/busybox/sh", "/bin/bash", "/bin/sh", "/usr/bin/sh", "/bin/ash")
# It reads its input until that ends: with the program that holds it, so that nothing is left when that is killed.
_HOLD = "while read -r _; do :; done"
_OWN_NETWORKS = ("", "default", "bridge")


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """What is started: `image` (its ID, or a debug variant's name), `details` = how the target was made, None for an image.

    `shell` is the image's own, None where it has none and busybox is brought. `environment` are the container's own
    variables, not those of its image. `omitted` says what is not as it was.
    """

    image: str
    title: str
    shell: str | None
    details: ContainerDetails | None = None
    environment: tuple[tuple[str, str], ...] = ()
    omitted: tuple[str, ...] = ()

    @property
    def brings_tools(self) -> bool:
        """Whether busybox is brought, because the image has no shell."""
        return self.shell is None

    @property
    def reason(self) -> str:
        """Where the shell comes from, in a sentence."""
        if self.shell is None:
            return f"{self.title} has no shell: a static busybox is at {TOOLS}, and goes with the container."
        return f"{self.title} has a shell of its own ({self.shell}); its program is not started."


def omitted_of(details: ContainerDetails) -> tuple[str, ...]:
    """Return sentences on what a held container has not from its target."""
    found = []
    if details.network_mode.startswith("container:"):
        found.append("the network that it shared with another container: it has one of its own")
    if details.pid_mode:
        found.append("the processes that it shared")
    if details.privileged:
        found.append("its privileges: the held container is not privileged")
    if details.record.ports:
        found.append("its published ports: another container may have them by now")
    return tuple(found)


def own_environment(
    details: ContainerDetails, image_config: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    """Return the variables that the container was given; `image_config` is the Config object of its image."""
    theirs = set(image_config.get("Env") or ())
    return tuple((name, value) for name, value in details.environment if f"{name}={value}" not in theirs)


def held_spec(plan: HeldPlan, name: str, labels: dict[str, str]) -> ContainerSpec:
    """Return the container: it waits for its standard input to end, and the engine removes it then."""
    program = (plan.shell,) if plan.shell is not None else (BUSYBOX, "sh")
    details = plan.details
    volumes = (TOOLS,) if plan.brings_tools else ()
    if details is None:
        return ContainerSpec(
            image=plan.image, entrypoint=program, command=("-c", _HOLD), volumes=volumes, name=name, labels=labels,
            stdin_open=True, auto_remove=True,
        )  # fmt: skip
    network = details.network_mode
    return ContainerSpec(
        image=plan.image,
        entrypoint=program,
        command=("-c", _HOLD),
        environment=dict(plan.environment),
        volumes=volumes,
        volumes_from=(details.record.container_id,),
        tmpfs=tuple(mount.target for mount in details.mounts if mount.kind == "tmpfs"),
        read_only=details.read_only,
        user=details.record.user or None,
        working_dir=details.working_dir,
        cap_add=details.cap_add,
        cap_drop=details.cap_drop,
        network=None if network in _OWN_NETWORKS or network.startswith("container:") else network,
        userns_mode=details.userns_mode or None,
        init=details.init,
        name=name,
        labels=labels,
        stdin_open=True,
        auto_remove=True,
    )


def install_request() -> ExecRequest:
    """Return what gives busybox' programs their names; root's, since the volume is."""
    return ExecRequest((BUSYBOX, "--install", "-s", TOOLS), {}, user="0:0")


def shell_request(plan: HeldPlan) -> ExecRequest:
    """Return the shell itself, to be started in the held container with a terminal, as its user."""
    program = (plan.shell,) if plan.shell is not None else (BUSYBOX, "sh")
    environment = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    own = dict(plan.details.environment).get("PATH", "") if plan.details is not None else ""
    folder = (plan.shell or BUSYBOX).rpartition("/")[0]
    path = own or "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    if folder not in path.split(":"):
        environment["PATH"] = f"{path}:{folder}"
    return ExecRequest((*program, "-i"), environment, tty=True)


def held_line(plan: HeldPlan, name: str, toolbox: str) -> str:
    """Return the equal `docker` line; `name` is what the held container is called in it.

    The values of the target's variables are in it.
    """
    words = _create_words(plan)
    if plan.shell is not None:
        return line(["docker", "run", "--rm", "-it", *words, "--entrypoint", plan.shell, plan.image])
    tools = f"{name}-tools"
    steps = (
        ["docker", "create", "-it", "--name", name, *words, "--volume", TOOLS, "--entrypoint", BUSYBOX, plan.image, "sh"],
        ["docker", "create", "--name", tools, toolbox],
    )  # fmt: skip
    # `docker cp` copies from one container to another through a pipe alone.
    copied = f"docker cp {line([tools])}:/bin/busybox - | docker cp - {line([name])}:{TOOLS}"
    started = f"docker start -ai {line([name])}"
    return (
        " && ".join([*(line(step) for step in steps), copied, started])
        + f"; docker rm -fv {line([name, tools])}"
    )


def _create_words(plan: HeldPlan) -> list[str]:
    details = plan.details
    if details is None:
        return []
    words = ["--volumes-from", details.record.name or details.record.container_id[:12]]
    for key, value in plan.environment:
        words += ["--env", f"{key}={value}"]
    for mount in details.mounts:
        if mount.kind == "tmpfs":
            words += ["--tmpfs", mount.target]
    if details.read_only:
        words.append("--read-only")
    if details.record.user:
        words += ["--user", details.record.user]
    if details.working_dir:
        words += ["--workdir", details.working_dir]
    for key, values in (("--cap-add", details.cap_add), ("--cap-drop", details.cap_drop)):
        for value in values:
            words += [key, value]
    network = details.network_mode
    if network not in _OWN_NETWORKS and not network.startswith("container:"):
        words += ["--network", network]
    if details.userns_mode:
        words += ["--userns", details.userns_mode]
    return words
