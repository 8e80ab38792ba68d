"""Containers: made, started, watched, read and removed. Blocking; `Engine` calls these in threads."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Mapping
from typing import Any

from slimdesk.basics.escaping import log_line
from slimdesk.engine.client import client
from slimdesk.engine.details import ContainerDetails, parse_details
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.images import parse_time
from slimdesk.engine.model import LABEL_MADE, ContainerRecord, ContainerSpec, ContainerState

# How often a container that is just ending is tried again, in tenths of a second.
_ENDING = 20
_STATES: tuple[ContainerState, ...] = (
    "created", "running", "paused", "restarting", "removing", "exited", "dead",
)  # fmt: skip


def create(endpoint: Endpoint, spec: ContainerSpec) -> str:
    """Make a container and return its ID; it is not started. Raises ImageNotFound, EngineError."""
    with engine_calls(f"No container could be made of {spec.image}", endpoint), client(endpoint) as opened:
        host = opened.create_host_config(
            port_bindings=_bindings(spec) or None,
            auto_remove=spec.auto_remove,
            ipc_mode=spec.ipc_mode,
            userns_mode=spec.userns_mode,
            tmpfs={path: options for path, _, options in (one.partition(":") for one in spec.tmpfs)} or None,
            read_only=spec.read_only,
            network_mode=spec.network,
            init=spec.init or None,
            cap_drop=list(spec.cap_drop) or None,
            cap_add=list(spec.cap_add) or None,
            pid_mode=spec.pid_mode,
            mem_limit=spec.memory,
            # Without it the engine gives as much swap again, and what needs too much memory only becomes slow.
            memswap_limit=spec.memory,
            nano_cpus=None if spec.cpus is None else round(spec.cpus * 1e9),
            binds=list(spec.binds) or None,
            volumes_from=list(spec.volumes_from) or None,
            group_add=list(spec.groups) or None,
            security_opt=[*spec.security, *(["no-new-privileges"] if spec.no_new_privileges else [])] or None,
        )
        networking = None
        if spec.aliases and spec.network:
            aliased = opened.create_endpoint_config(aliases=list(spec.aliases))
            networking = opened.create_networking_config({spec.network: aliased})
        made = opened.create_container(
            image=spec.image,
            command=list(spec.command) or None,
            entrypoint=None if spec.entrypoint is None else list(spec.entrypoint) or [""],
            environment=spec.environment or None,
            volumes=list(spec.volumes) or None,
            user=spec.user,
            working_dir=spec.working_dir,
            ports=list(dict.fromkeys((*spec.ports, *spec.published))) or None,
            labels={**spec.labels, LABEL_MADE: "container"},
            name=spec.name,
            hostname=spec.hostname,
            stdin_open=spec.stdin_open,
            tty=spec.tty,
            host_config=host,
            networking_config=networking,
            platform=spec.platform,
        )
    return str(made["Id"])


def _bindings(spec: ContainerSpec) -> dict[int, tuple[str, int | None]]:
    """Port of the container -> where on this machine; None lets the engine pick."""
    wanted = dict.fromkeys(spec.ports, 0) | spec.published
    return {inside: ("127.0.0.1", outside or None) for inside, outside in wanted.items()}


def start(endpoint: Endpoint, container: str) -> None:
    """Start a container. Raises EngineError with the engine's reason, such as a missing program."""
    with engine_calls("The container could not be started", endpoint), client(endpoint) as opened:
        opened.start(container)


def inspect(endpoint: Endpoint, container: str) -> ContainerRecord:
    """Return the container as it stands. Raises ImageNotFound where there is none."""
    with engine_calls(f"There is no container {container}", endpoint), client(endpoint) as opened:
        return _record(opened.inspect_container(container))


def list_containers(endpoint: Endpoint, label: str | None = None, *, every: bool = True) -> list[str]:
    """Return the IDs of containers, also ended ones unless `every` is False."""
    with engine_calls("The containers could not be listed", endpoint), client(endpoint) as opened:
        listed = opened.containers(all=every, filters={"label": label} if label else None)
    return [str(one["Id"]) for one in listed]


def records(endpoint: Endpoint, label: str | None = None) -> list[ContainerRecord]:
    """Return every container, ended ones too, newest first; one that goes away meanwhile is left out."""
    import docker.errors

    found = []
    with engine_calls("The containers could not be listed", endpoint), client(endpoint) as opened:
        for one in opened.containers(all=True, filters={"label": label} if label else None):
            with contextlib.suppress(docker.errors.NotFound):
                found.append(_record(opened.inspect_container(one["Id"])))
    return found


def details(endpoint: Endpoint, container: str) -> ContainerDetails:
    """Return how the container was made and what it shares with others. Raises ImageNotFound where there is none."""
    with engine_calls(f"There is no container {container}", endpoint), client(endpoint) as opened:
        raw = opened.inspect_container(container)
    return parse_details(_record(raw), raw)


def restart(endpoint: Endpoint, container: str, seconds: int = 10) -> None:
    """Stop it as `stop` does and start it again. Raises EngineError with the engine's reason."""
    what = "The container could not be restarted"
    with engine_calls(what, endpoint), client(endpoint, 60 + seconds) as opened:
        opened.restart(container, timeout=seconds)


def logs(endpoint: Endpoint, container: str, tail: int | None = None) -> tuple[str, ...]:
    """Return the newest `tail` lines that it wrote, standard output and error as they came, made harmless."""
    with engine_calls("The container's log could not be read", endpoint), client(endpoint) as opened:
        raw = opened.logs(container, stdout=True, stderr=True, tail="all" if tail is None else tail)
    return tuple(log_line(line) for line in raw.decode("utf-8", errors="replace").splitlines())


def output(endpoint: Endpoint, container: str, limit: int = 1 << 20) -> tuple[bytes, bytes]:
    """Return standard output and standard error as they were written, each cut at `limit` bytes."""
    with engine_calls("The container's output could not be read", endpoint), client(endpoint) as opened:
        out = opened.logs(container, stdout=True, stderr=False)
        error = opened.logs(container, stdout=False, stderr=True)
    return out[:limit], error[:limit]


def kill(endpoint: Endpoint, container: str, signal: str = "KILL") -> None:
    """Send a signal; one that has ended already is no error."""
    import docker.errors

    with engine_calls("The container could not be ended", endpoint), client(endpoint) as opened:
        try:
            opened.kill(container, signal)
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise


def stop(endpoint: Endpoint, container: str, seconds: int = 10) -> None:
    """Ask it to end (SIGTERM), and end it after `seconds`."""
    with (
        engine_calls("The container could not be stopped", endpoint),
        client(endpoint, 60 + seconds) as opened,
    ):
        opened.stop(container, timeout=seconds)


def remove(endpoint: Endpoint, container: str) -> None:
    """End and remove it with its anonymous volumes; one that is gone is no error."""
    import docker.errors

    with engine_calls("The container could not be removed", endpoint), client(endpoint) as opened:
        for left in reversed(range(_ENDING)):
            try:
                opened.remove_container(container, v=True, force=True)
            except docker.errors.NotFound:
                return
            except docker.errors.APIError as error:
                # 409: somebody else removes it at this moment.
                if error.status_code == 409:
                    return
                # Podman cannot remove one at the moment at which it ends by itself.
                if not left or "state improper" not in str(error.explanation):
                    raise
                time.sleep(0.1)
                continue
            return


def write_stdin(endpoint: Endpoint, container: str, data: bytes) -> None:
    """Give the running container its standard input and end it. It was made with `stdin_open`."""
    what = "The container could not be given its input"
    with engine_calls(what, endpoint, streaming=True), client(endpoint) as opened:
        # docker-py returns the socket, or a file around one, and ties the answer that owns it to that.
        attached: Any = opened.attach_socket(container, {"stdin": 1, "stream": 1})
        connection = getattr(attached, "_sock", attached)
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        finally:
            for part in (attached, connection, getattr(attached, "_response", attached)):
                with contextlib.suppress(OSError, ValueError):
                    part.close()


def _record(one: Mapping[str, Any]) -> ContainerRecord:
    state, config, network = one.get("State") or {}, one.get("Config") or {}, one.get("NetworkSettings") or {}
    status = state.get("Status")
    ended = status in ("exited", "dead")
    return ContainerRecord(
        container_id=str(one.get("Id", "")),
        name=str(one.get("Name", "")).lstrip("/"),
        image=str(config.get("Image", "")),
        image_id=str(one.get("Image", "")),
        state=status if status in _STATES else "dead",
        exit_code=int(state.get("ExitCode", 0)) if ended else None,
        error=log_line(str(state.get("Error") or "")),
        oom=bool(state.get("OOMKilled")),
        ip=_address(network),
        ports=_ports(network),
        user=str(config.get("User") or ""),
        created_at=parse_time(one.get("Created")),
        started_at=parse_time(state.get("StartedAt")),
        finished_at=parse_time(state.get("FinishedAt")),
        labels={str(key): str(value) for key, value in (config.get("Labels") or {}).items()},
        health=_health(state),
    )


def _health(state: Mapping[str, Any]) -> str | None:
    said = str((state.get("Health") or {}).get("Status") or "")
    return said if said in ("starting", "healthy", "unhealthy") else None


def _address(network: Mapping[str, Any]) -> str | None:
    """Newer engines (API 1.52) name addresses under Networks only."""
    if network.get("IPAddress"):
        return str(network["IPAddress"])
    for one in (network.get("Networks") or {}).values():
        if one and one.get("IPAddress"):
            return str(one["IPAddress"])
    return None


def _ports(network: Mapping[str, Any]) -> dict[int, int]:
    found: dict[int, int] = {}
    for inside, outside in (network.get("Ports") or {}).items():
        port, _, protocol = str(inside).partition("/")
        for one in outside or ():
            if protocol == "tcp" and one.get("HostPort"):
                found.setdefault(int(port), int(one["HostPort"]))
    return found
