"""What the engine is, what it is asked to build, and what it answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Store = Literal["classic", "containerd"]
StepState = Literal["queued", "running", "cached", "done", "failed"]


@dataclass(frozen=True, slots=True)
class ContextState:
    """One Docker context (or DOCKER_HOST) and whether its engine answers; `reason` says why not."""

    name: str
    endpoint: str
    reachable: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The state of the engine in use; of an unreachable one only context, endpoint and reason are known."""

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
class BuildResult:
    """What came of a build; `image_id` is None exactly where `error` is set."""

    image_id: str | None
    tag: str
    seconds: float
    steps: tuple[BuildStep, ...]
    error: BuildError | None = None
