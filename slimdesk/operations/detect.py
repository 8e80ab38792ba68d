"""Open a project folder: what it says of itself, corrected by slimdesk.toml and by the caller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from slimdesk.basics.errors import BadInput
from slimdesk.project.corrections import apply_settings
from slimdesk.project.detect import detect
from slimdesk.project.joining import SIGN, parts_named, why_not
from slimdesk.project.model import Component, Project


def open_project(path: Path, settings: Mapping[str, str] | None = None) -> Project:
    """Detect what `path` holds, corrected by its slimdesk.toml and then by `settings` (FACT or COMPONENT.FACT -> VALUE).

    Blocking; a large folder takes seconds. Raises ProjectError if the folder cannot be read, BadInput for a setting
    that names no fact or has a value of the wrong kind.
    """
    project = detect(path)
    return apply_settings(project, settings) if settings else project


def settings_of(words: Iterable[str]) -> dict[str, str]:
    """Return the FACT -> VALUE of `--set FACT=VALUE` words. Raises BadInput for a word without `=`."""
    settings = {}
    for word in words:
        fact, sign, value = word.partition("=")
        if not sign or not fact.strip():
            raise BadInput(
                f"--set {word!r} is not a correction",
                todo="Write it as --set FACT=VALUE, such as --set port=8080",
            )
        settings[fact.strip()] = value
    return settings


def choose_component(project: Project, name: str | None) -> Component:
    """Return the component of that name or path; without one the only component, else the one at `.`.

    Of several in one folder that is the one whose further processes the others are.

    `a+b` is the pair as one image. Raises BadInput with the names there are.
    """
    components = project.components
    if not components:
        raise BadInput(
            f"{project.root} holds nothing that SlimDesk can build",
            project.problems[0].message if project.problems else "",
            "Open the folder that holds the application's manifest, such as go.mod, package.json or pyproject.toml",
        )
    names = ", ".join(component.name for component in components)
    if name is None:
        if len(components) == 1:
            return components[0]
        at_root = [component for component in components if component.path == "."]
        found = _first_of(at_root)
        if found is not None:
            return found
        raise BadInput(f"The project has {len(components)} components", names, "Choose one with --component")
    chosen = [component for component in components if component.name == name]
    if not chosen:
        wanted = name.removeprefix("./").rstrip("/") or "."
        chosen = [component for component in components if component.path == wanted]
    found = _first_of(chosen)
    if found is not None:
        return found
    if len(chosen) > 1:
        here = ", ".join(component.name for component in chosen)
        raise BadInput(f"{name} holds {len(chosen)} components", here, "Choose one by its name")
    if SIGN in name:
        return _joined(project, name)
    raise BadInput(f"There is no component {name}", f"the project has {names}", "Choose one of these")


def _first_of(found: list[Component]) -> Component | None:
    """Return the one whose other processes the rest are, as shop-worker is of shop."""
    return next(
        (
            one
            for one in found
            if all(other is one or other.name.startswith(f"{one.name}-") for other in found)
        ),
        None,
    )


def _joined(project: Project, name: str) -> Component:
    """Return the parts of `a+b` as one component. Raises BadInput with the reason where they cannot be one image."""
    names = ", ".join(component.name for component in project.components)
    parts = parts_named(name, project.components)
    if parts is None:
        raise BadInput(f"There is no component {name}", f"the project has {names}", "Name two of these")
    if len(parts) != 2:
        raise BadInput(
            f"{name} cannot become one image",
            "two components are joined, not more",
            "Name a front end and a back end",
        )
    found = next(
        (one for one in project.joined if {part.name for part in one.parts} == {part.name for part in parts}),
        None,
    )
    if found is None:
        reason = why_not(parts[0], parts[1]) or "they do not fit together"
        raise BadInput(f"{name} cannot become one image", reason, "Build them as two images")
    return found
