"""Start an image as a person asks for it, and say in words why it did not stay up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from slimdesk.basics.errors import BadInput, EngineError, EngineUnreachable, ImageNotFound, StreamBroken
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_PREFIX, ContainerRecord, ContainerSpec
from slimdesk.operations.containers import why_not_running
from slimdesk.operations.explain_fixes import with_fix
from slimdesk.operations.explain_program import look_closer
from slimdesk.verify import diagnose
from slimdesk.verify.diagnose import Diagnosis
from slimdesk.verify.run import finished

LABEL_RUN = f"{LABEL_PREFIX}run"
# What ends within this time did not come up, in seconds.
COMES_UP = 1.0
_PORTS = re.compile(r"(?:(\d{1,5}):)?(\d{1,5})(?:/tcp)?", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9_.-]{1,64}(?::[A-Za-z0-9_.-]{1,64})?", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", re.ASCII)
_VOLUME = re.compile(r"(?P<source>.+?):(?P<target>/[^:]*)(?::(?P<mode>ro|rw))?")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """How an image is to be started.

    `ports`: port of the container -> port of this machine, 0 = any free one. `volumes`: "SOURCE:/path[:ro]", the source a
    folder of this machine or a volume's name, or "/path" alone. `tmpfs`: paths kept in memory. `memory` is in bytes.
    `command` replaces the image's CMD. `environment` may hold secrets: it is written nowhere but into the container.
    """

    image: str
    ports: dict[int, int] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    tmpfs: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    user: str | None = None
    working_dir: str | None = None
    network: str | None = None
    memory: int | None = None
    read_only: bool = False
    init: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A container that was made. `problem` says why it does not run, None if it does (or ended as it should)."""

    record: ContainerRecord
    problem: Diagnosis | None


async def run_image(engine: Engine, request: RunRequest, reporter: Reporter) -> Started:
    """Make and start a container and look whether it comes up; it stays, also when it does not. Cancelled: it goes.

    Raises BadInput for a request that cannot be, ImageNotFound, EngineError where none could be made.
    """
    spec = run_spec(request)
    reporter.progress(f"Starting {visible(request.image)}")
    making = asyncio.ensure_future(engine.create(spec))
    try:
        container = await asyncio.shield(making)
        problem = await _start(engine, container, spec)
        if problem is None:
            await engine.wait(container, COMES_UP)
            problem = await why_not_running(engine, container)
        return Started(await engine.inspect_container(container), problem)
    except asyncio.CancelledError:
        await finished(_take_back(engine, making))
        raise


async def _start(engine: Engine, container: str, spec: ContainerSpec) -> Diagnosis | None:
    try:
        await engine.start(container)
    except (EngineUnreachable, StreamBroken, ImageNotFound):
        raise
    except EngineError as error:
        found = diagnose.of_start(error.why or error.what)
        if found.kind == "port-in-use":
            return Diagnosis(found.kind, _port_taken(error.why, spec), image=False)
        return with_fix(await look_closer(engine, container, found))
    return None


async def _take_back(engine: Engine, making: asyncio.Future[str]) -> None:
    try:
        await engine.remove(await making)
    except EngineError:
        return


def run_spec(request: RunRequest) -> ContainerSpec:
    """Return the container that is asked for. Raises BadInput with what cannot be."""
    for port in (*request.ports, *(outside for outside in request.ports.values() if outside)):
        if not 0 < port < 65536:
            raise BadInput(f"{port} is no port", "", "Give one from 1 to 65535")
    for what, text, form in (
        ("user", request.user, _USER),
        ("name for a container", request.name, _NAME),
    ):
        if text is not None and not form.fullmatch(text):
            raise BadInput(
                f"{visible(text, 60)} is no {what}", "", "Use letters, digits, dots, dashes and underscores"
            )
    for name in request.environment:
        if not _VARIABLE.fullmatch(name):
            raise BadInput(f"{visible(name, 40)} is no variable's name", "", "Write NAME=VALUE")
    for path in request.tmpfs:
        _must_be_absolute(path.partition(":")[0])
    binds, anonymous = _volumes(request.volumes)
    return ContainerSpec(
        image=request.image,
        command=request.command,
        entrypoint=request.entrypoint,
        environment=request.environment,
        volumes=anonymous,
        binds=binds,
        tmpfs=request.tmpfs,
        read_only=request.read_only,
        user=request.user,
        working_dir=request.working_dir,
        published=request.ports,
        network=request.network,
        labels={LABEL_RUN: "true"},
        name=request.name,
        init=request.init,
        memory=request.memory,
    )


def parse_ports(texts: Iterable[str]) -> dict[int, int]:
    """Read "8080:80", "80" (any free port of this machine). Raises BadInput."""
    found: dict[int, int] = {}
    for text in texts:
        match = _PORTS.fullmatch(text.strip())
        if match is None:
            raise BadInput(
                f"{visible(text, 60)} is no port",
                "",
                "Write 8080:80 (this machine's, then the container's), or 80",
            )
        found[int(match[2])] = int(match[1] or 0)
    return found


def parse_variables(lines: Iterable[str]) -> dict[str, str]:
    """Read NAME=VALUE lines; empty ones and # comments are left out. Raises BadInput, without repeating a value."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not _VARIABLE.fullmatch(name.strip()):
            raise BadInput(f"Line {number} of the environment names no variable", "", "Write NAME=VALUE")
        found[name.strip()] = value
    return found


def _volumes(texts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    binds: list[str] = []
    anonymous: list[str] = []
    for text in texts:
        match = _VOLUME.fullmatch(text)
        if match is None:
            _must_be_absolute(text)
            anonymous.append(text)
            continue
        source = match["source"]
        if _is_path(source) and not Path(source).expanduser().exists():
            # An engine would make it, as root's.
            raise BadInput(
                f"There is no folder {visible(source, 200)} on this machine", "", "Choose one that is there"
            )
        if not _is_path(source) and not _NAME.fullmatch(source):
            raise BadInput(
                f"{visible(source, 60)} is no volume's name",
                "",
                "Use letters, digits, dots and dashes, or a path",
            )
        place = str(Path(source).expanduser().resolve()) if _is_path(source) else source
        binds.append(f"{place}:{match['target']}:{match['mode'] or 'rw'}")
    return tuple(binds), tuple(anonymous)


def _is_path(source: str) -> bool:
    return source.startswith(("/", "~", ".")) or re.match(r"[A-Za-z]:[\\/]", source) is not None


def _must_be_absolute(path: str) -> None:
    if not path.startswith("/") or ":" in path:
        raise BadInput(f"{visible(path, 100)} is no path in a container", "", "Write it as in /data")


def _port_taken(why: str, spec: ContainerSpec) -> str:
    taken = [str(port) for port in spec.published.values() if port and re.search(rf":{port}\b", why)]
    port = f"Port {taken[0]}" if taken else "A port that it needs"
    return f"{port} of this machine is taken. Stop what uses it, or publish it on another one."
