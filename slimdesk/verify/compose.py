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
_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::?-([^{}]*))?[^{}]*\}|(\w+))")


@dataclass(frozen=True, slots=True)
class Beside:
    """A service that is taken as an image. Words are those of compose: `command` replaces CMD, `entrypoint` ENTRYPOINT."""

    name: str
    image: str
    environment: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ComposeFile:
    """The services to start beside the app, and the variables of the one service that is built (the app itself)."""

    services: tuple[Beside, ...]
    environment: dict[str, str]


def read_compose_file(path: Path, environment: Mapping[str, str] = os.environ) -> ComposeFile:
    """Read a compose file; ${NAME} is taken from `environment`, as compose does. Raises BadInput."""
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
    beside, own = [], []
    for name, service in listed.items():
        if not isinstance(name, str) or not isinstance(service, dict) or service.get("profiles"):
            continue
        variables = _variables(service.get("environment"), environment)
        image = _text(service.get("image"), environment)
        if service.get("build") is not None:
            own.append(variables)
        elif image:
            command = _words(service.get("command"), environment)
            start = _words(service.get("entrypoint"), environment)
            beside.append(Beside(name, image, variables, command, start or None))
    return ComposeFile(tuple(beside), own[0] if len(own) == 1 else {})


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
