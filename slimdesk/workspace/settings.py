"""What the person chose, in one dataclass and one JSON file that is replaced whole."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from slimdesk.basics.errors import BadInput, OutputError
from slimdesk.workspace.places import folder
from slimdesk.workspace.session import PREFERENCES, Prefer

VERSION = 1
SizeKind = Literal["download", "unpacked", "files", "live"]
SIZE_KINDS: tuple[SizeKind, ...] = get_args(SizeKind)
Appearance = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class DefaultOptions:
    """What new Dockerfiles start with. `prefer` is what is weighed most when a family is recommended."""

    cache_mounts: bool = True
    healthcheck: bool = False
    debug: bool = False
    pin: bool = False
    prefer: Prefer = "smallest"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is remembered for all projects.

    context: the Docker context to use, None = the one that docker itself uses. mirrors: upstream -> prefix. zoom: points
    added to the type. geometry: the window's, as Qt's own text. splits: sizes in px by a splitter's name. toolbox: the image
    that brings the tools for a shell beside a container, "" = the program's own choice. terminal_zoom: points added to the
    type of terminals. weights: what variants are ranked by, 0..4 by criterion; empty = as the wish of the default options.
    worth: the person's numbers for what smaller images are worth: bandwidth in bits per second, nodes, versions.
    """

    version: int = VERSION
    appearance: Appearance = "system"
    zoom: float = 0.0
    current_size: SizeKind = "files"
    context: str | None = None
    mirrors: dict[str, str] = field(default_factory=dict)
    options: DefaultOptions = DefaultOptions()
    editor: str = ""
    page: str = "start"
    geometry: str = ""
    splits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    toolbox: str = ""
    terminal_zoom: float = 0.0
    weights: dict[str, int] = field(default_factory=dict)
    worth: dict[str, float] = field(default_factory=dict)


# Larger numbers of a person's own mean a damaged file.
_MOST = 1e15

# From version N to N + 1: a function that rewrites the parsed JSON.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


class SettingsFile:
    """The settings and where they are kept. `value` is what holds; `change` keeps it and writes it down.

    `problem` is a sentence where the file could not be read: the file is put aside, defaults hold.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or folder("config") / "settings.json"
        self.value, self.problem = _read(self.path)

    def change(self, **values: Any) -> Settings:
        """Replace some settings and write all of them. Raises OutputError, TypeError for a name that is none."""
        changed = replace(self.value, **values)
        if changed != self.value:
            self.value = changed
            self.write()
        return changed

    def write(self) -> None:
        """Write all of them. Raises OutputError."""
        from slimdesk.basics.files import write_whole

        write_whole(self.path, json.dumps(asdict(self.value), indent=2, sort_keys=True) + "\n")


def mirror_table(lines: Mapping[str, str]) -> dict[str, str]:
    """Return a clean table of mirrors: upstream registry or name prefix -> prefix. Raises BadInput."""
    table = {}
    for upstream, prefix in lines.items():
        source, target = upstream.strip().rstrip("/"), prefix.strip().rstrip("/")
        if not source and not target:
            continue
        if not source or not target:
            raise BadInput(
                "A mirror needs both sides", todo="Give an upstream such as docker.io, and what replaces it"
            )
        for side in (source, target):
            if any(letter.isspace() for letter in side) or "://" in side:
                raise BadInput(
                    f"{side} is not a registry",
                    todo="Write it as in an image's name, such as mirror.example.com/hub",
                )
        table[source] = target
    return table


def _read(path: Path) -> tuple[Settings, str | None]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(), None
    except (OSError, UnicodeDecodeError) as error:
        return Settings(), f"The settings cannot be read ({error}). Defaults hold until they are changed."
    try:
        data = dict(json.loads(text))
        for number in range(int(data.get("version", 1)), VERSION):
            data = MIGRATIONS[number](data)
        return _settings(data), None
    except (ValueError, TypeError, KeyError, RecursionError):
        from slimdesk.basics.files import write_whole

        with contextlib.suppress(OSError, OutputError):
            write_whole(path.with_name(f"{path.name}.unreadable"), text)
        return (
            Settings(),
            f"The settings in {path} were damaged. They are kept as {path.name}.unreadable; defaults hold.",
        )


def _settings(data: dict[str, Any]) -> Settings:
    known = {
        name: _value(name, data[name]) for name in (one.name for one in fields(Settings)) if name in data
    }
    known["version"] = VERSION
    return Settings(**known)


def _value(name: str, value: Any) -> Any:
    """Return `value` if it is of the right kind. Raises TypeError, ValueError."""
    choices: dict[str, tuple[str, ...]] = {"appearance": get_args(Appearance), "current_size": SIZE_KINDS}
    if name in choices and value not in choices[name]:
        raise ValueError(name)
    if name in ("zoom", "terminal_zoom"):
        return min(12.0, max(-4.0, float(value)))
    if name == "mirrors":
        return {str(key): str(prefix) for key, prefix in dict(value).items()}
    if name == "weights":
        return {str(key): min(4, max(0, int(weight))) for key, weight in dict(value).items()}
    if name == "worth":
        return {str(key): float(number) for key, number in dict(value).items() if 0 < float(number) < _MOST}
    if name == "splits":
        return {str(key): tuple(int(size) for size in sizes) for key, sizes in dict(value).items()}
    if name == "options":
        known = {one.name for one in fields(DefaultOptions)} - {"prefer"}
        flags = {key: bool(flag) for key, flag in dict(value).items() if key in known}
        wish = dict(value).get("prefer")
        return DefaultOptions(**flags, prefer=wish if wish in PREFERENCES else PREFERENCES[0])
    if name == "context":
        return None if value is None else str(value)
    if name == "version":
        return int(value)
    return str(value)
