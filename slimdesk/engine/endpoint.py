"""How an engine is reached: a Docker context, DOCKER_HOST, or a socket in a usual place.

The order is the Docker CLI's (cli/command/cli.go, resolveContextName): a context that is asked for, DOCKER_HOST,
DOCKER_CONTEXT, `currentContext` of the client configuration, `default`.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slimdesk.basics.errors import EngineUnreachable

DOCKER_HOST = "DOCKER_HOST"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The certificate files of a context; `verify` False = the server's name is not checked."""

    ca: str | None
    certificate: str | None
    key: str | None
    verify: bool


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine is, as plain data that a worker process can be handed.

    `host` is a URL such as unix:///var/run/docker.sock, tcp://host:2376, npipe:////./pipe/docker_engine.
    `api_version` is what was agreed upon at connecting; None = ask at each connection.
    """

    context: str
    host: str
    tls: TlsFiles | None = None
    api_version: str | None = None

    @property
    def socket_path(self) -> Path | None:
        """The Unix socket's path, if it is one."""
        return Path(self.host.removeprefix("unix://")) if self.host.startswith("unix://") else None


def client_configuration(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return Docker's client configuration (config.json); empty where there is none or it cannot be read."""
    try:
        read = json.loads((_config_folder(environment) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def in_use(context: str | None = None, environment: Mapping[str, str] = os.environ) -> Endpoint:
    """Return the endpoint of that context, or the one that the Docker CLI would use. Raises EngineUnreachable."""
    known = {endpoint.context: endpoint for endpoint in endpoints(environment)}
    name = context or _current_name(environment)
    if name in known:
        return known[name]
    raise EngineUnreachable(
        f"There is no Docker context {name}",
        f"this machine has {', '.join(known)}",
        "Choose one of them, or correct DOCKER_CONTEXT or `docker context use`",
    )


def endpoints(environment: Mapping[str, str] = os.environ) -> tuple[Endpoint, ...]:
    """Every engine that this machine's Docker configuration knows, and sockets in usual places that nobody named."""
    found: list[Endpoint] = []
    host = environment.get(DOCKER_HOST, "").strip()
    if host:
        found.append(Endpoint(DOCKER_HOST, _url(host), _environment_tls(host, environment)))
    found.append(Endpoint(DEFAULT, default_host()))
    found += _contexts(_config_folder(environment))
    hosts = {endpoint.host for endpoint in found}
    found += [
        Endpoint(name, f"unix://{path}")
        for name, path in _usual_sockets(environment)
        if f"unix://{path}" not in hosts and _there(path)
    ]
    return tuple({endpoint.context: endpoint for endpoint in reversed(found)}.values())[::-1]


def default_host() -> str:
    """Where an engine listens if nobody says otherwise."""
    return "npipe:////./pipe/docker_engine" if sys.platform == "win32" else "unix:///var/run/docker.sock"


def _current_name(environment: Mapping[str, str]) -> str:
    if environment.get(DOCKER_HOST, "").strip():
        return DOCKER_HOST
    named = environment.get("DOCKER_CONTEXT") or client_configuration(environment).get("currentContext")
    return named if isinstance(named, str) and named else DEFAULT


def _config_folder(environment: Mapping[str, str]) -> Path:
    named = environment.get("DOCKER_CONFIG")
    return Path(named) if named else _home(environment) / ".docker"


def _home(environment: Mapping[str, str]) -> Path:
    home = environment.get("HOME")
    return Path(home) if home else Path.home()


def _contexts(folder: Path) -> list[Endpoint]:
    """Contexts as the CLI stores them: contexts/meta/SHA256-OF-NAME/meta.json, their certificates beside it."""
    found = []
    try:
        files = sorted((folder / "contexts" / "meta").glob("*/meta.json"))
    except OSError:
        return []
    for file in files:
        try:
            meta = json.loads(file.read_text(encoding="utf-8"))
            name, docker = str(meta["Name"]), meta["Endpoints"]["docker"]
            host = str(docker.get("Host") or default_host())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        digest = hashlib.sha256(name.encode()).hexdigest()
        tls = _tls(folder / "contexts" / "tls" / digest / "docker", verify=not docker.get("SkipTLSVerify"))
        found.append(Endpoint(name, _url(host), tls))
    return found


def _environment_tls(host: str, environment: Mapping[str, str]) -> TlsFiles | None:
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    folder = environment.get("DOCKER_CERT_PATH")
    if not host.startswith(("tcp://", "https://")) or not (verify or folder):
        return None
    return _tls(Path(folder) if folder else _config_folder(environment), verify=verify)


def _tls(folder: Path, *, verify: bool) -> TlsFiles | None:
    names = (folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    ca, certificate, key = (str(path) if _there(path) else None for path in names)
    return TlsFiles(ca, certificate, key, verify) if ca or certificate else None


def _there(path: Path) -> bool:
    """Whether it exists; a folder that may not be entered holds nothing for us."""
    try:
        return path.exists()
    except OSError:
        return False


def _url(host: str) -> str:
    """A bare path or host:port as the CLI takes them, as a URL."""
    if "://" in host:
        return host
    return f"unix://{host}" if host.startswith("/") else f"tcp://{host}"


def _usual_sockets(environment: Mapping[str, str]) -> list[tuple[str, Path]]:
    home = _home(environment)
    runtime = environment.get("XDG_RUNTIME_DIR")
    found = [
        ("docker-desktop", home / ".docker" / "desktop" / "docker.sock"),
        ("docker-desktop-run", home / ".docker" / "run" / "docker.sock"),
        ("colima", home / ".colima" / "default" / "docker.sock"),
        ("rancher-desktop", home / ".rd" / "docker.sock"),
        ("orbstack", home / ".orbstack" / "run" / "docker.sock"),
        ("podman", Path("/run/podman/podman.sock")),
    ]
    if runtime:
        found.append(("rootless", Path(runtime) / "docker.sock"))
        found.append(("podman-rootless", Path(runtime) / "podman" / "podman.sock"))
    return [] if sys.platform == "win32" else found
