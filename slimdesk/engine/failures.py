"""What goes wrong at an engine, in words: the exceptions of docker-py, requests and the system become ours."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

from slimdesk.basics.errors import EngineError, EngineUnreachable, ImageNotFound, SlimDeskError, StreamBroken
from slimdesk.basics.escaping import visible
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.tls_words import hung_up, tls_words

FREE_SPACE = (
    "Free some: `docker system df` shows what holds it, `docker system prune` removes what nobody uses"
)
START_AGAIN = "See whether the engine is running, then try again"
_DISK_FULL = ("no space left on device", "disk quota exceeded")


@contextlib.contextmanager
def engine_calls(what: str, endpoint: Endpoint, *, streaming: bool = False) -> Iterator[None]:
    """Turn everything that a call can raise into an EngineError that begins with `what`.

    With `streaming` a lost connection is StreamBroken, else EngineUnreachable.
    """
    try:
        yield
    except SlimDeskError:
        raise
    except Exception as error:
        raise translate(what, endpoint, error, streaming=streaming) from error


def translate(what: str, endpoint: Endpoint, error: Exception, *, streaming: bool = False) -> EngineError:
    """Return `error` in words; what nobody foresaw keeps its own text."""
    import requests
    import urllib3
    from docker.errors import APIError, DockerException, NotFound

    if isinstance(error, NotFound):
        said = visible(str(error.explanation or error))
        todo = "Build or pull it for that platform, or choose another" if "specified platform" in said else ""
        return ImageNotFound(what, said, todo)
    if isinstance(error, APIError):
        said = visible(str(error.explanation or error))
        if disk_full(said):
            return EngineError(what, "the engine's disk is full", FREE_SPACE)
        return EngineError(what, said, "")
    lost = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError)
    if isinstance(error, lost) and streaming:
        return StreamBroken(what, "the engine went away in the middle of its answer", START_AGAIN)
    if isinstance(error, (*lost, DockerException)):
        why, todo = unreachable(endpoint, error)
        return EngineUnreachable(what, why, todo)
    return EngineError(what, visible(f"{type(error).__name__}: {error}"), "")


def unreachable(endpoint: Endpoint, error: BaseException) -> tuple[str, str]:
    """Return why an engine does not answer and what to do about it."""
    where = visible(endpoint.host)
    causes = list(_chain(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return tls_words(endpoint, cause)
        if isinstance(cause, socket.gaierror):
            return f"there is no host of the name in {where}", "Correct DOCKER_HOST or the context"
        if isinstance(cause, TimeoutError):
            return f"{where} does not answer", START_AGAIN
        if isinstance(cause, OSError) and cause.errno is not None:
            said = _system(endpoint, cause)
            if said:
                return said
    text = " ".join(str(cause) for cause in causes)
    if "timed out" in text.lower():
        return f"{where} does not answer", START_AGAIN
    if "HTTP request to an HTTPS server" in text:
        return (
            f"{where} expects TLS, and nothing names certificates for it",
            "Set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem",
        )
    return visible(str(error), 300), START_AGAIN


def disk_full(text: str) -> bool:
    """Whether an engine's message says that its disk is full."""
    low = text.lower()
    return any(sign in low for sign in _DISK_FULL)


def _system(endpoint: Endpoint, error: OSError) -> tuple[str, str] | None:
    where = visible(endpoint.host)
    if error.errno in (errno.EACCES, errno.EPERM):
        return _no_permission(endpoint)
    if error.errno == errno.ENOENT:
        return f"nothing listens at {where}", _how_to_start()
    if error.errno == errno.ECONNREFUSED:
        return f"the engine at {where} is not running", _how_to_start()
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT):
        return (
            f"{where} cannot be reached over the network",
            "See whether the host is up and the address is right",
        )
    if error.errno in (errno.ECONNRESET, errno.EPIPE):
        return (
            hung_up(where) if endpoint.tls else (f"the engine at {where} closed the connection", START_AGAIN)
        )
    return None


def _no_permission(endpoint: Endpoint) -> tuple[str, str]:
    path = endpoint.socket_path
    group = _group(path) if path else None
    if group is None:
        return f"you may not use {visible(endpoint.host)}", "Ask its owner for access, or run rootless Docker"
    return (
        f"you may not use {visible(endpoint.host)}: it is open to the group {group}, and you are not in it",
        f"`sudo usermod -aG {group} {_user()}`, then log out and in again (that group is as good as root)",
    )


def _group(path: Path) -> str | None:
    if sys.platform == "win32":
        return None
    import grp

    try:
        return grp.getgrgid(path.stat().st_gid).gr_name
    except (OSError, KeyError):
        return None


def _user() -> str:
    return os.environ.get("USER") or os.environ.get("LOGNAME") or "$USER"


def _how_to_start() -> str:
    if sys.platform.startswith("linux"):
        return (
            "Start the engine (`sudo systemctl start docker`, or Docker Desktop), or choose another context"
        )
    return "Start Docker Desktop (or the engine that you use), or choose another context"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything inside it: urllib3 and requests keep causes in arguments as well."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inside = [
            part
            for argument in one.args
            for part in (argument if isinstance(argument, tuple) else (argument,))
        ]
        nested = [one.__cause__, one.__context__, getattr(one, "reason", None), *inside]
        waiting += [inner for inner in nested if isinstance(inner, BaseException)]
