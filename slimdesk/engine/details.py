"""How a container was made, as far as it matters to whoever looks into it: rights, limits, mounts, what it shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slimdesk.engine.model import ContainerRecord


@dataclass(frozen=True, slots=True)
class ContainerMount:
    """Something mounted into a container: `kind` is bind, volume or tmpfs; `source` a folder of the engine's or a volume's name."""

    kind: str
    source: str
    target: str
    writable: bool


@dataclass(frozen=True, slots=True)
class ContainerDetails:
    """A container and how it was made.

    `pid` is the engine's number of its first process, 0 if it does not run. `pid_mode`, `network_mode`, `ipc_mode` and
    `userns_mode` are as `docker run` takes them, "" = the engine's default. `memory` is in bytes, `cpus` in processors;
    None = no limit. `environment` is in the container's order and may hold secrets. `app_armor` is the name of its
    profile, "" where the engine has none.
    """

    record: ContainerRecord
    pid: int
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    working_dir: str
    read_only: bool
    privileged: bool
    init: bool
    tty: bool
    cap_add: tuple[str, ...]
    cap_drop: tuple[str, ...]
    pid_mode: str
    network_mode: str
    ipc_mode: str
    userns_mode: str
    app_armor: str
    mounts: tuple[ContainerMount, ...]
    memory: int | None
    cpus: float | None
    pids: int | None
    restart_policy: str


def parse_details(record: ContainerRecord, one: Mapping[str, Any]) -> ContainerDetails:
    """Read the engine's answer to "inspect a container"; keys that an engine leaves out have their defaults."""
    config, host = _dict(one.get("Config")), _dict(one.get("HostConfig"))
    pids = host.get("PidsLimit")
    return ContainerDetails(
        record=record,
        pid=_whole(_dict(one.get("State")).get("Pid")) or 0,
        command=(*([str(one["Path"])] if one.get("Path") else []), *_words(one.get("Args"))),
        environment=tuple(_pair(word) for word in _words(config.get("Env"))),
        working_dir=str(config.get("WorkingDir") or "/"),
        read_only=bool(host.get("ReadonlyRootfs")),
        privileged=bool(host.get("Privileged")),
        init=bool(host.get("Init")),
        tty=bool(config.get("Tty")),
        cap_add=_words(host.get("CapAdd")),
        cap_drop=_words(host.get("CapDrop")),
        pid_mode=str(host.get("PidMode") or ""),
        network_mode=str(host.get("NetworkMode") or ""),
        ipc_mode=str(host.get("IpcMode") or ""),
        userns_mode=str(host.get("UsernsMode") or ""),
        app_armor=str(one.get("AppArmorProfile") or ""),
        mounts=tuple(_mount(_dict(mount)) for mount in one.get("Mounts") or ())
        + tuple(ContainerMount("tmpfs", "", str(path), writable=True) for path in _dict(host.get("Tmpfs"))),
        memory=_whole(host.get("Memory")) or None,
        cpus=(_whole(host.get("NanoCpus")) or 0) / 1e9 or None,
        pids=pids if isinstance(pids, int) and pids > 0 else None,
        restart_policy=str(_dict(host.get("RestartPolicy")).get("Name") or ""),
    )


def _mount(one: Mapping[str, Any]) -> ContainerMount:
    return ContainerMount(
        kind=str(one.get("Type") or ""),
        source=str(one.get("Name") or one.get("Source") or ""),
        target=str(one.get("Destination") or ""),
        writable=bool(one.get("RW")),
    )


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, list) else ()


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) else None
