"""A pod as its manifest asks for it: what is needed to start its containers on an engine, each with its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Source = Literal["ConfigMap", "Secret", "field", "resource"]
ProbeKind = Literal["startup", "readiness", "liveness"]
ProbeHow = Literal["http", "tcp", "exec", "grpc"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One entry of `env`: a value, or where it comes from (`source`, the object's `name`, the `key` in it)."""

    name: str
    line: int
    value: str | None = None
    source: Source | None = None
    owner: str = ""
    key: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class VariableSet:
    """One entry of `envFrom`: every key of a ConfigMap or Secret."""

    source: Source
    owner: str
    line: int
    prefix: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume at a path. `kind` is the volume's key in the manifest, such as emptyDir; `size` its limit in bytes."""

    path: str
    name: str
    kind: str
    line: int
    owner: str = ""
    size: int | None = None
    read_only: bool = False
    sub_path: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe with its times in seconds; Kubernetes' own defaults where the manifest is silent."""

    kind: ProbeKind
    how: ProbeHow
    line: int
    port: int | None = None
    path: str = "/"
    https: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    command: tuple[str, ...] = ()
    initial_delay: float = 0.0
    period: float = 10.0
    timeout: float = 1.0
    successes: int = 1
    failures: int = 3


@dataclass(frozen=True, slots=True)
class Security:
    """The effective security context of one container: its own settings over the pod's; None = not said."""

    user: int | None = None
    group: int | None = None
    non_root: bool = False
    read_only: bool = False
    privileged: bool = False
    no_new_privileges: bool = False
    drop: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    file_group: int | None = None
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PodContainer:
    """One container of a pod. `command` and `args` None = the image's own ENTRYPOINT, CMD; `memory` in bytes.

    `refused` are sentences: what the API server would not take.
    """

    name: str
    image: str
    line: int
    command: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    working_dir: str | None = None
    variables: tuple[Variable, ...] = ()
    variable_sets: tuple[VariableSet, ...] = ()
    mounts: tuple[Mount, ...] = ()
    security: Security = field(default_factory=Security)
    memory: int | None = None
    cpus: float | None = None
    ports: tuple[int, ...] = ()
    probes: tuple[Probe, ...] = ()
    refused: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pod:
    """The pod of one object (a Pod, or the template of a Deployment …). `omitted` says what is not reproduced here."""

    kind: str
    name: str
    namespace: str
    line: int
    containers: tuple[PodContainer, ...]
    omitted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Deployment/web."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """All pods of a text, and the data of its ConfigMaps and Secrets: (kind, name) -> key -> value (None = no text)."""

    pods: tuple[Pod, ...]
    data: dict[tuple[str, str], dict[str, str | None]] = field(default_factory=dict)
