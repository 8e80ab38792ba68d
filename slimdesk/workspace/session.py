"""What a person did in a project and expects to find again: the chosen component, ticks, options, edited texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from slimdesk.workspace.places import folder

EditedFile = Literal["Dockerfile", ".dockerignore"]
Prefer = Literal["smallest", "debuggable", "compatible"]
PREFERENCES: tuple[Prefer, ...] = get_args(Prefer)


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of one component's variants. `pin` = pin base images by digest; `labels`, `arguments` as given.

    `debugger` = debug variants have the language's debugger besides.

    `packages` are what the images get besides; `prefer` is what the person weighs most.
    """

    debug: bool = False
    debugger: bool = False
    cache_mounts: bool = True
    healthcheck: bool = False
    pin: bool = False
    platform: str | None = None
    packages: tuple[str, ...] = ()
    prefer: Prefer = "smallest"
    labels: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a variant's image failed for, once: its generated Dockerfile is written with what mends it.

    `kind` and `subject` are those of the diagnosis, `user` whom the image ran as.
    """

    kind: str
    subject: str = ""
    user: str = "0"


@dataclass(frozen=True, slots=True)
class ComponentSession:
    """One component's state. `ticks` None = nobody has ticked yet; `edits` are whole texts by "family/file".

    `mended` are the faults that generated texts are mended of, by family.
    `reference` is what the person measures against: an engine's image, or "baseline"; None = the project's own.
    """

    ticks: tuple[str, ...] | None = None
    selected: str | None = None
    choices: Choices | None = None
    edits: Mapping[str, str] = field(default_factory=dict)
    reference: str | None = None
    mended: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Session:
    """One project's state."""

    component: str | None = None
    components: Mapping[str, ComponentSession] = field(default_factory=dict)


def session_path(root: Path) -> Path:
    """Return where a project's session is kept: never in the project itself."""
    import hashlib

    name = hashlib.sha256(str(root).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return folder("data") / "sessions" / f"{name}.json"


def write_session(root: Path, session: Session) -> None:
    """Keep it; blocking. Raises OutputError."""
    from slimdesk.basics.files import write_whole

    data = {"version": 1, "project": str(root), **asdict(session)}
    write_whole(session_path(root), json.dumps(data, indent=1, sort_keys=True))


def read_session(root: Path) -> Session:
    """Return what was kept; an empty one if there is nothing or it cannot be read. Blocking."""
    try:
        data = json.loads(session_path(root).read_text(encoding="utf-8"))
        components = {str(name): _component(one) for name, one in dict(data.get("components") or {}).items()}
        chosen = data.get("component")
        return Session(str(chosen) if chosen is not None else None, components)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return Session()


def _component(data: Mapping[str, Any]) -> ComponentSession:
    ticks = data.get("ticks")
    choices = data.get("choices")
    return ComponentSession(
        ticks=None if ticks is None else tuple(str(tick) for tick in ticks),
        selected=data.get("selected") if isinstance(data.get("selected"), str) else None,
        choices=_choices(choices) if isinstance(choices, dict) else None,
        edits=_texts(data.get("edits")),
        reference=data.get("reference") if isinstance(data.get("reference"), str) else None,
        mended=_mended(data.get("mended")),
    )


def _mended(data: Any) -> dict[str, tuple[Fault, ...]]:
    if not isinstance(data, dict):
        return {}
    return {str(family): _faults(faults) for family, faults in data.items() if isinstance(faults, list)}


def _faults(data: Sequence[Any]) -> tuple[Fault, ...]:
    """Those that can be read."""
    known = [one for one in data if isinstance(one, dict) and isinstance(one.get("kind"), str)]
    return tuple(Fault(one["kind"], str(one.get("subject", "")), str(one.get("user", "0"))) for one in known)


def _choices(data: Mapping[str, Any]) -> Choices:
    known = {one.name for one in fields(Choices)}
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key not in known:
            continue
        if key in ("labels", "arguments"):
            values[key] = _texts(value)
        elif key == "packages":
            values[key] = tuple(str(name) for name in value) if isinstance(value, list) else ()
        elif key == "prefer":
            values[key] = value if value in PREFERENCES else PREFERENCES[0]
        elif key == "platform":
            values[key] = value if isinstance(value, str) else None
        else:
            values[key] = bool(value)
    return Choices(**values)


def _texts(data: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in data.items()} if isinstance(data, dict) else {}
