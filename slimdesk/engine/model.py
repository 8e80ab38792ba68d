"""What the engine is, what it is asked to build, and what it answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Store = Literal["classic", "containerd"]
StepState = Literal["queued", "running", "cached", "done", "failed", "cancelled"]
ContainerState = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]

# What SlimDesk makes carries these labels; the first is how its images and containers are told from all others.
LABEL_MADE = "io.slimdesk.made"
LABEL_PREFIX = "io.slimdesk."
# What goes with the program that made it; the value is that program's `basics.owner.owner_mark`.
LABEL_HELPER = f"{LABEL_PREFIX}helper"
# The same mark on what goes with its program too, and is no helper: a person's own container, listed like all others.
LABEL_OWNER = f"{LABEL_PREFIX}owner"


@dataclass(frozen=True, slots=True)
class ContextState:
    """One Docker context (or DOCKER_HOST) and whether its engine answers; `reason` says why not."""

    name: str
    endpoint: str
    reachable: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The state of the engine in use; of an unreachable one only context, endpoint and reason are known.

    `product` is whose engine answers: Docker, or Podman in Docker's words. `rootless`: it runs as an ordinary user.
    """

    reachable: bool
    reason: str | None
    context: str | None
    endpoint: str | None
    version: str | None = None
    api_version: str | None = None
    store: Store | None = None
    platform: str | None = None
    builder: Literal["buildkit", "buildx"] | None = None
    contexts: tuple[ContextState, ...] = ()
    product: Literal["Docker", "Podman"] = "Docker"
    rootless: bool = False


@dataclass(frozen=True, slots=True)
class TagDigest:
    """What an image's name stands for now. `from_registry` is False for what the engine pulled once.

    `why` says in words why the registry did not tell, `todo` what to do about it; `digest` None: nobody knows.
    """

    digest: str | None
    from_registry: bool = False
    why: str = ""
    todo: str = ""


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image as the engine lists or inspects it.

    `size` is the engine's own figure in bytes (what it means differs between stores, so it is shown as the engine's).
    `config` is the image's Config object; keys that are not set may be absent.
    """

    image_id: str
    tags: tuple[str, ...]
    created: dt.datetime | None
    size: int
    labels: dict[str, str]
    platform: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    diff_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of an image's history, oldest first; `empty` entries have no layer."""

    created_by: str
    size: int
    empty: bool


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """One build. The context is a folder on this machine; Dockerfile and .dockerignore are texts, never its files."""

    context: Path
    dockerfile: str
    dockerignore: str
    tag: str
    target: str | None = None
    build_args: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    platform: str | None = None
    no_cache: bool = False


@dataclass(frozen=True, slots=True)
class BuildStep:
    """A vertex of the build graph as it stands now. `stage` and `number`/`of` come from its name ("[build 3/5] RUN …").

    `done` and `total` are bytes where the engine counts them. `log` holds the newest lines, made harmless.
    A step is cancelled if it was stopped because another failed or because the person stopped the build.
    """

    digest: str
    name: str
    stage: str | None
    number: int | None
    of: int | None
    state: StepState
    seconds: float | None = None
    done: int = 0
    total: int | None = None
    error: str | None = None
    log: tuple[str, ...] = ()

    @property
    def cached(self) -> bool:
        """Whether the engine took it from its cache."""
        return self.state == "cached"


@dataclass(frozen=True, slots=True)
class BuildError:
    """Why a build failed: the step, the engine's message, and the last 50 lines of its log."""

    step: str | None
    message: str
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildWarning:
    """What BuildKit's own check says of the Dockerfile; `rule` is its name, such as FromAsCasing, empty without one."""

    rule: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What came of a build; `image_id` is None exactly where `error` is set. `warnings` are the engine's own."""

    image_id: str | None
    tag: str
    seconds: float
    steps: tuple[BuildStep, ...]
    error: BuildError | None = None
    warnings: tuple[BuildWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """A container to be made.

    `command` replaces the image's CMD, `entrypoint` its ENTRYPOINT (empty tuple = none at all, None = the image's own).
    `ports` are TCP ports of the container, each published on 127.0.0.1 at a port that the engine picks. `volumes` and
    `tmpfs` are paths in the container (anonymous volumes, memory; "PATH:OPTIONS" such as "/tmp:mode=1777,size=64k").
    `binds` are "NAME_OR_PATH:PATH[:ro]", `volumes_from` containers whose volumes it shares. `network` None is the
    engine's default, "none" no network, else a network's name or "container:ID". `memory` is in bytes, swap included;
    `cpus` is a share of processors, `groups` are further groups by number. `environment` is never written anywhere.
    `published` maps a TCP port of the container to the port of this machine that it is to have (0 = any), on
    127.0.0.1. With `auto_remove` the engine removes it once it has ended. `userns_mode` "host" leaves out the engine's
    mapping of users; `security` are options such as `apparmor=unconfined`.
    """

    image: str
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    tmpfs: tuple[str, ...] = ()
    read_only: bool = False
    user: str | None = None
    working_dir: str | None = None
    ports: tuple[int, ...] = ()
    network: str | None = None
    aliases: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    platform: str | None = None
    init: bool = False
    cap_drop: tuple[str, ...] = ()
    cap_add: tuple[str, ...] = ()
    pid_mode: str | None = None
    stdin_open: bool = False
    tty: bool = False
    memory: int | None = None
    binds: tuple[str, ...] = ()
    volumes_from: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    cpus: float | None = None
    no_new_privileges: bool = False
    hostname: str | None = None
    published: dict[int, int] = field(default_factory=dict)
    auto_remove: bool = False
    ipc_mode: str | None = None
    userns_mode: str | None = None
    security: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """A container as the engine sees it now.

    `ports` maps a TCP port of the container to the port of this machine it is published on. `exit_code` is None until
    it has ended; `oom` says that the kernel ended it for want of memory; `error` is why it could not start.
    `user` is what the container was told to run as ("" = the image says nothing, that is root). `health` is
    "starting", "healthy" or "unhealthy", None where nothing checks it.
    """

    container_id: str
    name: str
    image: str
    image_id: str
    state: ContainerState
    exit_code: int | None
    error: str
    oom: bool
    ip: str | None
    ports: dict[int, int]
    user: str
    created_at: dt.datetime | None
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    labels: dict[str, str] = field(default_factory=dict)
    health: str | None = None

    @property
    def running(self) -> bool:
        """Whether its first process lives."""
        return self.state == "running"


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """Something that happened at the engine: `kind` says of what (image, container), `action` what (tag, start, die)."""

    kind: str
    action: str
    subject: str
    attributes: dict[str, str] = field(default_factory=dict)
    time: dt.datetime | None = None
