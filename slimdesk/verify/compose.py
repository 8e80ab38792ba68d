"""What a compose file says of the services beside an app: the database that it needs to start, and its own variables."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.project.manifests import read_yaml
from slimdesk.project.walk import FileEntry, Tree
from slimdesk.verify.model import RunProfile

MAX_SERVICES = 20
MAX_ENV_FILE = 1 << 20
# In the order in which compose looks for them (compose-spec/compose-go, cli/options.go).
NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", re.ASCII)
_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::?-([^{}]*))?[^{}]*\}|(\w+))")


@dataclass(frozen=True, slots=True)
class Beside:
    """A service that is taken as an image. Words are those of compose: `command` replaces CMD, `entrypoint` ENTRYPOINT.

    `aliases` are names under which it is found besides its own.
    """

    name: str
    image: str
    environment: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComposeFile:
    """The services to start beside the app, and the variables of the service that is built (the app itself).

    Where the app says what it depends on, `services` are these and those that its variables name; else all of them.
    """

    services: tuple[Beside, ...]
    environment: dict[str, str]


def find_compose_file(*folders: Path) -> Path | None:
    """Return the compose file of the first folder that has one."""
    paths = (folder / name for folder in folders for name in NAMES)
    return next((path for path in paths if path.is_file()), None)


def read_compose_file(
    path: Path, environment: Mapping[str, str] = os.environ, app: Path | None = None
) -> ComposeFile:
    """Read a compose file; ${NAME} is taken from `environment`, then from .env beside the file, as compose does.

    `app` is the folder of the app, which tells it from other services that are built. Raises BadInput.
    """
    environment = {**_env_file(path.parent / ".env"), **environment}
    shown = visible(str(path))
    try:
        if not path.is_file():
            raise BadInput(f"{shown} is not a file", "", "Name the project's compose.yaml")
    except OSError as error:
        raise BadInput(f"{shown} cannot be read", error.strerror or "", "Check its permissions") from error
    tree = Tree(path.parent, {path.name: FileEntry(path.name, str(path.parent))})
    data = read_yaml(tree, path.name)
    if data is None:
        why = tree.problems[0].message if tree.problems else "it holds no services"
        raise BadInput(f"{shown} cannot be read", why, "Correct it and try again")
    listed = data.get("services")
    if not isinstance(listed, dict) or not listed:
        raise BadInput(f"{shown} names no services", "", "Name a file with a list of services")
    if len(listed) > MAX_SERVICES:
        raise BadInput(f"{shown} names more than {MAX_SERVICES} services", "", "Name a file with fewer")
    read = [
        _read(name, service, path.parent, environment)
        for name, service in listed.items()
        if isinstance(name, str) and isinstance(service, dict) and not service.get("profiles")
    ]
    own = _own([one for one in read if one.folder is not None], app)
    return ComposeFile(_needed(read, own), own.beside.environment if own is not None else {})


@dataclass(frozen=True, slots=True)
class _Read:
    """A service as it stands: `folder` is what it is built from, `needs` the services that it names."""

    beside: Beside
    folder: Path | None
    needs: frozenset[str]


def _read(name: str, service: dict[str, Any], folder: Path, environment: Mapping[str, str]) -> _Read:
    files = service.get("env_file")
    variables: dict[str, str] = {}
    for one in files if isinstance(files, list) else [files]:
        word = _text(one.get("path") if isinstance(one, dict) else one, environment)
        if word and _is_below(folder / word, folder):
            variables.update(_env_file(folder / word))
    variables.update(_variables(service.get("environment"), environment))
    build = service.get("build")
    context = build.get("context", ".") if isinstance(build, dict) else build
    names = (_text(service.get(key), environment) for key in ("container_name", "hostname"))
    start = _words(service.get("entrypoint"), environment)
    needs = service.get("depends_on")
    return _Read(
        Beside(
            name,
            _text(service.get("image"), environment) or "",
            variables,
            _words(service.get("command"), environment),
            start or None,
            tuple(dict.fromkeys(word for word in names if word and _HOST.fullmatch(word))),
        ),
        None if build is None else folder / (_text(context, environment) or "."),
        frozenset(str(one) for one in needs) if isinstance(needs, list | dict) else frozenset(),
    )


def _own(built: list[_Read], app: Path | None) -> _Read | None:
    """The app among the services that are built: the only one, else the one of its folder."""
    if len(built) == 1:
        return built[0]
    here = [one for one in built if app is not None and one.folder is not None and _same(one.folder, app)]
    return here[0] if len(here) == 1 else None


def _needed(read: list[_Read], own: _Read | None) -> tuple[Beside, ...]:
    images = [one for one in read if one.folder is None and one.beside.image]
    if own is None or not own.needs:
        return tuple(one.beside for one in images)
    said = "\n".join(own.beside.environment.values())
    wanted = set(own.needs)
    wanted.update(one.beside.name for one in images if re.search(rf"\b{re.escape(one.beside.name)}\b", said))
    grown = True
    while grown:
        more = {name for one in read if one.beside.name in wanted for name in one.needs} - wanted
        grown = bool(more)
        wanted |= more
    return tuple(one.beside for one in images if one.beside.name in wanted)


def _is_below(path: Path, folder: Path) -> bool:
    """Whether a file lies in the folder: a project must not hand other files of this machine to a container."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):
        return False


def _same(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve()
    except OSError:
        return False


def _env_file(path: Path) -> dict[str, str]:
    """The variables of a file of NAME=VALUE lines, in quotes or not; none where it cannot be read."""
    try:
        with path.open("rb") as opened:
            text = opened.read(MAX_ENV_FILE).decode("utf-8-sig", errors="replace")
    except OSError:
        return {}
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and _NAME.fullmatch(name.strip()):
            bare = value.strip()
            quoted = len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\""
            found[name.strip()] = bare[1:-1] if quoted else bare.partition(" #")[0].rstrip()
    return found


def with_variables(profile: RunProfile, compose: ComposeFile | None) -> RunProfile:
    """Return the profile with the app's own variables of the compose file; what the person gave goes over them."""
    if compose is None:
        return profile
    return replace(profile, environment={**compose.environment, **profile.environment})


def _variables(value: Any, environment: Mapping[str, str]) -> dict[str, str]:
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [
            (name, text if mark else None) for name, mark, text in (str(one).partition("=") for one in value)
        ]
    found = {}
    for name, one in pairs:
        if one is None:
            if str(name) in environment:
                found[str(name)] = environment[str(name)]
        else:
            found[str(name)] = _text(one, environment) or ""
    return found


def _words(value: Any, environment: Mapping[str, str]) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_text(one, environment) or "" for one in value)
    text = _text(value, environment)
    try:
        return tuple(shlex.split(text)) if text else ()
    except ValueError:
        return ()


def _text(value: Any, environment: Mapping[str, str]) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        return None
    return _VARIABLE.sub(lambda match: _value(match, environment), str(value))


def _value(match: re.Match[str], environment: Mapping[str, str]) -> str:
    if match.group() == "$$":
        return "$"
    return environment.get(match.group(1) or match.group(3)) or match.group(2) or ""
