"""From a pod's container and its image to a container for an engine: what is reproduced, what is not, what is refused.

| manifest | here |
|---|---|
| command, args | ENTRYPOINT and CMD, as Kubernetes replaces them; $(NAME) filled in |
| env, envFrom | values; ConfigMaps and Secrets of the same file, or --env; else "not reproduced" |
| runAsUser, runAsGroup, runAsNonRoot | the user; what the kubelet refuses is refused, with its reason |
| fsGroup, supplementalGroups | further groups; emptyDirs belong to fsGroup |
| readOnlyRootFilesystem, capabilities, allowPrivilegeEscalation | the same of the engine |
| limits.memory, limits.cpu | the same, without swap |
| volumes: emptyDir | tmpfs with its size, mode 0777; others "not reproduced" |
| ports | published on this machine; probes become checks |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from slimdesk.basics.escaping import visible
from slimdesk.debug.causes import Cause, of_refusal
from slimdesk.debug.pod import Manifest, Mount, Pod, PodContainer, Probe, Security
from slimdesk.debug.pod_environment import environment_of, expanded
from slimdesk.engine.model import ContainerSpec

# OpenShift gives each namespace a range of its own, from 1000000000 on; the group is root's (restricted-v2).
RANDOM_USER = 1_000_650_000
_SHELLS = re.compile(r"(?:^|/)(?:ba|da|a|z|k)?sh$")
_SHELL_WORD = re.compile(r"^(?:&&|\|\||\||;|>>?|2>&1|<)$|^[^$]*\$(?:\{\w+[^}]*\}|[A-Za-z_]\w*)|`")
# Engines give 64 processors' worth at most where a machine has fewer: asking for more than it has is an error.
_ROOT = ("", "0", "root")


@dataclass(frozen=True, slots=True)
class PodChoices:
    """What the person adds to a manifest. `image` stands in for the manifest's; `user` is a uid that a platform picks."""

    image: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    user: int | None = None


@dataclass(frozen=True, slots=True)
class PodPlan:
    """How a pod's container is started here. `spec` None where `refused` says why Kubernetes would not start it.

    `omitted` are sentences on what is not reproduced, `notes` on what may go wrong. `user` is what it runs as, `working_dir` where ("" = the root).
    """

    title: str
    image: str
    user: str
    spec: ContainerSpec | None
    working_dir: str = ""
    probes: tuple[Probe, ...] = ()
    omitted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refused: tuple[Cause, ...] = ()


def plan_pod(
    manifest: Manifest,
    pod: Pod,
    container: PodContainer,
    image_config: Mapping[str, Any],
    choices: PodChoices,
) -> PodPlan:
    """Plan one container; `image_config` is its image's Config object, as the engine tells it."""
    security = container.security
    if choices.user is not None:
        security = replace(
            security,
            user=choices.user,
            group=0,
            groups=security.groups,
            file_group=security.file_group or choices.user,
        )
    own_user = str(image_config.get("User") or "")
    user = user_of(security, own_user)
    environment = environment_of(manifest, pod, container, choices.environment)
    refused = [
        *(
            Cause("not-accepted", f"Kubernetes does not take the manifest: {one}.")
            for one in container.refused
        ),
        *environment.refused,
        *non_root_refusal(security, own_user),
        *_nothing_to_start(container, image_config),
    ]
    values = {**_image_environment(image_config), **environment.values}
    command = None if container.command is None else tuple(expanded(one, values) for one in container.command)
    args = None if container.args is None else tuple(expanded(one, values) for one in container.args)
    image = choices.image or container.image
    mounts = tuple(
        _tmpfs(one, user, security.file_group) for one in container.mounts if one.kind == "emptyDir"
    )
    probe_ports = {probe.port for probe in container.probes if probe.port is not None}
    spec = ContainerSpec(
        image=image,
        entrypoint=command,
        command=args or (),
        environment=environment.values,
        tmpfs=mounts,
        read_only=security.read_only,
        user=user or None,
        working_dir=container.working_dir,
        ports=tuple(sorted({*container.ports, *probe_ports})),
        cap_drop=security.drop,
        cap_add=security.add,
        groups=tuple(str(one) for one in dict.fromkeys((*security.groups, *_one(security.file_group)))),
        memory=container.memory,
        cpus=container.cpus,
        no_new_privileges=security.no_new_privileges,
        hostname=_hostname(pod.name),
    )
    return PodPlan(
        title=f"{pod.title}, container {container.name}",
        image=image,
        user=user or "0",
        spec=None if refused else spec,
        working_dir=container.working_dir or str(image_config.get("WorkingDir") or ""),
        probes=container.probes,
        omitted=(*pod.omitted, *environment.omitted, *_omitted(container, security)),
        notes=tuple(_notes(command, args, image_config, security, user)),
        refused=tuple(refused),
    )


def user_of(security: Security, own: str) -> str:
    """Return UID[:GID] as the kubelet gives it to the runtime; the image's own user where the manifest is silent."""
    user, _, group = own.partition(":")
    if security.user is not None:
        user, group = str(security.user), ""
    if security.group is not None:
        user, group = user or "0", str(security.group)
    return f"{user}:{group}" if group else user


def non_root_refusal(security: Security, own: str) -> list[Cause]:
    """What the kubelet says of runAsNonRoot (pkg/kubelet/kuberuntime/security_context_others.go), in words."""
    if not security.non_root:
        return []
    if security.user is not None:
        message = "container's runAsUser breaks non-root policy" if security.user == 0 else ""
    else:
        name = own.partition(":")[0]
        if name.isdigit():
            message = "container has runAsNonRoot and image will run as root" if int(name) == 0 else ""
        elif name:
            message = f"container has runAsNonRoot and image has non-numeric user ({visible(name, 60)}), cannot verify user is non-root"
        else:
            message = "container has runAsNonRoot and image will run as root"
    cause = of_refusal(message) if message else None
    return [cause] if cause else []


def _nothing_to_start(container: PodContainer, config: Mapping[str, Any]) -> list[Cause]:
    """What every runtime says of a container without a program ("no command specified"), with the place to name one."""
    if any((container.command, container.args, config.get("Entrypoint"), config.get("Cmd"))):
        return []
    return [
        Cause(
            "no-command",
            "There is nothing to start: the image has no ENTRYPOINT and no CMD, and the manifest gives no command.",
            "Name the program in command, or give the image an ENTRYPOINT.",
        )
    ]


def _image_environment(config: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for text in config.get("Env") or ():
        name, _, value = str(text).partition("=")
        found[name] = value
    return found


def _tmpfs(mount: Mount, user: str, file_group: int | None) -> str:
    """Return the volume as memory. Kubernetes makes it root's with mode 0777 (2777 for an fsGroup).

    Where the image has the folder already, engines give the new one that folder's mode (measured, 20.10 and 29): so that it
    can be written all the same, it belongs to the user.
    """
    options = ["rw", "exec", "nosuid", "nodev", "mode=0777" if file_group is None else "mode=2777"]
    owner = user.partition(":")[0]
    if owner.isdigit() and int(owner):
        options.append(f"uid={int(owner)}")
    if file_group is not None:
        options.append(f"gid={file_group}")
    if mount.size is not None:
        options.append(f"size={mount.size}")
    if mount.read_only:
        options[0] = "ro"
    return f"{mount.path}:{','.join(options)}"


def _omitted(container: PodContainer, security: Security) -> list[str]:
    found = list(container.omitted)
    for one in container.mounts:
        place = f"(line {one.line})"
        if one.kind != "emptyDir":
            owner = f" {visible(one.owner, 60)}" if one.owner else ""
            found.append(f"the {one.kind}{owner} at {visible(one.path, 80)} {place}: nothing is there")
        elif one.sub_path:
            found.append(f"the subPath of {visible(one.path, 80)} {place}: the volume is empty")
    if security.privileged:
        found.append("privileged: the container gets no more rights here than another")
    found.extend(
        f"the {probe.kind} probe (line {probe.line}): gRPC is not asked, its port is tried over TCP"
        for probe in container.probes
        if probe.how == "grpc"
    )
    return found


def _notes(
    command: tuple[str, ...] | None,
    args: tuple[str, ...] | None,
    config: Mapping[str, Any],
    security: Security,
    user: str,
) -> list[str]:
    program = command or tuple(config.get("Entrypoint") or ())
    words = (*(command or ()), *(args or ()))
    found = []
    if len(program) == 1 and re.search(r"\S\s+-", program[0]):
        found.append(
            f"{visible(program[0], 80)} is one word to the runtime: write the program and each argument as an item of its own."
        )
    if args and not program:
        found.append(
            f"The image has no entry point, so that {visible(args[0], 80)}, the first of args, is the program. "
            "Where it is an argument, name the program in command."
        )
    # A shell takes what stands behind -c apart itself.
    if not any(_SHELLS.search(word) for word in program[:2]):
        taken = next((word for word in words if _SHELL_WORD.search(word)), None)
        if taken is not None:
            found.append(
                f"{visible(taken, 80)} is given to the program as it stands: no shell reads command and args. "
                "Write $(NAME) for a variable; for && and > start a shell, which a slim image has not."
            )
    if args is None and command is not None and config.get("Cmd"):
        found.append("command replaces the image's CMD as well: its arguments are not given to the program.")
    if security.read_only and user.partition(":")[0] not in _ROOT:
        found.append("Its root is read-only: it can write in its volumes alone.")
    return found


def _one(value: int | None) -> tuple[int, ...]:
    return () if value is None else (value,)


def _hostname(name: str) -> str | None:
    text = re.sub(r"[^a-z0-9-]", "-", name.lower())[:63].strip("-")
    return text or None
